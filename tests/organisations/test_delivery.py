"""Mails to people who are to join or may not: once, to the right address, in their language."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Person, PersonState
from portal.core.access import ANONYMOUS
from portal.core.db import Database, session
from portal.mail.transport import MemoryTransport
from portal.notifications.queries import inbox
from portal.organisations import actions, queries
from portal.organisations.delivery import mail_access_declined, mail_invitation
from portal.organisations.models import AccessRequest, Organisation, Role
from tests.world import World


def body(letter: object) -> str:
    return letter.get_body(("plain",)).get_content()  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def invited(database: Database, world: World) -> str:
    """The id of an invitation in French."""
    with database.unit_of_work():
        thailand = session().get_one(Organisation, world.organisations["thailand"])
        return actions.invite(world.actor("coordinator"), thailand, "new@test.example", Role.READER, "fr").id


def test_an_invitation_is_mailed_with_a_link_that_works(
    app: Flask, database: Database, post_box: MemoryTransport, invited: str
) -> None:
    mail_invitation(app, {"invitation_id": invited})
    letter = post_box.sent[0]
    assert letter["To"] == "new@test.example"
    assert letter["Content-Language"] == "fr"
    assert "Douanes Thailand" in str(letter["Subject"])
    token = re.search(r"http://localhost/fr/invitations/(\S+)", body(letter))
    assert token is not None
    with database.unit_of_work():
        assert queries.open_invitation(token[1])[0].id == invited


def test_a_second_try_makes_the_first_link_void(
    app: Flask, database: Database, post_box: MemoryTransport, invited: str
) -> None:
    for _number in range(2):
        mail_invitation(app, {"invitation_id": invited})
    first, second = (
        re.search(r"/invitations/(\S+)", body(letter))[1]  # type: ignore[index]
        for letter in post_box.sent
    )
    assert first != second
    assert post_box.sent[0]["Message-ID"] != post_box.sent[1]["Message-ID"]


def test_nothing_is_mailed_when_the_inviter_has_lost_their_rights(
    app: Flask, database: Database, world: World, post_box: MemoryTransport, invited: str
) -> None:
    with database.unit_of_work():
        session().get_one(Person, world.people["coordinator"]).state = PersonState.SUSPENDED
    mail_invitation(app, {"invitation_id": invited})
    mail_invitation(app, {})
    assert post_box.sent == []


def test_a_declined_request_is_told_in_its_language(
    app: Flask, database: Database, world: World, post_box: MemoryTransport
) -> None:
    with database.unit_of_work():
        thailand = session().get_one(Organisation, world.organisations["thailand"])
        actions.request_access(ANONYMOUS, thailand, "New", "new@test.example", "es", "Trabajo ahí.")
        request = session().scalars(select(AccessRequest)).one()
        identifier = request.id
    mail_access_declined(app, {"request_id": identifier})
    assert post_box.sent == [], "it is not declined yet"
    with database.unit_of_work():
        request = session().get_one(AccessRequest, identifier)
        thailand = session().get_one(Organisation, world.organisations["thailand"])
        actions.answer_request(world.actor("coordinator"), thailand, request, False)
    mail_access_declined(app, {"request_id": identifier})
    letter = post_box.sent[0]
    assert "new@test.example" in str(letter["To"])
    assert "Aduanas Thailand" in str(letter["Subject"])


def test_coordinators_find_a_request_in_their_inbox_while_they_may_answer(
    app: Flask, database: Database, world: World
) -> None:
    with database.unit_of_work():
        thailand = session().get_one(Organisation, world.organisations["thailand"])
        actions.request_access(ANONYMOUS, thailand, "New", "new@test.example", "es", "Trabajo ahí.")
    with app.test_request_context("/en/"), database.unit_of_work(write=False):
        told = inbox(world.actor("coordinator")).page.items
        assert "Thailand Customs" in told[0].message.subject
        assert told[0].message.endpoint == "organisations.members"
        assert "new@test.example" not in str(told[0].message)
    with database.unit_of_work():
        found = queries.membership(
            world.actor("administrator"), world.organisations["thailand"], _membership(world)
        )
        found.role = Role.READER
    with app.test_request_context("/en/"), database.unit_of_work(write=False):
        assert inbox(world.actor("coordinator")).page.items == []


def _membership(world: World) -> str:
    from portal.organisations.models import Membership

    return (
        session()
        .scalars(select(Membership.id).where(Membership.person_id == world.people["coordinator"]))
        .one()
    )
