"""`portal run`: web server and worker as children of one process, started, watched and stopped together."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import structlog

from portal.config import Settings

ROOT = Path(__file__).parent.parent
log = structlog.get_logger("portal.serving")

WATCH = 0.2  # seconds between looks at the children
PATIENCE = 25.0  # seconds that children get to finish what they are at
GRACE = 15  # seconds that the web server gives to answers under way
RESTART_AFTER = 1.0  # seconds, doubled with each death in a row
LONGEST_WAIT = 30.0
_PR_SET_PDEATHSIG = 1


class PortTaken(Exception):
    """Something else answers on the port that the portal was given."""


@dataclass
class Child:
    """A process that has to be running: its command and, once started, itself."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    started_at: float = 0.0
    start_at: float = field(default=0.0)

    def start(self) -> None:
        """Start it in this process group."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(self.command, cwd=ROOT, preexec_fn=_die_with_parent)

    def has_died(self) -> bool:
        """True when it was started and is no longer there."""
        return self.process is not None and self.process.poll() is not None


def serve(settings: Settings, announce: Callable[[], None]) -> int:
    """Serve the portal until a signal comes; returns the exit code.

    `announce` is called once pages can be asked for. The worker is started anew when it dies; when
    the web server dies all is stopped, for whoever started us to decide. Raises PortTaken.
    """
    _require_free(settings.host, settings.port)
    same = {"DATA": str(settings.data), "PORT": str(settings.port)}
    children = [Child("web", web_command(settings), same), Child("worker", worker_command(), same)]
    stopping: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, note)
    for child in children:
        child.start()
    announced = False
    try:
        while not stopping:
            if not announced and _answers(settings):
                announced = True
                announce()
            if children[0].has_died():
                log.error("web_server_died", code=children[0].process and children[0].process.returncode)
                return 1
            _revive(children[1])
            time.sleep(WATCH)
        return 0
    finally:
        _stop(children)


def web_command(settings: Settings) -> list[str]:
    """How the web server is started: threads in one process or several, no control socket, no access log."""
    return [
        sys.executable, "-m", "gunicorn", "wsgi:app",
        "--bind", f"{settings.host}:{settings.port}",
        "--worker-class", "gthread",
        "--workers", str(settings.web_processes),
        "--threads", str(settings.web_threads),
        "--graceful-timeout", str(GRACE),
        "--no-control-socket",
        "--log-level", "warning",
        "--worker-tmp-dir", "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(settings.data),
    ]  # fmt: skip


def worker_command() -> list[str]:
    """How the worker is started."""
    return [sys.executable, "-m", "portal", "work"]


def _require_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            raise PortTaken(f"{host}:{port} cannot be used: {error.strerror}") from error


def _answers(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "[::]": "::1"}.get(settings.host, settings.host.strip("[]"))
    try:
        with socket.create_connection((host, settings.port), timeout=1):
            return True
    except OSError:
        return False


def _revive(child: Child) -> None:
    """Start a child that died again, after a pause that grows while it keeps dying."""
    moment = time.monotonic()
    if child.has_died():
        assert child.process is not None
        child.deaths = 1 if moment - child.started_at > LONGEST_WAIT else child.deaths + 1
        pause = min(RESTART_AFTER * 2 ** (child.deaths - 1), LONGEST_WAIT)
        log.warning("child_died", name=child.name, code=child.process.returncode, again_in=pause)
        child.process, child.start_at = None, moment + pause
    if child.process is None and moment >= child.start_at:
        child.start()


def _stop(children: list[Child]) -> None:
    """Ask all to finish, wait, and end those that do not."""
    running = [child.process for child in children if child.process is not None]
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    for process in running:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _die_with_parent() -> None:
    """Between fork and exec: let the kernel end the child when its parent is killed, so that none is left."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
