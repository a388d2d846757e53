"""Killed at any point of its way in, a file is there whole or not at all, and no byte stays behind for good."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.core.access import SYSTEM
from portal.core.db import Database, session
from portal.core.guard import scoped
from portal.files import actions as files
from portal.files.models import FileState, StoredFile
from tests import world as w
from tests.attachments.making import attach, contribution, draft, stored
from tests.faults.test_kills import let_leases_lapse
from tests.files.samples import docx
from tests.processes import ROOT, started
from tests.work import work_off
from tests.world import World

pytestmark = pytest.mark.timeout(120)

# What the web process does when a file is sent, with the settings of the test.
SENDER = """
import io, sys
from portal.app import create_app
from portal.attachments import actions
from portal.editorial.models import Contribution
from portal.core.access import SYSTEM
from portal.core.db import session
from portal.core.guard import scoped
from portal.organisations.actors import actor_with_id
from portal.files import actions as files, queries
from sqlalchemy import select
app = create_app()
person, made, way, path = sys.argv[1:]
content = open(path, "rb").read()
storage, database = app.extensions["portal_files"], app.extensions["portal_database"]
def post():
    return session().scalars(scoped(SYSTEM, select(Contribution).where(Contribution.id == made))).one()
if way == "form":
    with database.unit_of_work():
        actions.attach(actor_with_id(person), storage, post(), "en", [(io.BytesIO(content), "a.docx")], 10**6)
else:
    with database.unit_of_work():
        actor = actor_with_id(person)
        upload = actions.begin_upload(actor, post(), "en", "a.docx", len(content), 10**6).id
    for at in range(0, len(content), 9000):
        with database.unit_of_work():
            files.take_piece(actor, storage, queries.upload(actor, upload), at, io.BytesIO(content[at:at + 9000]))
    with database.unit_of_work():
        actions.finish_upload(actor, storage, post(), queries.upload(actor, upload), 10**6)
"""


@pytest.fixture
def world(kept_world: World) -> World:
    """Organisations and people."""
    return kept_world


def send(app: Flask, world: World, made: str, way: str, failpoint: str, tmp_path: Path) -> int:
    """Send a file in a process of its own; returns how that ended."""
    settings = app.extensions["portal_settings"]
    path = tmp_path / "sent.docx"
    path.write_bytes(docx("levante"))
    environment = {
        "DATA": str(settings.data), "DATABASE_URL": settings.database_url, "FAILPOINT": failpoint,
        "ARGON2_MEMORY_KIB": "64", "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-c", SENDER, world.people["author"], made, way, str(path)],
        cwd=ROOT, env={**os.environ, **environment}, check=False, timeout=60,
    ).returncode  # fmt: skip


def everything_is_in_order(app: Flask, database: Database, expected: int) -> None:
    """A day later the storage holds the bytes of every row, and nothing else."""
    storage = app.extensions["portal_files"]
    let_leases_lapse(database)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=26)):
        work_off(app)
        with database.unit_of_work():
            files.expire_uploads()
            files.ask_to_sweep()
        work_off(app)
    with database.unit_of_work(write=False):
        rows = session().scalars(scoped(SYSTEM, select(StoredFile))).all()
        assert len(rows) == expected
        assert {row.state for row in rows} <= {FileState.READY}
        assert {row.key for row in rows} == {key for key, _moment in storage.names()}
    assert list((app.extensions["portal_settings"].data / "files").glob("incoming/*")) == []


@pytest.mark.parametrize(
    ("way", "failpoint", "expected"),
    [
        ("form", "file_half_written", 0),
        ("form", "file_kept", 0),
        ("pieces", "file_half_written:2", 0),
        ("pieces", "piece_kept:2", 0),
        ("pieces", "file_kept", 0),
        ("form", "", 1),
        ("pieces", "", 1),
    ],
)
def test_a_kill_while_a_file_comes_in_leaves_nothing_behind_for_good(
    app: Flask, database: Database, world: World, tmp_path: Path, way: str, failpoint: str, expected: int
) -> None:
    made = draft(app, world)
    assert send(app, world, made, way, failpoint, tmp_path) == (-signal.SIGKILL if failpoint else 0)
    with database.unit_of_work(write=False):
        assert len(w.latest(contribution(made)).files) == expected
    everything_is_in_order(app, database, expected)


@pytest.mark.parametrize("failpoint", ["file_half_written", "cleaned_kept"])
def test_a_kill_while_a_file_is_looked_at_loses_nothing(
    app: Flask, database: Database, world: World, failpoint: str
) -> None:
    made = draft(app, world)
    (one,) = attach(app, world, made, ("a.docx", docx("levante")))
    settings = app.extensions["portal_settings"]
    with started("work", data=settings.data, url=settings.database_url, FAILPOINT=failpoint) as worker:
        assert worker.wait(30) == -signal.SIGKILL
    with database.unit_of_work(write=False):
        assert stored(one).state == FileState.CHECKING
    time.sleep(0.1)
    everything_is_in_order(app, database, 1)
