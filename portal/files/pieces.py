"""Bytes handed on a piece at a time, and let go of when the reader leaves half-way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

PIECE = 256 * 1024


class Source(Protocol):
    """What can be read and closed."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, none at the end."""

    def close(self) -> None:
        """Let go."""


class Pieces(Iterator[bytes]):
    """At most `length` bytes of an open source (None: all), which is closed at the end or by `close`."""

    def __init__(self, source: Source, length: int | None = None) -> None:
        self._source = source
        self._left = length

    def __next__(self) -> bytes:
        """The next piece."""
        wanted = PIECE if self._left is None else min(PIECE, self._left)
        piece = self._source.read(wanted) if wanted else b""
        if not piece:
            self.close()
            raise StopIteration
        if self._left is not None:
            self._left -= len(piece)
        return piece

    def close(self) -> None:
        """Let go of the source; the web server calls this when a reader hangs up."""
        self._source.close()
        self._left = 0
