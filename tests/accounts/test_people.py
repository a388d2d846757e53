"""The secretariat's acts on people, and how accounts come to be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.accounts import actions, passwords, policy, queries
from portal.accounts.models import Person, PersonState
from portal.core.access import SYSTEM
from portal.core.db import Database, session
from portal.core.errors import Forbidden, Invalid, NotFound
from tests.world import World, build_world, make_person


@pytest.fixture
def world(app: Flask, database: Database) -> Iterator[World]:
    """The small world, inside one unit of work."""
    with app.test_request_context(), database.unit_of_work():
        yield build_world()


def test_a_new_person_has_a_folded_address_and_a_hashed_password(world: World) -> None:
    made = actions.create_person(
        SYSTEM,
        email=" Lita.Waqa@FRCS.example ",
        name=" Lita  Waqa ",
        language="en",
        password="correct-mango-42-ferry",
    )
    assert (made.email, made.name, made.is_administrator) == ("lita.waqa@frcs.example", "Lita Waqa", False)
    assert passwords.verify(made.password_hash, "correct-mango-42-ferry")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "author@test.example"}, "email"),
        ({"email": "AUTHOR@test.example"}, "email"),
        ({"email": "nowhere"}, "email"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "email"),
        ({"email": "a" * 250 + "@b.example"}, "email"),
        ({"name": " \n "}, "name"),
        ({"language": "de"}, "language"),
        ({"password": "short"}, "password"),
        ({"password": "lita waqa of the ferry"}, "password"),
    ],
)
def test_a_person_is_not_made_of_what_cannot_be_taken(
    world: World, values: dict[str, str], field: str
) -> None:
    facts = {"email": "lita.waqa@frcs.example", "name": "Lita Waqa", "language": "en", **values}
    with pytest.raises(Invalid) as refused:
        actions.create_person(SYSTEM, **facts)  # type: ignore[arg-type]
    assert list(refused.value.errors) == [field]


def test_only_administrators_list_suspend_and_promote_people(world: World) -> None:
    author = session().get_one(Person, world.people["author"])
    for name in ("author", "coordinator", "moderator"):
        actor = world.actor(name)
        with pytest.raises(Forbidden):
            queries.people(actor)
        with pytest.raises(Forbidden):
            queries.person(actor, author.id)
        with pytest.raises(Forbidden):
            actions.suspend(actor, author)
        with pytest.raises(Forbidden):
            actions.set_administrator(actor, author, True)
    administrator = world.actor("administrator")
    actions.set_administrator(administrator, author, True)
    assert author.is_administrator
    actions.suspend(administrator, author)
    assert author.state == PersonState.SUSPENDED
    assert not world.actor("author").is_signed_in


def test_an_administrator_cannot_lock_themselves_out(world: World) -> None:
    administrator = world.actor("administrator")
    myself = session().get_one(Person, world.people["administrator"])
    for allowed in (policy.suspend, policy.reinstate, policy.set_administrator):
        assert not allowed(administrator, myself)


def test_the_list_of_people_is_paged_and_searched(world: World) -> None:
    for n in range(45):
        make_person(f"extra {n:02}", world.organisations["fiji"])
    administrator = world.actor("administrator")
    seen: list[str] = []
    found = queries.people(administrator)
    while True:
        seen += [person.id for person in found.items]
        if not found.next:
            break
        found = queries.people(administrator, found.next)
    assert len(seen) == len(set(seen)) == 45 + len(world.people)
    back = queries.people(administrator, found.previous)
    assert len(back.items) == 20
    assert [p.name for p in queries.people(administrator, search="EXTRA 07").items] == ["Extra 07"]
    assert queries.people(administrator, search="%").items == []
    assert [p.name for p in queries.people(administrator, administrators_only=True).items] == [
        "Administrator"
    ]
    assert queries.people(administrator, state=PersonState.SUSPENDED).items == []
    assert len(queries.people(administrator, ids=[world.people["author"]]).items) == 1


def test_a_person_that_nobody_is_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        queries.person(world.actor("administrator"), "0" * 16)
    assert queries.person(world.actor("administrator"), world.people["author"]).name == "Author"
