"""What people are told of cooperation: every kind has words, and only who may know is told (the words: tests/mail)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.cooperation.models import Answer, Party, PartyState
from portal.core.access import SYSTEM
from portal.core.db import Database, new_id, session
from portal.core.guard import scoped
from portal.editorial import actions as editorial
from portal.editorial.models import Audience, Contribution, Kind
from portal.notifications.actions import notify
from portal.notifications.messages import Message, is_known, prepare, said
from portal.notifications.models import Notification
from tests.conftest import Statements
from tests.cooperation import asking
from tests.cooperation.asking import agreed, answer, post, thread_by
from tests.http import Browser, words
from tests.world import World

ACTIONS = Path(__file__).parents[2] / "portal" / "cooperation" / "actions"


@pytest.fixture
def talks(app: Flask, world: World) -> dict[str, Any]:
    """A thread of Fiji and the bank with a commitment of the bank; JICA is invited."""
    asking.add_coordinators(world)
    need = post(world)
    (promised,) = agreed(world, answer(world, "bank", need, Answer.CAN_SUPPORT), ("worldbank", "Send two", 9))
    thread = thread_by(promised)
    invited = Party(
        thread_id=thread.id, organisation_id=world.organisations["jica"], state=PartyState.INVITED
    )
    invited.since = need.created_at
    session().add(invited)
    session().flush()
    return {"need": need, "facts": {"thread_id": thread.id, "commitment_id": promised.id}}


def tell(app: Flask, world: World, who: str, kind: str, need: Contribution, **facts: Any) -> Message | None:
    """What somebody is told, as their inbox says it."""
    key = new_id()
    organisation_id = world.organisations["worldbank"]
    params = {"organisation_id": organisation_id, "day": "2027-01-15", "outcome": "met", **facts}
    notify([world.people[who]], f"cooperation.{kind}", event_key=key, contribution_id=need.id, **params)
    row = session().scalars(select(Notification).where(Notification.event_key == key)).one()
    session().info.clear()
    with app.test_request_context("/en/"):
        return said(row, world.actor(who))


def test_every_kind_that_an_action_tells_has_words(app: Flask) -> None:
    told = set()
    for path in ACTIONS.glob("*.py"):
        told |= set(re.findall(r'"(cooperation\.[a-z_]+)"', path.read_text(encoding="utf-8")))
    assert {f"cooperation.commitment_{state}" for state in ("due", "late")} <= told
    told |= {f"cooperation.commitment_{state}" for state in ("met", "dropped")}
    assert [kind for kind in sorted(told) if not is_known(kind)] == []


IN_THREAD = (
    "message", "consent", "joined", "declined", "opened", "proposed", "agreed", "progress", "commitment_met",
    "commitment_dropped", "commitment_due", "commitment_late",
)  # fmt: skip


@pytest.mark.parametrize("kind", IN_THREAD)
def test_what_happens_in_a_thread_is_told_to_who_takes_part_alone(
    app: Flask, world: World, talks: dict[str, Any], kind: str
) -> None:
    for who in ("partner", "fijian"):
        found = tell(app, world, who, kind, talks["need"], **talks["facts"])
        assert found is not None and found.endpoint == "cooperation.thread"
    for who in ("named", "japan", "peruvian", "administrator", "reader"):
        assert tell(app, world, who, kind, talks["need"], **talks["facts"]) is None, who


def test_an_invitation_is_told_to_coordinators_until_they_answer(
    app: Flask, world: World, talks: dict[str, Any]
) -> None:
    assert tell(app, world, "japan", "invited", talks["need"], **talks["facts"]) is not None
    for who in ("named", "bank", "peruvian"):
        assert tell(app, world, who, "invited", talks["need"], **talks["facts"]) is None
    party = select(Party).where(Party.organisation_id == world.organisations["jica"])
    session().scalars(scoped(SYSTEM, party)).one().state = PartyState.DECLINED
    session().flush()
    assert tell(app, world, "japan", "invited", talks["need"], **talks["facts"]) is None


def test_a_commitment_or_meeting_that_is_gone_is_not_told(
    app: Flask, world: World, talks: dict[str, Any]
) -> None:
    facts = {**talks["facts"], "commitment_id": "0" * 16, "meeting_id": "0" * 16}
    for kind in ("progress", "meeting", "meeting_moved", "meeting_off"):
        assert tell(app, world, "fijian", kind, talks["need"], **facts) is None


def test_the_answer_of_another_is_told_to_the_house_that_asked_alone(
    app: Flask, world: World, talks: dict[str, Any]
) -> None:
    found = tell(app, world, "fijian", "answered", talks["need"])
    assert found is not None and found.subject.startswith("Worldbank Customs has answered: ")
    changed = tell(app, world, "fijian", "answered", talks["need"], is_change=True)
    assert changed is not None and changed.subject.startswith("Worldbank Customs has changed its answer: ")
    for who in ("japan", "peruvian", "administrator"):
        assert tell(app, world, who, "answered", talks["need"]) is None


def test_a_need_without_an_answer_is_told_to_its_house_and_the_secretariat(
    app: Flask, world: World, talks: dict[str, Any]
) -> None:
    ends = {}
    for who in ("fijian", "administrator", "peruvian"):
        found = tell(app, world, who, "unanswered", talks["need"])
        ends[who] = found.endpoint if found else None
    assert ends == {
        "fijian": "cooperation.answers",
        "administrator": "cooperation.unanswered",
        "peruvian": None,
    }


@pytest.mark.parametrize(
    "kind", ["circulated", "reply_due", "reply_late", "closed", "reopened", "unanswered", "answered"]
)
def test_nobody_is_told_of_what_they_may_not_read(
    app: Flask, world: World, talks: dict[str, Any], kind: str
) -> None:
    who = {"unanswered": "administrator", "answered": "fijian"}.get(kind, "japan")
    assert tell(app, world, who, kind, talks["need"]) is not None
    if kind == "answered":
        editorial.unpublish(world.actor("fiji coordinator"), talks["need"], "")
    else:
        editorial.narrow(world.actor("fijian"), talks["need"], Audience.OWN)
    session().flush()
    assert tell(app, world, who, kind, talks["need"]) is None


def test_a_party_hears_of_its_thread_though_the_post_is_out_of_its_sight(
    app: Flask, world: World, talks: dict[str, Any]
) -> None:
    editorial.narrow(world.actor("fijian"), talks["need"], Audience.OWN)
    session().flush()
    found = tell(app, world, "partner", "message", talks["need"], **talks["facts"])
    assert found is not None and found.subject == "New message: a post that you cannot read at present"


def test_an_offer_is_sent_with_other_words_than_a_need(
    app: Flask, world: World, talks: dict[str, Any]
) -> None:
    offer = post(world, "partner", Kind.OFFER)
    found = tell(app, world, "fiji coordinator", "circulated", offer)
    assert found is not None and "whether this offer is of use" in found.paragraphs[0]


def test_an_inbox_costs_no_more_with_more_of_them(
    app: Flask, world: World, talks: dict[str, Any], statements: Statements
) -> None:
    for number in range(20):
        kind = IN_THREAD[number % len(IN_THREAD)]
        tell(app, world, "fijian", kind, talks["need"], **talks["facts"])
    rows = (
        session().scalars(select(Notification).where(Notification.person_id == world.people["fijian"])).all()
    )
    fijian = world.actor("fijian")
    session().info.clear()
    statements.clear()
    with app.test_request_context("/en/"):
        prepare(rows, fijian)
        count = len(statements)
        told = [said(row, fijian) for row in rows]
    assert len(told) >= 20 and len(statements) == count
    assert count <= 9


def test_the_inbox_leads_to_the_page_of_answers(app: Flask, kept_world: World, database: Database) -> None:
    with database.unit_of_work():
        asking.add_coordinators(kept_world)
        need = post(kept_world)
        answer(kept_world, "bank", need, Answer.NOT_NOW)
    fijian = Browser(app).sign_in("fijian@test.example")
    assert "Worldbank Customs has answered" in words(fijian.get("/inbox"))
