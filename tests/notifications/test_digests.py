"""Mail as often as people want it: at once, gathered once a day or week, never; and ended with one click."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from portal.accounts.models import Person, PersonState
from portal.core.access import ANONYMOUS
from portal.core.db import Database, new_id, session
from portal.core.errors import Forbidden, Invalid
from portal.editorial import actions as editorial
from portal.editorial.models import Audience
from portal.mail.transport import MemoryTransport
from portal.notifications import actions
from portal.notifications.choices import FOLLOW, Frequency, soonest
from portal.notifications.delivery import deliver_digest
from portal.notifications.models import Choice, Digest, Notification
from portal.notifications.queries import frequencies
from tests import world as w
from tests.attachments.making import contribution
from tests.http import Browser, words
from tests.work import work_off
from tests.world import World

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday
HOUR = 6
FOLLOWED = {"event": "first", "language": "en", "reason": "contribution", "key": "x"}


def tell(
    world: World, made: str | None, who: str = "fijian", frequency: str = "daily", **params: str
) -> None:
    actions.tell_each(
        [actions.Tell(world.people[who], Frequency(frequency), {**FOLLOWED, **params})],
        "follow.published",
        event_key=new_id(),
        contribution_id=made,
    )


def gather(app: Flask, database: Database, moment: datetime) -> int:
    with time_machine.travel(moment, tick=False):
        with database.unit_of_work():
            made = actions.gather_digests(HOUR)
        work_off(app)
    return made


def text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.fixture
def post(app: Flask, world: World, database: Database, post_box: MemoryTransport) -> str:
    with time_machine.travel(NOON - timedelta(days=3), tick=False):
        with database.unit_of_work():
            made = w.make_published(world).id
        work_off(app)
    post_box.sent.clear()
    return made


def test_what_came_before_the_hour_is_one_mail_and_what_came_after_waits(
    app: Flask, world: World, database: Database, post: str, post_box: MemoryTransport
) -> None:
    with time_machine.travel(NOON, tick=False), database.unit_of_work():
        other = w.make_published(world, "Second").id
        tell(world, post)
        tell(world, other)
    assert gather(app, database, NOON) == 0
    morning = NOON.replace(day=25, hour=HOUR)
    assert gather(app, database, morning + timedelta(minutes=1)) == 1
    (letter,) = [sent for sent in post_box.sent if str(sent["To"]).startswith("Fijian")]
    assert letter["Subject"] == "Customs Exchange: 2 updates"
    assert text(letter).count("* New: ") == 2
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    with time_machine.travel(morning - timedelta(minutes=1), tick=False), database.unit_of_work():
        tell(world, post, event="changed")
    assert gather(app, database, morning + timedelta(hours=3)) == 0  # one a day, whatever comes late
    assert gather(app, database, morning + timedelta(days=1)) == 1


def test_weekly_mail_comes_on_mondays_together_with_the_daily_one(
    app: Flask, world: World, database: Database, post: str, post_box: MemoryTransport
) -> None:
    with time_machine.travel(NOON, tick=False), database.unit_of_work():
        other = w.make_published(world, "Second").id
        tell(world, post, frequency="weekly")
    for day in range(25, 30):
        assert gather(app, database, NOON.replace(day=day)) == 0
    with time_machine.travel(NOON.replace(day=29), tick=False), database.unit_of_work():
        tell(world, other)
    assert gather(app, database, NOON.replace(day=30)) == 1
    (letter,) = [sent for sent in post_box.sent if str(sent["To"]).startswith("Fijian")]
    assert text(letter).count("* New: ") == 2


def test_of_one_post_the_newest_alone_is_in_the_mail(
    app: Flask, world: World, database: Database, post: str, post_box: MemoryTransport
) -> None:
    with time_machine.travel(NOON, tick=False), database.unit_of_work():
        tell(world, post)
    with time_machine.travel(NOON + timedelta(hours=1), tick=False), database.unit_of_work():
        tell(world, post, event="changed")
    gather(app, database, NOON + timedelta(days=1))
    (letter,) = post_box.sent
    assert letter["Subject"] == "Customs Exchange: 1 update"
    assert "* Changed: " in text(letter)


def test_what_was_read_already_is_not_mailed_again(
    app: Flask, world: World, database: Database, post: str, post_box: MemoryTransport
) -> None:
    with time_machine.travel(NOON, tick=False), database.unit_of_work():
        tell(world, post)
        actions.mark_all_read(world.actor("fijian"))
        tell(world, post, who="partner")
        actions.mark_all_read(world.actor("partner"))
        tell(world, post, who="partner", event="changed")
    gather(app, database, NOON + timedelta(days=1))
    (letter,) = post_box.sent
    assert str(letter["To"]).startswith("Partner")
    assert letter["Subject"] == "Customs Exchange: 1 update"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("es", "Esta traducción es anterior al original."),
        ("fr", "Cette page n’est pas disponible en français\u202f; elle est affichée en anglais."),
        ("en", None),
    ],
)
def test_a_mail_says_in_which_language_and_how_old_a_post_is(
    app: Flask,
    world: World,
    database: Database,
    post: str,
    post_box: MemoryTransport,
    language: str,
    sentence: str | None,
) -> None:
    with time_machine.travel(NOON, tick=False), database.unit_of_work():
        w.translate(world, contribution(post), "es", "Ventanilla")
        w.revise(world, contribution(post), "Turned round", changes_meaning=True)
        session().get_one(Person, world.people["fijian"]).language = language
        tell(world, post, event="changed")
    gather(app, database, NOON + timedelta(days=1))
    letter = next(sent for sent in post_box.sent if str(sent["To"]).startswith("Fijian"))
    said = [line.strip() for line in text(letter).splitlines()]
    assert (sentence in said) if sentence is not None else not any("not available" in line for line in said)


def test_rights_are_asked_again_and_an_empty_mail_is_not_sent(
    app: Flask, world: World, database: Database, post: str, post_box: MemoryTransport
) -> None:
    with time_machine.travel(NOON, tick=False), database.unit_of_work():
        tell(world, post)
        tell(world, post, who="reader")
        tell(world, post, who="partner")
        editorial.narrow(world.actor("coordinator"), contribution(post), Audience.OWN)
        session().execute(
            update(Person).where(Person.id == world.people["partner"]).values(state=PersonState.SUSPENDED)
        )
    assert gather(app, database, NOON + timedelta(days=1)) == 3
    assert [str(letter["To"]).split()[0] for letter in post_box.sent] == ["Reader"]
    with database.unit_of_work(write=False):
        left = select(func.count()).where(Notification.person_id == world.people["fijian"])
        assert session().scalar(left) == 0


def test_a_digest_sent_again_after_a_kill_is_the_same_letter(
    app: Flask, world: World, database: Database, post: str, post_box: MemoryTransport
) -> None:
    with time_machine.travel(NOON, tick=False), database.unit_of_work():
        tell(world, post)
    gather(app, database, NOON + timedelta(days=1))
    with database.unit_of_work(write=False):
        digest_id = session().scalars(select(Digest.id)).one()
    deliver_digest(app, {"digest_id": digest_id})
    deliver_digest(app, {"digest_id": "none"})
    first, second = post_box.sent
    assert first["Message-ID"] == second["Message-ID"]


def test_never_is_the_inbox_alone(
    app: Flask, world: World, database: Database, post: str, post_box: MemoryTransport
) -> None:
    with time_machine.travel(NOON, tick=False), database.unit_of_work():
        tell(world, post, frequency="never")
    assert gather(app, database, NOON + timedelta(days=8)) == 0
    assert post_box.sent == []
    assert "New: Single window" in words(Browser(app).sign_in("fijian@test.example").get("/inbox"))
    assert soonest([]) == Frequency.NEVER


def stop_path(letter: EmailMessage) -> str:
    found = re.fullmatch(r"<http://localhost/en(/unsubscribe/\S+)>", str(letter["List-Unsubscribe"]))
    assert found is not None
    return found[1]


def test_one_post_without_session_or_form_token_ends_a_kind_of_mail(
    app: Flask, world: World, database: Database, post: str, post_box: MemoryTransport
) -> None:
    with time_machine.travel(NOON, tick=False), database.unit_of_work():
        actions.choose(world.actor("fijian"), f"{FOLLOW}one", "now")
        actions.choose(world.actor("fijian"), f"{FOLLOW}two", "weekly")
        tell(world, post)
    gather(app, database, NOON + timedelta(days=1))
    path = stop_path(post_box.sent[0])
    app.config["WTF_CSRF_ENABLED"] = True
    browser = Browser(app)
    assert "This ends mail about" in words(browser.get(path))
    with database.unit_of_work(write=False):
        assert frequencies(world.actor("fijian"))["talk"] == "daily"
    page = browser.client.post(f"/en{path}", data={"List-Unsubscribe": "One-Click"})
    assert page.status_code == 200
    with database.unit_of_work(write=False):
        assert frequencies(world.actor("fijian")) == {
            "work": "now", "talk": "never", "following": "never", "searches": "never",
        }  # fmt: skip
        follows = select(Choice.subject, Choice.frequency).where(Choice.subject.startswith(FOLLOW))
        assert dict(session().execute(follows).all()) == {f"{FOLLOW}one": "now", f"{FOLLOW}two": "never"}


@pytest.mark.parametrize("way", ["digest", "following", "preferences"])
def test_what_waited_when_mail_was_ended_is_not_mailed_either(
    app: Flask, world: World, database: Database, post: str, post_box: MemoryTransport, way: str
) -> None:
    with time_machine.travel(NOON, tick=False), database.unit_of_work():
        tell(world, post)
        tell(world, post, who="reader")
        if way == "preferences":
            actions.choose(world.actor("fijian"), "following", "never")
        else:
            actions.stop_mail(world.people["fijian"], way)
    assert gather(app, database, NOON + timedelta(days=8)) == 1
    assert [str(letter["To"]).split()[0] for letter in post_box.sent] == ["Reader"]


@pytest.mark.parametrize("subject", ["work", "following", "follow:one", "searches", "search:one"])
def test_the_mail_of_one_subject_can_be_ended(
    app: Flask, world: World, database: Database, subject: str
) -> None:
    from portal.notifications.stopping import stop_address

    with app.test_request_context():
        path = stop_address(world.people["fijian"], subject, "en").removeprefix("http://localhost")
    assert Browser(app).client.post(path).status_code == 200
    with database.unit_of_work(write=False):
        chosen = select(Choice.subject, Choice.frequency).where(Choice.person_id == world.people["fijian"])
        assert session().execute(chosen).all() == [(subject, "never")]


def test_a_token_that_we_did_not_sign_is_a_page_that_never_was(app: Flask, world: World) -> None:
    browser = Browser(app)
    for token in ("x", "WyJhIiwiYiJd.abc", "a.b.c"):
        assert browser.get(f"/unsubscribe/{token}").status_code == 404


def test_people_choose_on_their_page(app: Flask, world: World, database: Database) -> None:
    browser = Browser(app).sign_in("fijian@test.example")
    page = browser.get("/inbox/preferences")
    assert 'id="work-now" name="work" value="now" checked' in page.text
    browser.press("save", work="daily", talk="never", following="weekly", searches="now")
    assert "Your choice is saved" in words(browser.follow())
    with database.unit_of_work(write=False):
        chosen = {"work": "daily", "talk": "never", "following": "weekly", "searches": "now"}
        assert frequencies(world.actor("fijian")) == chosen
    for subject, frequency in (("work", "hourly"), ("weather", "now")):
        with database.unit_of_work(), pytest.raises(Invalid):
            actions.choose(world.actor("fijian"), subject, frequency)
    with database.unit_of_work(), pytest.raises(Forbidden):
        actions.choose(ANONYMOUS, "work", "now")


def test_the_inbox_shows_one_kind_or_what_is_unread(
    app: Flask, world: World, database: Database, post: str
) -> None:
    with database.unit_of_work():
        tell(world, post)
        actions.notify(
            [world.people["fijian"]], "lesson.used", event_key=new_id(), contribution_id=post,
            organisation_id=world.organisations["fiji"],
        )  # fmt: skip
    browser = Browser(app).sign_in("fijian@test.example")
    assert browser.get("/inbox").text.count('class="cx-title') == 2
    assert "New: " in words(browser.get("/inbox?subject=following"))
    assert "New: Single" not in words(browser.get("/inbox?subject=talk"))
    browser.get("/inbox?unread=1&subject=following")
    assert browser.press("id").status_code == 303
    assert browser.get("/inbox?unread=1").text.count('class="cx-title') == 1
    assert "See all" in words(browser.get("/inbox?unread=1&subject=following"))


def test_ending_gathered_mail_ends_what_was_gathered_for_one_thing_alone(
    app: Flask, world: World, database: Database
) -> None:
    with database.unit_of_work():
        fijian = world.actor("fijian")
        for subject, frequency in (("following", "now"), ("follow:one", "weekly"), ("search:one", "daily")):
            actions.choose(fijian, subject, frequency)
        actions.stop_mail(world.people["fijian"], actions.DIGEST)
    with database.unit_of_work(write=False):
        chosen = dict(session().execute(select(Choice.subject, Choice.frequency)).all())
    assert chosen["following"] == "now"
    assert chosen["follow:one"] == chosen["search:one"] == chosen["searches"] == "never"
