"""Work on files that strangers made: a child process with little memory, little time and no secrets."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MEMORY = 512 * 1024 * 1024
SECONDS = 20
WRITTEN = 256 * 1024 * 1024


def confine() -> None:
    """Give this process its limits for good; the child's first act, before it reads anything."""
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, WRITTEN),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))


def run_confined(module: str, *words: str, seconds: float = SECONDS) -> tuple[bool, str]:
    """Run `module` on `words`; whether it ended well, and the one word that it may have said."""
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONWARNINGS": "ignore"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd="/", env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, timeout=seconds, close_fds=True, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return False, ""
    return done.returncode == 0, done.stdout[:40].decode("ascii", "replace").strip()
