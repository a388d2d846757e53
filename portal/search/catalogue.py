"""What is in the index besides its words: facts of every document, as sets of bits to count with.

Contributions are numbered in the order in which a process meets them; the number (ordinal) stays
while the index folder does. A contribution has at most one document in each language, so that a
set of documents is one set of ordinals for each language: a `Sets`.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import NamedTuple

from portal.search.analysis import LANGUAGES
from portal.search.bits import bits_of, contains, flags_of, members_of
from portal.search.index import FACETS, Document, Filters
from portal.search.ranking import RECENCY, RECENCY_YEARS

WIDTH = len(LANGUAGES)
_DAY = 86_400_000_000
_FRESHNESSES_KEPT = 4

Sets = tuple[int, ...]
"""One set of ordinals for each of LANGUAGES, in their order."""

NOTHING: Sets = (0,) * WIDTH


class Facts(NamedTuple):
    """What the index keeps of a document besides its words."""

    edition_id: str
    contribution_id: str
    language: str
    is_original: bool
    published: int
    labels: tuple[str, ...]
    values: tuple[tuple[str, str], ...]
    adoptions: int

    @classmethod
    def of(cls, document: Document) -> Facts:
        """The facts of `document`. Raises ValueError for a naive date or an unknown language."""
        if document.published_at.tzinfo is None:
            raise ValueError("published_at is naive; use core.clock")
        if document.language not in LANGUAGES:
            raise ValueError(f"{document.language!r} is not a language of the portal")
        return cls(
            edition_id=document.edition_id,
            contribution_id=document.contribution_id,
            language=document.language,
            is_original=document.is_original,
            published=int(document.published_at.timestamp() * 1_000_000),
            labels=document.labels,
            values=document.facet_values(),
            adoptions=document.adoptions,
        )


class Ordinals:
    """The numbers of contributions; they only ever grow."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.ids: list[str] = []

    def __len__(self) -> int:
        return len(self.ids)

    def number(self, contribution_id: str) -> int:
        """The ordinal of a contribution, given on first sight."""
        found = self._numbers.get(contribution_id)
        if found is None:
            found = self._numbers[contribution_id] = len(self.ids)
            self.ids.append(contribution_id)
        return found

    def known(self, contribution_ids: Iterable[str]) -> int:
        """The set of those contributions that have an ordinal."""
        numbers = [n for i in contribution_ids if (n := self._numbers.get(i)) is not None]
        return bits_of(numbers, max(numbers, default=0) + 1)


class SegmentFacts:
    """The facts of one immutable segment, deleted documents among them."""

    def __init__(self, facts: Iterable[Facts], ordinals: Ordinals) -> None:
        self.slots = array("I")
        self._edition_ids: list[str] = []
        self.published = array("q")
        self.adoptions: dict[int, int] = {}
        members: dict[tuple[str, str], list[list[int]]] = defaultdict(lambda: [[] for _ in LANGUAGES])
        for fact in facts:
            ordinal, language = ordinals.number(fact.contribution_id), LANGUAGES.index(fact.language)
            self.slots.append(ordinal * WIDTH + language)
            self._edition_ids.append(fact.edition_id)
            self.published.append(fact.published)
            if fact.adoptions:
                self.adoptions[ordinal * WIDTH + language] = fact.adoptions
            for key in _keys(fact):
                members[key][language].append(ordinal)
        self.numbers = {slot: number for number, slot in enumerate(self.slots)}
        self.sets = {
            key: tuple(bits_of(found, max(found) + 1) if found else 0 for found in by_language)
            for key, by_language in members.items()
        }

    def live(self, deleted: Collection[int]) -> Sets:
        """The documents that are not deleted; `deleted` holds document numbers of the segment."""
        everything = self.sets.get(("all", ""), NOTHING)
        if not deleted:
            return everything
        gone: list[list[int]] = [[] for _ in LANGUAGES]
        for number in deleted:
            ordinal, language = divmod(self.slots[number], WIDTH)
            gone[language].append(ordinal)
        return tuple(
            bits & ~bits_of(found, max(found, default=0) + 1)
            for bits, found in zip(everything, gone, strict=True)
        )

    def edition_id(self, ordinal: int, language: int) -> str:
        """The id of a contribution's edition in a language."""
        return self._edition_ids[self.numbers[ordinal * WIDTH + language]]


def _keys(fact: Facts) -> Iterator[tuple[str, str]]:
    yield ("all", "")
    yield from fact.values
    for label in dict.fromkeys(fact.labels):
        yield ("label", label)
    if fact.is_original:
        yield ("original", "")


@dataclass(frozen=True, slots=True)
class Part:
    """A segment in one generation: its facts and those of its documents that still count."""

    facts: SegmentFacts
    live: Sets


