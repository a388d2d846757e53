"""Postings of a whole generation, put together from its segments and kept while they are asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Sequence
from threading import Lock
from time import monotonic
from typing import Any

from portal.search.analysis import Term
from portal.search.bits import bits_of_weights
from portal.search.catalogue import WIDTH
from portal.search.matching import Postings
from portal.search.whoosh_index.segments import Check, OutOfTime, Segment, SegmentPostings
from portal.search.whoosh_index.storage import damage_is_unavailable

Read = Callable[[Segment, Check], SegmentPostings]


class Deadline:
    """The moment at which a search stops reading; `clock` counts seconds."""

    def __init__(self, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._until = clock() + seconds

    def check(self) -> None:
        """Raise OutOfTime when the moment has passed."""
        if self._clock() >= self._until:
            raise OutOfTime


class PostingsCache:
    """The postings last used, up to a number of bytes; shared by all threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Any:
        """What was kept under `key`, if it still is."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def keep(self, key: Hashable, postings: Postings | SegmentPostings) -> None:
        """Keep `postings`, dropping what was not used for longest."""
        size = 300 + _bytes_of(postings)
        with self._lock:
            self._size += size - self._kept.pop(key, (None, 0))[1]
            self._kept[key] = (postings, size)
            while self._size > self._limit:
                self._size -= self._kept.popitem(last=False)[1][1]


def _bytes_of(postings: Postings | SegmentPostings) -> int:
    if isinstance(postings, SegmentPostings):
        return len(postings.weights) * (postings.numbers.itemsize + 1)
    return sum(map(len, postings.weights)) + sum(bits.bit_length() // 8 for bits in postings.documents)


class GenerationTerms:
    """The Terms of one generation, for one search: it stops reading at `deadline`.

    `parts` are its segments, each with the numbers of its documents that are deleted; `size` is the
    number of ordinals and `key` tells this generation from all others.
    """

    def __init__(
        self,
        parts: Sequence[tuple[Segment, Collection[int]]],
        size: int,
        key: Hashable,
        cache: PostingsCache,
        deadline: Deadline,
    ) -> None:
        self._parts, self._size, self._key = parts, size, key
        self._cache, self._deadline = cache, deadline

    def word(self, stem: str) -> Postings:
        """The documents with a word of this stem."""
        return self._whole(("word", stem), lambda segment, check: segment.word(stem, check))

    def phrase(self, terms: tuple[Term, ...]) -> Postings:
        """The documents with these stems at these distances from each other."""
        return self._whole(("phrase", terms), lambda segment, check: segment.phrase(terms, check))

    def prefix(self, beginning: str) -> Postings:
        """The documents with a word that begins so."""
        return self._whole(("prefix", beginning), lambda segment, check: segment.prefix(beginning, check))

    def _whole(self, asked: tuple[str, Hashable], read: Read) -> Postings:
        """What was asked for, from all segments; incomplete and not kept when the time runs out."""
        kept: Postings | None = self._cache.get(("generation", self._key, asked))
        if kept is not None:
            return kept
        weights = bytearray(self._size * WIDTH)
        is_complete = True
        for segment, deleted in self._parts:
            found = self._of(segment, asked, read)
            is_complete &= found.is_complete
            slots = segment.facts.slots
            for number, weight in zip(found.numbers, found.weights, strict=True):
                if number not in deleted:
                    weights[slots[number]] = weight
        postings = _by_language(weights, is_complete=is_complete)
        if postings.is_complete:
            self._cache.keep(("generation", self._key, asked), postings)
        return postings

    def _of(self, segment: Segment, asked: tuple[str, Hashable], read: Read) -> SegmentPostings:
        kept: SegmentPostings | None = self._cache.get(("segment", segment.serial, asked))
        if kept is None:
            with damage_is_unavailable():
                kept = read(segment, self._deadline.check)
            if kept.is_complete:
                self._cache.keep(("segment", segment.serial, asked), kept)
        return kept


def _by_language(by_slot: bytearray, *, is_complete: bool) -> Postings:
    """Postings of weights that stand by slot (ordinal and language)."""
    weights = [bytes(by_slot[number::WIDTH]) for number in range(WIDTH)]
    documents = tuple(map(bits_of_weights, weights))
    # A language without any keeps no weights: most words are of one language.
    kept = tuple(w if bits else b"" for w, bits in zip(weights, documents, strict=True))
    return Postings(documents, kept, is_complete)
