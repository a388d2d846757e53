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
from typing import Protocol

from portal.search.analysis import LANGUAGES, Term, analyser
from portal.search.bits import contains, flags_of
from portal.search.catalogue import NOTHING, WIDTH, Generation, Sets, both
from portal.search.index import Answer, FacetCount, Filters, Hit, Sort
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


NO_POSTINGS = Postings()


class Terms(Protocol):
    """Where matching gets postings from: an engine's index at one generation."""

    def word(self, stem: str) -> Postings:
        """The documents with a word of this stem."""

    def phrase(self, terms: tuple[Term, ...]) -> Postings:
        """The documents with these stems at these distances from each other."""

    def prefix(self, beginning: str) -> Postings:
        """The documents with a word that begins so."""


@dataclass(slots=True)
class Matches:
    """The documents that a query matches, and the postings that weigh them, by language."""

    documents: list[int]
    scored: list[list[tuple[int, bytes]]] = field(default_factory=lambda: [[] for _ in LANGUAGES])
    is_complete: bool = True


def match(query: Query, terms: Terms, live: Sets) -> Matches:
    """All documents of `live` that `query` matches, whoever may see them."""
    found = Matches([0] * WIDTH)
    for number, language in enumerate(LANGUAGES):
        documents, has_words = live[number], not query.required
        for group in query.required:
            union, counts = 0, False
            for clause in group:
                postings = _postings(clause, language, terms)
                if postings is None:
                    continue
                counts = True
                union |= postings.documents[number]
                found.is_complete &= postings.is_complete
                found.scored[number].append((postings.documents[number], postings.weights[number]))
            if counts:
                documents, has_words = documents & union, True
            if not documents:
                break
        for clause in query.excluded if has_words and documents else ():
            postings = _postings(clause, language, terms) or NO_POSTINGS
            found.is_complete &= postings.is_complete
            # An exclusion read in part may have missed any document: a partial answer only leaves out.
            documents = documents & ~postings.documents[number] if postings.is_complete else 0
        found.documents[number] = documents if has_words else 0
    return found


def _postings(clause: Clause, language: str, terms: Terms) -> Postings | None:
    """The postings of a clause read as words of `language`; None when all are stop words there."""
    analysed = analyser(language)
    if clause.is_prefix:
        found = terms.prefix(clause.words[-1])
        for term in analysed.terms(clause.words[:-1]):
            word = terms.word(term.stem)
            found = Postings(
                both(found.documents, word.documents), found.weights, found.is_complete and word.is_complete
            )
        return found
    stems = analysed.terms(clause.words)
    if len(stems) > 1:
        start = stems[0].position
        return terms.phrase(tuple(Term(stem, position - start) for stem, position in stems))
    return terms.word(stems[0].stem) if stems else None


def answer(
    matches: Matches,
    generation: Generation,
    allowed: Sets,
    filters: Filters,
    *,
    sort: Sort,
    languages: Sequence[str],
    start: int,
    stop: int,
) -> Answer:
    """The part of `matches` inside `allowed` and `filters`: counts, and the hits from start to stop."""
    readable: Sets = tuple(a & b for a, b in zip(matches.documents, allowed, strict=True))
    within = generation.within(filters)
    shown = readable
    for chosen in within.values():
        shown = both(shown, chosen)
    total = _contributions(shown).bit_count()
    if start >= total:
        ranked: list[int] = []
    elif sort == "relevance" and any(matches.scored):
        ranked = _by_relevance(shown, matches, generation, allowed, stop)
    else:
        ranked = _by_date(shown, generation, stop)
    return Answer(
        total=total,
        hits=tuple(_hit(ordinal, shown, generation, languages) for ordinal in ranked[start:stop]),
        facets=_facets(readable, within, generation),
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
        for documents, weights in matches.scored[number]:
            rarity = _rarity((documents & allowed[number]).bit_count(), allowed[number].bit_count())
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
    )
