"""Meetings: set, moved, called off, and as invitations that calendars take up (RFC 5545, 5546)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from portal.cooperation import actions, calendar, queries, thread_queries
from portal.cooperation.actions.meetings import LONGEST, When
from portal.cooperation.models import Meeting, Thread
from portal.core.clock import now
from portal.core.db import Database, session
from portal.core.errors import Forbidden, Invalid, NotFound, WrongState
from portal.notifications.models import Notification
from tests.cooperation import talking as t
from tests.cooperation.test_threads import OUTSIDERS, at, browser
from tests.http import Browser, words
from tests.world import World


@pytest.fixture
def kept(kept_world: World, database: Database) -> tuple[Thread, Meeting]:
    with database.unit_of_work():
        thread = t.open_thread(kept_world)
        return thread, t.meet(kept_world, thread)


def kinds() -> list[str]:
    """The kinds of meeting events that the author was told of."""
    found = session().scalars(select(Notification).where(Notification.kind.startswith("cooperation.meeting")))
    return sorted({one.kind for one in found})


def event(body: bytes) -> tuple[str, object]:
    """The method and the only event of an invitation."""
    whole = Calendar.from_ical(body)
    (only,) = whole.walk("VEVENT")
    return str(whole["METHOD"]), only


def test_a_meeting_is_set_moved_and_called_off(world: World) -> None:
    thread = t.open_thread(world)
    seat = t.at_table(world, "partner", thread)
    meeting = actions.meet(*seat, t.when())
    assert (meeting.sequence, kinds()) == (0, ["cooperation.meeting"])
    actions.move(*seat, meeting, t.when())
    assert meeting.sequence == 0  # nothing has changed
    actions.move(*t.at_table(world, "banker", thread), meeting, t.when(place=""))
    assert (meeting.sequence, meeting.place) == (1, "")
    actions.call_off(*seat, meeting)
    assert meeting.sequence == 2
    assert kinds() == ["cooperation.meeting", "cooperation.meeting_moved", "cooperation.meeting_off"]
    for act in (lambda: actions.move(*seat, meeting, t.when()), lambda: actions.call_off(*seat, meeting)):
        with pytest.raises(WrongState):
            act()


def test_only_the_organisation_that_set_it_changes_a_meeting(world: World) -> None:
    thread = t.open_thread(world)
    meeting = t.meet(world, thread)
    other = t.at_table(world, "author", thread)
    with pytest.raises(Forbidden):
        actions.move(*other, meeting, t.when(title="x"))
    with pytest.raises(Forbidden):
        actions.call_off(*other, meeting)
    for name in OUTSIDERS:
        with pytest.raises(Forbidden):
            actions.meet(world.actor(name), thread, other[2], t.when())


START = datetime(2027, 2, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "when"),
    [
        ("title", When("", "", START, START + timedelta(hours=1))),
        ("title", When("x" * 201, "", START, START + timedelta(hours=1))),
        ("place", When("x", "x" * 501, START, START + timedelta(hours=1))),
        ("ends_at", When("x", "", START, START)),
        ("ends_at", When("x", "", START, START + LONGEST + timedelta(minutes=1))),
        ("starts_at", When("x", "", START - timedelta(days=3000), START - timedelta(days=2999))),
        ("ends_at", When("x", "", START.replace(year=2101), START.replace(year=2101, hour=10))),
    ],
)
def test_a_date_that_cannot_be_is_refused(world: World, field: str, when: When) -> None:
    thread = t.open_thread(world)
    with pytest.raises(Invalid) as refused:
        actions.meet(*t.at_table(world, "partner", thread), when)
    assert list(refused.value.errors) == [field]


def invitation(meeting: Meeting, world: World) -> bytes:
    return calendar.invitation(
        meeting, "World, Bank; “Customs”", world.actor("author"), "Portal <no-reply@portal.example>", "portal.example",
        "https://portal.example/en/cooperation/threads/x",
    )  # fmt: skip


def test_an_invitation_says_when_in_utc_and_names_nobody_elses_address(world: World) -> None:
    thread = t.open_thread(world)
    seat = t.at_table(world, "partner", thread)
    when = When("First; call,\nand so on" + "é" * 80, "Room 1", START, START + timedelta(hours=1))
    meeting = actions.meet(*seat, when)
    body = invitation(meeting, world)
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    assert b"DTSTART:20270201T090000Z\r\n" in body and b"DTEND:20270201T100000Z\r\n" in body
    method, only = event(body)
    assert (method, only["UID"], only["SEQUENCE"]) == ("REQUEST", f"{meeting.id}@portal.example", 0)  # type: ignore[index]
    assert only["SUMMARY"] == when.title and only["STATUS"] == "CONFIRMED"  # type: ignore[index]
    assert only["ATTENDEE"] == "MAILTO:author@test.example"  # type: ignore[index]
    assert only["ORGANIZER"] == "MAILTO:no-reply@portal.example"  # type: ignore[index]
    assert b"partner@test.example" not in body


def test_a_change_counts_up_and_a_meeting_that_is_off_is_taken_out(world: World) -> None:
    thread = t.open_thread(world)
    seat = t.at_table(world, "partner", thread)
    meeting = actions.meet(*seat, t.when(place=""))
    before = event(invitation(meeting, world))[1]
    assert "LOCATION" not in before  # type: ignore[operator]
    actions.move(*seat, meeting, t.when(title="Second call"))
    moved = event(invitation(meeting, world))[1]
    assert (moved["UID"], moved["SEQUENCE"]) == (before["UID"], 1)  # type: ignore[index]
    actions.call_off(*seat, meeting)
    method, off = event(invitation(meeting, world))
    assert (method, off["UID"], off["SEQUENCE"]) == ("CANCEL", before["UID"], 2)  # type: ignore[index]
    assert off["STATUS"] == "CANCELLED"  # type: ignore[index]


def test_meetings_are_read_with_their_thread_alone(world: World) -> None:
    thread, other = t.open_thread(world), t.open_thread(world, t.make_need(world, "Scanners"))
    meeting = t.meet(world, thread)
    actor = world.actor("author")
    assert thread_queries.meeting(actor, queries.seat(actor, thread.id), meeting.id)[0].id == meeting.id
    with pytest.raises(NotFound):
        thread_queries.meeting(actor, queries.seat(actor, other.id), meeting.id)


def test_a_date_at_the_browser(app: Flask, kept_world: World, kept: tuple[Thread, Meeting]) -> None:
    thread, meeting = kept
    partner = browser(app, "partner")
    partner.get(at(thread, "/meetings"))
    day = now().date() + timedelta(days=3)
    answer = partner.press("meet", title="Kick-off", starts_at="soon", ends_at=f"{day}T10:00")
    assert answer.status_code == 422
    assert partner.filled("meet")["title"] == ["Kick-off"]
    assert partner.press("meet", starts_at=f"{day}T09:00").status_code == 303
    page = words(partner.follow())
    assert "Kick-off" in page and "Set by Worldbank Customs" in page
    link = at(thread, f"/meetings/{meeting.id}/invitation.ics")
    answer = partner.get(link)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8; method=REQUEST"
    assert event(answer.get_data())[1]["ATTENDEE"] == "MAILTO:partner@test.example"  # type: ignore[index]
    partner.get(at(thread, f"/meetings/{meeting.id}"))
    assert partner.filled("meet")["title"] == ["First call"]
    assert partner.press("meet", title="").status_code == 422
    assert partner.press("meet", title="Second call").status_code == 303
    assert "Second call" in words(partner.follow())
    partner.get(at(thread, f"/meetings/{meeting.id}"))
    assert partner.press("call_off").status_code == 303
    assert "Called off" in words(partner.follow())
    assert "method=CANCEL" in partner.get(link).headers["Content-Type"]
    assert partner.get(at(thread, f"/meetings/{meeting.id}")).status_code == 403
    assert browser(app, "author").get(at(thread, f"/meetings/{meeting.id}")).status_code == 403
    for name in OUTSIDERS:
        assert browser(app, name).get(link).status_code == 404, name
    assert Browser(app).get(link).status_code == 404


def test_past_meetings_stand_apart(app: Flask, database: Database, kept_world: World, kept: tuple[Thread, Meeting]) -> None:  # fmt: skip
    thread, meeting = kept
    with database.unit_of_work():
        found = session().get_one(Meeting, meeting.id, execution_options={"scope": "test"})
        found.starts_at, found.ends_at = now() - timedelta(days=2), now() - timedelta(days=1)
    page = words(browser(app, "author").get(at(thread)))
    assert "No date is set." in page and "Past meetings (1)" in page
