"""Translations of single words and short phrases: a small database file beside the index, read only.

The file is optional. `portal dictionary` makes it, anew each time; who reads it notices.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from threading import Lock

from portal.search.analysis import analyser

VERSION = 1
"""Counted up with every change of the form of the file or of the stems in it: another one is not read."""

LONGEST_HEADWORD = 3
"""How many words a headword and a translation have at most."""

Translation = tuple[str, str]
"""A language and a text."""


def key_as_written(language: str, folded: Sequence[str]) -> str:
    """What the folded words of a headword are filed under where others share its stems."""
    return f"{language}={' '.join(folded)}"


def key_of_stems(language: str, folded: Sequence[str]) -> str:
    """What the folded words of a headword are filed under; "" for common words alone."""
    stems = [term.stem for term in analyser(language).terms(folded)]
    return f"{language}~{' '.join(stems)}" if stems else ""


def write(path: Path, entries: Mapping[str, Iterable[Translation]]) -> None:
    """Put translations by key, the most trusted first, into a file in the place of the one that is there."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(new)) as file, file:
            file.execute("CREATE TABLE entry (key TEXT PRIMARY KEY, translations TEXT) WITHOUT ROWID")
            file.executemany(
                "INSERT INTO entry VALUES (?, ?)",
                sorted((key, "\n".join(map(":".join, many))) for key, many in entries.items()),
            )
            file.execute(f"PRAGMA user_version = {VERSION}")
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


class Dictionary:
    """The translations in the file at `path`; none while there is no file, or one of another version."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._opened: tuple[tuple[int, int, int], sqlite3.Connection | None] | None = None

    def translations(self, language: str, folded: Sequence[str]) -> tuple[Translation, ...]:
        """What the folded words of a language are called in others, the most trusted first."""
        with self._lock:
            file = self._file()
            if file is None:
                return ()
            for key in _keys(language, folded):
                row = file.execute("SELECT translations FROM entry WHERE key = ?", (key,)).fetchone()
                if row is not None:
                    return tuple((line[:2], line[3:]) for line in row[0].split("\n"))
        return ()

    def _file(self) -> sqlite3.Connection | None:
        """The file, opened again when another has taken its place, and in a process that was forked."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        touched = (found.st_ino, found.st_mtime_ns, os.getpid())
        if self._opened is None or self._opened[0] != touched:
            self._opened = (touched, _opened(self._path))
        return self._opened[1]


def _opened(path: Path) -> sqlite3.Connection | None:
    """The file at `path`, or None when it is not ours or of another version."""
    file = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )
    try:
        version = file.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.DatabaseError:
        version = None
    if version != VERSION:
        file.close()
        return None
    return file


def _keys(language: str, folded: Sequence[str]) -> Iterator[str]:
    """Where to look: the words as written, their stems, and those of one word without a plural's ending."""
    yield key_as_written(language, folded)
    forms = [folded, *([folded[0].removesuffix(end)] for end in ("s", "es") if folded[0].endswith(end))]
    for form in forms if len(folded) == 1 else forms[:1]:
        if key := key_of_stems(language, form):
            yield key
