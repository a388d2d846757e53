"""A person's own account: profile, password, browsers, organisations."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.browsers import browser_name
from portal.accounts.models import Person
from portal.core.db import Database, session
from portal.organisations.models import Role
from tests.by_hand import is_signed_in, post, sign_in
from tests.world import PASSWORD, World, join

NEW = "correct-mango-42-ferry"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize("path", ["/en/account", "/en/account/password", "/en/account/sessions"])
def test_a_visitor_is_asked_to_sign_in_and_comes_back(client: FlaskClient, world: World, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (303, f"/en/sign-in?next={path}")


def test_name_and_languages_can_be_changed(client: FlaskClient, world: World, database: Database) -> None:
    sign_in(client, "author")
    fields: dict[str, Any] = {"name": "  Ann \n Author ", "language": "fr", "second": "es", "third": "es"}
    assert post(client, "/en/account", **fields).status_code == 303
    with database.unit_of_work(write=False):
        person = session().get_one(Person, world.people["author"])
        assert (person.name, person.language, person.other_languages) == ("Ann Author", "fr", ["es"])
        assert world.actor("author").languages == ("fr", "es", "en")
    assert 'value="Ann Author"' in client.get("/en/account").text


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": "", "language": "en"}, "Type your name"),
        ({"name": "x" * 121, "language": "en"}, "at most 120"),
        ({"name": "Ann", "language": "xx"}, "Choose one of the languages"),
        ({"name": "Ann"}, "Choose one of the languages"),
    ],
)
def test_what_cannot_be_saved_is_said_beside_the_field_and_nothing_changes(
    client: FlaskClient, world: World, database: Database, fields: dict[str, Any], why: str
) -> None:
    sign_in(client, "author")
    answer = post(client, "/en/account", **fields)
    assert answer.status_code == 422
    assert why in answer.text
    with database.unit_of_work(write=False):
        assert session().get_one(Person, world.people["author"]).name == "Author"


def test_fields_that_the_form_does_not_have_change_nothing(
    client: FlaskClient, world: World, database: Database
) -> None:
    sign_in(client, "author")
    post(
        client, "/en/account", name="Ann", language="en", is_administrator="1", state="active",
        email="a@b.example", id="x", role="coordinator",
    )  # fmt: skip
    with database.unit_of_work(write=False):
        person = session().get_one(Person, world.people["author"])
        assert (person.email, person.is_administrator) == ("author@test.example", False)


def test_a_new_password_asks_for_the_current_one_and_signs_out_the_other_browsers(
    client: FlaskClient, app: Flask, world: World
) -> None:
    other = app.test_client()
    sign_in(other, "author")
    sign_in(client, "author")
    wrong = post(client, "/en/account/password", current_password="not-the-right-one", new_password=NEW)
    assert wrong.status_code == 422
    assert "not your current password" in wrong.text
    weak = post(client, "/en/account/password", current_password=PASSWORD, new_password="author-author-1")
    assert weak.status_code == 422
    assert is_signed_in(other)
    assert (
        post(client, "/en/account/password", current_password=PASSWORD, new_password=NEW).status_code == 303
    )
    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert sign_in(other, "author").status_code == 422
    assert sign_in(other, "author", NEW).status_code == 303


def test_a_person_sees_and_ends_their_sessions_one_by_one(
    client: FlaskClient, app: Flask, world: World
) -> None:
    other = app.test_client()
    other.environ_base["HTTP_USER_AGENT"] = FIREFOX
    sign_in(other, "author")
    sign_in(client, "author")
    page = client.get("/en/account/sessions").text
    assert "Firefox on Windows" in page
    hashes = re.findall(r'name="session" value="([0-9a-f]{64})"', page)
    assert len(hashes) == 2
    mine = re.findall(r'name="session" value="([0-9a-f]{64})"', other.get("/en/account/sessions").text)
    assert sorted(mine) == sorted(hashes)
    assert post(client, "/en/account/sessions/end", session=hashes[1]).status_code == 303
    assert not is_signed_in(other)
    assert is_signed_in(client)
    assert post(client, "/en/account/sessions/end", session=hashes[1]).status_code == 404
    assert post(client, "/en/account/sessions/end", session=hashes[0]).status_code == 303
    assert not is_signed_in(client)


def test_a_person_signs_out_everywhere_else(client: FlaskClient, app: Flask, world: World) -> None:
    others = [app.test_client() for _browser in range(2)]
    for browser in (*others, client):
        sign_in(browser, "author")
    assert post(client, "/en/account/sessions/end").status_code == 303
    assert [is_signed_in(browser) for browser in (*others, client)] == [False, False, True]


def test_nobody_ends_the_session_of_somebody_else(client: FlaskClient, app: Flask, world: World) -> None:
    other = app.test_client()
    sign_in(other, "colleague")
    theirs = re.findall(r'name="session" value="([0-9a-f]{64})"', other.get("/en/account/sessions").text)
    sign_in(client, "author")
    assert post(client, "/en/account/sessions/end", session=theirs[0]).status_code == 404
    assert is_signed_in(other)


def test_a_member_of_two_organisations_switches_between_them_and_to_no_other(
    client: FlaskClient, world: World, database: Database
) -> None:
    with database.unit_of_work():
        join(world.people["author"], world.organisations["fiji"], Role.READER)
    sign_in(client, "author")
    fiji, peru = world.organisations["fiji"], world.organisations["peru"]
    answer = post(client, "/en/account/acting", organisation=fiji, next="/en/account")
    assert (answer.status_code, answer.location) == (303, "/en/account")
    with database.unit_of_work(write=False):
        assert world.actor("author").organisation_id == fiji
    assert post(client, "/en/account/acting", organisation=peru).status_code == 404
    assert (
        post(client, "/en/account/acting", organisation=fiji, next="//evil.com").location == "/en/workspace"
    )


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Linux"),
        ("curl/8.0", "curl/8.0"),
        ("", "A browser that does not say its name"),
    ],
)
def test_browsers_are_named_in_words(app: Flask, header: str, words: str) -> None:
    with app.test_request_context():
        assert browser_name(header) == words
