"""Administrators know that a thread exists; opening one takes a reason, ends by itself and is shown to its parties."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.cooperation import actions, oversight, queries, thread_queries
from portal.cooperation.models import Thread
from portal.core.clock import now
from portal.core.db import Database, session
from portal.core.errors import Forbidden, Invalid, NotFound
from tests.conftest import Statements
from tests.cooperation import talking as t
from tests.cooperation.test_threads import at, browser, sent, told
from tests.files.samples import docx
from tests.http import Browser, words
from tests.work import work_off
from tests.world import World

NOT_ADMINISTRATORS = ("author", "coordinator", "banker", "moderator", "reader", "fijian")


@pytest.fixture
def kept(kept_world: World, database: Database) -> Thread:
    with database.unit_of_work():
        thread = t.open_thread(kept_world)
        t.write(kept_world, "banker", thread, "Zanahoria.")
        return thread


def test_a_reason_opens_a_thread_for_an_hour_to_read(world: World) -> None:
    thread = t.open_thread(world)
    administrator = world.actor("administrator")
    with pytest.raises(NotFound):
        queries.seat(administrator, thread.id)
    for reason in ("", "x" * 2001):
        with pytest.raises(Invalid) as refused:
            actions.open_with_reason(administrator, thread, reason)
        assert list(refused.value.errors) == ["reason"]
    with time_machine.travel(now(), tick=False) as clock:
        opening = actions.open_with_reason(administrator, thread, "A complaint.")
        here = queries.seat(administrator, thread.id)
        assert here.party is None and here.opening is not None and here.opening.id == opening.id
        assert thread_queries.messages(administrator, here).items == []
        clock.shift(timedelta(minutes=59))
        assert queries.seat(administrator, thread.id).opening is not None
        clock.shift(timedelta(minutes=1))
        with pytest.raises(NotFound):
            queries.seat(administrator, thread.id)
    assert {world.people[n] for n in ("author", "banker", "partner")} <= told("cooperation.opened")
    entry = session().scalars(select(AuditEntry).where(AuditEntry.verb == "thread.opened_with_reason")).one()
    assert (entry.person_id, entry.object_id) == (world.people["administrator"], thread.id)


def test_one_administrators_opening_is_not_anothers(world: World) -> None:
    from portal.accounts.models import Person

    thread = t.open_thread(world)
    world.people["second"] = t.w.make_person("second", world.organisations["secretariat"], t.Role.READER)
    session().get_one(Person, world.people["second"]).is_administrator = True
    session().flush()
    actions.open_with_reason(world.actor("administrator"), thread, "A complaint.")
    with pytest.raises(NotFound):
        queries.seat(world.actor("second"), thread.id)
    # Who is an administrator no more has no opening left.
    session().get_one(Person, world.people["administrator"]).is_administrator = False
    session().flush()
    with pytest.raises(NotFound):
        queries.seat(world.actor("administrator"), thread.id)


def test_nobody_else_knows_of_threads(world: World) -> None:
    thread = t.open_thread(world)
    for name in NOT_ADMINISTRATORS:
        with pytest.raises(Forbidden):
            actions.open_with_reason(world.actor(name), thread, "Curious.")
        with pytest.raises(NotFound):
            oversight.threads(world.actor(name))
        with pytest.raises(NotFound):
            oversight.thread(world.actor(name), thread.id)
    with pytest.raises(NotFound):
        oversight.thread(world.actor("administrator"), "0" * 16)


def test_the_list_names_parties_and_dates_and_nothing_else(
    app: Flask, database: Database, kept_world: World, kept: Thread, statements: Statements
) -> None:
    with database.unit_of_work():
        for number in range(22):
            t.open_thread(kept_world, t.make_need(kept_world, f"Zanahoria {number}"))
    administrator = browser(app, "administrator")
    statements.clear()
    page = words(administrator.get("/administration/threads"))
    assert len(statements) <= 12
    assert "Thailand Customs" in page and "Worldbank Customs" in page and "Next" in page
    assert "anahoria" not in page and "Analysts" not in page
    for name in NOT_ADMINISTRATORS:
        for path in ("/administration/threads", f"/administration/threads/{kept.id}"):
            assert browser(app, name).get(path).status_code == 404
    assert Browser(app).get("/administration/threads").status_code == 404


def test_opened_at_the_browser_it_is_read_logged_and_shown(
    app: Flask, database: Database, kept_world: World, kept: Thread
) -> None:
    with database.unit_of_work():
        seat = t.at_table(kept_world, "partner", kept)
        actions.write(*seat, "The plan.", "en", "f", sent(app, ("plan.docx", docx("levante"))))
        here = queries.seat(seat[0], kept.id)
        file = thread_queries.messages(seat[0], here).items[0].files[0][1].id
        meeting = t.meet(kept_world, kept)
        t.agreed(kept_world, kept)
        commitment = t.commitments(kept_world, kept)[0]
    work_off(app)
    administrator = browser(app, "administrator")
    inside = (
        at(kept),
        f"/cooperation/files/{file}/plan.docx",
        at(kept, f"/meetings/{meeting.id}/invitation.ics"),
        at(kept, f"/commitments/{commitment}"),
    )
    for path in inside:
        assert administrator.get(path).status_code == 404, path
    page = words(administrator.get(f"/administration/threads/{kept.id}"))
    assert "Thailand Customs" in page and "anahoria" not in page
    assert administrator.press("open_with_reason", reason="").status_code == 422
    assert administrator.press("open_with_reason", reason="A complaint of 3 May.").status_code == 303
    page = words(administrator.follow())
    assert "Zanahoria." in page and "You read a thread of others until" in page
    assert "Write a message" not in page and "Propose" not in page and "Agree to" not in page
    for path in inside:
        answer = administrator.get(path)
        assert answer.status_code == 200 and answer.get_data(), path
    app.config["WTF_CSRF_ENABLED"] = False
    for tail in ("/messages", "/meetings", "/agree", "/lesson", "/invite", "/accept"):
        assert administrator.post(at(kept, tail), {"body": "x", "language": "en"}).status_code == 403, tail
    assert "A complaint of 3 May." in words(administrator.get(f"/administration/threads/{kept.id}"))
    party = words(browser(app, "partner").get(at(kept)))
    assert "Administrator" in party and "A complaint of 3 May." in party
    audit = words(administrator.get("/administration/audit?verb=thread.opened_with"))
    assert kept.id in audit and "complaint" not in audit
    with time_machine.travel(now() + timedelta(minutes=61)):
        for path in inside:
            assert administrator.get(path).status_code == 404, path
