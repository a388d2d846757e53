"""The other end of `scribes`: a process that makes segments for the one that started it, and ends with it."""

from __future__ import annotations

import os
import pickle
import sys
import time
from pathlib import Path
from threading import Thread

from whoosh.index import TOC

from portal.search.whoosh_index.schema import schema
from portal.search.whoosh_index.storage import NAME, CheckedStorage

_LOOK_AT_PARENT = 0.1


def main() -> None:
    """Make in the folder of the first argument what the process of the second asks for, one by one.

    The third says how nice to be to other processes.
    """
    path, parent = Path(sys.argv[1]), int(sys.argv[2])
    os.nice(int(sys.argv[3]))
    Thread(target=_end_with, args=(parent,), daemon=True).start()
    storage = CheckedStorage(path)
    TOC.create(storage, schema(), NAME)
    while True:
        try:
            make, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = make(storage, *arguments)
        except (ValueError, OSError) as error:
            answer = error
        pickle.dump(answer, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def _end_with(parent: int) -> None:
    """Die when the parent has died, in the middle of a segment too: nobody waits for it."""
    while os.getppid() == parent:
        time.sleep(_LOOK_AT_PARENT)
    os._exit(1)


if __name__ == "__main__":
    main()
