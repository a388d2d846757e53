"""Signing in and out, as a browser sees it."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts import actions
from portal.accounts.models import Person, PersonState, SignInSession
from portal.app import create_app
from portal.audit.models import AuditEntry
from portal.core.clock import now
from portal.core.db import Database, session
from portal.organisations.models import Organisation, OrganisationState
from tests.by_hand import TOKEN, form_token, is_signed_in, post, sign_in
from tests.world import PASSWORD, World

HOSTILE = [
    "//evil.com", "/\\evil.com", "\\\\evil.com", "///evil.com", "https:evil.com", "https:///evil.com",
    " https://evil.com", "/%09/evil.com", "http://portal@evil.com", "javascript:alert(1)", "/%5cevil.com",
    "http://evil.com\\.portal.org", "%0d%0aSet-Cookie:x=1", "/\t/evil.com", "/%0d%0aSet-Cookie:x=1",
]  # fmt: skip


def test_the_right_password_leads_to_the_workspace_in_the_persons_language(
    client: FlaskClient, world: World, database: Database
) -> None:
    with database.unit_of_work():
        session().get_one(Person, world.people["author"]).language = "es"
    answer = sign_in(client, "author")
    assert (answer.status_code, answer.location) == (303, "/es/workspace")
    assert is_signed_in(client)


def test_the_address_may_be_typed_in_capitals_and_with_spaces(client: FlaskClient, world: World) -> None:
    assert sign_in(client, " Author@Test.Example ").status_code == 303


def test_sign_in_leads_to_the_address_that_was_asked_for(client: FlaskClient, world: World) -> None:
    asked = client.get("/en/account/sessions?x=1")
    assert asked.status_code == 303
    assert 'name="next" value="/en/account/sessions?x=1"' in client.get(asked.location).text
    assert sign_in(client, "author", next="/en/account/sessions?x=1").location == "/en/account/sessions?x=1"


@pytest.mark.parametrize("target", HOSTILE)
def test_sign_in_never_leads_away_from_the_portal(client: FlaskClient, world: World, target: str) -> None:
    page = client.get("/en/sign-in", query_string={"next": target}).text
    assert 'name="next" value=""' in page
    assert sign_in(client, "author", next=target).location == "/en/workspace"
    assert client.get("/en/sign-in", query_string={"next": target}).location == "/en/workspace"


def test_a_wrong_password_an_unknown_address_and_a_suspended_person_get_the_same_answer(
    client: FlaskClient, world: World, database: Database
) -> None:
    with database.unit_of_work():
        session().get_one(Person, world.people["colleague"]).state = PersonState.SUSPENDED
    token = form_token(client)
    answers = set()
    for email, password in (
        ("author@test.example", "not-the-right-one"),
        ("nobody@test.example", PASSWORD),
        ("colleague@test.example", PASSWORD),
    ):
        answer = client.post("/en/sign-in", data={"csrf_token": token, "email": email, "password": password})
        answers.add((answer.status_code, answer.text.replace(email, "ADDRESS").replace(token, "")))
    assert len({status for status, _page in answers}) == 1
    assert len({_without_tokens(page) for _status, page in answers}) == 1
    assert not is_signed_in(client)


def test_an_unknown_address_costs_the_same_hashing_as_a_known_one(
    client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from argon2 import PasswordHasher

    hashes: list[str] = []
    real = PasswordHasher.verify

    def counted(self: PasswordHasher, hashed: Any, password: Any) -> bool:
        hashes.append(str(hashed))
        return bool(real(self, hashed, password))

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    sign_in(client, "author", "not-the-right-one")
    sign_in(client, "nobody", "not-the-right-one")
    assert len(hashes) == 2


def test_who_has_no_active_organisation_is_told_so_after_the_right_password_alone(
    client: FlaskClient, world: World, database: Database
) -> None:
    with database.unit_of_work():
        thailand = session().get_one(Organisation, world.organisations["thailand"])
        thailand.state = OrganisationState.SUSPENDED
    assert "no active organisation" in sign_in(client, "author").text
    assert "no active organisation" not in sign_in(client, "author", "not-the-right-one").text
    assert not is_signed_in(client)


def test_what_was_typed_wrongly_comes_back_but_never_the_password(client: FlaskClient, world: World) -> None:
    page = sign_in(client, "author", "not-the-right-one", next="/en/account").text
    assert 'value="author@test.example"' in page
    assert 'name="next" value="/en/account"' in page
    assert "not-the-right-one" not in page


def test_a_copied_cookie_is_dead_after_signing_out(client: FlaskClient, app: Flask, world: World) -> None:
    sign_in(client, "author")
    copied = client.get_cookie("portal")
    assert copied is not None
    assert post(client, "/en/sign-out").status_code == 303
    thief = app.test_client()
    thief.set_cookie("portal", copied.value)
    assert not is_signed_in(thief)
    assert not is_signed_in(client)


def test_signing_in_gives_a_new_session_and_voids_the_former_one(
    client: FlaskClient, app: Flask, world: World
) -> None:
    form_token(client)
    before = client.get_cookie("portal")
    sign_in(client, "author")
    first = client.get_cookie("portal")
    assert before is not None
    assert first is not None
    assert before.value != first.value
    planted = app.test_client()
    planted.set_cookie("portal", before.value)
    assert not is_signed_in(planted)
    sign_in(client, "colleague")
    former = app.test_client()
    former.set_cookie("portal", first.value)
    assert not is_signed_in(former)
    assert is_signed_in(client)


def test_the_database_keeps_no_token(client: FlaskClient, world: World, database: Database) -> None:
    sign_in(client, "author")
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    with database.unit_of_work(write=False):
        kept = session().scalars(select(SignInSession)).one()
    assert token not in (kept.token_hash, kept.person_id, kept.browser)


def test_a_suspended_person_is_a_visitor_at_the_next_request(
    client: FlaskClient, world: World, database: Database
) -> None:
    sign_in(client, "author")
    with database.unit_of_work():
        administrator = world.actor("administrator")
        actions.suspend(administrator, session().get_one(Person, world.people["author"]))
    assert not is_signed_in(client)
    with database.unit_of_work():
        administrator = world.actor("administrator")
        actions.reinstate(administrator, session().get_one(Person, world.people["author"]))
    assert not is_signed_in(client), "the old session is dead for good"
    assert sign_in(client, "author").status_code == 303


def test_a_suspended_organisation_ends_the_rights_of_its_people_at_once(
    client: FlaskClient, world: World, database: Database
) -> None:
    sign_in(client, "author")
    with database.unit_of_work():
        thailand = session().get_one(Organisation, world.organisations["thailand"])
        thailand.state = OrganisationState.SUSPENDED
    assert not is_signed_in(client)


@pytest.mark.parametrize("field", ["last_seen_at", "expires_at"])
def test_a_session_ends_when_it_rests_too_long_or_is_too_old(
    client: FlaskClient, world: World, database: Database, field: str
) -> None:
    sign_in(client, "author")
    with database.unit_of_work():
        kept = session().scalars(select(SignInSession)).one()
        setattr(kept, field, now().replace(year=now().year - 1))
    assert not is_signed_in(client)


def test_signing_in_is_in_the_audit_trail(client: FlaskClient, world: World, database: Database) -> None:
    sign_in(client, "author")
    post(client, "/en/sign-out")
    with database.unit_of_work(write=False):
        verbs = session().scalars(
            select(AuditEntry.verb)
            .where(AuditEntry.person_id == world.people["author"])
            .order_by(AuditEntry.id)
        )
        assert list(verbs) == ["person.signed_in", "person.signed_out"]


def test_no_two_browsers_are_given_the_same_form_token(app: Flask, world: World) -> None:
    visitors, members = ([app.test_client() for _browser in range(3)] for _kind in range(2))
    for browser in members:
        sign_in(browser, "author")
    for path in ("/en/", "/en/sign-in", "/en/account", "/en/contributions", f"/en/contributions/{'0' * 16}"):
        given = [set(TOKEN.findall(browser.get(path).text)) for browser in (*visitors, *members)]
        assert all(len(tokens) <= 1 for tokens in given)
        flat = [token for tokens in given for token in tokens]
        assert len(flat) == len(set(flat)), path


def test_a_sign_in_form_without_its_token_is_refused(client: FlaskClient, world: World) -> None:
    answer = client.post("/en/sign-in", data={"email": "author@test.example", "password": PASSWORD})
    assert answer.status_code == 400
    assert not is_signed_in(client)


def test_a_hash_of_former_costs_is_renewed_at_sign_in(
    client: FlaskClient, world: World, database: Database
) -> None:
    with database.unit_of_work(write=False):
        former = session().get_one(Person, world.people["author"]).password_hash
    sign_in(client, "author")
    with database.unit_of_work(write=False):
        assert session().get_one(Person, world.people["author"]).password_hash != former
    assert sign_in(client, "author").status_code == 303


def test_the_eleventh_wrong_password_in_a_minute_has_to_wait(
    app: Flask, world: World, database: Database
) -> None:
    strict = _with_limits(app, database)
    client = strict.test_client()
    for _try in range(10):
        assert sign_in(client, "author", "not-the-right-one").status_code == 422
    answer = sign_in(client, "author")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    assert "Try again in" in answer.text


def test_tries_at_one_account_from_many_addresses_are_counted_together(
    app: Flask, world: World, database: Database
) -> None:
    client = _with_limits(app, database).test_client()
    token = form_token(client)
    statuses = [
        client.post(
            "/en/sign-in",
            data={"csrf_token": token, "email": "author@test.example", "password": "not-the-right-one"},
            environ_base={"REMOTE_ADDR": f"203.0.113.{n}"},
        ).status_code
        for n in range(21)
    ]
    assert statuses == [422] * 20 + [429]


def test_whoever_signs_in_rightly_is_never_locked_out(app: Flask, world: World, database: Database) -> None:
    client = _with_limits(app, database).test_client()
    assert {sign_in(client, "author").status_code for _time in range(12)} == {303}


def _with_limits(app: Flask, database: Database) -> Flask:
    settings = dataclasses.replace(app.extensions["portal_settings"], rate_limits=True)
    return create_app(settings, database)


def _without_tokens(page: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page)