class Generation:
    """The whole catalogue at one commit; it never changes."""

    def __init__(self, parts: Sequence[Part], ordinals: Ordinals) -> None:
        self.parts = parts
        self.ordinals = ordinals
        self.size = len(ordinals)
        self.live = _union(part.live for part in parts)
        self.facets: dict[str, dict[str, Sets]] = {facet: {} for facet in FACETS}
        self._labels: dict[str, Sets] = {}
        self.originals = NOTHING
        for part in parts:
            self._add(part)
        self._days = array("l", bytes(array("l").itemsize * self.size))
        self._freshness: dict[int, list[int]] = {}
        self.by_rank, self.ranks = self._ranking()
        self.adoptions = self._adoptions()

    def _add(self, part: Part) -> None:
        for (name, value), sets in part.facts.sets.items():
            found = both(sets, part.live)
            if name == "original":
                self.originals = either(self.originals, found)
                continue
            table = self._labels if name == "label" else self.facets.get(name)
            if table is not None:
                table[value] = either(table[value], found) if value in table else found

    def _ranking(self) -> tuple[list[int], array[int]]:
        """The ordinals newest first, then by id; and for each ordinal its place among them."""
        newest: dict[int, int] = {}
        for part in self.parts:
            numbers, published = part.facts.numbers, part.facts.published
            for language, bits in enumerate(part.live):
                for ordinal in members_of(bits):
                    moment = published[numbers[ordinal * WIDTH + language]]
                    if ordinal not in newest or newest[ordinal] < moment:
                        newest[ordinal] = moment
        by_rank = sorted(newest, key=self.ordinals.ids.__getitem__)
        by_rank.sort(key=newest.__getitem__, reverse=True)
        ranks = array("I", bytes(4 * self.size))
        for rank, ordinal in enumerate(by_rank):
            ranks[ordinal] = rank
            self._days[ordinal] = newest[ordinal] // _DAY
        return by_rank, ranks

    def freshness(self, allowed: Sets) -> list[int]:
        """By ordinal what its age leaves of a score, in thousandths: see `ranking`.

        Age is counted from the newest contribution in `allowed`, so that hidden ones do not tell.
        """
        flags = flags_of(reduce(or_, allowed))
        newest = next((self._days[o] for o in self.by_rank if o < len(flags) and flags[o]), 0)
        found = self._freshness.get(newest)
        if found is None:
            if len(self._freshness) >= _FRESHNESSES_KEPT:
                self._freshness.clear()
            most, years = RECENCY * 10, RECENCY_YEARS * 365
            found = [1000 + max(0, most - most * (newest - day) // years) for day in self._days]
            self._freshness[newest] = found
        return found

    def _adoptions(self) -> dict[int, int]:
        """How many have used a contribution, by ordinal, for those that anybody has."""
        found: dict[int, int] = {}
        for part in self.parts:
            for slot, count in part.facts.adoptions.items():
                ordinal, language = divmod(slot, WIDTH)
                if contains(part.live[language], ordinal):
                    found[ordinal] = max(count, found.get(ordinal, 0))
        return found

    def readable_with(self, labels: Iterable[str]) -> Sets:
        """The documents that carry one of `labels`; none without labels."""
        return _union(self._labels.get(label, NOTHING) for label in labels)

    def within(self, filters: Filters) -> dict[str, Sets]:
        """For each facet with a choice, the documents that carry one of its chosen values."""
        return {
            facet: _union(self.facets[facet].get(value, NOTHING) for value in values)
            for facet, values in filters.chosen().items()
        }

    def carrying(self, filters: Filters) -> Sets:
        """The documents that carry any of the values of `filters`."""
        return _union(self.within(filters).values())

    def edition_id(self, ordinal: int, language: int) -> str:
        """The id of the edition that a contribution has in a language. Raises KeyError without one."""
        for part in self.parts:
            if contains(part.live[language], ordinal):
                return part.facts.edition_id(ordinal, language)
        raise KeyError((ordinal, language))

    def edition_ids(self) -> frozenset[str]:
        """The ids of all editions that count."""
        return frozenset(
            part.facts.edition_id(ordinal, language)
            for part in self.parts
            for language, bits in enumerate(part.live)
            for ordinal in members_of(bits)
        )


def _union(many: Iterable[Sets]) -> Sets:
    return reduce(either, many, NOTHING)


def either(one: Sets, other: Sets) -> Sets:
    """The documents in one or the other."""
    return tuple(map(or_, one, other))


def both(one: Sets, other: Sets) -> Sets:
    """The documents in both."""
    return tuple(map(and_, one, other))


def outside(one: Sets, other: Sets) -> Sets:
    """The documents of the first that are not in the second."""
    return tuple(a & ~b for a, b in zip(one, other, strict=True))
