"""The clock: who is reminded of what and when, never twice a day, and what the secretariat sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.cooperation import actions, unanswered
from portal.cooperation.models import Answer, Commitment, CommitmentState, Progress
from portal.cooperation.progress import Outcome
from portal.core.access import SYSTEM
from portal.core.clock import now
from portal.core.db import Database, session
from portal.core.errors import Forbidden
from portal.core.guard import scoped
from portal.editorial.models import Audience, Kind
from portal.worker.schedule import tasks
from tests.cooperation import asking
from tests.cooperation.asking import agreed, answer, post, progress, told
from tests.http import Browser, words
from tests.world import World

START = "2026-11-24T09:00:00Z"
TODAY = date(2026, 11, 24)
PassBy = Callable[[int], None]


@pytest.fixture
def pass_by(world: World) -> Iterator[PassBy]:
    """Let days pass; the clock runs twice on the last of them."""
    with time_machine.travel(START, tick=False) as clock:
        asking.add_coordinators(world)

        def shift(days: int) -> None:
            clock.shift(timedelta(days=days, minutes=1))  # so that what is told has an order
            for _run in range(2):
                actions.remind()
                session().flush()

        yield shift


def in_days(days: int) -> date:
    return now().date() + timedelta(days=days)


def test_who_was_asked_is_reminded_before_on_and_after_the_date_until_they_answer(
    world: World, pass_by: PassBy
) -> None:
    need = post(world, reply_by=in_days(30))
    house = world.actor("fiji coordinator")
    actions.circulate(house, need, [world.organisations[name] for name in ("worldbank", "jica")])
    pass_by(22)
    assert told(world, "bank") == ["circulated"]
    pass_by(1)
    assert told(world, "bank") == told(world, "japan") == ["circulated", "reply_due"]
    assert told(world, "partner") == [], "coordinators answer, so they alone are reminded"
    answer(world, "japan", need, Answer.NOT_NOW)
    pass_by(6)
    assert told(world, "bank") == ["circulated", "reply_due"]
    pass_by(1)
    assert told(world, "bank") == ["circulated", "reply_due", "reply_due"]
    pass_by(3)
    assert told(world, "bank")[3:] == ["reply_late"]
    pass_by(40)
    assert len(told(world, "bank")) == 4
    assert told(world, "japan") == ["circulated", "reply_due"]


def test_a_clock_that_stood_still_makes_up_for_three_days_and_not_for_what_was_just_sent(
    world: World, pass_by: PassBy
) -> None:
    need = post(world, reply_by=in_days(9))
    actions.circulate(world.actor("fiji coordinator"), need, [world.organisations["worldbank"]])
    pass_by(4)
    assert told(world, "bank") == ["circulated", "reply_due"]
    actions.circulate(world.actor("fiji coordinator"), need, [world.organisations["jica"]])
    pass_by(0)
    assert told(world, "japan") == ["circulated"]
    late = post(world, words="Late", reply_by=in_days(10))
    actions.circulate(world.actor("fiji coordinator"), late, [world.organisations["peru"]])
    pass_by(7)
    assert told(world, "peru coordinator") == ["circulated"]


def test_nobody_is_reminded_of_what_is_closed(world: World, pass_by: PassBy) -> None:
    need = post(world, reply_by=in_days(8))
    house = world.actor("fiji coordinator")
    actions.circulate(house, need, [world.organisations["worldbank"]])
    actions.close(house, need, Outcome.NO_LONGER_NEEDED, "Done.", "en", progress(need).version)
    pass_by(1)
    pass_by(8)
    assert told(world, "bank") == ["circulated"]
    assert told(world, "fijian") == []


def test_a_commitment_reminds_before_it_is_due_all_parties_once_late_and_then_weekly_who_promised(
    world: World, pass_by: PassBy
) -> None:
    need = post(world)
    made = agreed(
        world, answer(world, "bank", need, Answer.CAN_SUPPORT),
        ("worldbank", "Send two analysts", 20), ("fiji", "Find a room", 200), ("worldbank", "Report", 0),
    )  # fmt: skip
    before = {who: len(told(world, who)) for who in ("bank", "fiji coordinator", "fijian")}

    def heard(who: str) -> list[str]:
        return told(world, who)[before[who] :]

    pass_by(0)
    assert heard("bank") == ["commitment_due"], "what is due today"
    pass_by(1)
    assert heard("bank") == ["commitment_due", "commitment_late"]
    assert heard("fiji coordinator") == ["commitment_late"]
    actions.settle(
        world.actor("bank"), asking.thread_by(made[2]), asking.agreement_by(made[2]), made[2],
        CommitmentState.MET, "",
    )  # fmt: skip
    before = {who: len(told(world, who)) for who in before}
    pass_by(4)
    assert heard("bank") == []
    pass_by(1)
    assert heard("bank") == ["commitment_due"]
    pass_by(14)
    assert heard("bank") == ["commitment_due"]
    pass_by(1)
    assert heard("bank") == ["commitment_due", "commitment_late"]
    assert heard("fiji coordinator") == ["commitment_late"]
    pass_by(6)
    assert len(heard("bank")) == 2
    pass_by(1)
    assert heard("bank")[2:] == ["commitment_late"]
    assert heard("fiji coordinator") == ["commitment_late"]
    assert heard("fijian") == [], "contributors are not reminded"
    assert session().get_one(Commitment, made[1].id, execution_options={"scope": "test"}).reminded_on is None


def test_a_need_that_nobody_answered_is_told_once_for_each_date(world: World, pass_by: PassBy) -> None:
    need = post(world, reply_by=in_days(2))
    offer = post(world, "partner", Kind.OFFER, reply_by=in_days(2))
    pass_by(2)
    assert told(world, "fijian") == []
    pass_by(1)
    for who in ("fijian", "fiji coordinator", "administrator"):
        assert told(world, who) == ["unanswered"]
    assert told(world, "partner") == [], "an offer without takers is no need without help"
    assert offer.kind == Kind.OFFER
    asking.revise(world, need, {1: "Two analysts"}, in_days(5))
    pass_by(1)
    waits = select(Progress.unanswered_since).where(Progress.contribution_id == need.id)
    assert session().scalar(scoped(SYSTEM, waits)) is None
    pass_by(5)
    assert told(world, "administrator") == ["unanswered", "unanswered"]
    answer(world, "bank", need, Answer.NOT_NOW)
    pass_by(60)
    assert told(world, "administrator") == ["unanswered", "unanswered"]


def test_the_secretariat_sees_the_needs_without_an_answer_that_it_may_read(
    world: World, pass_by: PassBy
) -> None:
    administrator = world.actor("administrator")
    with pytest.raises(Forbidden):
        unanswered.figures(world.actor("fijian"))
    with pytest.raises(Forbidden):
        unanswered.unanswered(world.actor("moderator"))
    post(world, words="Own", audience=Audience.OWN, reply_by=in_days(1))
    dated = post(world, words="Dated", reply_by=in_days(1))
    undated = post(world, words="Undated")
    done = post(world, words="Answered", reply_by=in_days(1))
    answer(world, "bank", done, Answer.NOT_NOW)
    closed = post(world, words="Closed", reply_by=in_days(1))
    actions.close(world.actor("fiji coordinator"), closed, Outcome.MET, "Done.", "en", 1)
    actions.circulate(world.actor("fiji coordinator"), dated, [world.organisations["jica"]])

    def listed() -> dict[str, tuple[bool, int]]:
        found = unanswered.unanswered(administrator).items
        return {one.contribution_id: (one.is_overdue, one.sent_count) for one in found}

    assert listed() == {dated.id: (False, 1), undated.id: (False, 0)}
    pass_by(2)
    assert listed() == {dated.id: (True, 1), undated.id: (False, 0)}
    assert unanswered.figures(administrator) == unanswered.Figures(open=3, unanswered=2, overdue=1)
    pass_by(29)
    assert listed()[undated.id] == (True, 0)


def test_the_page_of_needs_without_an_answer_is_for_administrators(
    app: Flask, kept_world: World, database: Database
) -> None:
    administrator = Browser(app).sign_in("administrator@test.example")
    assert "Every open need has an answer" in words(administrator.get("/cooperation/unanswered"))
    with database.unit_of_work():
        asking.add_coordinators(kept_world)
        for number in range(21):
            post(kept_world, words=f"Need {number}", reply_by=TODAY - timedelta(days=1))
        post(kept_world, words="Canary", audience=Audience.OWN)
    page = administrator.get("/cooperation/unanswered")
    assert "Of 21 open needs that you may read, 21 have no answer; 21 are past their date." in words(page)
    assert "Need 0" in words(page) and "Need 20" not in words(page) and "Canary" not in words(page)
    link = page.get_data(as_text=True).partition('rel="next" href="')[2].partition('"')[0]
    assert "Need 20" in words(administrator.get(link))
    overview = words(administrator.get("/administration"))
    assert "Without an answer, that you may read 21" in overview
    for who in ("fiji.coordinator", "moderator"):
        assert Browser(app).sign_in(f"{who}@test.example").get("/cooperation/unanswered").status_code == 404


def test_the_worker_runs_the_clock(app: Flask) -> None:
    named = {task.name: task for task in tasks(app.extensions["portal_settings"])}
    assert named["remind_of_cooperation"].action is actions.remind
    assert named["remind_of_cooperation"].every <= 3600
