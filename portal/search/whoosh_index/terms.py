"""Postings of a whole generation, put together from its segments and kept while they are asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from time import monotonic

from portal.search.analysis import Term
from portal.search.bits import members_of
from portal.search.catalogue import WIDTH, Sets, both
from portal.search.matching import Postings
from portal.search.whoosh_index.segments import Check, OutOfTime, Segment
from portal.search.whoosh_index.storage import damage_is_unavailable

Read = Callable[[Segment, Check], Postings]


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
        self._kept: OrderedDict[Hashable, tuple[Postings, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Postings | None:
        """What was kept under `key`, if it still is."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def keep(self, key: Hashable, postings: Postings) -> None:
        """Keep `postings`, dropping what was not used for longest."""
        size = (
            300 + sum(map(len, postings.weights)) + sum(bits.bit_length() // 8 for bits in postings.documents)
        )
        with self._lock:
            self._size += size - self._kept.pop(key, (None, 0))[1]
            self._kept[key] = (postings, size)
            while self._size > self._limit:
                self._size -= self._kept.popitem(last=False)[1][1]


class GenerationTerms:
    """The Terms of one generation, for one search: it stops reading at `deadline`.

    `parts` are its segments, each with its documents that count; `size` is the number of
    ordinals and `key` tells this generation from all others.
    """

    def __init__(
        self,
        parts: Sequence[tuple[Segment, Sets]],
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
        kept = self._cache.get(("generation", self._key, asked))
        if kept is not None:
            return kept
        parts = [(self._of(segment, asked, read), live) for segment, live in self._parts]
        postings = _merged(parts, self._size)
        if postings.is_complete:
            self._cache.keep(("generation", self._key, asked), postings)
        return postings

    def _of(self, segment: Segment, asked: tuple[str, Hashable], read: Read) -> Postings:
        kept = self._cache.get(("segment", segment.serial, asked))
        if kept is None:
            with damage_is_unavailable():
                kept = read(segment, self._deadline.check)
            if kept.is_complete:
                self._cache.keep(("segment", segment.serial, asked), kept)
        return kept


def _merged(parts: Sequence[tuple[Postings, Sets]], size: int) -> Postings:
    """One postings of several segments', each within its live documents."""
    documents = [0] * WIDTH
    weights = [b""] * WIDTH
    for postings, live in parts:
        for number, bits in enumerate(both(postings.documents, live)):
            if bits:
                weights[number] = _laid_over(
                    weights[number], postings.weights[number], bits, documents[number], size
                )
                documents[number] |= bits
    return Postings(tuple(documents), tuple(weights), all(postings.is_complete for postings, _ in parts))


def _laid_over(under: bytes, over: bytes, bits: int, before: int, size: int) -> bytes:
    """The weights `under` with those of `over` at `bits`; the smaller of the two is walked through."""
    if not under:
        return over.ljust(size, b"\0")
    if bits.bit_count() > before.bit_count():
        under, over, bits = over.ljust(size, b"\0"), under, before
    result = bytearray(under)
    for member in members_of(bits):
        result[member] = over[member]
    return bytes(result)
