"""Who is told of a new match: coordinators of both houses, once a pair, of nothing that they may not see."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.accounts.models import Person
from portal.core.db import Database, session
from portal.core.guard import scoped
from portal.editorial import actions as editorial
from portal.editorial.models import Audience, Kind
from portal.jobs.models import Job
from portal.mail.transport import MemoryTransport
from portal.matching import actions
from portal.matching.models import MatchTold
from portal.matching.telling import tell_houses
from portal.notifications.actions import choose
from portal.notifications.models import Notification
from portal.organisations.models import Membership, MembershipState, Role
from tests import world as w
from tests.attachments.making import contribution
from tests.http import Browser, words
from tests.matching.making import make, need, offer
from tests.work import work_off
from tests.world import World


@pytest.fixture
def coordinated(kept_world: World, database: Database) -> World:
    """The world with a coordinator in the houses that ask and offer."""
    with database.unit_of_work():
        for house in ("fiji", "worldbank", "jica"):
            name = f"{house} coordinator"
            kept_world.people[name] = w.make_person(name, kept_world.organisations[house], Role.COORDINATOR)
    return kept_world


def told(database: Database) -> dict[str, list[tuple[str, str, list[str]]]]:
    """By the first name of the person: the kind, the post and what it matches, of each message."""
    with database.unit_of_work(write=False):
        names = dict(session().execute(select(Person.id, Person.email)).all())  # type: ignore[arg-type]
        rows = select(Notification).where(Notification.kind.startswith("match."))
        found: dict[str, list[tuple[str, str, list[str]]]] = {}
        for row in session().scalars(rows.order_by(Notification.created_at)):
            name = names[row.person_id].partition(".")[0]
            found.setdefault(name, []).append((row.kind, row.contribution_id or "", row.params["with"]))
        return found


def publish(app: Flask, database: Database, world: World, kind: Kind, **values: Any) -> str:
    """Publish one and have the worker do what follows."""
    with database.unit_of_work():
        made = (need if kind == Kind.NEED else offer)(world, **values).id
    work_off(app)
    return made


def test_both_houses_are_told_of_a_need_that_an_offer_fits(
    app: Flask, database: Database, coordinated: World
) -> None:
    first = publish(app, database, coordinated, Kind.OFFER)
    assert told(database) == {}
    second = publish(app, database, coordinated, Kind.OFFER, author="named", countries=())
    asked = publish(app, database, coordinated, Kind.NEED)
    assert told(database) == {
        "fiji": [("match.found", asked, [first, second])],
        "worldbank": [("match.published", asked, [first])],
        "jica": [("match.published", asked, [second])],
    }


def test_a_new_offer_is_told_to_those_who_need_it(app: Flask, database: Database, coordinated: World) -> None:
    asked = publish(app, database, coordinated, Kind.NEED)
    given = publish(app, database, coordinated, Kind.OFFER)
    assert told(database) == {
        "fiji": [("match.published", given, [asked])],
        "worldbank": [("match.found", given, [asked])],
    }


def test_nobody_is_told_twice_of_a_pair(app: Flask, database: Database, coordinated: World) -> None:
    first = publish(app, database, coordinated, Kind.OFFER)
    asked = publish(app, database, coordinated, Kind.NEED)
    before = told(database)
    with database.unit_of_work(write=False):
        payload = (
            session()
            .scalars(select(Job).where(Job.kind == "match.published").order_by(Job.id))
            .all()[-1]
            .payload
        )
    tell_houses(app, payload)
    tell_houses(app, {**payload, "revision": "of a later version"})
    assert told(database) == before
    more = publish(app, database, coordinated, Kind.OFFER, words="More of it")
    assert told(database)["fiji"] == [*before["fiji"], ("match.published", more, [asked])]
    with database.unit_of_work(write=False):
        pairs = session().execute(scoped("test", select(MatchTold.need_id, MatchTold.offer_id))).all()
        assert sorted(pairs) == sorted([(asked, first), (asked, more)] * 2)


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        (Audience.PUBLIC, {"fiji", "worldbank", "jica"}),
        (Audience.MEMBERS, {"fiji", "worldbank", "jica"}),
        (Audience.CUSTOMS, {"fiji"}),
        (Audience.OWN, {"fiji"}),
    ],
)
def test_nobody_is_told_of_what_they_may_not_read(
    app: Flask, database: Database, coordinated: World, audience: Audience, expected: set[str]
) -> None:
    hidden = publish(app, database, coordinated, Kind.OFFER, author="named", audience=Audience.OWN)
    shown = publish(app, database, coordinated, Kind.OFFER)
    publish(app, database, coordinated, Kind.NEED, audience=audience)
    found = told(database)
    assert set(found) == expected
    assert [pairs for _kind, _post, pairs in found["fiji"]] == [[shown]]
    assert hidden not in str({name: found[name] for name in found if name != "jica"})


def test_readers_the_gone_and_what_is_not_relevant_are_left_out(
    app: Flask, database: Database, coordinated: World
) -> None:
    given = publish(app, database, coordinated, Kind.OFFER)
    with database.unit_of_work():
        asked = make(coordinated, Kind.NEED, "fijian", countries=("FJ",)).id
        actions.dismiss(coordinated.actor("worldbank coordinator"), asked, given)
        session().execute(
            update(Membership)
            .where(Membership.person_id == coordinated.people["fiji coordinator"])
            .values(state=MembershipState.ENDED)
        )
    work_off(app)
    assert told(database) == {}


def test_what_is_down_when_the_worker_comes_is_not_told(
    app: Flask, database: Database, coordinated: World
) -> None:
    publish(app, database, coordinated, Kind.OFFER)
    tell_houses(app, {"contribution": "0" * 16, "revision": "x"})
    assert told(database) == {}


def test_the_inbox_says_why_and_says_nothing_any_more_when_it_may_not(
    app: Flask, database: Database, coordinated: World
) -> None:
    given = publish(app, database, coordinated, Kind.OFFER)
    publish(app, database, coordinated, Kind.NEED)
    fiji = Browser(app).sign_in("fiji.coordinator@test.example")
    page = words(fiji.get("/inbox"))
    assert "An offer fits your need: Rulings for Fiji" in page
    assert "“Rulings facility: two analysts”: same topic: advance rulings (TFA 3); Fiji is eligible" in page
    bank = words(Browser(app).sign_in("worldbank.coordinator@test.example").get("/inbox"))
    assert "A need fits what you offer: Rulings for Fiji" in bank
    with database.unit_of_work():
        editorial.narrow(coordinated.actor("partner"), contribution(given), Audience.OWN)
    assert "Rulings" not in words(fiji.get("/inbox"))


def test_the_mail_comes_as_often_as_alerts_do(app: Flask, database: Database, coordinated: World) -> None:
    box = MemoryTransport()
    app.extensions["portal_mail"] = box
    with database.unit_of_work():
        choose(coordinated.actor("fiji coordinator"), "searches", "now")
    publish(app, database, coordinated, Kind.OFFER)
    publish(app, database, coordinated, Kind.NEED)
    letters = {
        str(letter["To"]).partition(".")[0].strip('"').lower()
        for letter in box.sent
        if "fits" in str(letter["Subject"])
    }
    assert len(letters) == 1 and "fiji" in next(iter(letters))
    with database.unit_of_work(write=False):
        waits = session().execute(select(Notification.kind, Notification.waits, Notification.subject)).all()
    assert sorted((kind, wait, subject) for kind, wait, subject in waits if kind.startswith("match.")) == [
        ("match.found", None, "searches"), ("match.published", "daily", "searches"),
    ]  # fmt: skip
