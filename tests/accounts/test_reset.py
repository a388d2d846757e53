"""A lost password: the link by mail, once, for twenty minutes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.accounts import actions
from portal.accounts.delivery import mail_reset
from portal.accounts.models import PasswordReset, Person, PersonState
from portal.core.clock import now
from portal.core.db import Database, session
from portal.jobs.models import Job
from portal.mail.transport import MemoryTransport
from tests.by_hand import is_signed_in, post, sign_in
from tests.world import PASSWORD, World

NEW = "correct-mango-42-ferry"
LINK = re.compile(r"http://\S+(/../reset-password/\S+)")


@pytest.fixture
def link(app: Flask, world: World, post_box: MemoryTransport) -> str:
    """The path of a link that was mailed to the author."""
    return _mail_link(app, world, post_box)


def _mail_link(app: Flask, world: World, post_box: MemoryTransport, name: str = "author") -> str:
    mail_reset(app, {"person_id": world.people[name]})
    found = LINK.search(_text(post_box.sent[-1]))
    assert found is not None
    return found[1]


def _text(letter: object) -> str:
    body = letter.get_body(("plain",))  # type: ignore[attr-defined]
    return str(body.get_content())


def test_the_link_sets_a_new_password_and_signs_out_every_browser(
    client: FlaskClient, app: Flask, world: World, link: str
) -> None:
    other = app.test_client()
    sign_in(other, "author")
    assert client.get(link).status_code == 200
    assert post(client, link, password=NEW).location == "/en/sign-in"
    assert not is_signed_in(other)
    assert not is_signed_in(client), "a link from a mail signs nobody in"
    assert sign_in(client, "author").status_code == 422
    assert sign_in(client, "author", NEW).status_code == 303


def test_the_link_works_once(client: FlaskClient, link: str) -> None:
    post(client, link, password=NEW)
    assert client.get(link).status_code == 410
    assert post(client, link, password="another-" + NEW).status_code == 410
    assert sign_in(client, "author", NEW).status_code == 303


def test_the_link_is_void_after_twenty_minutes(client: FlaskClient, link: str, database: Database) -> None:
    with database.unit_of_work():
        kept = session().scalars(select(PasswordReset)).one()
        assert kept.expires_at - kept.created_at == timedelta(minutes=20)
        kept.expires_at = now()
    assert client.get(link).status_code == 410
    assert post(client, link, password=NEW).status_code == 410


def test_the_link_is_void_after_the_password_was_changed(client: FlaskClient, link: str) -> None:
    sign_in(client, "author")
    post(client, "/en/account/password", current_password=PASSWORD, new_password=NEW)
    assert client.get(link).status_code == 410


def test_a_newer_link_voids_the_older_one(
    client: FlaskClient, app: Flask, world: World, link: str, post_box: MemoryTransport
) -> None:
    newer = _mail_link(app, world, post_box)
    assert client.get(link).status_code == 410
    assert client.get(newer).status_code == 200
    assert post_box.sent[0]["Message-ID"] != post_box.sent[1]["Message-ID"]


def test_the_link_of_one_person_says_nothing_of_another(client: FlaskClient, link: str, world: World) -> None:
    assert "author" not in client.get(link).text
    assert client.get("/en/reset-password/unknown").status_code == 410


def test_a_weak_password_is_refused_and_the_link_goes_on_working(client: FlaskClient, link: str) -> None:
    answer = post(client, link, password="short")
    assert answer.status_code == 422
    assert "at least 12" in answer.text
    assert 'value="short"' not in answer.text
    assert post(client, link, password=NEW).status_code == 303


def test_the_database_keeps_the_hash_of_the_token_alone(link: str, database: Database) -> None:
    with database.unit_of_work(write=False):
        kept = session().scalars(select(PasswordReset)).one()
    assert kept.token_hash not in link
    assert len(kept.token_hash) == 64


def test_asking_gets_the_same_answer_for_known_and_unknown_addresses(
    client: FlaskClient, world: World, database: Database
) -> None:
    pages = [
        post(client, "/en/forgot-password", email=email)
        for email in ("author@test.example", "nobody@test.example")
    ]
    assert [p.status_code for p in pages] == [200, 200]
    assert pages[0].text.replace("author@", "nobody@") == pages[1].text
    with database.unit_of_work(write=False):
        jobs = session().scalars(select(Job).order_by(Job.id)).all()
        assert [(j.kind, j.payload) for j in jobs] == [
            ("mail.reset", {"person_id": world.people["author"]}),
            ("mail.reset", {"person_id": None}),
        ]
        assert session().scalar(select(func.count()).select_from(PasswordReset)) == 0


def test_what_is_no_address_is_said_beside_the_field(client: FlaskClient, world: World) -> None:
    answer = post(client, "/en/forgot-password", email="no address")
    assert answer.status_code == 422
    assert "This is not an e-mail address" in answer.text
    assert 'value="no address"' in answer.text


def test_nobody_and_a_suspended_person_are_mailed_nothing(
    app: Flask, world: World, database: Database, post_box: MemoryTransport, client: FlaskClient
) -> None:
    mail_reset(app, {"person_id": None})
    mail_reset(app, {"person_id": "0" * 16})
    with database.unit_of_work():
        session().get_one(Person, world.people["author"]).state = PersonState.SUSPENDED
    mail_reset(app, {"person_id": world.people["author"]})
    assert post_box.sent == []
    with database.unit_of_work(write=False):
        assert session().scalar(select(func.count()).select_from(PasswordReset)) == 0


def test_a_link_is_void_once_its_owner_is_suspended(
    client: FlaskClient, link: str, world: World, database: Database
) -> None:
    with database.unit_of_work():
        actions.suspend(world.actor("administrator"), session().get_one(Person, world.people["author"]))
    assert client.get(link).status_code == 410


def test_the_mail_names_the_portals_own_address_whatever_the_request_said(
    client: FlaskClient, app: Flask, world: World, post_box: MemoryTransport
) -> None:
    answers = [
        post(client, "/en/forgot-password", headers=headers, email="author@test.example").status_code
        for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"})
    ]
    assert answers == [400, 200]
    mail_reset(app, {"person_id": world.people["author"]})
    base = app.extensions["portal_settings"].base_url
    assert f"{base}/en/reset-password/" in _text(post_box.sent[0])
    assert "evil" not in post_box.sent[0].as_string()


def test_the_mail_is_in_the_persons_language(
    app: Flask, world: World, database: Database, post_box: MemoryTransport
) -> None:
    with database.unit_of_work():
        session().get_one(Person, world.people["author"]).language = "fr"
    assert _mail_link(app, world, post_box).startswith("/fr/reset-password/")
    assert post_box.sent[0]["Content-Language"] == "fr"
