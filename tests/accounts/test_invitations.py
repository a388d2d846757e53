"""The page that a mailed invitation leads to."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.models import Person
from portal.core.db import Database, session
from portal.organisations import actions
from portal.organisations.models import Membership, Organisation, Role
from tests.by_hand import form_token, is_signed_in, post, sign_in
from tests.world import PASSWORD, World

NEW = "correct-mango-42-ferry"


def _invite(world: World, database: Database, email: str, role: Role = Role.CONTRIBUTOR) -> str:
    """The path of an invitation of Fiji's that an administrator sent."""
    with database.unit_of_work():
        fiji = session().get_one(Organisation, world.organisations["fiji"])
        made = actions.invite(world.actor("administrator"), fiji, email, role, "es")
        return f"/en/invitations/{actions.make_invitation_token(made)}"


@pytest.fixture
def invited(world: World, database: Database) -> str:
    """An invitation of somebody new."""
    return _invite(world, database, "new@frcs.example")


def _roles(database: Database, email: str) -> list[str]:
    statement = select(Membership.role).join(Person, Person.id == Membership.person_id)
    with database.unit_of_work(write=False):
        return [str(role) for role in session().scalars(statement.where(Person.email == email))]


def test_somebody_new_makes_an_account_and_is_signed_in(
    client: FlaskClient, invited: str, database: Database
) -> None:
    page = client.get(invited).text
    assert "Join Fiji Customs" in page
    assert "new@frcs.example" in page
    answer = post(client, invited, name="Lita Waqa", password=NEW)
    assert (answer.status_code, answer.location) == (303, "/es/workspace")
    assert is_signed_in(client)
    assert _roles(database, "new@frcs.example") == ["contributor"]
    assert sign_in(client, "new@frcs.example", NEW).status_code == 303


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": "", "password": NEW}, "Type your name"),
        ({"name": "Lita Waqa", "password": "short"}, "at least 12"),
        ({"name": "Lita Waqa", "password": "waqa-waqa-waqa-1"}, "Leave your name"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_the_field_and_the_link_goes_on_working(
    client: FlaskClient, invited: str, fields: dict[str, str], why: str
) -> None:
    answer = client.post(invited, data={"csrf_token": form_token(client), **fields})
    assert answer.status_code == 422
    assert why in answer.text
    assert fields["password"] not in answer.text
    assert post(client, invited, name="Lita Waqa", password=NEW).status_code == 303


def test_the_link_works_once(client: FlaskClient, app: Flask, invited: str) -> None:
    post(client, invited, name="Lita Waqa", password=NEW)
    other = app.test_client()
    assert other.get(invited).status_code == 410
    assert post(other, invited, name="Somebody Else", password=NEW).status_code == 410
    assert other.get("/en/invitations/unknown").status_code == 410


def test_a_field_for_the_role_changes_nothing(client: FlaskClient, invited: str, database: Database) -> None:
    post(
        client, invited, name="Lita Waqa", password=NEW, role="coordinator", email="other@frcs.example",
        organisation="x", is_administrator="1",
    )  # fmt: skip
    assert _roles(database, "new@frcs.example") == ["contributor"]
    assert _roles(database, "other@frcs.example") == []


def test_into_an_existing_account_leads_its_password_alone(
    client: FlaskClient, world: World, database: Database
) -> None:
    link = _invite(world, database, "author@test.example", Role.READER)
    assert "You have an account" in client.get(link).text
    assert post(client, link, name="Author", password=NEW).status_code == 422
    assert not is_signed_in(client)
    assert _roles(database, "author@test.example") == ["contributor"]
    assert post(client, link, password=PASSWORD).status_code == 303
    assert is_signed_in(client)
    assert sorted(_roles(database, "author@test.example")) == ["contributor", "reader"]


def test_who_is_signed_in_joins_with_one_button(
    client: FlaskClient, world: World, database: Database
) -> None:
    link = _invite(world, database, "author@test.example", Role.READER)
    sign_in(client, "author")
    assert 'type="password"' not in client.get(link).text
    assert post(client, link).status_code == 303
    assert sorted(_roles(database, "author@test.example")) == ["contributor", "reader"]


def test_somebody_else_who_is_signed_in_cannot_take_the_invitation(
    client: FlaskClient, invited: str, world: World, database: Database
) -> None:
    sign_in(client, "author")
    assert "This invitation is for new@frcs.example" in client.get(invited).text
    assert post(client, invited, name="Author", password=NEW).status_code == 422
    assert _roles(database, "author@test.example") == ["contributor"]
    assert _roles(database, "new@frcs.example") == []


def test_the_link_is_void_once_its_inviter_may_not_invite_any_more(
    client: FlaskClient, invited: str, world: World, database: Database
) -> None:
    with database.unit_of_work():
        session().get_one(Person, world.people["administrator"]).is_administrator = False
    assert client.get(invited).status_code == 410
