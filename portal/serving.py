"""`portal run`: the web server and the worker as children of one process that looks after them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from types import FrameType

import structlog

from portal.config import Settings

log = structlog.get_logger("portal.serving")
GRACE = 25  # seconds that requests in flight have to end
PATIENCE = 30


def serve(settings: Settings) -> int:
    """Run web and worker until a signal comes or the web server ends; returns the exit code.

    A worker that dies is started again: nothing is lost meanwhile, since its work is in the
    database. Both children get the signals that stop this process.
    """
    environment = {**os.environ, "DATA": str(settings.data), "PORT": str(settings.port)}
    children = {
        name: subprocess.Popen(command, env=environment) for name, command in _commands(settings).items()
    }
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    while not stopping and children["web"].poll() is None:
        if children["worker"].poll() is not None:
            log.warning("worker_died", code=children["worker"].returncode)
            time.sleep(1)
            children["worker"] = subprocess.Popen(_commands(settings)["worker"], env=environment)
        time.sleep(0.2)
    _end(list(children.values()))
    return 0 if stopping else int(children["web"].returncode or 1)


def _commands(settings: Settings) -> dict[str, list[str]]:
    web = [
        sys.executable, "-m", "gunicorn", "wsgi:app",
        "--bind", f"{settings.host}:{settings.port}",
        "--worker-class", "gthread",
        "--workers", str(settings.web_processes),
        "--threads", str(settings.web_threads),
        "--graceful-timeout", str(GRACE),
        "--no-control-socket",
        "--log-level", "warning",
    ]  # fmt: skip
    return {"web": web, "worker": [sys.executable, "-m", "portal", "work"]}


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
