"""Who is told of what their saved searches find: its owner, under their rights of the moment, once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert, select, update

from portal.accounts.models import Person, PersonState
from portal.alerts import actions, telling
from portal.alerts.models import SavedSearch, SavedSearchHit
from portal.alerts.telling import tell_owners
from portal.core.db import Database, new_id, session
from portal.core.guard import scoped
from portal.editorial import actions as editorial
from portal.editorial.models import Audience
from portal.jobs.models import Job
from portal.mail.transport import MemoryTransport
from portal.notifications.actions import gather_digests
from portal.notifications.models import Notification
from portal.organisations.models import Membership, MembershipState
from tests import world as w
from tests.alerts.conftest import Saves
from tests.alerts.making import lose_topic, saved
from tests.attachments.making import contribution
from tests.conftest import Statements
from tests.http import Browser, words
from tests.work import work_off
from tests.world import World

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday


def publish(
    app: Flask, database: Database, world: World, subject: str = "Single window", **values: Any
) -> str:
    with database.unit_of_work():
        made = w.make_published(world, subject, **values).id
    work_off(app)
    return made


def told(database: Database) -> dict[str, list[Notification]]:
    """What owners were told, by the name of the person."""
    with database.unit_of_work(write=False):
        found: dict[str, list[Notification]] = {}
        names = dict(session().execute(select(Person.id, Person.email)).all())  # type: ignore[arg-type]
        rows = (
            select(Notification).where(Notification.kind == "alert.found").order_by(Notification.created_at)
        )
        for row in session().scalars(rows):
            found.setdefault(names[row.person_id].partition("@")[0], []).append(row)
        return found


def names(row: Notification) -> list[str]:
    return [name for _id, name in row.params["searches"]]


def payload_of(database: Database) -> dict[str, Any]:
    """The facts of the last publication."""
    with database.unit_of_work(write=False):
        jobs = select(Job).where(Job.kind == "alert.published").order_by(Job.id.desc()).limit(1)
        return session().scalars(jobs).one().payload


def text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def letters(box: MemoryTransport, who: str) -> list[EmailMessage]:
    return [letter for letter in box.sent if str(letter["To"]).startswith(who)]


def test_the_owners_of_searches_that_find_it_are_told(
    app: Flask, world: World, database: Database, saves: Saves
) -> None:
    saves("fijian", "window")
    saves("partner", "corridor")
    saves("reader", topic="TFA-3")
    saves("named", country="FJ", topic="TFA-10.4")
    saves("peruvian", "window -agencies")
    saves("author", "window")  # it is their own
    saves("moderator", "window")  # so is the act
    publish(app, database, world, topics=("TFA-3",), countries=("FJ",))
    assert {name: list(map(names, rows)) for name, rows in told(database).items()} == {
        "fijian": [["window"]],
        "reader": [["Mine"]],
    }


def test_a_post_is_found_by_what_its_words_are_called_elsewhere_unless_that_is_not_wanted(
    app: Flask, world: World, database: Database, saves: Saves
) -> None:
    saves("fijian", "guichet unique")
    saves("partner", "guichet unique", plain="TFA-10.4")
    saves("reader", "topic:TFA kind:update -lang:fr")
    saves("named", "topic:TFA -country:TH")
    publish(app, database, world)
    assert set(told(database)) == {"fijian", "reader"}


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        (Audience.PUBLIC, {"fijian", "partner", "named", "reader"}),
        (Audience.MEMBERS, {"fijian", "partner", "named", "reader"}),
        (Audience.CUSTOMS, {"fijian", "reader"}),
        (Audience.ORGANISATIONS, {"named", "reader"}),
        (Audience.OWN, {"reader"}),
    ],
)
def test_only_those_who_may_read_it_are_told(
    app: Flask, world: World, database: Database, saves: Saves, audience: Audience, expected: set[str]
) -> None:
    for who in ("fijian", "partner", "named", "reader"):
        saves(who, "window")
    chosen = (world.organisations["jica"],) if audience == Audience.ORGANISATIONS else ()
    publish(app, database, world, audience=audience, organisations=chosen)
    assert set(told(database)) == expected


def test_who_is_suspended_or_has_left_is_told_nothing(
    app: Flask, world: World, database: Database, saves: Saves
) -> None:
    for who in ("fijian", "partner", "reader"):
        saves(who, "window")
    with database.unit_of_work():
        session().get_one(Person, world.people["fijian"]).state = PersonState.SUSPENDED
        session().execute(
            update(Membership)
            .where(Membership.person_id == world.people["partner"])
            .values(state=MembershipState.ENDED)
        )
    publish(app, database, world)
    assert set(told(database)) == {"reader"}


def test_a_paused_search_finds_nothing_until_it_is_resumed(
    app: Flask, world: World, database: Database, saves: Saves
) -> None:
    made = saves("fijian", "window")
    with database.unit_of_work():
        actions.pause(world.actor("fijian"), saved(made))
    publish(app, database, world)
    with database.unit_of_work():
        actions.resume(world.actor("fijian"), saved(made))
    assert told(database) == {}
    second = publish(app, database, world, "Second window")
    assert [row.contribution_id for row in told(database)["fijian"]] == [second]


def test_a_search_that_cannot_be_read_any_more_is_passed_over(
    app: Flask, world: World, database: Database, saves: Saves
) -> None:
    saves("fijian", topic=["TFA-3", "TFA-10.4"])
    saves("reader", "topic:TFA-3 OR topic:TFA-10.4")
    saves("partner", "window")
    with database.unit_of_work():
        lose_topic("TFA-3")
    publish(app, database, world)
    assert set(told(database)) == {"partner"}


@pytest.mark.parametrize("step", ["unpublish", "narrow"])
def test_what_was_taken_from_somebodys_sight_before_the_job_is_not_told(
    app: Flask, world: World, database: Database, saves: Saves, step: str
) -> None:
    saves("fijian", "window")
    saves("reader", "window")
    with database.unit_of_work():
        made = w.make_published(world)
        if step == "unpublish":
            editorial.unpublish(world.actor("coordinator"), made, "")
        else:
            editorial.narrow(world.actor("coordinator"), made, Audience.OWN)
    work_off(app)
    assert set(told(database)) == ({"reader"} if step == "narrow" else set())


def test_what_is_narrowed_while_people_are_told_is_told_to_no_more_of_them(
    app: Flask, world: World, database: Database, saves: Saves, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in ("fijian", "partner", "named"):
        saves(who, "window")
    with database.unit_of_work():
        made = w.make_published(world).id

    def narrowed(_name: str) -> None:
        with database.unit_of_work():
            if contribution(made).audience != Audience.OWN:
                editorial.narrow(world.actor("coordinator"), contribution(made), Audience.OWN)

    monkeypatch.setattr(telling, "PEOPLE", 1)
    monkeypatch.setattr(telling, "reached", narrowed)
    tell_owners(app, payload_of(database))
    assert len(told(database)) == 1


def test_searches_of_one_person_tell_once_of_a_post_and_each_never_again_of_an_edition(
    app: Flask, world: World, database: Database, saves: Saves
) -> None:
    saves("fijian", "window", name="Windows", frequency="weekly")
    saves("fijian", "single", name="Singles", frequency="now")
    made = publish(app, database, world)
    (row,) = told(database)["fijian"]
    assert (names(row), row.waits) == (["Singles", "Windows"], None)
    saves("fijian", "agencies", name="Agencies", frequency="now")
    with database.unit_of_work():
        w.revise(world, contribution(made), "Single window again")
    work_off(app)
    _first, second = told(database)["fijian"]
    assert (names(second), second.params["event"]) == (["Agencies"], "changed")
    with database.unit_of_work():
        w.revise(world, contribution(made), "Single window once more")
        w.revise(world, contribution(made), "Single window corrected", changes_meaning=False)
    work_off(app)
    assert len(told(database)["fijian"]) == 2


def speak(database: Database, world: World, who: str, language: str, *others: str) -> None:
    with database.unit_of_work():
        person = session().get_one(Person, world.people[who])
        person.language, person.other_languages = language, list(others)


def test_a_new_language_is_told_to_those_for_whom_it_is_the_first_that_they_read(
    app: Flask, world: World, database: Database, saves: Saves
) -> None:
    speak(database, world, "fijian", "es")
    speak(database, world, "partner", "es", "en")
    speak(database, world, "reader", "fr")
    speak(database, world, "peruvian", "en", "es")
    speak(database, world, "named", "es")
    made = publish(app, database, world)
    for who in ("fijian", "partner", "reader", "named"):
        saves(who, "agencies")
    saves("peruvian", "agencies lang:es")  # finds nothing but the translation
    with database.unit_of_work():
        editorial.ask_for_translation(world.actor("named"), contribution(made), "es")
        w.translate(world, contribution(made), "es")
    work_off(app)
    found = told(database)
    assert set(found) == {"fijian", "peruvian"}
    assert found["fijian"][0].params["event"] == "language"


def test_a_kill_between_batches_tells_nobody_twice(
    app: Flask, world: World, database: Database, saves: Saves, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in ("fijian", "partner", "reader"):
        saves(who, "window")
        saves(who, "single")
    with database.unit_of_work():
        w.make_published(world)
    payload = payload_of(database)
    monkeypatch.setattr(telling, "PEOPLE", 1)
    monkeypatch.setattr(telling, "reached", killed)
    with pytest.raises(KeyboardInterrupt):
        tell_owners(app, payload)
    assert len(told(database)) == 1
    monkeypatch.undo()
    tell_owners(app, payload)
    tell_owners(app, payload)
    assert [len(rows) for rows in told(database).values()] == [1, 1, 1]


def test_a_kill_while_a_batch_is_written_leaves_nothing_of_it(
    app: Flask, world: World, database: Database, saves: Saves, monkeypatch: pytest.MonkeyPatch
) -> None:
    saves("fijian", "window")
    with database.unit_of_work():
        w.make_published(world)
    monkeypatch.setattr(telling, "tell_each", killed)
    with pytest.raises(KeyboardInterrupt):
        tell_owners(app, payload_of(database))
    with database.unit_of_work(write=False):
        assert session().scalars(scoped("test", select(SavedSearchHit))).all() == []
    monkeypatch.undo()
    tell_owners(app, payload_of(database))
    assert len(told(database)["fijian"]) == 1


def killed(*_given: object, **_more: object) -> None:
    raise KeyboardInterrupt


def test_a_search_that_is_deleted_while_others_are_told_is_left_out(
    app: Flask, world: World, database: Database, saves: Saves, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = saves("fijian", "window")
    saves("partner", "window")
    with database.unit_of_work():
        w.make_published(world)
    tell = telling._tell

    def after_deleting(found: Any, payload: Any) -> None:
        actions.remove(world.actor("fijian"), saved(made))
        session().flush()
        tell(found, payload)

    monkeypatch.setattr(telling, "_tell", after_deleting)
    tell_owners(app, payload_of(database))
    assert set(told(database)) == {"partner"}


def test_many_searches_are_run_once_each_and_cost_few_statements(
    app: Flask, world: World, database: Database, saves: Saves, statements: Statements,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    runs = []
    run = telling.Post._run
    monkeypatch.setattr(telling.Post, "_run", lambda post, *given: runs.append(given) or run(post, *given))

    def cost() -> int:
        with database.unit_of_work():
            w.make_published(world)
        payload = payload_of(database)
        runs.clear()
        statements.clear()
        tell_owners(app, payload)
        return len(statements)

    saves("fijian", "window")
    few = cost()
    with database.unit_of_work():
        people = [w.make_person(f"f{number}", world.organisations["fiji"]) for number in range(60)]
        facts = {
            "name": "x",
            "language": "en",
            "chosen": {},
            "plain": [],
            "sort": "relevance",
            "created_at": w.now(),
        }
        session().execute(
            insert(SavedSearch),
            [
                {**facts, "id": new_id(), "person_id": person, "text": text}
                for person in people
                for text in ("window", "single org:THA", "corridor", "agencies")
            ],
        )
    assert cost() <= few + 2  # an organisation is looked up; the number of those told makes no difference
    assert len(runs) == 4


@pytest.fixture
def noon() -> Iterator[Callable[[timedelta], None]]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield lambda later: traveller.move_to(NOON + later)


def digests(app: Flask, database: Database) -> int:
    with database.unit_of_work():
        made = gather_digests(6)
    work_off(app)
    return made


def test_mail_comes_at_once_daily_weekly_or_never(
    app: Flask, world: World, database: Database, saves: Saves, post_box: MemoryTransport,
    noon: Callable[[timedelta], None],
) -> None:  # fmt: skip
    for who, frequency in (("fijian", "now"), ("partner", ""), ("reader", "weekly"), ("named", "never")):
        saves(who, "window", name="My windows", frequency=frequency)
    publish(app, database, world)
    assert set(told(database)) == {"fijian", "partner", "reader", "named"}
    assert {str(letter["To"]).split()[0] for letter in post_box.sent} & {
        "Partner",
        "Reader",
        "Named",
    } == set()
    (letter,) = letters(post_box, "Fijian")
    assert letter["Subject"] == "New: Single window: one submission reaches all agencies"
    assert "Your saved search “My windows” has found it." in text(letter)
    noon(timedelta(days=1))
    assert digests(app, database) >= 1
    (gathered,) = letters(post_box, "Partner")
    assert "Your saved search “My windows” has found it." in text(gathered)
    assert letters(post_box, "Reader") == []
    noon(timedelta(days=6))  # a Monday
    digests(app, database)
    assert len(letters(post_box, "Reader")) == 1
    assert letters(post_box, "Named") == []
    assert "My windows" in words(Browser(app).sign_in("named@test.example").get("/inbox?subject=searches"))


def test_rights_are_asked_again_when_the_digest_is_sent(
    app: Flask, world: World, database: Database, saves: Saves, post_box: MemoryTransport,
    noon: Callable[[timedelta], None],
) -> None:  # fmt: skip
    for who in ("fijian", "partner", "reader"):
        saves(who, "window")
    made = publish(app, database, world)
    with database.unit_of_work():
        editorial.narrow(world.actor("coordinator"), contribution(made), Audience.CUSTOMS)
        session().get_one(Person, world.people["reader"]).state = PersonState.SUSPENDED
    noon(timedelta(days=1))
    digests(app, database)
    assert [len(letters(post_box, name)) for name in ("Fijian", "Partner", "Reader")] == [1, 0, 0]
    assert "partner" not in told(database)  # what went out of sight is thrown away


@pytest.mark.parametrize("step", ["pause", "remove"])
def test_what_waits_of_a_search_that_was_paused_or_deleted_is_not_mailed(
    app: Flask, world: World, database: Database, saves: Saves, post_box: MemoryTransport,
    noon: Callable[[timedelta], None], step: str,
) -> None:  # fmt: skip
    made = saves("fijian", "window", name="My windows")
    publish(app, database, world)
    with database.unit_of_work():
        getattr(actions, step)(world.actor("fijian"), saved(made))
    noon(timedelta(days=1))
    digests(app, database)
    assert letters(post_box, "Fijian") == []
    assert "My windows" in words(Browser(app).sign_in("fijian@test.example").get("/inbox"))


def test_an_alert_at_once_of_a_search_that_is_paused_by_now_is_not_mailed(
    app: Flask, world: World, database: Database, saves: Saves, post_box: MemoryTransport
) -> None:
    made = saves("fijian", "window", frequency="now")
    with database.unit_of_work():
        w.make_published(world)
    tell_owners(app, payload_of(database))
    with database.unit_of_work():
        actions.pause(world.actor("fijian"), saved(made))
    work_off(app)
    assert letters(post_box, "Fijian") == []


def test_one_click_ends_the_mail_of_one_saved_search(
    app: Flask, world: World, database: Database, saves: Saves, post_box: MemoryTransport
) -> None:
    saves("fijian", "window", name="Windows", frequency="now")
    saves("fijian", "corridor", name="Corridors", frequency="now")
    publish(app, database, world)
    (letter,) = letters(post_box, "Fijian")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = re.fullmatch(r"<http://localhost(/en/unsubscribe/\S+)>", str(letter["List-Unsubscribe"]))
    assert path is not None
    browser = Browser(app)
    assert "what this saved search finds" in words(browser.get(path[1].removeprefix("/en")))
    assert browser.client.post(path[1], data={"List-Unsubscribe": "One-Click"}).status_code == 200
    publish(app, database, world, "Second window")
    publish(app, database, world, "Corridor")
    first, second = letters(post_box, "Fijian")
    assert "Windows" in text(first) and "Corridors" in text(second)
    assert [names(row) for row in told(database)["fijian"]].count(["Windows"]) == 2  # the inbox has both


def test_a_search_is_named_in_the_inbox_as_it_is_called_now(
    app: Flask, world: World, database: Database, saves: Saves, statements: Statements
) -> None:
    made = saves("fijian", "window", name="Windows")
    publish(app, database, world)
    browser = Browser(app).sign_in("fijian@test.example")
    browser.get("/inbox")
    statements.clear()
    browser.get("/inbox")
    before = len(statements)
    for number in range(3):
        publish(app, database, world, f"Window {number}")
    with database.unit_of_work():
        actions.change(world.actor("fijian"), saved(made), "Doors", "")
    statements.clear()
    page = words(browser.get("/inbox"))
    assert len(statements) == before
    assert page.count("Your saved search “Doors” has found it.") == 4


def test_a_followed_post_that_is_found_as_well_is_one_line_of_the_digest_with_both_reasons(
    app: Flask, world: World, database: Database, saves: Saves, post_box: MemoryTransport,
    noon: Callable[[timedelta], None],
) -> None:  # fmt: skip
    from portal.following.actions import follow

    saves("fijian", "window", name="Windows")
    with database.unit_of_work():
        follow(world.actor("fijian"), "topic", "TFA-10.4")
    publish(app, database, world)
    noon(timedelta(days=1))
    digests(app, database)
    (letter,) = letters(post_box, "Fijian")
    assert letter["Subject"] == "Customs Exchange: 1 update"
    assert text(letter).count("* New: ") == 1
    assert "Windows" in text(letter) and "You are told because you follow Single window." in text(letter)
