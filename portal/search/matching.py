"""From a query tree to an answer: match, count, rank and page, over sets of bits.

All that a viewer is told (totals, facets, hits, and even the weights that order them) is worked
out inside the set of documents that they may see: how rare a word is, is counted there, and a
document's own weight for a word depends on no other document. So a hidden document changes
nothing, not even the order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from heapq import nlargest
from itertools import accumulate, compress, repeat
from math import log
from operator import add, and_, mul, or_
from typing import NamedTuple, Protocol

from portal.search.analysis import LANGUAGES, Term, analyser
from portal.search.bits import bits_of, contains, flags_of, members_of
from portal.search.catalogue import NOTHING, WIDTH, Generation, Sets, both, outside
from portal.search.index import NO_FILTERS, Answer, FacetCount, Filters, Hit, Sort
from portal.search.query import Clause, Query
from portal.search.ranking import LANGUAGE

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
    """The documents of one language that a term stands in, and its weights by ordinal."""

    documents: int
    weights: bytes


class Met(NamedTuple):
    """The documents of one language that meet a clause, the terms that weigh them, and their worth.

    `worth` is in per cent of what was typed.
    """

    documents: int
    scored: tuple[Scored, ...] = ()
    worth: int = 100
    is_complete: bool = True


@dataclass(slots=True)
class Matches:
    """The documents that a query matches, and what meets each of its groups, by language.

    With `in_part` a document need not meet all groups.
    """

    documents: list[int]
    groups: list[list[list[Met]]] = field(default_factory=lambda: [[] for _ in LANGUAGES])
    in_part: bool = False
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
    found = Matches([0] * WIDTH, in_part=bool(query.wanted))
    for number in range(WIDTH):
        documents = _all_groups(query, number, terms, live[number], found)
        for clause in query.excluded if documents else ():
            met = _met(clause, number, terms) or _NOT_MET
            found.is_complete &= met.is_complete
            # An exclusion read in part may have missed any document: a partial answer only leaves out.
            documents = documents & ~met.documents if met.is_complete else 0
        found.documents[number] = documents
    return found


def _all_groups(query: Query, number: int, terms: Terms, live: int, found: Matches) -> int:
    """The documents of a language that meet the groups of a query; none when no group has words there."""
    documents, has_words = live, not query.groups
    for group in query.required:
        union = _group(group, number, terms, found)
        if union is not None:
            documents, has_words = documents & union, True
        if not documents:
            return 0
    is_required = has_words
    some = 0
    for group in query.wanted:
        union = _group(group, number, terms, found)
        if union is not None:
            some, has_words = some | union, True
    if query.wanted and not is_required:
        documents &= some
    return documents if has_words else 0


def _group(group: Sequence[Clause], number: int, terms: Terms, found: Matches) -> int | None:
    """The documents that meet a group, whose parts are noted in `found`; None when it has no words there."""
    parts = [met for clause in group if (met := _met(clause, number, terms)) is not None]
    if not parts:
        return None
    found.groups[number].append(parts)
    found.is_complete &= all(met.is_complete for met in parts)
    return reduce(or_, (met.documents for met in parts))


_NOT_MET = Met(0)


def _met(clause: Clause, number: int, terms: Terms) -> Met | None:
    """What meets a clause read as words of a language; None when all are stop words there."""
    language = LANGUAGES[number]
    if clause.language not in (None, language):
        return _NOT_MET
    stems = analyser(language).terms(clause.words[:-1] if clause.is_prefix else clause.words)
    if clause.is_prefix:
        needed = [terms.prefix(clause.words[-1]), *(terms.word(term.stem) for term in stems)]
        weighing = needed[:1]
    elif len(stems) > 1 and not clause.is_loose:
        start = stems[0].position
        needed = [terms.phrase(tuple(Term(stem, position - start) for stem, position in stems))]
        weighing = needed
    else:
        needed = weighing = [terms.word(term.stem) for term in stems]
    if not needed:
        return None
    return Met(
        documents=reduce(and_, (postings.documents[number] for postings in needed)),
        scored=tuple(Scored(p.documents[number], p.weights[number]) for p in weighing),
        worth=clause.weight,
        is_complete=all(postings.is_complete for postings in needed),
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
    elif sort == "relevance" and any(matches.groups):
        ranked = _by_relevance(shown, matches, generation, allowed, next(iter(languages), None), stop)
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
    shown: Sets, matches: Matches, generation: Generation, allowed: Sets, first: str | None, stop: int
) -> list[int]:
    """The first `stop` ordinals by the best score of any of their documents, then by rank.

    Score and rank go into one whole number each, which sorts quickly and tells the ordinal.
    """
    base = generation.size + 1
    freshness = generation.freshness(allowed)
    best: list[int] = []
    for number, documents in enumerate(shown):
        if not documents:
            continue
        page = _Page(documents, allowed[number])
        share = 100 + (LANGUAGE if LANGUAGES[number] == first else 0)
        score = _score(matches.groups[number], page, in_part=matches.in_part)
        whole = map(mul, map(mul, score, compress(freshness, page.flags)), repeat(share * base))
        best += map(int.__sub__, whole, compress(generation.ranks, page.flags))
    ordinals: dict[int, None] = {}
    # A contribution comes once for each language that matches, so at most WIDTH times.
    for key in nlargest(stop * WIDTH, best):
        ordinals[generation.by_rank[-key % base]] = None
    return list(ordinals)[:stop]


class _Page:
    """The shown documents of one language, which columns of weights are about in rising order."""

    def __init__(self, documents: int, allowed: int) -> None:
        self.documents, self.allowed = documents, allowed
        self.flags = flags_of(documents)
        self.size = documents.bit_count()

    @cached_property
    def places(self) -> list[int]:
        """The place in a column, counted from 1, of each ordinal."""
        return list(accumulate(self.flags))

    def scales(self, met: Met) -> list[tuple[Scored, int]]:
        """The terms of a clause, and what a weight of each is worth; what is rare, among what one may see."""
        total = self.allowed.bit_count()
        return [
            (scored, max(1, _rarity((scored.documents & self.allowed).bit_count(), total) * met.worth // 100))
            for scored in met.scored
        ]


def _score(groups: Sequence[Sequence[Met]], page: _Page, *, in_part: bool) -> list[int]:
    """For each shown document the sum of its groups; shrunk to the part of them that it meets."""
    columns = [_best(group, page) for group in groups]
    score = reduce(lambda a, b: list(map(add, a, b)), columns)
    if in_part:
        met = reduce(lambda a, b: list(map(add, a, b)), (list(map(bool, column)) for column in columns))
        score = [value * count // len(columns) for value, count in zip(score, met, strict=True)]
    return score


def _best(group: Sequence[Met], page: _Page) -> list[int]:
    """For each shown document what the best clause of a group is worth in it, 0 where none is met."""
    column: list[int] | None = None
    rare: list[tuple[Met, int]] = []
    for met in group:
        documents = met.documents & page.documents
        if documents.bit_count() * 4 < page.size:
            rare.append((met, documents))
        else:
            found = _dense(met, documents, page)
            column = found if column is None else list(map(max, column, found))
    column = column or [0] * page.size
    for met, documents in rare:
        for place, value in _sparse(met, documents, page):
            column[place] = max(column[place], value)
    return column


def _dense(met: Met, documents: int, page: _Page) -> list[int]:
    """What a clause is worth in each shown document, `documents` being those that meet it."""
    columns = (
        map(mul, _column(documents, page.documents, scored.weights, page.flags), repeat(scale))
        for scored, scale in page.scales(met)
    )
    return list(reduce(lambda a, b: map(add, a, b), columns))


def _sparse(met: Met, documents: int, page: _Page) -> Iterator[tuple[int, int]]:
    """The places of the few `documents` that meet a clause, and what it is worth there."""
    scales = page.scales(met)
    for ordinal in members_of(documents):
        yield page.places[ordinal] - 1, sum(scored.weights[ordinal] * scale for scored, scale in scales)


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
