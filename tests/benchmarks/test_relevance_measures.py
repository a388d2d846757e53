"""The measures against values worked out by hand."""

from __future__ import annotations

from math import log2

import pytest

from benchmarks.relevance_measures import mean, ndcg, recall, reciprocal_rank

GRADES = {"a": 2, "b": 1, "c": 1, "z": 0, "minus": -1}


def test_ndcg_of_the_best_order_is_one() -> None:
    assert ndcg(["a", "b", "c"], GRADES) == ndcg(["a", "c", "b", "z"], GRADES) == pytest.approx(1)


def test_ndcg_discounts_by_rank() -> None:
    # Best: 2/log2(2) + 1/log2(3) + 1/log2(4); found: b at 1, a at 3.
    best = 2 + 1 / log2(3) + 1 / 2
    assert ndcg(["b", "x", "a"], GRADES) == pytest.approx((1 + 2 / 2) / best)
    assert ndcg(["b", "x", "a"], GRADES) == pytest.approx(0.63879, abs=1e-5)


def test_ndcg_looks_at_so_many_and_knows_no_more_to_be_possible() -> None:
    many = {f"g{n}": 1 for n in range(30)}
    assert ndcg([f"g{n}" for n in range(10)], many, 10) == pytest.approx(1)
    assert ndcg(["x"] * 10 + ["a"], GRADES, 10) == 0
    assert ndcg(["x", "a"], {"a": 1}, 1) == 0


def test_recall_counts_what_is_relevant_among_the_first() -> None:
    assert recall(["a", "z", "x", "b"], GRADES) == pytest.approx(2 / 3)
    assert recall(["x"] * 50 + ["a"], GRADES) == 0
    assert recall(["a"], GRADES, 1) == pytest.approx(1 / 3)


def test_the_reciprocal_rank_is_that_of_the_first_relevant() -> None:
    assert reciprocal_rank(["x", "z", "minus", "b", "a"], GRADES) == pytest.approx(1 / 4)
    assert reciprocal_rank(["x"], GRADES) == 0


def test_nothing_measures_nothing() -> None:
    assert (ndcg([], GRADES), recall([], GRADES), reciprocal_rank([], GRADES), mean([])) == (0, 0, 0, 0)
    assert (ndcg(["z"], {"z": 0}), recall(["z"], {"z": 0})) == (0, 0)
    assert mean([1, 0, 0.5]) == pytest.approx(0.5)
