"""What a document becomes in a Whoosh index: its fields, their posting formats and their weights."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from whoosh.fields import ID, STORED, FieldType, Schema
from whoosh.formats import Existence, Format

from portal.search.analysis import analyser, words
from portal.search.catalogue import Facts
from portal.search.index import Document
from portal.search.ranking import SUMMARY_WORTH, TITLE_WORTH, USUAL_TEXT, USUAL_TITLE, word_weight

VERSION = 3
"""Counted up with every change of fields, analysis or weights: an index of another version is rebuilt."""

TEXT_FIELDS = ("title", "text")
_LAST_POSITION = 0xFFFF
_GAP = 100
"""Words between the summary and the text, so that no phrase reaches across."""


class Occurrence(NamedTuple):
    """A stem at a place, and how many times it counts there."""

    stem: str
    position: int
    worth: int


class Positions(Format):  # type: ignore[misc]
    """Postings whose value is the places of the term, as unsigned 16-bit numbers."""

    def decode_positions(self, value: bytes) -> array[int]:
        """The places that `value` holds."""
        return array("H", value)


class StemField(FieldType):  # type: ignore[misc]
    """Takes occurrences, analysed before; the weight of a posting is what it adds to relevance."""

    def __init__(self, worth: int, usual_length: int) -> None:
        # Lengths are kept (scorable) only so that Whoosh's own scoring runs on the same index to compare.
        super().__init__(Positions(), None, scorable=True)
        self.worth = worth
        self.usual_length = usual_length

    def index(self, value: Sequence[Occurrence], **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Each stem's bytes, frequency, weight and places."""
        counts: dict[str, int] = {}
        places: dict[str, array[int]] = {}
        for stem, position, worth in value:
            counts[stem] = counts.get(stem, 0) + worth
            if position <= _LAST_POSITION:
                places.setdefault(stem, array("H")).append(position)
        for stem, count in counts.items():
            steps = word_weight(self.worth, count, len(value), self.usual_length)
            found = places.get(stem, array("H"))
            yield stem.encode(), max(1, len(found)), float(steps), found.tobytes()


class WordField(FieldType):  # type: ignore[misc]
    """Takes a set of words as they are written, folded: what prefixes are looked up in."""

    def __init__(self) -> None:
        # Without lengths (scorable) Whoosh looks for their file on disk at every posting that it writes.
        super().__init__(Existence(), None, scorable=True)

    def index(self, value: set[str], **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Each word's bytes; it is there or it is not."""
        for word in value:
            yield word.encode(), 1, 1.0, b""


def schema() -> Any:
    """The schema of every index folder of this version."""
    return Schema(
        contribution=ID(),
        title=StemField(worth=TITLE_WORTH, usual_length=USUAL_TITLE),
        text=StemField(worth=1, usual_length=USUAL_TEXT),
        words=WordField(),
        facts=STORED(),
    )


def fields_of(document: Document) -> dict[str, Any]:
    """The field values that a document is added with. Raises ValueError as Facts.of does."""
    facts = Facts.of(document)
    analysed = analyser(document.language)
    title, summary, text = (words(part) for part in (document.title, document.summary, document.text))
    body = [Occurrence(stem, position, SUMMARY_WORTH) for stem, position in analysed.terms(summary)]
    start = len(summary) + _GAP
    body += [Occurrence(stem, start + position, 1) for stem, position in analysed.terms(text)]
    return {
        "contribution": document.contribution_id,
        "title": [Occurrence(stem, position, 1) for stem, position in analysed.terms(title)],
        "text": body,
        "words": {word for word in {*title, *summary, *text} if analysed.stem(word) is not None},
        "facts": tuple(facts),
    }
