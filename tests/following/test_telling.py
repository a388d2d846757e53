"""Who is told of a publication: followers who may read it, once, and nobody of their own act."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal.accounts.models import Person, PersonState
from portal.core.access import ANONYMOUS
from portal.core.db import Database, session
from portal.core.errors import Forbidden, Invalid, NotFound
from portal.editorial import actions as editorial
from portal.editorial.models import Audience, TranslationRequest
from portal.following import actions, telling
from portal.following.models import FeedKey, Follow
from portal.following.telling import tell_followers
from portal.jobs.models import Job
from portal.mail.transport import MemoryTransport
from portal.notifications.actions import choose
from portal.notifications.choices import FOLLOWING
from portal.notifications.models import Choice, Notification
from tests import world as w
from tests.conftest import Statements
from tests.editorial.test_races import AT_ONCE, at_once
from tests.following.conftest import Follows
from tests.work import work_off
from tests.world import World


def told(database: Database) -> dict[str, list[Notification]]:
    with database.unit_of_work(write=False):
        found: dict[str, list[Notification]] = {}
        names = dict(session().execute(select(Person.id, Person.email)).all())
        for row in session().scalars(select(Notification).where(Notification.kind == "follow.published")):
            found.setdefault(names[row.person_id].partition("@")[0], []).append(row)
        return found


def publish(app: Flask, database: Database, world: World, **values: object) -> str:
    with database.unit_of_work():
        made = w.make_published(world, topics=("TFA-3",), countries=("FJ",), **values).id  # type: ignore[arg-type]
    work_off(app)
    return made


def test_followers_of_house_topic_and_country_are_told_once_each_with_the_reason(
    app: Flask, world: World, database: Database, follows: Follows
) -> None:
    thailand = world.organisations["thailand"]
    follows("fijian", "organisation", thailand)
    follows("fijian", "topic", "TFA-3")
    follows("partner", "topic", "TFA-3")
    follows("reader", "country", "FJ")
    follows("author", "organisation", thailand)  # the author is told otherwise
    publish(app, database, world)
    found = told(database)
    assert {name: len(rows) for name, rows in found.items()} == {"fijian": 1, "partner": 1, "reader": 1}
    assert [rows[0].params["reason"] for rows in found.values() if rows[0].params["reason"] == "organisation"]
    assert found["partner"][0].params["key"] == "TFA-3"


@pytest.mark.parametrize(
    ("audience", "names"),
    [
        (Audience.PUBLIC, {"fijian", "partner", "reader"}),
        (Audience.MEMBERS, {"fijian", "partner", "reader"}),
        (Audience.CUSTOMS, {"fijian", "reader"}),
        (Audience.OWN, {"reader"}),
    ],
)
def test_only_those_who_may_read_it_are_told(
    app: Flask, world: World, database: Database, follows: Follows, audience: Audience, names: set[str]
) -> None:
    for who in ("fijian", "partner", "reader"):
        follows(who, "topic", "TFA-3")
    publish(app, database, world, audience=audience)
    assert set(told(database)) == names


def test_a_suspended_follower_is_told_nothing(
    app: Flask, world: World, database: Database, follows: Follows
) -> None:
    follows("fijian", "topic", "TFA-3")
    with database.unit_of_work():
        session().execute(
            update(Person).where(Person.id == world.people["fijian"]).values(state=PersonState.SUSPENDED)
        )
    publish(app, database, world)
    assert told(database) == {}


def test_a_change_of_meaning_is_told_and_a_correction_is_not(
    app: Flask, world: World, database: Database, follows: Follows
) -> None:
    made = publish(app, database, world)
    follows("fijian", "contribution", made)
    for words, changes in (("Corrected", False), ("Turned round", True)):
        with database.unit_of_work():
            contribution = editorial_of(made)
            w.revise(world, contribution, words, changes_meaning=changes)
        work_off(app)
    (row,) = told(database)["fijian"]
    assert (row.params["event"], row.params["reason"]) == ("changed", "contribution")


def test_a_new_language_is_told_to_those_who_waited_for_it(
    app: Flask, world: World, database: Database, follows: Follows
) -> None:
    with database.unit_of_work():
        for who, language, others in (
            ("fijian", "es", []), ("partner", "es", ["en"]), ("reader", "fr", []), ("named", "es", []),
        ):  # fmt: skip
            person = session().get_one(Person, world.people[who])
            person.language, person.other_languages = language, others
    made = publish(app, database, world)
    for who in ("fijian", "partner", "reader", "named"):
        follows(who, "contribution", made)
    with database.unit_of_work():
        editorial.ask_for_translation(world.actor("named"), editorial_of(made), "es")
        w.translate(world, editorial_of(made), "es")
    work_off(app)
    assert set(told(database)) == {"fijian"}


def test_what_was_taken_down_before_the_job_is_told_to_nobody(
    app: Flask, world: World, database: Database, follows: Follows
) -> None:
    follows("fijian", "topic", "TFA-3")
    with database.unit_of_work():
        made = w.make_published(world, topics=("TFA-3",))
        editorial.unpublish(world.actor("coordinator"), made, "")
    work_off(app)
    assert told(database) == {}


def test_a_kill_between_batches_tells_nobody_twice(
    app: Flask, world: World, database: Database, follows: Follows, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in ("fijian", "partner", "reader"):
        follows(who, "topic", "TFA-3")
    with database.unit_of_work():
        w.make_published(world, topics=("TFA-3",))
        session().flush()
        payload = session().scalars(select(Job).where(Job.kind == "follow.published")).one().payload
    monkeypatch.setattr(telling, "BATCH", 1)
    monkeypatch.setattr(telling, "reached", killed)
    with pytest.raises(KeyboardInterrupt):
        tell_followers(app, payload)
    assert len(told(database)) == 1
    monkeypatch.undo()
    tell_followers(app, payload)
    tell_followers(app, payload)
    assert Counter(len(rows) for rows in told(database).values()) == {1: 3}


def killed(_name: str) -> None:
    raise KeyboardInterrupt


def test_many_followers_cost_no_more_statements_than_few(
    app: Flask, world: World, database: Database, follows: Follows, statements: Statements
) -> None:
    def told_with() -> int:
        with database.unit_of_work():
            w.make_published(world, topics=("TFA-3",))
            session().flush()
            jobs = select(Job).where(Job.kind == "follow.published").order_by(Job.id.desc()).limit(1)
            payload = session().scalars(jobs).one().payload
        statements.clear()
        tell_followers(app, payload)
        return len(statements)

    follows("fijian", "topic", "TFA-3")
    few = told_with()
    with database.unit_of_work():
        for number in range(60):
            person = w.make_person(f"f{number}", world.organisations["fiji"])
            session().add(Follow(person_id=person, kind="topic", key="TFA-3", created_at=w.now()))
    assert told_with() <= few


def test_the_soonest_of_several_wishes_counts(
    app: Flask, world: World, database: Database, follows: Follows, post_box: MemoryTransport
) -> None:
    follows("fijian", "topic", "TFA-3", "never")
    follows("fijian", "organisation", world.organisations["thailand"], "now")
    follows("partner", "topic", "TFA-3", "weekly")
    follows("reader", "topic", "TFA-3")
    publish(app, database, world)
    waits = {name: rows[0].waits for name, rows in told(database).items()}
    assert waits == {"fijian": None, "partner": "weekly", "reader": "daily"}
    mailed = [letter for letter in post_box.sent if str(letter["To"]).startswith("Fijian")]
    assert [letter["Subject"] for letter in mailed] == [
        "New: Single window: one submission reaches all agencies"
    ]
    assert "follow" in str(mailed[0]["List-Unsubscribe"]) or mailed[0]["List-Unsubscribe-Post"]


def test_who_may_follow_what(world: World, database: Database, follows: Follows) -> None:
    with database.unit_of_work():
        hidden = w.make_published(world, audience=Audience.OWN).id
    for kind, key in (
        ("contribution", hidden), ("organisation", "none"), ("topic", "none"), ("country", "XX"), ("person", "x"),
    ):  # fmt: skip
        with database.unit_of_work(), pytest.raises(NotFound):
            actions.follow(world.actor("fijian"), kind, key)
    with database.unit_of_work(), pytest.raises(Forbidden):
        actions.follow(ANONYMOUS, "topic", "TFA-3")
    first = follows("fijian", "topic", "TFA-3")
    assert follows("fijian", "topic", "TFA-3") == first
    with database.unit_of_work(), pytest.raises(NotFound):
        actions.unfollow(world.actor("partner"), first)
    with database.unit_of_work(), pytest.raises(Invalid):
        actions.choose(world.actor("fijian"), first, "hourly")
    with database.unit_of_work():
        actions.choose(world.actor("fijian"), first, "now")
        actions.choose(world.actor("fijian"), first, "")
        actions.unfollow(world.actor("fijian"), first)
        assert session().scalars(select(Follow)).all() == []


def test_what_is_pressed_twice_at_once_is_done_once(world: World, database: Database) -> None:
    def press() -> None:
        with database.unit_of_work():
            actor = world.actor("fijian")
            choose(actor, FOLLOWING, "weekly")
            actions.follow(actor, "topic", "TFA-3")
            actions.new_feed_key(actor)
            editorial.ask_for_translation(actor, editorial_of(made), "es")

    with database.unit_of_work():
        made = w.make_published(world).id
    assert at_once(press) == ["done"] * AT_ONCE
    with database.unit_of_work(write=False):
        assert [
            session().scalar(select(func.count()).select_from(t))
            for t in (Choice, Follow, FeedKey, TranslationRequest)
        ] == [1, 1, 1, 1]


def test_nobody_follows_without_end(
    world: World, database: Database, follows: Follows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST", 1)
    follows("fijian", "topic", "TFA-3")
    with database.unit_of_work(), pytest.raises(Invalid):
        actions.follow(world.actor("fijian"), "country", "FJ")


def editorial_of(contribution_id: str):  # type: ignore[no-untyped-def]
    from tests.attachments.making import contribution

    return contribution(contribution_id)
