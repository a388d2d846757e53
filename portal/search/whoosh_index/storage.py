"""Files of one Whoosh index with sums over them: what is truncated, zeroed or lost is noticed.

Whoosh checks nothing that it reads and never syncs. So before a commit becomes visible (the
table of contents gets its name), the sizes and sums of all its files are written beside it, and
whoever opens the commit compares them first.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from portal.search.index import IndexUnavailable

NAME = "MAIN"
_TOC = re.compile(rf"_{NAME}_([0-9]+)\.toc")
_SUMS = re.compile(rf"_{NAME}_([0-9]+)\.sums")
_DRAFT = re.compile(rf"_{NAME}_[0-9]+\.toc\..+")
_BLOCK = 1 << 20

Sum = tuple[int, int]
"""Size in bytes and CRC-32."""


class CheckedStorage(FileStorage):  # type: ignore[misc]
    """Whoosh's files in a folder, summed up at each commit; never mapped into memory.

    A mapped file that is truncated by somebody else kills the process (SIGBUS); one that is read
    gives an error.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), supports_mmap=False)
        self.path = path
        self._sound: dict[str, tuple[int, int]] = {}

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Give a file its name; a table of contents gets its sums first."""
        commit = _TOC.fullmatch(newname)
        if commit:
            self._write_sums(int(commit[1]), oldname)
        super().rename_file(oldname, newname, safe=safe)
        if commit:
            self._clean(before=int(commit[1]))

    def _write_sums(self, generation: int, toc: str) -> None:
        # A segment never changes: its first sum is carried on, so damage is never signed as sound.
        known = self._files_of(generation - 1)
        segments = {
            path.name: known.get(path.name) or sum_of(path) for path in self.path.glob(f"{NAME}_*.seg")
        }
        body = json.dumps({"toc": sum_of(self.path / toc), "files": segments}, sort_keys=True)
        text = f"{zlib.crc32(body.encode()):08x} {body}"
        (self.path / _sums_name(generation)).write_text(text, encoding="utf-8")

    def _files_of(self, generation: int) -> dict[str, Sum]:
        with suppress(FileNotFoundError):
            return self.sums(generation)[1]
        return {}

    def _clean(self, before: int) -> None:
        """Remove the sums of older commits, and tables of contents that a killed writer left unnamed."""
        self._sound = {name: touched for name, touched in self._sound.items() if (self.path / name).exists()}
        for path in self.path.iterdir():
            sums = _SUMS.fullmatch(path.name)
            if _DRAFT.fullmatch(path.name) or (sums and int(sums[1]) < before):
                path.unlink(missing_ok=True)

    def latest(self) -> int:
        """The number of the newest commit. Raises FileNotFoundError when there is none."""
        numbers = [int(found[1]) for name in self.list() if (found := _TOC.fullmatch(name))]
        if not numbers:
            raise FileNotFoundError(f"no table of contents in {self.path.name}")
        return max(numbers)

    def sums(self, generation: int) -> tuple[Sum, dict[str, Sum]]:
        """The sums of a commit's table of contents and of its files. Raises IndexUnavailable."""
        text = (self.path / _sums_name(generation)).read_text(encoding="utf-8", errors="replace")
        crc, _, body = text.partition(" ")
        if crc != f"{zlib.crc32(body.encode()):08x}":
            raise IndexUnavailable("broken", f"the sums of commit {generation}")
        found: dict[str, Any] = json.loads(body)
        size, total = found["toc"]
        return (size, total), {name: (one[0], one[1]) for name, one in found["files"].items()}

    def segments(self, generation: int, schema: Any) -> list[Any]:
        """The segments of a commit, after its files were found to be what was written.

        A file is read through once in the life of this object, and again when it was touched.
        Raises FileNotFoundError when a newer commit has replaced it, IndexUnavailable when it is
        damaged. The schema is the code's own; the pickled one is skipped.
        """
        toc, files = self.sums(generation)
        self._require_sound(f"_{NAME}_{generation}.toc", toc)
        segments = list(TOC.read(self, NAME, gen=generation, schema=schema).segments)
        for name in map(file_of, segments):
            if name not in files:
                raise IndexUnavailable("broken", f"no sum of {name}")
            self._require_sound(name, files[name])
        return segments

    def _require_sound(self, name: str, expected: Sum) -> None:
        path = self.path / name
        touched = touch_of(path)
        if self._sound.get(name) != touched:
            if sum_of(path) != expected:
                raise IndexUnavailable("broken", name)
            self._sound[name] = touched


def file_of(segment: Any) -> str:
    """The name of the file that holds a segment."""
    return f"{segment.segment_id()}.seg"


def touch_of(path: Path) -> tuple[int, int]:
    """What changes when somebody writes to a file: size and time of change. Raises OSError."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def sum_of(path: Path) -> Sum:
    """The size and sum of a file. Raises OSError."""
    size = crc = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            size += len(block)
            crc = zlib.crc32(block, crc)
    return size, crc


def _sums_name(generation: int) -> str:
    return f"_{NAME}_{generation}.sums"


@contextmanager
def damage_is_unavailable() -> Iterator[None]:
    """Whatever Whoosh raises on damaged files becomes IndexUnavailable, but for a file that is gone."""
    try:
        yield
    except (IndexUnavailable, FileNotFoundError):
        raise
    except Exception as error:
        raise IndexUnavailable("broken", repr(error)) from error
