"""From a query tree to an answer: match, count, rank and page, over sets of bits.

All that a viewer is told (totals, facets, hits, and even the weights that order them) is worked
out inside the set of documents that they may see: how rare a word is, is counted there, and a
document's own weight for a word depends on no other document. So a hidden document changes
nothing, not even the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import compress, repeat
from math import log
from operator import add, mul
from typing import NamedTuple, Protocol

from portal.search.analysis import LANGUAGES, Term, analyser
from portal.search.bits import bits_of, contains, flags_of
from portal.search.catalogue import NOTHING, WIDTH, Generation, Sets, both, outside
from portal.search.index import NO_FILTERS, Answer, FacetCount, Filters, Hit, Sort
from portal.search.query import Clause, Query

RARITY_STEPS = 64
"""How finely the rarity of a word is told apart; whole numbers keep the order exact."""


@dataclass(frozen=True, slots=True)
class Postings:
    """Where a term stands: the documents, and for each language a weight (1 to 255) by ordinal.

    Weights are 0 where the term does not stand; where a document was replaced they may be left
    over, so `documents` decides. Not `is_complete`: the time ran out while reading.
    """

    documents: Sets = NOTHING
    weights: tuple[bytes, ...] = (b"",) * WIDTH
    is_complete: bool = True


class Terms(Protocol):
    """Where matching gets postings from: an engine's index at one generation."""

    def word(self, stem: str) -> Postings:
        """The documents with a word of this stem."""

    def phrase(self, terms: tuple[Term, ...]) -> Postings:
        """The documents with these stems at these distances from each other."""

    def prefix(self, beginning: str) -> Postings:
        """The documents with a word that begins so."""


class Scored(NamedTuple):
    """Documents of one language, their weights for a term, and what that is worth in per cent."""

    documents: int
    weights: bytes
    worth: int


