"""Whoosh's segment writer with another way of gathering postings: packed by term, in memory.

Whoosh keeps a tuple for every posting, sorts them all and spills them to disk, and asks a file
for the document's length at each one; that is two thirds of its time. Here the postings of a term
lie packed behind each other in the order of documents, in which they come anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import Any

from whoosh.writing import SegmentWriter

_RECORD = Struct("=IfH")
_TERM_BYTES = 150
"""About what a term costs besides its postings."""

Posting = tuple[str, bytes, int, float, bytes | None]
"""Field, term, document number, weight and value, as Whoosh hands them about."""


class TermPool:
    """Postings by field and term."""

    def __init__(self) -> None:
        self._fields: dict[str, dict[bytes, bytearray]] = {}
        self.size = 0

    def add(self, posting: Posting) -> None:
        """Add a posting; those of one term come with rising document numbers."""
        field, term, number, weight, value = posting
        terms = self._fields.get(field)
        if terms is None:
            terms = self._fields[field] = {}
        packed = terms.get(term)
        if packed is None:
            packed = terms[term] = bytearray()
            self.size += _TERM_BYTES
        value = value or b""  # a merge hands None about where there are no places
        packed += _RECORD.pack(number, weight, len(value)) + value
        self.size += _RECORD.size + len(value)

    def fields(self) -> Iterator[tuple[str, list[tuple[bytes, bytearray]]]]:
        """The fields in order, each with its terms in order and their packed postings."""
        for field in sorted(self._fields):
            yield field, sorted(self._fields[field].items())

    def cleanup(self) -> None:
        """Let the memory go."""
        self._fields.clear()
        self.size = 0


def unpacked(packed: bytes | bytearray) -> Iterator[tuple[int, float, bytes]]:
    """The postings of a term: document number, weight and value."""
    at, end = 0, len(packed)
    while at < end:
        number, weight, length = _RECORD.unpack_from(packed, at)
        at += _RECORD.size
        yield number, weight, bytes(packed[at : at + length])
        at += length


class PooledWriter(SegmentWriter):  # type: ignore[misc]
    """A SegmentWriter that gathers in a TermPool; `pool.size` says how many bytes it holds."""

    def __init__(self, index: Any) -> None:
        super().__init__(index)
        self.pool = TermPool()

    def finish(self) -> Any:
        """Write the segment and return it, in no commit yet: nobody sees it."""
        segment = self._finalize_segment()
        self._finish()
        return segment

    def _flush_segment(self) -> None:
        """Write the postings gathered, field by field and term by term."""
        self.perdocwriter.close()
        documents = self.per_document_reader()
        out = self.fieldwriter
        for field, terms in self.pool.fields():
            lengths = [documents.doc_field_length(number, field) for number in range(self.docnum)]
            out.start_field(field, self.schema[field])
            for term, packed in terms:
                out.start_term(term)
                for number, weight, value in unpacked(packed):
                    out.add(number, weight, value, lengths[number])
                out.finish_term()
            out.finish_field()
        out.close()
        documents.close()
