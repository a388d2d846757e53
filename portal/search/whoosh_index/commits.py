"""What makes an index and changes it: each in one commit, and nothing is seen of it before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from whoosh.index import TOC, clean_files

from portal.search.index import Document
from portal.search.whoosh_index.making import of_documents, writing
from portal.search.whoosh_index.merging import Merges, merge_small
from portal.search.whoosh_index.schema import fields_of, schema
from portal.search.whoosh_index.scribes import segments_of
from portal.search.whoosh_index.storage import NAME, CheckedStorage

CHUNK = 6_000_000
"""How many characters of text a rebuild gathers in memory before it has a segment made of them."""


def build(storage: CheckedStorage, documents: Iterable[Document], scribes: int) -> int:
    """Write an index of exactly these documents into an empty folder; returns how many.

    Its segments are the same whoever makes them: so many `scribes`, or this process when one core
    or little text makes them not worth while. Raises ValueError for a document that cannot be
    indexed, OSError when the disk is full, ScribeDied.
    """
    TOC.create(storage, schema(), NAME)
    chunks = _chunks(documents)
    first = next(chunks, [])
    rest = chain([first] if first else [], chunks)
    if scribes > 1 and _characters(first) >= CHUNK:
        segments = segments_of(storage, rest, scribes)
    else:
        segments = [of_documents(storage, chunk) for chunk in rest]
    TOC(schema(), segments, 1).write(storage, NAME)
    clean_files(storage, NAME, 1, segments)
    return sum(segment.doc_count_all() for segment in segments)


def _chunks(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """The documents in their order, cut where there are CHUNK characters."""
    chunk: list[Document] = []
    size = 0
    for document in documents:
        chunk.append(document)
        size += _characters([document])
        if size >= CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _characters(documents: Iterable[Document]) -> int:
    return sum(len(one.title) + len(one.summary) + len(one.text) for one in documents)


def replace(storage: CheckedStorage, changes: Mapping[str, Sequence[Document]], merges: Merges) -> None:
    """Put these documents in the place of all that the contributions had, in one commit.

    A merge that `merges` has done becomes visible by it, and the next may begin. Raises ValueError
    for a document that cannot be indexed, OSError when the disk is full.
    """
    with writing(storage) as writer:
        merged = merges.adopt(storage, writer)
        with writer.searcher() as searcher:
            removed = sum(writer.delete_by_term("contribution", one, searcher=searcher) for one in changes)
        added = [fields_of(document) for documents in changes.values() for document in documents]
        for fields in added:
            writer.add_document(**fields)
        if removed or added or merged:
            writer.commit(mergetype=merge_small(merges.sources()))
        else:
            writer.cancel()
    merges.begin(storage)
