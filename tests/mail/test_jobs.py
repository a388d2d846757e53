"""No letter waits for a handler that nobody wrote."""

from __future__ import annotations

import re
from pathlib import Path

import portal
from portal.worker.handlers import HANDLERS, SYNC

ROOMS = Path(portal.__file__).parent


def test_every_kind_of_job_that_a_room_writes_has_somebody_to_do_it() -> None:
    written: set[str] = set()
    for path in ROOMS.rglob("*.py"):
        written |= set(re.findall(r'enqueue(?:_all)?\(\s*"([a-z._]+)"', path.read_text(encoding="utf-8")))
    assert written == {*HANDLERS, SYNC}
