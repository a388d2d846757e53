"""Files in a folder: written aside, synchronised to the disk, then renamed into place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from portal.core.failpoints import reached
from portal.files.pieces import PIECE, Pieces


class Folder:
    """A storage in a folder that its owner alone may open."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, source: BinaryIO) -> int:
        """Keep what `source` still holds; killed at any point, it is there whole or not at all."""
        place, aside = self._place(key), self._root / "incoming" / key
        for folder in (aside.parent, place.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chmod(self._root, 0o700)
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            shutil.copyfileobj(source, target, PIECE)
            reached("file_half_written")
            target.flush()
            os.fsync(target.fileno())
            size = target.tell()
        os.replace(aside, place)
        _sync(place.parent)
        return size

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` in pieces; FileNotFoundError."""
        source = self._place(key).open("rb")
        source.seek(start)
        return Pieces(source, length)

    def exists(self, key: str) -> bool:
        """True when there is such a key."""
        return self._place(key).is_file()

    def delete(self, key: str) -> None:
        """Forget the bytes."""
        self._place(key).unlink(missing_ok=True)

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Every key with the moment it was kept."""
        for path in self._root.glob("[0-9a-z][0-9a-z]/*"):
            yield path.name, _moment(path)

    def discard_unfinished(self, before: datetime) -> None:
        """Throw away what was written aside before that moment and never renamed."""
        for path in self._root.glob("incoming/*"):
            if _moment(path) < before:
                path.unlink(missing_ok=True)

    def _place(self, key: str) -> Path:
        if not key.isalnum() or not key.isascii():
            raise FileNotFoundError(key)
        return self._root / key[:2] / key


def _moment(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:  # gone between listing and looking
        return datetime.now(UTC)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
