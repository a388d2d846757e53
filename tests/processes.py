"""The portal's own processes, started as its users start them, for tests that stop or kill them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE = 20.0


@contextmanager
def started(
    *words: str, data: Path, url: str = "", log: Path | None = None, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """`portal WORDS` with its data in `data`; ended, if it still runs, when the block ends."""
    settings = {
        "DATA": str(data),
        "DATABASE_URL": url,
        "RATE_LIMITS": "off",
        "ARGON2_MEMORY_KIB": "64",
        "PYTHONWARNINGS": "ignore",
        **environment,
    }
    with (log or data / "log").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal", *words],
            cwd=ROOT, env={**os.environ, **settings}, stdout=output, stderr=output,
        )  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(40)


def wait_until(is_so: Callable[[], bool], patience: float = PATIENCE) -> float:
    """Wait for something to be so and return the seconds it took; AssertionError after `patience`."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < patience, "it did not come to be so"
        time.sleep(0.05)
    return time.monotonic() - began


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def children_of(process: subprocess.Popen[bytes]) -> list[int]:
    """The ids of the processes that it started."""
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(one) for one in path.read_text().split()]


def is_there(pid: int) -> bool:
    """True while the process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
