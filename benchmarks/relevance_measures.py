"""How good a ranking is: nDCG, recall and the reciprocal rank, as trec_eval has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import log2

Grades = Mapping[str, int]
"""How relevant each judged group is to a query; what is not judged, or has no more than 0, is not."""


def ndcg(ranked: Sequence[str], grades: Grades, depth: int = 10) -> float:
    """The gain of the first `depth`, each divided by log2(rank + 1), in parts of the best possible."""
    ideal = sorted((grade for grade in grades.values() if grade > 0), reverse=True)
    best = _discounted(ideal[:depth])
    return _discounted(max(0, grades.get(one, 0)) for one in ranked[:depth]) / best if best else 0.0


def recall(ranked: Sequence[str], grades: Grades, depth: int = 50) -> float:
    """The part of all that is relevant that stands among the first `depth`."""
    relevant = {one for one, grade in grades.items() if grade > 0}
    return len(relevant.intersection(ranked[:depth])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranked: Sequence[str], grades: Grades) -> float:
    """One divided by the rank of the first that is relevant; 0 without any."""
    return next((1 / rank for rank, one in enumerate(ranked, 1) if grades.get(one, 0) > 0), 0.0)


def mean(values: Sequence[float]) -> float:
    """The mean; 0 of nothing."""
    return sum(values) / len(values) if values else 0.0


def _discounted(gains: Iterable[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, 1))
