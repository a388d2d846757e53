"""Processes of ours that make segments, so that a rebuild uses every core and a merge holds nobody up.

They are started as new programs, never forked: the worker has threads. Each writes in a folder of
its own, and what it made is moved from there.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from select import select
from shutil import rmtree
from typing import Any

from portal.search.index import Document
from portal.search.whoosh_index.making import of_documents
from portal.search.whoosh_index.storage import CheckedStorage, file_of

_ROOT = Path(__file__).parents[3]
_MOST = 4
"""More processes than this are not worth their memory (some 100 MB each)."""


class ScribeDied(Exception):
    """A process that made segments for us has ended; what it was making is lost."""


def cores() -> int:
    """How many scribes may work at the same time."""
    usable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    return min(len(usable), _MOST)


class Scribe:
    """A process that makes segments in the empty folder `path`; both go when this object goes.

    When we die before, the process ends all the same. It gives way to others by `niceness`.
    """

    def __init__(self, path: Path, niceness: int = 0) -> None:
        self.path = path
        # A process group of its own: Ctrl-C is for us, and we end it.
        words = [str(path.absolute()), str(os.getpid()), str(niceness)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.scribe", *words],
            cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0,
        )  # fmt: skip
        self.end = weakref.finalize(self, _end, self._process, path)

    def fileno(self) -> int:
        """Where its answer comes from; something can be read there when it is done or dead."""
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def ask(self, make: Callable[..., Any], *arguments: object) -> None:
        """Ask for the segment of `make(storage, *arguments)`. Raises ScribeDied."""
        assert self._process.stdin is not None
        try:
            pickle.dump((make, arguments), self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
        except OSError as error:
            raise ScribeDied from error

    def is_done(self) -> bool:
        """True when what was asked for is there, or never will be."""
        return bool(select([self], [], [], 0)[0])

    def segment(self, storage: CheckedStorage) -> Any:
        """Wait for the segment and move it to `storage`. Raises ScribeDied, and what `make` raises."""
        assert self._process.stdout is not None
        try:
            made = pickle.load(self._process.stdout)
        except (EOFError, pickle.UnpicklingError) as error:
            raise ScribeDied from error
        if isinstance(made, Exception):
            raise made
        (self.path / file_of(made)).rename(storage.path / file_of(made))
        return made


def _end(process: subprocess.Popen[bytes], path: Path) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        with suppress(OSError):  # what it was still to be asked cannot be written any more
            pipe.close()
    process.wait()
    rmtree(path, ignore_errors=True)


def segments_of(storage: CheckedStorage, chunks: Iterable[list[Document]], most: int) -> list[Any]:
    """A segment of each chunk, in their order, made by at most so many scribes.

    Holds no more than the next chunk. Raises as `of_documents` does, and ScribeDied.
    """
    made: list[Any] = []
    busy: dict[Scribe, int] = {}

    def first_done() -> Scribe:
        scribe: Scribe = select(list(busy), [], [])[0][0]
        made[busy.pop(scribe)] = scribe.segment(storage)
        return scribe

    with ExitStack() as ends:
        for number, chunk in enumerate(chunks):
            made.append(None)
            if number < most:
                path = storage.path / f"scribe{number}"
                path.mkdir(mode=0o700)
                scribe = Scribe(path)
                ends.callback(scribe.end)
            else:
                scribe = first_done()
            scribe.ask(of_documents, chunk)
            busy[scribe] = number
        while busy:
            first_done()
    return made
