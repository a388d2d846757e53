"""State x audience x persona: `labels`, `visible_to` and `can_see` against an oracle written apart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from portal.accounts.models import Person, PersonState
from portal.core.access import ANONYMOUS, Actor
from portal.core.db import Database, session
from portal.core.guard import UnscopedQuery, scoped
from portal.editorial import actions
from portal.editorial.models import Audience, Contribution, Revision
from portal.editorial.visibility import can_see, visible_contributions
from portal.organisations.models import Organisation, OrganisationState
from tests import world as w
from tests.world import World, build_world

# Who reads a published item of each audience, in words of product.md and not of the code.
READERS = {
    Audience.PUBLIC: {
        "visitor",
        "reader",
        "author",
        "fijian",
        "partner",
        "named",
        "moderator",
        "administrator",
        "suspended",
    },
    Audience.MEMBERS: {"reader", "author", "fijian", "partner", "named", "moderator", "administrator"},
    Audience.CUSTOMS: {"reader", "author", "fijian", "moderator", "administrator"},
    Audience.ORGANISATIONS: {"reader", "author", "named"},
    Audience.OWN: {"reader", "author"},
}
PERSONAS = (
    "visitor",
    "reader",
    "author",
    "fijian",
    "partner",
    "named",
    "moderator",
    "administrator",
    "suspended",
)
HIDDEN = (
    "draft",
    "submitted",
    "in_review",
    "changes_requested",
    "declined",
    "withdrawn",
    "archived",
    "unpublished",
)


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    with database.unit_of_work():
        built = build_world()
        built.people["suspended"] = w.make_person("suspended", built.organisations["fiji"])
        session().get_one(Person, built.people["suspended"]).state = PersonState.SUSPENDED
        session().flush()
        yield built


def actor(world: World, name: str) -> Actor:
    return ANONYMOUS if name == "visitor" else world.actor(name)


def sees(world: World, made: Contribution) -> set[str]:
    """Who sees it, asked in both ways: the two must agree."""
    found = set()
    for name in PERSONAS:
        asked = actor(world, name)
        one = can_see(asked, made.id)
        many = made.id in set(session().scalars(visible_contributions(asked, Contribution.id)))
        assert one is many
        if one:
            found.add(name)
    return found


def make(world: World, audience: Audience) -> Contribution:
    named = (world.organisations["jica"],) if audience == Audience.ORGANISATIONS else ()
    return w.make_published(world, audience=audience, organisations=named)


@pytest.mark.parametrize("audience", list(Audience))
def test_what_is_published_is_read_by_its_audience_and_nobody_else(world: World, audience: Audience) -> None:
    assert sees(world, make(world, audience)) == READERS[audience]


@pytest.mark.parametrize("state", HIDDEN)
@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.ORGANISATIONS])
def test_what_is_not_published_is_in_nobodys_list(world: World, audience: Audience, state: str) -> None:
    made = brought_to(world, audience, state)
    assert sees(world, made) == set()


def brought_to(world: World, audience: Audience, state: str) -> Contribution:
    named = (world.organisations["jica"],) if audience == Audience.ORGANISATIONS else ()
    if state in {"archived", "unpublished"}:
        made = make(world, audience)
        by = "coordinator" if state == "archived" else "moderator"
        actions.unpublish(world.actor(by), made, "A reason.")
        return made
    made = w.make_draft(world, audience=audience, organisations=named)
    if state == "draft":
        return made
    revision = w.submit(world, made)
    if state == "withdrawn":
        actions.withdraw(world.actor("author"), made, revision)
    elif state != "submitted":
        case = w.claim(world, made)
        if state in {"changes_requested", "declined"}:
            step = {"changes_requested": actions.request_changes, "declined": actions.decline}[state]
            step(world.actor("moderator"), case, case.version, w.snapshot_digest(made, revision), "Why.")
    return made


def test_a_next_version_that_waits_changes_nothing_for_readers(world: World) -> None:
    made = make(world, Audience.MEMBERS)
    w.revise(world, made, "Wider", publish=False, audience=Audience.PUBLIC)
    w.submit(world, made)
    assert sees(world, made) == READERS[Audience.MEMBERS]


def test_a_narrowed_audience_holds_at_once(world: World) -> None:
    made = make(world, Audience.PUBLIC)
    actions.narrow(world.actor("author"), made, Audience.OWN)
    assert sees(world, made) == READERS[Audience.OWN]


def test_people_of_a_suspended_organisation_are_visitors_and_its_texts_stay(world: World) -> None:
    made = make(world, Audience.CUSTOMS)
    session().get_one(Organisation, world.organisations["thailand"]).state = OrganisationState.SUSPENDED
    session().flush()
    assert sees(world, made) == READERS[Audience.CUSTOMS] - {"author", "reader"}


def test_somebody_in_two_organisations_reads_with_the_labels_of_both(world: World) -> None:
    made = make(world, Audience.ORGANISATIONS)
    w.join(world.people["partner"], world.organisations["jica"])
    assert can_see(world.actor("partner"), made.id)


def test_a_query_of_a_guarded_table_that_names_nobody_is_refused(world: World) -> None:
    make(world, Audience.PUBLIC)
    for statement in (
        select(Contribution),
        select(Revision.title),
        text("SELECT title FROM revision"),
        select(Contribution.__table__.c.id),
    ):
        with pytest.raises(UnscopedQuery):
            session().execute(statement)
    assert session().execute(scoped("this test", select(Contribution.id))).all()


def test_an_actor_without_labels_sees_nothing(world: World) -> None:
    make(world, Audience.PUBLIC)
    assert list(session().scalars(visible_contributions(Actor(labels=frozenset()), Contribution.id))) == []
