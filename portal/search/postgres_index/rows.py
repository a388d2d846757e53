"""A document as a row of the index: the numbers of the sets of values that it carries, and its lexemes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from portal.search.analysis import analyser, words
from portal.search.catalogue import Facts
from portal.search.index import Document
from portal.search.postgres_index.tsquery import EVERYTHING, TITLE, WRITTEN

OWN_COLUMNS = {"topic": "topics", "country": "countries"}
"""The facets whose sets have a column of their own; the sets of all others together are `facts`.

Few sets in each column mean few groups to count: the values of facets are added up by set.
"""

_GAP = 200
"""Words between title, summary and text, so that no phrase, of 200 characters at most, reaches across."""
_LAST_PLACE = 16_383
"""PostgreSQL knows no place beyond; words that stand there are found, but in no phrase."""
_LARGEST = 1_000_000
"""Bytes of lexemes that surely fit into a tsvector, which takes a megabyte."""

Key = TypeVar("Key", bound=Hashable)


class Numbers(Generic[Key]):
    """Numbers for what is met; `find` knows those that have one already, `last` is the highest of them."""

    def __init__(self, find: Callable[[Key], int | None] = lambda _key: None, last: int = 0) -> None:
        self._find, self._last = find, last
        self._known: dict[Key, int] = {}
        self.added: dict[int, Key] = {}

    def number(self, key: Key) -> int:
        """The number of a key, a new one on first sight."""
        number = self._known.get(key)
        if number is None:
            number = self._find(key)
            if number is None:
                number = self._last = self._last + 1
                self.added[number] = key
            self._known[key] = number
        return number


@dataclass
class Values:
    """The values that documents carry, and the sets of them, by number."""

    values: Numbers[str]
    sets: Numbers[tuple[int, ...]]

    def set_number(self, values: Iterable[str]) -> int:
        """The number of a set of values."""
        return self.sets.number(tuple(sorted({self.values.number(value) for value in values})))


def row(document: Document, values: Values) -> tuple[Any, ...]:
    """What schema.COLUMNS hold for it. Raises ValueError for a naive date or an unknown language."""
    facts = Facts.of(document)
    found, length = lexemes(document)
    columns: dict[str, list[str]] = {"facts": [], "topics": [], "countries": []}
    for facet, value in facts.values:
        if facet != "language":
            columns[OWN_COLUMNS.get(facet, "facts")].append(value_of(facet, value))
    return (
        document.published_at,
        facts.adoptions,
        values.set_number(map(label_value, facts.labels)),
        *map(values.set_number, columns.values()),
        length,
        facts.is_original,
        facts.contribution_id,
        facts.edition_id,
        facts.language,
        found,
    )


def value_of(facet: str, value: str) -> str:
    """A facet's value as it is kept."""
    return f"{facet}:{value}"


def label_value(label: str) -> str:
    """A label as it is kept."""
    return f"label:{label}"


def lexemes(document: Document) -> tuple[str, int]:
    """The words of a document as a tsvector, with weights A, B and D, and how many there are.

    See `tsquery` for the lexemes. What PostgreSQL cannot hold, of texts with a hundred thousand
    different words, is left out.
    """
    text = document.text
    while len((found := _lexemes(document, text))[0].encode()) > _LARGEST and text:
        text = text[: len(text) // 2]
    return found


def _lexemes(document: Document, text: str) -> tuple[str, int]:
    stem = analyser(document.language).stem
    places: dict[str, str] = {}
    written: set[str] = set()
    title: set[str] = set()
    start, length = 1, 0
    for part, weight in ((document.title, "A"), (document.summary, "B"), (text, "")):
        found = words(part)
        for place, word in enumerate(found, start):
            stemmed = stem(word)
            if stemmed is None:
                continue
            written.add(word)
            before = places.get(stemmed)
            if place > _LAST_PLACE:
                places[stemmed] = before or ""
            elif before:
                places[stemmed] = f"{before},{place}{weight}"
            else:
                places[stemmed] = f":{place}{weight}"
            if weight == "A":
                title |= {stemmed, WRITTEN + word}
        start += len(found) + _GAP
        length += len(found)
    # Folded words hold letters and digits alone, so that nothing in them has to be escaped.
    placed = [f"'{stemmed}'{at}" for stemmed, at in places.items()]
    signed = [*_signed(WRITTEN, written), *_signed(TITLE, title), f"'{EVERYTHING}'"]
    return " ".join([*placed, *signed]), length


def _signed(sign: str, found: Iterable[str]) -> list[str]:
    return [f"'{sign}{word}'" for word in found]
