"""A notification becomes a letter: under the rights of the moment, in the recipient's language."""

from __future__ import annotations

from email.message import EmailMessage
from unittest.mock import ANY

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Person, PersonState
from portal.core.db import Database, session
from portal.editorial import actions as editorial
from portal.mail.transport import MemoryTransport
from portal.notifications.actions import notify
from portal.notifications.delivery import deliver
from portal.notifications.models import Notification
from portal.organisations.models import ModeratorScope, Organisation, OrganisationState
from tests.world import World, latest, make_draft, open_case, submit


@pytest.fixture
def told(world: World, database: Database) -> str:
    """The id of a notification: a moderator is told of a submission."""
    with database.unit_of_work():
        made = make_draft(world)
        submit(world, made)
        return _of(world, "moderator")


def _of(world: World, name: str) -> str:
    statement = select(Notification.id).where(Notification.person_id == world.people[name])
    return session().scalars(statement).one()


def _text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_the_letter_says_what_it_is_about_and_links_to_it(
    app: Flask, told: str, post_box: MemoryTransport, database: Database
) -> None:
    deliver(app, {"notification_id": told})
    (letter,) = post_box.sent
    assert letter["To"] == "Moderator <moderator@test.example>"
    assert letter["Subject"] == "To review: Single window: one submission reaches all agencies"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Content-Language"] == "en"
    with database.unit_of_work(write=False):
        case = session().get_one(Notification, told).case_id
    assert f"http://localhost/en/moderation/{case}" in _text(letter)
    html = letter.get_body(("html",))
    assert html is not None
    assert f'href="http://localhost/en/moderation/{case}"' in html.get_content()


def test_a_letter_sent_twice_carries_the_same_identity(
    app: Flask, told: str, post_box: MemoryTransport
) -> None:
    deliver(app, {"notification_id": told})
    deliver(app, {"notification_id": told})
    assert (
        post_box.sent[0]["Message-ID"] == post_box.sent[1]["Message-ID"] == f"<{told}.notification@localhost>"
    )


def test_the_letter_is_in_the_language_of_its_reader(
    app: Flask, world: World, told: str, database: Database, post_box: MemoryTransport
) -> None:
    with database.unit_of_work():
        session().get_one(Person, world.people["moderator"]).language = "es"
    deliver(app, {"notification_id": told})
    assert post_box.sent[0]["Content-Language"] == "es"
    assert "http://localhost/es/moderation/" in _text(post_box.sent[0])


def test_a_suspended_person_gets_nothing(
    app: Flask, world: World, told: str, database: Database, post_box: MemoryTransport
) -> None:
    with database.unit_of_work():
        session().get_one(Person, world.people["moderator"]).state = PersonState.SUSPENDED
    deliver(app, {"notification_id": told})
    assert post_box.sent == []


def test_the_people_of_a_suspended_organisation_get_nothing(
    app: Flask, world: World, told: str, database: Database, post_box: MemoryTransport
) -> None:
    with database.unit_of_work():
        secretariat = session().get_one(Organisation, world.organisations["secretariat"])
        secretariat.state = OrganisationState.SUSPENDED
    deliver(app, {"notification_id": told})
    assert post_box.sent == []


def test_a_moderator_who_lost_the_language_gets_nothing_and_the_inbox_forgets_it(
    app: Flask, world: World, told: str, database: Database, post_box: MemoryTransport
) -> None:
    with database.unit_of_work():
        scopes = session().scalars(
            select(ModeratorScope).where(ModeratorScope.person_id == world.people["moderator"])
        )
        for scope in scopes:
            scope.language = "fr"
    deliver(app, {"notification_id": told})
    assert post_box.sent == []
    with database.unit_of_work(write=False):
        assert session().get(Notification, told) is None


def test_what_was_withdrawn_meanwhile_is_not_mailed(
    app: Flask, world: World, database: Database, post_box: MemoryTransport
) -> None:
    with database.unit_of_work():
        made = make_draft(world)
        submit(world, made)
        told = _of(world, "moderator")
        assert open_case(made)
        editorial.withdraw(world.actor("author"), made, latest(made))
    deliver(app, {"notification_id": told})
    assert post_box.sent == []


def test_a_notification_that_is_gone_or_has_no_words_is_no_trouble(
    app: Flask, world: World, database: Database, post_box: MemoryTransport
) -> None:
    deliver(app, {"notification_id": "0" * 16})
    with database.unit_of_work():
        notify([world.people["author"]], "dialogue.announced", event_key="one")
        told = _of(world, "author")
    deliver(app, {"notification_id": told})
    assert post_box.sent == []
    with database.unit_of_work(write=False):
        assert session().get(Notification, told) is not None


def test_no_transaction_is_open_while_the_letter_is_handed_over(
    app: Flask, told: str, database: Database
) -> None:
    class Asking:
        """A transport that tries to write while it sends."""

        def send(self, letter: EmailMessage) -> None:
            with pytest.raises(RuntimeError):
                session()
            with database.unit_of_work():
                session().scalars(select(Person)).first()
            self.was_free = True

    transport = Asking()
    app.extensions["portal_mail"] = transport
    deliver(app, {"notification_id": told})
    assert transport.was_free == ANY
