"""Writing to a Whoosh index: one writer, committed or cleanly given up, with segments kept few."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from whoosh.index import TOC, FileIndex, clean_files
from whoosh.reading import SegmentReader

from portal.search.index import Document
from portal.search.whoosh_index.schema import fields_of, schema
from portal.search.whoosh_index.storage import NAME, CheckedStorage
from portal.search.whoosh_index.writer import PooledWriter

_SEGMENT_BYTES = 40_000_000
"""What a rebuild gathers in memory before it writes a segment."""

_LARGE = 10_000
_TIER_BITS = 3
_TIER_SIZE = 8


def build(storage: CheckedStorage, documents: Iterable[Document]) -> int:
    """Write an index of exactly these documents into an empty folder; returns how many.

    Raises ValueError for a document that cannot be indexed, OSError when the disk is full.
    """
    TOC.create(storage, schema(), NAME)
    remaining = iter(documents)
    count = 0
    while (document := next(remaining, None)) is not None:
        with _writer(storage) as writer:
            while document is not None:
                writer.add_document(**fields_of(document))
                count += 1
                document = next(remaining, None) if writer.pool.size < _SEGMENT_BYTES else None
            writer.commit(merge=False)
    return count


def replace(storage: CheckedStorage, changes: Mapping[str, Sequence[Document]]) -> None:
    """Put these documents in the place of all that the contributions had, in one commit.

    Raises ValueError for a document that cannot be indexed, OSError when the disk is full.
    """
    with _writer(storage) as writer:
        with writer.searcher() as searcher:
            removed = sum(writer.delete_by_term("contribution", one, searcher=searcher) for one in changes)
        added = [fields_of(document) for documents in changes.values() for document in documents]
        for fields in added:
            writer.add_document(**fields)
        if removed or added:
            writer.commit(mergetype=keep_few)
        else:
            writer.cancel()


@contextmanager
def _writer(storage: CheckedStorage) -> Iterator[Any]:
    """A writer, given up when anything is raised."""
    writer = PooledWriter(FileIndex(storage, schema(), NAME))
    try:
        yield writer
    except BaseException:
        _give_up(storage, writer)
        raise


def _give_up(storage: CheckedStorage, writer: Any) -> None:
    """Cancel, let the lock go and remove what was half written, whatever of it fails as well.

    Without this a full disk (the likeliest cause) leaves the lock taken and the disk fuller.
    """
    with suppress(Exception):
        writer.cancel()
    if writer.writelock.fd is not None:
        writer.writelock.release()
    with suppress(Exception):
        toc = TOC.read(storage, NAME, schema=schema())
        clean_files(storage, NAME, toc.generation, toc.segments)


def keep_few(writer: Any, segments: list[Any]) -> list[Any]:
    """Whoosh's merge policy: merge eight of about the same size, and any that is mostly deleted.

    Large ones are left alone otherwise, since merging holds them in memory; Whoosh's own policy
    lets deleted documents lie in them for ever.
    """
    tiers: dict[int, list[Any]] = {}
    merged = []
    for segment in segments:
        size = segment.doc_count_all()
        if segment.deleted_count() * 2 > size:
            merged.append(segment)
        elif size < _LARGE:
            tiers.setdefault(size.bit_length() // _TIER_BITS, []).append(segment)
    for tier in tiers.values():
        if len(tier) >= _TIER_SIZE:
            merged += tier
    for segment in merged:
        if segment.deleted_count() == segment.doc_count_all():
            continue
        reader = SegmentReader(writer.storage, writer.schema, segment)
        writer.add_reader(reader)
        reader.close()
    return [segment for segment in segments if segment not in merged]