@dataclass(slots=True)
class Matches:
    """The documents that a query matches, and the postings that weigh them, by language."""

    documents: list[int]
    scored: list[list[Scored]] = field(default_factory=lambda: [[] for _ in LANGUAGES])
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What of the matches is wanted: within `filters`, outside `without`, `among` these ordinals."""

    filters: Filters = NO_FILTERS
    without: Filters = NO_FILTERS
    among: int | None = None
    with_facets: bool = True


def match(query: Query, terms: Terms, live: Sets) -> Matches:
    """All documents of `live` that `query` matches, whoever may see them."""
    found = Matches([0] * WIDTH)
    for number in range(WIDTH):
        documents, has_words = live[number], not query.required
        for group in query.required:
            union, counts = 0, False
            for clause in group:
                met = _met(clause, number, terms)
                if met is None:
                    continue
                counts = True
                union |= met.documents
                found.is_complete &= met.is_complete
                found.scored[number] += met.scored
            if counts:
                documents, has_words = documents & union, True
            if not documents:
                break
        for clause in query.excluded if has_words and documents else ():
            met = _met(clause, number, terms) or _NOT_MET
            found.is_complete &= met.is_complete
            # An exclusion read in part may have missed any document: a partial answer only leaves out.
            documents = documents & ~met.documents if met.is_complete else 0
        found.documents[number] = documents if has_words else 0
    return found


class _Met(NamedTuple):
    """The documents of one language that meet a clause, and the postings that weigh them."""

    documents: int
    scored: list[Scored]
    is_complete: bool


_NOT_MET = _Met(0, [], True)


def _met(clause: Clause, number: int, terms: Terms) -> _Met | None:
    """What meets a clause read as words of a language; None when all are stop words there."""
    language = LANGUAGES[number]
    if clause.language not in (None, language):
        return _NOT_MET
    stems = analyser(language).terms(clause.words[:-1] if clause.is_prefix else clause.words)
    if clause.is_prefix:
        needed = [terms.prefix(clause.words[-1]), *(terms.word(term.stem) for term in stems)]
        weighing = needed[:1]
    elif clause.is_loose:
        needed = weighing = [terms.word(term.stem) for term in stems]
    elif len(stems) > 1:
        start = stems[0].position
        needed = [terms.phrase(tuple(Term(stem, position - start) for stem, position in stems))]
        weighing = needed
    else:
        needed = weighing = [terms.word(term.stem) for term in stems]
    if not needed:
        return None
    documents = needed[0].documents[number]
    for postings in needed[1:]:
        documents &= postings.documents[number]
    return _Met(
        documents,
        [Scored(p.documents[number], p.weights[number], clause.weight) for p in weighing],
        all(postings.is_complete for postings in needed),
    )


def answer(
    matches: Matches,
    generation: Generation,
    allowed: Sets,
    narrowing: Narrowing,
    *,
    sort: Sort,
    languages: Sequence[str],
    start: int,
    stop: int,
) -> Answer:
    """The part of `matches` inside `allowed` and `narrowing`: counts, and the hits from start to stop."""
    readable = outside(both(tuple(matches.documents), allowed), generation.carrying(narrowing.without))
    if narrowing.among is not None:
        readable = both(readable, (narrowing.among,) * WIDTH)
    within = generation.within(narrowing.filters)
    shown = readable
    for chosen in within.values():
        shown = both(shown, chosen)
    total = _contributions(shown).bit_count()
    if start >= total:
        ranked: list[int] = []
    elif sort == "relevance" and any(matches.scored):
        ranked = _by_relevance(shown, matches, generation, allowed, stop)
    elif sort == "adopted":
        ranked = _by_adoptions(shown, generation, stop)
    else:
        ranked = _by_date(shown, generation, stop)
    return Answer(
        total=total,
        hits=tuple(_hit(ordinal, shown, generation, languages) for ordinal in ranked[start:stop]),
        facets=_facets(readable, within, generation) if narrowing.with_facets else {},
        incomplete=not matches.is_complete,
    )


def _contributions(documents: Sets) -> int:
    result = 0
    for bits in documents:
        result |= bits
    return result


def _facets(readable: Sets, within: dict[str, Sets], generation: Generation) -> dict[str, list[FacetCount]]:
    counted = {}
    for facet, table in generation.facets.items():
        base = readable
        for other, chosen in within.items():
            if other != facet:
                base = both(base, chosen)
        counted[facet] = _count(base, table)
    return counted


def _count(base: Sets, table: dict[str, Sets]) -> list[FacetCount]:
    """The values of one facet by falling count, then by value."""
    en, es, fr = base
    counts = [FacetCount(value, (a & en | b & es | c & fr).bit_count()) for value, (a, b, c) in table.items()]
    return sorted((c for c in counts if c.contributions), key=lambda c: (-c.contributions, c.value))


def _by_date(shown: Sets, generation: Generation, stop: int) -> list[int]:
    flags = flags_of(_contributions(shown))
    ranks = sorted(compress(generation.ranks, flags))[:stop]
    return [generation.by_rank[rank] for rank in ranks]


def _by_adoptions(shown: Sets, generation: Generation, stop: int) -> list[int]:
    """The first `stop` ordinals by how many have used them, then by rank."""
    wanted = _contributions(shown)
    used = [
        (-count, generation.ranks[o], o) for o, count in generation.adoptions.items() if contains(wanted, o)
    ]
    first = [ordinal for _, _, ordinal in sorted(used)][:stop]
    if len(first) < stop:
        others = tuple(bits & ~bits_of(first, generation.size) for bits in shown)
        first += _by_date(others, generation, stop - len(first))
    return first


def _by_relevance(
    shown: Sets, matches: Matches, generation: Generation, allowed: Sets, stop: int
) -> list[int]:
    """The first `stop` ordinals by the best weight of any of their documents, then by rank.

    Weight and rank go into one whole number each, which sorts quickly and tells the ordinal.
    """
    base = generation.size + 1
    best: list[int] = []
    for number in range(WIDTH):
        if not shown[number]:
            continue
        flags = flags_of(shown[number])
        score: list[int] = [0] * shown[number].bit_count()
        for documents, weights, worth in matches.scored[number]:
            rarity = _rarity((documents & allowed[number]).bit_count(), allowed[number].bit_count())
            rarity = max(1, rarity * worth // 100)
            column = _column(documents & shown[number], shown[number], weights, flags)
            score = list(map(add, score, map(mul, column, repeat(rarity * base))))
        best += map(int.__sub__, score, compress(generation.ranks, flags))
    ordinals: dict[int, None] = {}
    # A contribution comes once for each language that matches, so at most WIDTH times.
    for key in nlargest(stop * WIDTH, best):
        ordinals[generation.by_rank[-key % base]] = None
    return list(ordinals)[:stop]


def _column(documents: int, shown: int, weights: bytes, flags: bytes) -> bytes:
    """The weights of the shown documents in rising order, 0 where the term does not stand."""
    if documents == shown:
        return bytes(compress(weights, flags))
    # Left-over weights of replaced documents are masked; see Postings.
    stands = flags_of(documents)
    masked = bytes(map(mul, weights, stands))
    return bytes(compress(masked.ljust(len(flags), b"\0"), flags))


def _rarity(count: int, total: int) -> int:
    """How much a word of `count` of `total` visible documents tells, as BM25 has it; at least 1."""
    return max(1, round(RARITY_STEPS * log(1 + (total - count + 0.5) / (count + 0.5))))


def _hit(ordinal: int, shown: Sets, generation: Generation, languages: Sequence[str]) -> Hit:
    """The hit of a contribution: in the reader's language, else the original, else what there is."""
    found = [number for number in range(WIDTH) if contains(shown[number], ordinal)]
    wanted = [LANGUAGES.index(code) for code in languages if code in LANGUAGES]
    original = [number for number in found if contains(generation.originals[number], ordinal)]
    number = next((n for n in (*wanted, *original) if n in found), found[0])
    return Hit(
        contribution_id=generation.ordinals.ids[ordinal],
        edition_id=generation.edition_id(ordinal, number),
        language=LANGUAGES[number],
        languages=(LANGUAGES[number], *(LANGUAGES[n] for n in found if n != number)),
    )
