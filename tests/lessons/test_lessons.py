"""Lesson cards: who may record a use, who confirms, what the clock asks and marks."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Forbidden, Invalid, NotFound
from portal.editorial import actions as editorial
from portal.editorial.models import Contribution, Kind
from portal.lessons import actions, policy, queries
from portal.notifications.models import Notification
from portal.organisations.models import Membership, MembershipState
from tests import world as w
from tests.editorial.test_policy import HOME, PEOPLE, allowed, contribution
from tests.world import World

DAY = "2026-06-01"
START = "2026-11-24T09:00:00Z"


@pytest.fixture
def made(world: World) -> Contribution:
    return w.make_published(world, "Lesson", kind=Kind.LESSON_LEARNED)


def told(world: World, who: str) -> list[str]:
    statement = select(Notification.kind).where(Notification.person_id == world.people[who])
    return [kind for kind in session().scalars(statement) if kind.startswith("lesson.")]


def test_contributors_of_other_houses_record_uses_and_its_own_confirm() -> None:
    lesson = contribution(kind=Kind.LESSON_LEARNED)
    house = {name for name, actor in PEOPLE.items() if actor.has_role(HOME, "contributor")}
    assert allowed(lambda a: policy.record_use(a, lesson)) == {"outsider"}
    assert allowed(lambda a: policy.confirm_holds(a, lesson)) == house
    for other in (contribution(), contribution(kind=Kind.LESSON_LEARNED, is_live=False)):
        assert allowed(lambda a, other=other: policy.record_use(a, other)) == set()
        assert allowed(lambda a, other=other: policy.confirm_holds(a, other)) == set()


def test_a_use_is_recorded_once_an_organisation_changed_and_withdrawn(
    world: World, made: Contribution
) -> None:
    actor = world.actor("fijian")
    first = actions.record_use(actor, made, "It worked.", "en", DAY)
    again = actions.record_use(actor, made, "It worked well.", "en", DAY)
    assert again.id == first.id
    assert told(world, "author") == ["lesson.used"]
    assert [u.use.note for u in queries.uses(actor, made.id)] == ["It worked well."]
    actions.withdraw_use(actor, made)
    assert queries.uses(actor, made.id) == []
    with pytest.raises(NotFound):
        actions.withdraw_use(actor, made)
    with pytest.raises(NotFound):
        actions.withdraw_use(world.actor("partner"), made)
    with pytest.raises(Forbidden):
        actions.record_use(world.actor("author"), made, "Ours.", "en", DAY)
    with pytest.raises(Forbidden):
        actions.withdraw_use(world.actor("author"), made)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("note", {"note": ""}),
        ("note", {"note": "x" * 2001}),
        ("language", {"language": "de"}),
        ("used_on", {"used_on": "yesterday"}),
        ("used_on", {"used_on": "2100-01-01"}),
        ("used_on", {"used_on": "1700-01-01"}),
    ],
)
def test_a_use_without_note_language_or_a_likely_day_is_refused(
    world: World, made: Contribution, field: str, values: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refused:
        typed = {"note": "It worked.", "language": "en", "used_on": DAY, **values}
        actions.record_use(world.actor("fijian"), made, **typed)
    assert field in refused.value.errors


def test_the_coordinators_are_told_when_the_author_has_left(world: World, made: Contribution) -> None:
    session().query(Membership).filter_by(person_id=world.people["author"]).update(
        {"state": MembershipState.ENDED}
    )
    actions.record_use(world.actor("fijian"), made, "It worked.", "en", DAY)
    assert told(world, "author") == []
    assert told(world, "coordinator") == ["lesson.used"]


def test_the_clock_asks_after_a_year_marks_after_a_month_and_begins_anew(world: World) -> None:
    with time_machine.travel(START, tick=False) as clock:
        made = w.make_published(world, "Lesson", kind=Kind.LESSON_LEARNED)
        w.make_published(world, "No lesson")
        reader, author = world.actor("fijian"), world.actor("author")

        def pass_by(days: int) -> queries.Standing:
            clock.shift(timedelta(days=days))
            session().flush()
            actions.ask_whether_they_hold()
            actions.ask_whether_they_hold()
            session().flush()
            return queries.standing(reader, made.id)

        assert pass_by(364) == queries.Standing()
        assert pass_by(1).is_asked
        asked = now()
        assert told(world, "author") == ["lesson.asked"]
        assert pass_by(29).unconfirmed_since is None
        assert pass_by(1).unconfirmed_since == asked
        actions.confirm_holds(author, made, "Nothing has changed.", "en")
        session().flush()
        found = queries.standing(reader, made.id)
        assert (found.confirmed_at, found.note, found.is_asked) == (now(), "Nothing has changed.", False)
        assert not pass_by(364).is_asked
        assert pass_by(1).is_asked
        assert told(world, "author") == ["lesson.asked"] * 2
        assert pass_by(31).unconfirmed_since is not None
        w.revise(world, made, "Lesson again")  # a new version answers the question too
        session().flush()
        found = queries.standing(reader, made.id)
        assert (found.unconfirmed_since, found.confirmed_at, found.note) == (None, None, "")
        assert pass_by(365).is_asked
        with pytest.raises(Invalid):
            actions.confirm_holds(author, made, "x" * 2001, "en")
        with pytest.raises(Invalid):
            actions.confirm_holds(author, made, "", "de")
        with pytest.raises(Forbidden):
            actions.confirm_holds(reader, made, "", "en")


def test_the_question_comes_every_year_until_it_is_answered_and_readers_see_since_when_it_is_open(
    world: World,
) -> None:
    with time_machine.travel(START, tick=False) as clock:
        made = w.make_published(world, "Lesson", kind=Kind.LESSON_LEARNED)

        def pass_by(days: int) -> queries.Standing:
            clock.shift(timedelta(days=days))
            actions.ask_whether_they_hold()
            session().flush()
            return queries.standing(world.actor("fijian"), made.id)

        pass_by(365)
        first = now()
        assert pass_by(31).unconfirmed_since == first
        assert pass_by(333).unconfirmed_since == first
        assert told(world, "author") == ["lesson.asked"]
        assert pass_by(1).unconfirmed_since == first
        assert told(world, "author") == ["lesson.asked"] * 2
        clock.shift(timedelta(minutes=1))
        w.revise(world, made, "Lesson again")
        assert pass_by(364) == queries.Standing()
        assert pass_by(1) == queries.Standing(is_asked=True)


def test_a_lesson_can_be_confirmed_before_anybody_asks(world: World, made: Contribution) -> None:
    actions.confirm_holds(world.actor("colleague"), made, "", "en")
    session().flush()
    assert queries.standing(world.actor("fijian"), made.id).confirmed_at is not None


def test_with_the_lesson_goes_its_card(world: World, made: Contribution) -> None:
    reader = world.actor("fijian")
    actions.record_use(reader, made, "It worked.", "en", DAY)
    actions.confirm_holds(world.actor("author"), made, "", "en")
    editorial.unpublish(world.actor("coordinator"), made, "")
    session().flush()
    assert queries.uses(reader, made.id) == []
    assert queries.standing(reader, made.id) == queries.Standing()
    with pytest.raises(NotFound):
        queries.lesson(reader, made.id)
    update = w.make_published(world, "An update")
    with pytest.raises(NotFound):
        queries.lesson(reader, update.id)
