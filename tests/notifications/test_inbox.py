"""Telling people something: once each, under their rights, in the inbox."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.accounts.models import Person, PersonState
from portal.core.access import SYSTEM
from portal.core.clock import now
from portal.core.db import Database, session
from portal.core.guard import scoped
from portal.editorial import actions as editorial
from portal.editorial.models import Contribution
from portal.jobs.models import Job
from portal.notifications.actions import notify
from portal.notifications.models import Notification
from portal.organisations.models import Membership, MembershipState, Role
from tests.by_hand import form_token, post, sign_in
from tests.conftest import Statements
from tests.world import World, claim, latest, make_draft, open_case, submit

TITLE = "Single window: one submission reaches all agencies"


def _told(name: str, world: World) -> list[Notification]:
    statement = select(Notification).where(Notification.person_id == world.people[name])
    return list(session().scalars(statement.order_by(Notification.created_at)))


def _submitted(world: World, database: Database, words: str = "Single window") -> tuple[str, str]:
    """A text that waits for a moderator; the ids of the contribution and of the case."""
    with database.unit_of_work():
        made = make_draft(world, words=words)
        submit(world, made)
        return made.id, open_case(made).id


def test_one_event_tells_each_person_once_and_never_the_actor(world: World, database: Database) -> None:
    people = [world.people[name] for name in ("author", "colleague", "colleague", "approver")]
    for _time in range(2):
        with database.unit_of_work():
            notify(
                people, "contribution.cleared", event_key="one", actor=world.actor("author"), language="en"
            )
    with database.unit_of_work(write=False):
        assert session().scalar(select(func.count()).select_from(Notification)) == 2
        assert _told("author", world) == []
        jobs = session().scalars(select(Job).where(Job.kind == "mail")).all()
        told = {n.id for name in ("colleague", "approver") for n in _told(name, world)}
        assert {job.payload["notification_id"] for job in jobs} == told


def test_nobody_to_tell_is_no_trouble(world: World, database: Database) -> None:
    with database.unit_of_work():
        notify([], "contribution.cleared", event_key="one")
        notify([world.people["author"]], "contribution.cleared", event_key="one", actor=world.actor("author"))
        assert session().scalar(select(func.count()).select_from(Job)) == 0


def test_a_visitor_is_asked_to_sign_in(client: FlaskClient, world: World) -> None:
    assert client.get("/en/inbox").location == "/en/sign-in?next=/en/inbox"
    assert client.get(f"/en/inbox/{'0' * 16}").status_code == 303
    assert (
        client.post("/en/inbox/read", data={"csrf_token": form_token(client), "id": "x"}).status_code == 401
    )


def test_an_empty_inbox_says_what_will_come(client: FlaskClient, world: World) -> None:
    sign_in(client, "author")
    page = client.get("/en/inbox").text
    assert "Nothing here yet" in page
    assert "Mark all as read" not in page


def test_a_moderator_finds_a_new_submission_and_is_led_to_it(
    client: FlaskClient, world: World, database: Database
) -> None:
    _made, case = _submitted(world, database)
    sign_in(client, "moderator")
    page = client.get("/en/inbox").text
    assert f"To review: {TITLE}" in page
    assert "Mark all as read" in page
    link = re.search(r'href="(/en/inbox/[0-9a-z]{16})"', page)
    assert link is not None
    answer = client.get(link[1])
    assert (answer.status_code, answer.location) == (303, f"/en/moderation/{case}")
    after = client.get("/en/inbox").text
    assert TITLE in after
    assert "Mark all as read" not in after, "what was opened is read"


def test_notifications_are_marked_read_one_by_one_or_all(
    client: FlaskClient, world: World, database: Database
) -> None:
    for words in ("Single window", "Advance rulings", "Relief goods"):
        _submitted(world, database, words)
    sign_in(client, "moderator")
    with database.unit_of_work(write=False):
        first = _told("moderator", world)[0].id
    assert post(client, "/en/inbox/read", id=first).status_code == 303
    with database.unit_of_work(write=False):
        assert [n.read_at is not None for n in _told("moderator", world)] == [True, False, False]
        assert all(n.read_at is None for n in _told("second moderator", world))
    post(client, "/en/inbox/read")
    with database.unit_of_work(write=False):
        assert all(n.read_at is not None for n in _told("moderator", world))
        assert all(n.read_at is None for n in _told("second moderator", world))


def test_the_inbox_of_somebody_else_is_out_of_reach(
    client: FlaskClient, world: World, database: Database
) -> None:
    _submitted(world, database)
    with database.unit_of_work(write=False):
        theirs = _told("moderator", world)[0].id
    sign_in(client, "second moderator")
    assert client.get(f"/en/inbox/{theirs}").status_code == 404
    assert post(client, "/en/inbox/read", id=theirs).status_code == 404
    assert theirs not in client.get("/en/inbox").text


def test_what_has_gone_out_of_sight_is_neither_shown_nor_counted(
    client: FlaskClient, world: World, database: Database
) -> None:
    made, _case = _submitted(world, database)
    sign_in(client, "moderator")
    with database.unit_of_work():
        contribution = _contribution(made)
        editorial.withdraw(world.actor("author"), contribution, latest(contribution))
    page = client.get("/en/inbox").text
    assert TITLE not in page
    assert "To review" not in page
    assert "Mark all as read" not in client.get("/en/inbox").text
    with database.unit_of_work(write=False):
        assert [n.kind for n in _told("moderator", world) if n.kind == "case.opened"] == []


def test_somebody_who_left_an_organisation_reads_nothing_of_it_any_more(
    client: FlaskClient, world: World, database: Database
) -> None:
    made, _case = _submitted(world, database)
    with database.unit_of_work():
        notify(
            [world.people["author"]], "contribution.changes_requested", event_key="one", contribution_id=made,
            language="en", comment="Say which ports.",
        )  # fmt: skip
    sign_in(client, "author")
    assert "Say which ports." in client.get("/en/inbox").text
    with database.unit_of_work():
        membership = (
            session().scalars(select(Membership).where(Membership.person_id == world.people["author"])).one()
        )
        membership.state = MembershipState.ENDED
        session().add(_membership(world, "author", "fiji"))
    page = client.get("/en/inbox").text
    assert "Say which ports." not in page
    assert TITLE not in page


def test_a_suspended_person_has_no_inbox(client: FlaskClient, world: World, database: Database) -> None:
    sign_in(client, "moderator")
    with database.unit_of_work():
        session().get_one(Person, world.people["moderator"]).state = PersonState.SUSPENDED
    assert client.get("/en/inbox").status_code == 303


def test_the_inbox_is_paged_and_every_line_is_reached_once(
    client: FlaskClient, world: World, database: Database
) -> None:
    made, _case = _submitted(world, database)
    _many(world, database, made, 45)
    sign_in(client, "author")
    seen: list[str] = []
    url = "/en/inbox"
    while url:
        page = client.get(url).text
        seen += re.findall(r"Comment number (\d+)\.", page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        url = found[1] if found else ""
    assert seen == [str(n) for n in range(44, -1, -1)]
    before = re.search(r'rel="prev" href="([^"]+)"', page)
    assert before is not None
    assert len(re.findall(r"Comment number", client.get(before[1]).text)) == 20


def test_a_page_of_the_inbox_costs_the_same_whatever_its_length(
    client: FlaskClient, world: World, database: Database, statements: Statements
) -> None:
    made, _case = _submitted(world, database)
    sign_in(client, "author")
    _many(world, database, made, 1)
    statements.clear()
    client.get("/en/inbox")
    few = len(statements)
    _many(world, database, made, 40)
    statements.clear()
    client.get("/en/inbox")
    assert len(statements) == few
    assert few <= 12, "\n".join(statements.all)


def test_a_kind_that_this_release_has_no_words_for_is_kept_but_not_shown(
    client: FlaskClient, world: World, database: Database
) -> None:
    with database.unit_of_work():
        notify([world.people["author"]], "dialogue.announced", event_key="one")
    sign_in(client, "author")
    assert "Nothing here yet" in client.get("/en/inbox").text
    with database.unit_of_work(write=False):
        assert len(_told("author", world)) == 1


@pytest.mark.parametrize("cursor", ["x", "f.x", "fzz.aa", "b" * 500, "f1.' OR 1=1"])
def test_a_mangled_cursor_shows_the_first_page(
    client: FlaskClient, world: World, database: Database, cursor: str
) -> None:
    _submitted(world, database)
    sign_in(client, "moderator")
    assert TITLE in client.get("/en/inbox", query_string={"at": cursor}).text


def test_what_people_typed_is_shown_as_text(client: FlaskClient, world: World, database: Database) -> None:
    made, _case = _submitted(world, database)
    with database.unit_of_work():
        notify(
            [world.people["author"]], "contribution.declined", event_key="one", contribution_id=made,
            language="en", comment="<script>alert(1)</script>\nSecond line",
        )  # fmt: skip
    sign_in(client, "author")
    page = client.get("/en/inbox").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>Second line" in page


def test_a_moderator_who_claims_is_not_told_what_they_did(world: World, database: Database) -> None:
    made, _case = _submitted(world, database)
    with database.unit_of_work():
        contribution = _contribution(made)
        claim(world, contribution)
        before = len(_told("moderator", world))
        editorial.release(world.actor("moderator"), open_case(contribution), open_case(contribution).version)
        assert len(_told("moderator", world)) == before


def _many(world: World, database: Database, made: str, count: int) -> None:
    for n in range(count):
        with database.unit_of_work():
            notify(
                [world.people["author"]], "contribution.declined", event_key=f"{count}-{n}",
                contribution_id=made, language="en", comment=f"Comment number {n}.",
            )  # fmt: skip


def _contribution(made: str) -> Contribution:
    return session().scalars(scoped(SYSTEM, select(Contribution).where(Contribution.id == made))).one()


def _membership(world: World, person: str, organisation: str) -> Membership:
    return Membership(
        person_id=world.people[person], organisation_id=world.organisations[organisation],
        role=Role.CONTRIBUTOR, joined_at=now(),
    )  # fmt: skip
