"""The folder of the index: which of its subfolders is the live one, who may touch it, who writes.

index/            mode 0700, owned by the portal's user: what lies in it is unpickled
    current       one line, the name of the live subfolder; replaced in one step
    lock          held by the process that writes
    1-x7f3.../    an index of version 1
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.search.index import IndexBusy, IndexUnavailable

_POINTER = "current"
_LOCK = "lock"
_RETRY_SECONDS = 0.05


class Folder:
    """The place of an index on disk; `version` is the schema version that the code reads."""

    def __init__(self, path: Path, version: int) -> None:
        self.path = path
        self.version = version

    def current(self) -> Path:
        """The live subfolder. Raises IndexUnavailable: missing, unsafe or of another version."""
        self._require_private()
        name = self._pointed()
        version, _, rest = name.partition("-")
        if not rest.isalnum():
            raise IndexUnavailable("broken", "the pointer names no index")
        if version != str(self.version):
            raise IndexUnavailable("old", f"version {version}, not {self.version}")
        return self.path / name

    def _pointed(self) -> str:
        try:
            return (self.path / _POINTER).read_text(encoding="utf-8", errors="replace").strip()
        except OSError as error:
            raise IndexUnavailable("missing", str(error)) from error

    def _live(self) -> str:
        """The name of the live subfolder, of whatever version; empty when there is none."""
        try:
            return self._pointed()
        except IndexUnavailable:
            return ""

    def _require_private(self) -> None:
        """Refuse a folder that anybody else could have put a pickle into."""
        try:
            found = self.path.stat()
        except OSError as error:
            raise IndexUnavailable("missing", str(error)) from error
        if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or found.st_uid != os.geteuid():
            raise IndexUnavailable("unsafe", "others may write the index folder")

    def _make_private(self) -> None:
        """Close the folder to others; what they could have put there is not live any more."""
        try:
            self._require_private()
        except IndexUnavailable:
            (self.path / _POINTER).unlink(missing_ok=True)
            self.path.chmod(0o700)
            (self.path / _POINTER).unlink(missing_ok=True)
        self.path.chmod(0o700)

    def new(self) -> Path:
        """An empty subfolder for an index to build; call under the lock."""
        path = self.path / f"{self.version}-{secrets.token_hex(8)}"
        path.mkdir(mode=0o700)
        return path

    def switch_to(self, path: Path) -> None:
        """Make `path` the live subfolder in one step and remove the others; call under the lock."""
        draft = self.path / f"{_POINTER}.new"
        with draft.open("w", encoding="utf-8") as file:
            file.write(f"{path.name}\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path / _POINTER)
        self.clean()

    def discard(self, path: Path) -> None:
        """Remove a subfolder, unless it has become the live one."""
        if path.name != self._live():
            shutil.rmtree(path, ignore_errors=True)

    def clean(self) -> None:
        """Remove the subfolders that are not live (what a killed rebuild left); call under the lock.

        Readers keep what they have open.
        """
        kept = self._live()
        for path in self.path.iterdir():
            if path.is_dir() and not path.is_symlink() and path.name != kept:
                shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def lock(self, seconds: float) -> Iterator[None]:
        """Be the only writer on this machine, waiting at most `seconds`. Raises IndexBusy.

        The system lets the lock go when its process dies, however it dies.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._make_private()
        descriptor = os.open(self.path / _LOCK, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            _take(descriptor, seconds)
            yield
        finally:
            os.close(descriptor)


def _take(descriptor: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= until:
                raise IndexBusy("another process writes the index") from error
            time.sleep(_RETRY_SECONDS)
        else:
            return
