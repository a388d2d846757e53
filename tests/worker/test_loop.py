"""What the worker does with jobs that succeed, fail, or cannot be done now."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from portal.core.clock import now
from portal.core.db import Database, session
from portal.core.guard import scoped
from portal.editorial.models import Case
from portal.jobs.actions import MAX_ATTEMPTS, Final, enqueue, fail, retry
from portal.jobs.models import Job, JobState
from portal.search.index import IndexBusy
from portal.worker import Worker
from portal.worker.handlers import HANDLERS
from portal.worker.loop import reason
from tests.processes import wait_until
from tests.world import World, claim, make_draft, make_published, open_case, submit


def job(database: Database, kind: str = "test", **payload: Any) -> int:
    """Enqueue a job and return its id."""
    with database.unit_of_work():
        made = enqueue(kind, payload)
        session().flush()
        return made.id


def look(database: Database, job_id: int) -> Job:
    """The job as it stands."""
    with database.unit_of_work(write=False):
        found = session().get_one(Job, job_id)
        session().expunge(found)
        return found


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], list[int]]:
    """Give jobs of the kind `test` something to do; returns the payloads they came with."""

    def install(does: Callable[[], None]) -> list[int]:
        seen: list[int] = []

        def handler(_app: Flask, payload: dict[str, Any]) -> None:
            seen.append(payload.get("number", 0))
            does()

        monkeypatch.setitem(HANDLERS, "test", handler)
        return seen

    return install


def test_jobs_are_done_once_in_their_order(worker: Worker, database: Database, handle: Any) -> None:
    seen = handle(lambda: None)
    made = [job(database, number=number) for number in range(12)]
    worker.work_off()
    worker.work_off()
    assert seen == list(range(12))
    assert {look(database, one).state for one in made} == {JobState.DONE}


def test_a_failing_job_waits_longer_each_time_and_stops_nobody(
    worker: Worker, database: Database, handle: Any
) -> None:
    def fail() -> None:
        raise OSError("the mail server is away")

    seen = handle(fail)
    with time_machine.travel(now(), tick=False) as clock:
        failing = job(database)
        other = job(database, "sync", contribution="0" * 16)
        worker.work_off()
        assert look(database, other).state == JobState.DONE
        for minutes in (1, 2, 4):
            found = look(database, failing)
            assert found.error == "OSError: the mail server is away"
            assert found.run_at - now() == timedelta(minutes=minutes)
            clock.shift(timedelta(minutes=minutes))
            worker.work_off()
        assert len(seen) == 4
        for _try in range(MAX_ATTEMPTS):
            clock.shift(timedelta(hours=3))
            worker.work_off()
        assert look(database, failing).state == JobState.FAILED
        assert len(seen) == MAX_ATTEMPTS
        with database.unit_of_work():
            assert retry(failing)
        worker.work_off()
        assert len(seen) == MAX_ATTEMPTS + 1


def test_what_is_final_or_unknown_waits_for_a_person_at_once(
    worker: Worker, database: Database, handle: Any
) -> None:
    def refuse() -> None:
        raise Final("the recipient is refused")

    handle(refuse)
    refused, unknown = job(database), job(database, "nonsense")
    worker.work_off()
    assert look(database, refused).state == JobState.FAILED
    assert look(database, refused).error == "Final: the recipient is refused"
    assert look(database, unknown).state == JobState.FAILED


def test_reasons_repeat_nothing_that_people_wrote() -> None:
    error = OperationalError("INSERT INTO revision (title)", {"title": "A secret title"}, Exception("secret"))
    assert reason(error) == "OperationalError"
    assert reason(ValueError("A secret title")) == "ValueError"


def test_a_text_is_found_after_its_publication_and_not_after_it_was_taken_down(
    worker: Worker, database: Database, app: Flask, world: World
) -> None:
    with database.unit_of_work():
        made = [make_published(world, f"Corridor {number}").id for number in range(3)]
    worker.work_off()
    assert len(app.extensions["portal_index"].document_ids()) == 3
    with database.unit_of_work():
        from portal.editorial import actions
        from portal.editorial.models import Contribution

        one = session().scalars(scoped("test", select(Contribution).where(Contribution.id == made[0]))).one()
        actions.unpublish(world.actor("coordinator"), one, "Out of date.")
    worker.work_off()
    assert len(app.extensions["portal_index"].document_ids()) == 2


def test_while_another_process_writes_the_index_its_jobs_are_put_back(
    worker: Worker, database: Database, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_changes: object) -> None:
        raise IndexBusy

    waiting = job(database, "sync", contribution="0" * 16)
    monkeypatch.setattr(app.extensions["portal_index"], "sync_many", busy)
    worker.work_off()
    found = look(database, waiting)
    assert (found.state, found.attempts, found.lease_until) == (JobState.READY, 0, None)
    assert found.run_at > now()


def test_a_full_disk_fails_the_jobs_and_not_the_worker(
    worker: Worker, database: Database, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_changes: object) -> None:
        raise OSError(28, "No space left on device")

    waiting = job(database, "sync", contribution="0" * 16)
    with monkeypatch.context() as patch:
        patch.setattr(app.extensions["portal_index"], "sync_many", full)
        worker.work_off()
    assert "No space left" in look(database, waiting).error
    with time_machine.travel(now() + timedelta(minutes=2)):
        worker.work_off()
    assert look(database, waiting).state == JobState.DONE


def test_the_running_worker_does_jobs_rebuilds_a_lost_index_and_gives_claims_back(
    worker: Worker, database: Database, app: Flask, world: World, handle: Any
) -> None:
    index = app.extensions["portal_index"]
    seen = handle(lambda: None)
    with database.unit_of_work():
        make_published(world)
        late = make_draft(world, words="Claimed long ago")
        submit(world, late)
        claim(world, late)
        case = open_case(late)
        case.claim_expires_at = now() - timedelta(minutes=1)
        case_id = case.id
    running = threading.Thread(target=worker.run)
    running.start()
    try:
        job(database)
        wait_until(lambda: bool(seen))
        wait_until(lambda: index.is_ready() and len(index.document_ids()) == 1)
        (app.extensions["portal_settings"].index_folder / "current").unlink()
        wait_until(lambda: index.is_ready() and len(index.document_ids()) == 1)
        wait_until(lambda: holder(database, case_id) is None)
    finally:
        worker.stop()
        running.join(30)
    assert not running.is_alive()


def holder(database: Database, case_id: str) -> str | None:
    """Who holds a case."""
    with database.unit_of_work(write=False):
        return session().scalars(scoped("test", select(Case).where(Case.id == case_id))).one().claimed_by_id


def test_the_failure_of_a_job_that_is_gone_is_nobodys(world: World, database: Database) -> None:
    with database.unit_of_work():
        before = session().scalars(select(Job.id)).all()
        fail(4_000_000, "too late")
        assert session().scalars(select(Job.id)).all() == before
