"""Writing to a Whoosh index: one writer, committed or cleanly given up, with segments kept few."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from whoosh.index import TOC, FileIndex
from whoosh.reading import SegmentReader

from portal.search.index import Document
from portal.search.whoosh_index.schema import fields_of, schema
from portal.search.whoosh_index.storage import NAME, CheckedStorage

_MEMORY_MB = 32
_TIER_BITS = 3
_TIER_SIZE = 8


def build(storage: CheckedStorage, documents: Iterable[Document]) -> int:
    """Write an index of exactly these documents into an empty folder; returns how many.

    Raises ValueError for a document that cannot be indexed, OSError when the disk is full.
    """
    TOC.create(storage, schema(), NAME)
    with _writer(storage) as writer:
        count = _add(writer, documents)
        writer.commit(merge=False)
    return count


def replace(storage: CheckedStorage, changes: Mapping[str, Sequence[Document]]) -> None:
    """Put these documents in the place of all that the contributions had, in one commit.

    Raises ValueError for a document that cannot be indexed, OSError when the disk is full.
    """
    with _writer(storage) as writer:
        with writer.searcher() as searcher:
            removed = sum(writer.delete_by_term("contribution", one, searcher=searcher) for one in changes)
        added = sum(_add(writer, documents) for documents in changes.values())
        if removed or added:
            writer.commit(mergetype=keep_few)
        else:
            writer.cancel()


@contextmanager
def _writer(storage: CheckedStorage) -> Iterator[Any]:
    """Whoosh's writer, given up when anything is raised."""
    writer = FileIndex(storage, schema(), NAME).writer(limitmb=_MEMORY_MB)
    try:
        yield writer
    except BaseException:
        _give_up(writer)
        raise


def _give_up(writer: Any) -> None:
    """Cancel, and let the lock go even when cancelling fails as well (a full disk, most likely)."""
    with suppress(Exception):
        writer.cancel()
    if writer.writelock.fd is not None:
        writer.writelock.release()


def _add(writer: Any, documents: Iterable[Document]) -> int:
    count = 0
    for document in documents:
        writer.add_document(**fields_of(document))
        count += 1
    return count


def keep_few(writer: Any, segments: list[Any]) -> list[Any]:
    """Whoosh's merge policy: merge eight of about the same size, and any that is mostly deleted.

    Whoosh's own lets deleted documents lie in a large segment for ever.
    """
    tiers: dict[int, list[Any]] = {}
    merged = [s for s in segments if s.deleted_count() * 2 > s.doc_count_all()]
    for segment in segments:
        if segment not in merged:
            tiers.setdefault(segment.doc_count_all().bit_length() // _TIER_BITS, []).append(segment)
    for tier in tiers.values():
        if len(tier) >= _TIER_SIZE:
            merged += tier
    for segment in merged:
        reader = SegmentReader(writer.storage, writer.schema, segment)
        writer.add_reader(reader)
        reader.close()
    return [segment for segment in segments if segment not in merged]
