"""Making a segment, of documents or of other segments; nobody sees it before a commit names it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from whoosh.index import TOC, FileIndex, clean_files
from whoosh.reading import SegmentReader

from portal.core.failpoints import reached
from portal.search.index import Document
from portal.search.whoosh_index.schema import fields_of, schema
from portal.search.whoosh_index.storage import NAME, CheckedStorage
from portal.search.whoosh_index.writer import PooledWriter


def of_documents(storage: CheckedStorage, documents: Iterable[Document]) -> Any:
    """A segment of these documents, in their order.

    Raises ValueError for a document that cannot be indexed, OSError when the disk is full.
    """
    with writing(storage) as writer:
        for document in documents:
            writer.add_document(**fields_of(document))
        reached("before_segment")
        return writer.finish()


def of_segments(storage: CheckedStorage, source: Path, segments: Sequence[Any]) -> Any:
    """A segment of what is not deleted in these, which lie in `source`, in their order."""
    with writing(storage) as writer:
        take_over(writer, CheckedStorage(source), segments)
        return writer.finish()


def take_over(writer: PooledWriter, source: CheckedStorage, segments: Iterable[Any]) -> None:
    """Add to what is being written what is not deleted in these segments."""
    for segment in segments:
        reader = SegmentReader(source, writer.schema, segment)
        writer.add_reader(reader)
        reader.close()
        reached("in_merge")


@contextmanager
def writing(storage: CheckedStorage) -> Iterator[PooledWriter]:
    """A writer, given up when anything is raised."""
    writer = PooledWriter(FileIndex(storage, schema(), NAME))
    try:
        yield writer
    except BaseException:
        _give_up(storage, writer)
        raise


def _give_up(storage: CheckedStorage, writer: PooledWriter) -> None:
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
