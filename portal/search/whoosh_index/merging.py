"""Keeping segments few: small ones are merged with the commit that comes along, large ones beside it.

A merge makes one segment of eight of about the same size, or of one that is mostly deleted
(Whoosh's own policy lets deleted documents lie in large ones for ever). What takes longer than a
commit may is made by a scribe while commits go on, and the next commit after that adopts it.
Readers keep the segments they have open, and never wait for either.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

import structlog
from whoosh.index import TOC

from portal.search.whoosh_index.folder import Folder
from portal.search.whoosh_index.making import of_segments, take_over
from portal.search.whoosh_index.schema import schema
from portal.search.whoosh_index.scribes import Scribe, ScribeDied
from portal.search.whoosh_index.storage import NAME, CheckedStorage, file_of
from portal.search.whoosh_index.writer import PooledWriter

log = structlog.get_logger("portal.search")

AT_ONCE = 1_000_000
"""Bytes of segments that a commit may merge itself: a fraction of a second."""

LARGE = 8_000_000
"""Bytes from which a segment is only merged when it is mostly deleted, since a merge holds it in memory."""

_NICENESS = 10
"""Of the process that makes a large merge: searches on the same cores come first."""

_TIER_BITS = 3
_TIER_SIZE = 8


def due(storage: CheckedStorage, segments: Iterable[Any]) -> list[tuple[int, list[Any]]]:
    """The groups of segments of which there should be one each, with what they cost, the cheapest first."""
    tiers: dict[int, list[Any]] = {}
    groups = []
    for segment in segments:
        size = storage.file_length(file_of(segment))
        if segment.deleted_count() * 2 > segment.doc_count_all():
            groups.append([segment])
        elif size < LARGE:
            tiers.setdefault(size.bit_length() // _TIER_BITS, []).append(segment)
    groups += [tier for tier in tiers.values() if len(tier) >= _TIER_SIZE]
    return sorted(((_cost(storage, group), group) for group in groups), key=lambda pair: pair[0])


def _cost(storage: CheckedStorage, segments: Iterable[Any]) -> int:
    """The bytes that a merge of these has to take over, about."""
    return sum(
        storage.file_length(file_of(one)) * (one.doc_count_all() - one.deleted_count()) // one.doc_count_all()
        for one in segments
    )


def merge_small(but: Collection[str]) -> Callable[[Any, list[Any]], list[Any]]:
    """Whoosh's merge policy of a commit: what is due and cheap, without the segments named in `but`."""

    def merge(writer: PooledWriter, segments: list[Any]) -> list[Any]:
        left, gone = AT_ONCE, set()
        for cost, group in due(writer.storage, (s for s in segments if s.segment_id() not in but)):
            left -= cost
            if left < 0:
                break
            take_over(writer, writer.storage, (s for s in group if s.deleted_count() < s.doc_count_all()))
            gone |= {segment.segment_id() for segment in group}
        return [segment for segment in segments if segment.segment_id() not in gone]

    return merge


class Merges:
    """The large merge under way, if there is one; all methods are called under the write lock of `folder`."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._scribe: Scribe | None = None
        self._source: CheckedStorage | None = None
        self._segments: list[Any] = []

    def sources(self) -> frozenset[str]:
        """The ids of the segments that are being merged, which have to stay till then."""
        return frozenset(segment.segment_id() for segment in self._segments)

    def begin(self, storage: CheckedStorage) -> None:
        """Have a scribe make what is due and was too much for the commit, unless it is at something."""
        if self._scribe is not None:
            return
        for cost, group in due(storage, TOC.read(storage, NAME, schema=schema()).segments):
            if cost > AT_ONCE:
                try:
                    self._begin(storage, group)
                except (ScribeDied, OSError) as error:  # the commit is made, and stays
                    self._failed(error)
                return

    def _begin(self, storage: CheckedStorage, group: list[Any]) -> None:
        self._folder.clean()
        self._scribe = Scribe(self._folder.new(), _NICENESS)
        self._source, self._segments = storage, group
        self._scribe.ask(of_segments, storage.path.absolute(), group)

    def _failed(self, error: Exception) -> None:
        log.warning("merge_failed", error=type(error).__name__)
        self.stop()

    def adopt(self, storage: CheckedStorage, writer: PooledWriter) -> bool:
        """Let the merged segment replace those that it was made of, when it is done; True when it did.

        One that failed, or was made of what is no longer there, is forgotten.
        """
        if self._scribe is None or (self._source is storage and not self._scribe.is_done()):
            return False
        before, is_ours = self._segments, self._source is storage
        try:
            merged = self._scribe.segment(storage) if is_ours else None
        except (ScribeDied, OSError) as error:
            self._failed(error)
            return False
        self.stop()
        return merged is not None and _replaced(writer, before, merged)

    def stop(self) -> None:
        """Give up what is under way."""
        if self._scribe is not None:
            self._scribe.end()
        self._scribe, self._source, self._segments = None, None, []


def _replaced(writer: PooledWriter, before: list[Any], merged: Any) -> bool:
    """Put `merged` in the place of the segments that it was made of, as they were `before`."""
    present = {segment.segment_id(): segment for segment in writer.segments}
    if not all(segment.segment_id() in present for segment in before):
        return False
    for number in _deleted_since(before, [present.pop(segment.segment_id()) for segment in before]):
        merged.delete_document(number)
    writer.segments = [*present.values(), merged]
    writer._setup_doc_offsets()
    return True


def _deleted_since(before: Iterable[Any], now: Iterable[Any]) -> Iterator[int]:
    """What was deleted during the merge, by its number in the merged segment."""
    start = 0
    for old, new in zip(before, now, strict=True):
        gone = sorted(old.deleted_docs())
        for number in set(new.deleted_docs()).difference(gone):
            yield start + number - bisect_left(gone, number)
        start += old.doc_count_all() - len(gone)
