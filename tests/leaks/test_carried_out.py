"""What leaves the portal, feeds, packs and mails, is as tight as its pages, and goes with what it was made of.

As in `test_world_diff`: with a restricted lesson and all that hangs on it, nobody who may not see it
is handed another byte than without.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from portal.accounts.models import Person, PersonState
from portal.core.db import Database, session
from portal.discussion import actions as discussion
from portal.editorial import actions as editorial
from portal.editorial.models import Audience, Kind
from portal.following import actions as following
from portal.lessons import actions as lessons
from portal.mail.transport import MemoryTransport
from portal.notifications import actions as notifications
from portal.organisations.models import Role
from portal.packs import actions as packs
from tests import world as w
from tests.attachments.making import attach, contribution, draft, publish
from tests.files.samples import docx
from tests.http import Browser, words
from tests.leaks.test_world_diff import CANARY, NOW, SEES, VIEWERS
from tests.work import work_off
from tests.world import World, build_world

Carried = dict[str, dict[str, bytes]]
PEOPLE = ("fijian", "partner", "named", "reader", "administrator", "suspended", "jica head")


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    with time_machine.travel(NOW, tick=False):
        with database.unit_of_work():
            built = build_world()
            built.people["suspended"] = w.make_person("suspended", built.organisations["fiji"])
            built.people["jica head"] = w.make_person(
                "jica head", built.organisations["jica"], Role.COORDINATOR
            )
            for number in range(2):
                w.make_published(built, f"Customs release {number}", topics=("TFA-3",), countries=("FJ",))
        yield built


@pytest.fixture
def feeds(world: World, database: Database) -> dict[str, str]:
    """Everybody follows all there is, wants to be mailed at once, and has a feed; its addresses."""
    with database.unit_of_work():
        found = {}
        for name in PEOPLE:
            actor = world.actor(name)
            following.follow(actor, "organisation", world.organisations["thailand"])
            following.follow(actor, "topic", "TFA-3")
            following.follow(actor, "country", "FJ")
            for group in ("following", "talk"):
                notifications.choose(actor, group, "now")
            found[name] = f"/en/feeds/{following.new_feed_key(actor)}.atom"
        suspended = Person.id == world.people["suspended"]
        session().execute(update(Person).where(suspended).values(state=PersonState.SUSPENDED))
    return found


def carried_out(
    app: Flask, database: Database, world: World, feeds: dict[str, str], name: str
) -> dict[str, bytes]:
    """What one person takes away: their own feed, and packs of the house and of the topic."""
    feed = Browser(app).get(feeds[name])
    if name == "suspended":
        assert feed.status_code == 404
        return {}
    found = {"feed": feed.data}
    for subject, key in (("organisation", world.organisations["thailand"]), ("topic", "TFA-3")):
        with database.unit_of_work():
            pack = packs.order(world.actor(name), subject, key, "en").id
        work_off(app)
        browser = Browser(app).sign_in(f"{name.replace(' ', '.')}@test.example")
        with zipfile.ZipFile(io.BytesIO(browser.get(f"/packs/{pack}/download").data)) as opened:
            found |= {f"{subject}/{member}": opened.read(member) for member in sorted(opened.namelist())}
        browser.get("/packs")
        browser.press("remove")
    return found


def hide(app: Flask, database: Database, world: World, audience: Audience) -> tuple[str, str]:
    """A restricted lesson in two languages with a file, a use, and a question that calls everybody."""
    named = (world.organisations["jica"],) if audience == Audience.ORGANISATIONS else ()
    made = draft(
        app, world, f"Lesson {CANARY}", kind=Kind.LESSON_LEARNED, audience=audience, organisations=named,
        topics=("TFA-3",), countries=("FJ",),
    )  # fmt: skip
    (file,) = attach(app, world, made, (f"{CANARY}.docx", docx(CANARY)))
    work_off(app)
    publish(app, world, made)
    with database.unit_of_work():
        lesson = contribution(made)
        w.translate(world, lesson, "es", f"Lección {CANARY}", publish=audience != Audience.OWN)
        written = discussion.post(
            world.actor("colleague"), lesson, f"{CANARY} @JICA @FJI @WB?", "en", is_question=True
        )
        discussion.report(world.actor("reader"), lesson, written, CANARY)
        reader = {Audience.ORGANISATIONS: "named", Audience.OWN: None}.get(audience, "peruvian")
        if reader is not None:
            lessons.record_use(world.actor(reader), lesson, f"Used {CANARY}.", "en", "2026-06-01")
    work_off(app)
    return made, file


def mailed(box: MemoryTransport, name: str) -> list[str]:
    to = f"{name.replace(' ', '.')}@test.example"
    return [letter.as_string() for letter in box.sent if to in str(letter["To"])]


@pytest.mark.parametrize("audience", [a for a in Audience if a != Audience.PUBLIC])
def test_nothing_of_a_hidden_lesson_is_carried_out_by_those_who_may_not_see_it(
    app: Flask, database: Database, world: World, feeds: dict[str, str], post_box: MemoryTransport,
    audience: Audience,
) -> None:  # fmt: skip
    outside = sorted(
        (VIEWERS[audience] | {"jica head"} if audience == Audience.CUSTOMS else VIEWERS[audience])
        & set(PEOPLE)
    )
    before = {name: carried_out(app, database, world, feeds, name) for name in outside}
    post_box.sent.clear()
    hide(app, database, world, audience)
    after = {name: carried_out(app, database, world, feeds, name) for name in outside}
    for name in outside:
        assert after[name] == before[name], name
        assert mailed(post_box, name) == [], name
        if name not in {"suspended"}:
            inbox = Browser(app).sign_in(f"{name.replace(' ', '.')}@test.example").get("/inbox").data
            assert CANARY.encode() not in inbox, name


@pytest.mark.one_database
@pytest.mark.parametrize("audience", sorted(SEES, key=str))
def test_what_is_carried_out_is_not_blind(
    app: Flask, database: Database, world: World, feeds: dict[str, str], post_box: MemoryTransport,
    audience: Audience,
) -> None:  # fmt: skip
    hide(app, database, world, audience)
    name = SEES[audience]
    found = carried_out(app, database, world, feeds, name)
    assert CANARY.encode() in found["feed"]
    for subject in ("organisation", "topic"):
        assert any(
            CANARY.encode() in body for key, body in found.items() if key.startswith(f"{subject}/posts/")
        )
        assert any(key.startswith(f"{subject}/files/") for key in found)
    assert any(CANARY in letter for letter in mailed(post_box, name))


def test_taking_the_original_down_takes_all_that_hung_on_it(
    app: Flask, database: Database, world: World, feeds: dict[str, str], post_box: MemoryTransport
) -> None:
    made, file = hide(app, database, world, Audience.MEMBERS)
    with database.unit_of_work():
        following.follow(world.actor("partner"), "contribution", made)
        w.revise(world, contribution(made), f"Lesson {CANARY} changed", audience=Audience.MEMBERS)
        pack = packs.order(world.actor("partner"), "contribution", made, "es").id
    work_off(app)
    browser = Browser(app).sign_in("partner@test.example")
    pages = (
        f"/en/contributions/{made}", f"/es/contributions/{made}", f"/contributions/{made}/print",
        f"/contributions/{made}/comments", f"/contributions/{made}/uses", f"/files/{file}/x.docx",
        f"/packs?contribution={made}", f"/following?contribution={made}",
    )  # fmt: skip
    assert [browser.get(page, buffered=True).status_code for page in pages] == [200] * len(pages)
    assert CANARY.encode() in browser.get("/inbox").data
    with database.unit_of_work():
        editorial.unpublish(world.actor("coordinator"), contribution(made), "")
    # The worker has not run: what is asked of the database holds at once.
    assert [browser.get(page, buffered=True).status_code for page in pages] == [404] * len(pages)
    assert browser.get(f"/packs/{pack}/download").status_code == 410
    for page in (
        "/inbox",
        "/following",
        "/packs",
        "/translations",
        "/print?topic=TFA-3",
        f"/search?q={CANARY}x",
    ):
        assert CANARY.encode() not in browser.get(page).data.replace(f"{CANARY}x".encode(), b""), page
    assert "0 results" in words(browser.get(f"/search?q={CANARY}"))
    assert CANARY.encode() not in Browser(app).get(feeds["partner"]).data
    post_box.sent.clear()
    work_off(app)
    assert mailed(post_box, "partner") == []
