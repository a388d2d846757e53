"""Reading one segment of a Whoosh index: its facts, and the postings of its terms."""

from __future__ import annotations

import weakref
from array import array
from collections.abc import Callable, Iterator
from itertools import accumulate, compress, count, islice
from threading import Lock
from typing import Any, NamedTuple

from whoosh.codec.whoosh3 import STORED_COLUMN, W3LeafMatcher
from whoosh.filedb.structfile import BufferFile
from whoosh.reading import TermNotFound

from portal.search.analysis import Term
from portal.search.catalogue import Facts, Ordinals, SegmentFacts
from portal.search.whoosh_index.schema import TEXT_FIELDS
from portal.search.whoosh_index.storage import CheckedStorage

CONSTANT_WEIGHT = 40
"""What a phrase adds each time it stands in a document, and a prefix once: about a word in the text."""
_HEAVIEST = 255
_CHUNK = 128


class _Block(NamedTuple):
    """Some consecutive postings of a term: document numbers, weights and encoded places."""

    numbers: tuple[int, ...]
    weights: tuple[float, ...] | float | None
    places: tuple[bytes, ...]


class SegmentPostings(NamedTuple):
    """Where a term stands in a segment: document numbers in rising order, and the weight in each (1 to 255).

    Not `is_complete`: the time ran out while reading.
    """

    numbers: array[int]
    weights: bytes
    is_complete: bool


Check = Callable[[], None]
"""Called while reading; raises OutOfTime when no more time is left."""


class OutOfTime(Exception):
    """The time for the query ran out in the middle of reading."""


class Segment:
    """One immutable segment, opened once and shared by all threads of a process.

    Which of its documents are deleted is not its business: each commit says that anew. File
    positions are shared, so files are read under a lock and decoded outside it.
    """

    serials = count()

    def __init__(self, storage: CheckedStorage, segment: Any, schema: Any, ordinals: Ordinals) -> None:
        self.serial = next(self.serials)
        self._lock = Lock()
        self._schema = schema
        files = segment.open_compound_file(storage)
        self._terms = segment.codec().terms_reader(files, segment)
        documents = segment.codec().per_document_reader(files, segment)
        # Files are closed when the last search that reads the segment has let it go.
        weakref.finalize(self, _close, self._terms, documents, files)
        column = documents.column_reader("_stored", STORED_COLUMN)
        stored = (column[number] for number in range(segment.doc_count_all()))
        self.facts = SegmentFacts((Facts._make(one["facts"]) for one in stored), ordinals)

    def word(self, stem: str, check: Check) -> SegmentPostings:
        """The documents with a word of this stem."""
        return self._filled(lambda weights: self._add_word(weights, stem, check))

    def phrase(self, terms: tuple[Term, ...], check: Check) -> SegmentPostings:
        """The documents where these stems stand at their distances, in the title or in the text."""
        return self._filled(lambda weights: self._add_phrase(weights, terms, check))

    def prefix(self, beginning: str, check: Check) -> SegmentPostings:
        """The documents with a word that begins so, all of the same weight."""
        return self._filled(lambda weights: self._add_prefix(weights, beginning, check))

    def _filled(self, fill: Callable[[bytearray], None]) -> SegmentPostings:
        """Postings of the weights that `fill` sets by document number, as far as it gets in its time."""
        weights = bytearray(len(self.facts.slots))
        is_complete = True
        try:
            fill(weights)
        except OutOfTime:
            is_complete = False
        numbers = array("I", compress(range(len(weights)), weights))
        return SegmentPostings(numbers, bytes(weights.translate(None, b"\0")), is_complete)

    def _add_word(self, weights: bytearray, stem: str, check: Check) -> None:
        for field in TEXT_FIELDS:
            for numbers, steps, _ in self._blocks(field, stem.encode()):
                check()
                for number, step in zip(numbers, _weights(steps, len(numbers)), strict=True):
                    weights[number] = min(weights[number] + int(step), _HEAVIEST)

    def _add_phrase(self, weights: bytearray, terms: tuple[Term, ...], check: Check) -> None:
        for field in TEXT_FIELDS:
            starts: dict[int, set[int]] | None = None
            for stem, distance in terms:
                starts = self._starts(field, stem, distance, starts, check)
                if not starts:
                    break
            for number, found in (starts or {}).items():
                weights[number] = min(weights[number] + CONSTANT_WEIGHT * len(found), _HEAVIEST)

    def _starts(
        self, field: str, stem: str, distance: int, among: dict[int, set[int]] | None, check: Check
    ) -> dict[int, set[int]]:
        """By document, the places where a phrase with `stem` at `distance` may begin, among those left."""
        found = {}
        for numbers, _, places in self._blocks(field, stem.encode()):
            check()
            for number, encoded in zip(numbers, places, strict=True):
                if among is None or number in among:
                    starts = {place - distance for place in array("H", encoded)}
                    if among is not None:
                        starts &= among[number]
                    if starts:
                        found[number] = starts
        return found

    def _add_prefix(self, weights: bytearray, beginning: str, check: Check) -> None:
        for info in self._infos(beginning.encode()):
            check()
            if info.doc_frequency() <= 2:  # the first and the last document are all there are
                for number in (info.min_id(), info.max_id()):
                    weights[number] = CONSTANT_WEIGHT
            else:
                for numbers, _, _ in self._read("words", info):
                    for number in numbers:
                        weights[number] = CONSTANT_WEIGHT

    def _infos(self, beginning: bytes) -> Iterator[Any]:
        """What the dictionary says of each word that begins so."""
        with self._lock:
            if "words" not in self._terms.indexed_field_names():
                return
            items = self._terms.items_from("words", beginning)
        while True:
            with self._lock:
                chunk = list(islice(items, _CHUNK))
            for (field, word), info in chunk:
                if field != "words" or not word.startswith(beginning):
                    return
                yield info
            if len(chunk) < _CHUNK:
                return

    def _blocks(self, field: str, term: bytes) -> Iterator[_Block]:
        """The postings of a term in a field; none where it does not occur."""
        with self._lock:
            try:
                info = self._terms.term_info(field, term)
            except TermNotFound:
                return
        yield from self._read(field, info)

    def _read(self, field: str, info: Any) -> Iterator[_Block]:
        offset, (length,) = info.extent()  # 2.7.4 gives the length as it unpacked it, in a tuple
        with self._lock:
            data = self._terms._postfile.get(offset, length)
        matcher = W3LeafMatcher(BufferFile(data), 0, length, self._schema[field].format)
        while matcher.is_active():
            matcher._read_data()
            deltas, weights, places = matcher._data
            yield _Block(tuple(accumulate(deltas)), weights, places)
            matcher._next_block()


def _weights(stored: tuple[float, ...] | float | None, count: int) -> tuple[float, ...]:
    """Whoosh leaves weights out when all are 1, and keeps one when all are equal."""
    if isinstance(stored, tuple):
        return stored
    return (1.0 if stored is None else stored,) * count


def _close(*files: Any) -> None:
    for file in files:
        file.close()
