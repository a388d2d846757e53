"""Many texts at once: the same rows as one by one, all or none, and few statements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import Table, select

from portal.audit.models import AuditEntry
from portal.core.access import SYSTEM
from portal.core.db import new_id, session
from portal.core.errors import Forbidden, Invalid, WrongState
from portal.core.guard import scoped
from portal.editorial import actions
from portal.editorial.models import (
    Audience,
    Case,
    Contribution,
    ContributionLabel,
    Edition,
    HistoryEntry,
    Kind,
    Revision,
    State,
)
from portal.editorial.texts import TITLE_LIMIT, About, Text
from portal.jobs.models import Job
from portal.notifications.models import Notification
from portal.organisations.models import Organisation
from tests import world as w
from tests.conftest import Statements
from tests.world import World

WRITTEN = (
    Contribution,
    Edition,
    Revision,
    ContributionLabel,
    Case,
    HistoryEntry,
    AuditEntry,
    Notification,
    Job,
)
NUMBERED = frozenset({HistoryEntry, AuditEntry, Job})
MOMENT = datetime(2026, 11, 27, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_one_moment() -> Iterator[None]:
    with time_machine.travel(MOMENT, tick=False):
        yield


def posts(count: int, *languages: str, audience: Audience = Audience.PUBLIC) -> list[actions.Post]:
    """Posts with a text in each language (default: three), each of other words."""
    found = []
    for number in range(count):
        texts = {code: w.text(f"Release {number} {code}") for code in languages or ("en", "es", "fr")}
        found.append(actions.Post(texts, w.about(audience), new_id()))
    return found


def at_once(world: World, given: list[actions.Post], who: str = "author") -> list[str]:
    """Begin all and hand all originals in; the ids of the contributions."""
    actor = world.actor(who)
    made = actions.create_all(actor, Kind.REFORM_UPDATE, given)
    actions.submit_all(actor, [(one.contribution, one.original) for one in made])
    return [one.contribution.id for one in made]


def one_by_one(world: World, given: list[actions.Post], who: str = "author") -> list[str]:
    """The same in single steps."""
    actor = world.actor(who)
    ids = []
    for post in given:
        (original, text), *others = post.texts.items()
        made = actions.create(actor, Kind.REFORM_UPDATE, original, text, post.about, post.form_token)
        first = w.latest(made)
        for language, words in others:
            actions.save(actor, made, language, words, None, loaded=None, based_on=first.id)
        actions.submit(actor, made, first)
        ids.append(made.id)
    session().flush()
    return ids


def rows(ids: list[str]) -> list[list[tuple[Any, ...]]]:
    """Everything that stands in the database about each of these, with names in the place of ids."""
    kept = {model: written(model) for model in WRITTEN}
    return [of_one(contribution_id, kept) for contribution_id in ids]


def written(model: Any) -> list[dict[str, Any]]:
    table: Table = model.__table__
    statement = select(table)
    if model in NUMBERED:
        statement = statement.order_by(table.c.id)
    return [dict(row) for row in session().execute(scoped(SYSTEM, statement)).mappings()]


def of_one(contribution_id: str, kept: dict[Any, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    """The rows that name a contribution, or what belongs to it."""
    ours = {contribution_id: "contribution"}
    for edition in kept[Edition]:
        if edition["contribution_id"] == contribution_id:
            ours[edition["id"]] = f"edition {edition['language']}"
            for draft in kept[Revision]:
                if draft["edition_id"] == edition["id"]:
                    ours[draft["id"]] = f"{edition['language']} {draft['number']}"
    ours |= {case["id"]: "case" for case in kept[Case] if case["contribution_id"] == contribution_id}
    ours |= {
        told["id"]: f"told {told['person_id']}"
        for told in kept[Notification]
        if told["contribution_id"] == contribution_id
    }
    found = []
    for model, all_rows in kept.items():
        about_it = [row for row in all_rows if any(id_ in repr(row) for id_ in ours)]
        lines = [(model.__tablename__, *named(row, ours, model).items()) for row in about_it]
        found += lines if model in NUMBERED else sorted(lines)
    return found


def named(row: dict[str, Any], ours: dict[str, str], model: Any) -> dict[str, str]:
    """A row with names in the place of ids; what is another one each time is left out."""
    drop = {"form_token", "event_key", "digest"} | ({"id"} if model in NUMBERED else set())
    found = {}
    for column, value in row.items():
        if column in drop:
            assert value
            continue
        said = repr(value)
        for id_, name in ours.items():
            said = said.replace(id_, name)
        found[column] = said
    return found


@pytest.mark.parametrize("case", ["review", "clearance", "own", "nobody"])
def test_many_at_once_leave_the_rows_that_single_steps_leave(world: World, case: str) -> None:
    if case == "clearance":
        session().get_one(Organisation, world.organisations["thailand"]).needs_clearance = True
        session().flush()
    languages = ("fr", "en") if case == "nobody" else ("en", "es", "fr")
    audience = Audience.OWN if case == "own" else Audience.PUBLIC
    given = posts(3, *languages, audience=audience)
    singly = rows(one_by_one(world, given))
    given = [actions.Post(post.texts, post.about, new_id()) for post in given]
    together = rows(at_once(world, given))
    assert together == singly
    steps = {line[0] for line in singly[0]}
    assert {"contribution", "edition", "revision", "history_entry", "audit_entry"} <= steps
    assert ("review_case" in steps) == (case in {"review", "nobody"})
    assert ("notification" in steps) == (case != "own")


def test_one_that_is_refused_keeps_all_from_being_handed_in(world: World) -> None:
    author = world.actor("author")
    given = [*posts(2), actions.Post({"en": Text("Without a body")}, w.about(), new_id())]
    made = actions.create_all(author, Kind.REFORM_UPDATE, given)
    with pytest.raises(Invalid) as refused:
        actions.submit_all(author, [(one.contribution, one.original) for one in made])
    assert set(refused.value.errors) == {"summary", "body"}
    assert {one.original.state for one in made} == {State.DRAFT}
    assert session().scalars(scoped(SYSTEM, select(Case))).all() == []
    with pytest.raises(WrongState):
        actions.submit_all(author, [(made[0].contribution, made[0].drafts["es"])])


def test_who_may_not_begin_one_begins_none(world: World) -> None:
    with pytest.raises(Forbidden):
        at_once(world, posts(2), "reader")
    long = actions.Post({"en": w.text(), "es": Text("x" * (TITLE_LIMIT + 1))}, w.about(), new_id())
    with pytest.raises(Invalid):
        at_once(world, [*posts(1), long])
    made = actions.create_all(world.actor("author"), Kind.REFORM_UPDATE, posts(1))
    with pytest.raises(Forbidden):
        actions.submit_all(world.actor("fijian"), [(made[0].contribution, made[0].original)])
    statement = select(Contribution.id)
    assert session().scalars(scoped(SYSTEM, statement)).all() == [made[0].contribution.id]


def test_texts_for_the_house_and_for_everybody_go_each_their_own_way(world: World) -> None:
    author = world.actor("author")
    own = w.make_draft(world, audience=Audience.OWN)
    plain = w.make_draft(world, words="For everybody")
    actions.submit_all(author, [(own, w.latest(own)), (plain, w.latest(plain))])
    assert (w.latest(own).state, w.latest(plain).state) == (State.PUBLISHED, State.SUBMITTED)
    before = written(HistoryEntry)
    actions.submit_all(author, [])
    assert actions.create_all(author, Kind.LESSON_LEARNED, []) == [] and written(HistoryEntry) == before


def test_the_statements_do_not_grow_with_the_texts(world: World, statements: Statements) -> None:
    at_once(world, posts(1))  # what is kept for the unit of work
    statements.clear()
    at_once(world, posts(2))
    few = len(statements)
    statements.clear()
    at_once(world, posts(30))
    assert few <= 24 and len(statements) <= few


def test_metadata_comes_with_the_original_alone(world: World) -> None:
    (made,) = actions.create_all(world.actor("author"), Kind.REFORM_UPDATE, posts(1))
    assert {code: draft.about is None for code, draft in made.drafts.items()} == {
        "en": False, "es": True, "fr": True,
    }  # fmt: skip
    assert made.drafts["es"].based_on_id == made.drafts["fr"].based_on_id == made.original.id
    assert About.of(made.original) == w.about()
