"""A pack holds what its person may read, is theirs alone, and is asked about again before it is handed out."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from posixpath import dirname, join, normpath

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from portal.accounts.models import Person, PersonState
from portal.core.access import ANONYMOUS
from portal.core.db import Database, session
from portal.core.errors import Forbidden, Invalid, NotFound
from portal.core.guard import scoped
from portal.editorial import actions as editorial
from portal.editorial.models import Audience
from portal.packs import actions, building, queries
from portal.packs.models import Pack, PackItem, PackState
from tests import world as w
from tests.attachments.making import contribution, post_with
from tests.files.samples import docx
from tests.http import Browser, words
from tests.work import work_off
from tests.world import World

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def ordered(
    app: Flask, database: Database, world: World, who: str, subject: str, key: str, lang: str = "en"
) -> str:
    with database.unit_of_work():
        pack = actions.order(world.actor(who), subject, key, lang).id
    work_off(app)
    return pack


def fetched(app: Flask, who: str, pack: str) -> zipfile.ZipFile:
    page = Browser(app).sign_in(f"{who}@test.example").get(f"/packs/{pack}/download")
    assert page.status_code == 200
    assert page.mimetype == "application/zip"
    assert page.headers["Cache-Control"] == "private, no-store"
    return zipfile.ZipFile(io.BytesIO(page.data))


def text(packed: zipfile.ZipFile) -> str:
    return "".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())


def test_a_pack_of_a_post_is_read_without_a_line(either_app: Flask, world: World, database: Database) -> None:
    app = either_app
    made, _files = post_with(app, world, ("annexe évaluée.docx", docx("levante")))
    work_off(app)
    packed = fetched(app, "fijian", ordered(app, database, world, "fijian", "contribution", made))
    names = set(packed.namelist())
    assert {"index.html", "NOTICE.txt", "style.css"} <= names
    for page in (name for name in names if name.endswith(".html")):
        html = packed.read(page).decode()
        for target in re.findall(r'(?:href|src)="([^"]+)"', html):
            if not target.startswith("http"):
                assert normpath(join(dirname(page), target)) in names
    (file,) = [name for name in names if name.startswith("files/")]
    assert re.fullmatch(r"files/001/[0-9a-z]{6}-[A-Za-z0-9._-]+\.docx", file)
    assert packed.read(file).startswith(b"PK")
    assert f"http://localhost/en/contributions/{made}" in text(packed)


def test_a_pack_of_an_organisation_or_a_topic_holds_what_its_person_may_read(
    app: Flask, world: World, database: Database
) -> None:
    with database.unit_of_work():
        for audience in Audience:
            named = (world.organisations["jica"],) if audience == Audience.ORGANISATIONS else ()
            w.make_published(
                world,
                f"Words for {audience.value}",
                audience=audience,
                organisations=named,
                topics=("TFA-3",),
            )
    for subject, key in (("organisation", world.organisations["thailand"]), ("topic", "TFA-3")):
        held = {}
        for who in ("fijian", "partner", "reader"):
            told = text(fetched(app, who, ordered(app, database, world, who, subject, key)))
            held[who] = {a.value for a in Audience if f"Words for {a.value}" in told}
        assert held == {
            "fijian": {"public", "members", "customs"},
            "partner": {"public", "members"},
            "reader": {a.value for a in Audience},
        }


def test_a_pack_says_in_which_language_and_how_old_a_post_is(
    app: Flask, world: World, database: Database
) -> None:
    with database.unit_of_work():
        made = w.make_published(world).id
        w.translate(world, contribution(made), "es")
        w.revise(world, contribution(made), "Turned round")
    spanish = text(
        fetched(app, "fijian", ordered(app, database, world, "fijian", "contribution", made, "es"))
    )
    assert "Esta traducción es anterior" in spanish or "This translation is older" in spanish
    french = text(fetched(app, "fijian", ordered(app, database, world, "fijian", "contribution", made, "fr")))
    assert 'lang="en"' in french


def test_a_translation_brings_the_files_of_its_original(app: Flask, world: World, database: Database) -> None:
    made, (file,) = post_with(app, world, ("annex.docx", docx("levante")))
    with database.unit_of_work():
        w.translate(world, contribution(made), "es")
    packed = fetched(app, "fijian", ordered(app, database, world, "fijian", "contribution", made, "es"))
    assert [name for name in packed.namelist() if file[:6] in name]


def test_what_is_too_large_is_named_and_left_out(
    app: Flask, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "FILE_BYTES", 10)
    made, _files = post_with(app, world, ("annex.docx", docx("levante")))
    packed = fetched(app, "fijian", ordered(app, database, world, "fijian", "contribution", made))
    assert "too large for the pack" in text(packed)
    assert not [name for name in packed.namelist() if name.startswith("files/")]


def test_a_pack_takes_the_newest_and_says_that_there_is_more(
    app: Flask, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "MOST", 2)
    monkeypatch.setattr(building, "BATCH", 1)
    with database.unit_of_work():
        for number in range(3):
            w.make_published(world, f"Post {number}", topics=("TFA-3",))
    pack = ordered(app, database, world, "fijian", "topic", "TFA-3")
    packed = fetched(app, "fijian", pack)
    assert len([name for name in packed.namelist() if name.startswith("posts/")]) == 2
    assert "There is more" in packed.read("index.html").decode()
    page = Browser(app).sign_in("fijian@test.example").get("/packs")
    assert "the newest ones" in words(page)


@pytest.mark.parametrize("change", ["narrow", "unpublish"])
def test_what_went_out_of_sight_is_not_handed_out_any_more(
    app: Flask, world: World, database: Database, change: str
) -> None:
    with database.unit_of_work():
        made = w.make_published(world, topics=("TFA-3",)).id
    pack = ordered(app, database, world, "fijian", "topic", "TFA-3")
    key = stored_key(database, pack)
    assert key is not None
    assert app.extensions["portal_files"].exists(key)
    with database.unit_of_work():
        if change == "narrow":
            editorial.narrow(world.actor("coordinator"), contribution(made), Audience.OWN)
        else:
            editorial.unpublish(world.actor("coordinator"), contribution(made), "")
    browser = Browser(app).sign_in("fijian@test.example")
    page = browser.get(f"/packs/{pack}/download")
    assert page.status_code == 410
    assert "has to be made again" in words(page)
    work_off(app)
    assert not app.extensions["portal_files"].exists(key)
    assert browser.get(f"/packs/{pack}/download").status_code == 404


def stored_key(database: Database, pack: str) -> str | None:
    with database.unit_of_work(write=False):
        return session().scalar(scoped("test", select(Pack.storage_key).where(Pack.id == pack)))


def test_a_pack_is_its_persons_alone(app: Flask, world: World, database: Database) -> None:
    with database.unit_of_work():
        w.make_published(world, topics=("TFA-3",))
    pack = ordered(app, database, world, "fijian", "topic", "TFA-3")
    for who in ("partner", "author", "administrator"):
        browser = Browser(app).sign_in(f"{who}@test.example")
        assert browser.get(f"/packs/{pack}/download").status_code == 404
        assert pack not in browser.get("/packs").text
    visitor = Browser(app)
    assert visitor.get(f"/packs/{pack}/download").status_code == 303
    assert visitor.get("/packs").status_code == 303
    with database.unit_of_work(), pytest.raises(Forbidden):
        actions.remove(world.actor("partner"), queries.pack(world.actor("fijian"), pack))


def test_what_can_be_ordered(app: Flask, world: World, database: Database) -> None:
    with database.unit_of_work():
        hidden = w.make_published(world, audience=Audience.OWN).id
        seen = w.make_published(world).id
    for subject, key in (
        ("contribution", hidden), ("topic", "none"), ("organisation", "none"), ("world", "x"),
    ):  # fmt: skip
        with database.unit_of_work(), pytest.raises(NotFound):
            actions.order(world.actor("fijian"), subject, key, "en")
    with database.unit_of_work(), pytest.raises(Forbidden):
        actions.order(ANONYMOUS, "contribution", seen, "en")
    with database.unit_of_work(), pytest.raises(Invalid):
        actions.order(world.actor("fijian"), "contribution", seen, "xx")
    browser = Browser(app).sign_in("fijian@test.example")
    for _number in range(actions.MOST):
        browser.get(f"/packs?contribution={seen}")
        assert browser.press("order", language="fr").status_code == 303
    browser.get(f"/packs?contribution={seen}")
    page = browser.press("order", language="es")
    assert page.status_code == 422
    assert 'value="es" lang="es" selected' in page.text
    browser.get("/packs")
    browser.press("remove")
    assert "The pack is removed" in words(browser.follow())


def test_a_pack_that_waits_shows_its_progress_and_cannot_be_fetched(
    app: Flask, world: World, database: Database
) -> None:
    with database.unit_of_work():
        seen = w.make_published(world).id
        pack = actions.order(world.actor("fijian"), "contribution", seen, "en").id
    browser = Browser(app).sign_in("fijian@test.example")
    assert "<progress" in browser.get("/packs").text
    assert browser.get(f"/packs/{pack}/download").status_code == 409


def test_nothing_to_take_is_said(app: Flask, world: World, database: Database) -> None:
    pack = ordered(app, database, world, "fijian", "topic", "TFA-3")
    assert "nothing that you may read" in words(Browser(app).sign_in("fijian@test.example").get("/packs"))
    with database.unit_of_work():
        assert not actions.finish(pack, "x", 1, [])  # made already


def test_a_suspended_person_gets_nothing(app: Flask, world: World, database: Database) -> None:
    with database.unit_of_work():
        seen = w.make_published(world).id
        pack = actions.order(world.actor("fijian"), "contribution", seen, "en").id
        session().execute(
            update(Person).where(Person.id == world.people["fijian"]).values(state=PersonState.SUSPENDED)
        )
    work_off(app)
    with database.unit_of_work(write=False):
        state = session().scalar(scoped("test", select(Pack.state).where(Pack.id == pack)))
    assert state == PackState.EMPTY


@pytest.mark.parametrize("place", ["pack_half_written", "pack_kept"])
def test_a_kill_leaves_one_pack_after_the_next_try(
    app: Flask, world: World, database: Database, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    with database.unit_of_work():
        seen = w.make_published(world).id
        pack = actions.order(world.actor("fijian"), "contribution", seen, "en").id

    def killed(name: str) -> None:
        if name == place:
            raise KeyboardInterrupt

    monkeypatch.setattr(building, "reached", killed)
    with pytest.raises(KeyboardInterrupt):
        building.build(app, {"pack": pack})
    monkeypatch.undo()
    building.build(app, {"pack": pack})
    building.build(app, {"pack": pack})
    building.build(app, {"pack": "none"})
    assert "NOTICE.txt" in fetched(app, "fijian", pack).namelist()
    with database.unit_of_work(write=False):
        assert session().scalar(scoped("test", select(func.count()).select_from(PackItem))) == 1


def test_a_pack_is_gone_after_a_day(
    app: Flask, world: World, database: Database, clock: time_machine.Traveller
) -> None:
    with database.unit_of_work():
        w.make_published(world, topics=("TFA-3",))
    pack = ordered(app, database, world, "fijian", "topic", "TFA-3")
    key = stored_key(database, pack)
    assert key is not None
    clock.shift(timedelta(hours=25))
    assert Browser(app).sign_in("fijian@test.example").get(f"/packs/{pack}/download").status_code == 404
    with database.unit_of_work():
        assert actions.expire() == 1
    work_off(app)
    assert not app.extensions["portal_files"].exists(key)


def test_a_topic_and_an_organisation_can_be_printed_by_anybody(
    app: Flask, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.packs import views

    monkeypatch.setattr(views, "PRINTED", 2)
    with database.unit_of_work():
        for number in range(3):
            w.make_published(world, f"Post {number}", topics=("TFA-3",))
        w.make_published(world, "Zanahoria", audience=Audience.MEMBERS, topics=("TFA-3",))
    thailand = world.organisations["thailand"]
    for query in ("topic=TFA-3", f"organisation={thailand}"):
        first = Browser(app).get(f"/print?{query}")
        assert first.text.count("<article") == 2
        assert "Older posts" in words(first)
        second = Browser(app).get(f"/print?{query}&page=2")
        assert second.text.count("<article") == 1
        assert "Newer posts" in words(second)
        assert "Zanahoria" not in first.text + second.text
    member = Browser(app).sign_in("fijian@test.example")
    pages = [member.get(f"/print?topic=TFA-3&page={number}").text for number in (1, 2)]
    assert "Zanahoria" in "".join(pages)
    for query in ("topic=none", "organisation=none", "", "topic=TFA-3&page=9999"):
        assert Browser(app).get(f"/print?{query}").status_code in {200, 404}
    assert Browser(app).get("/print?topic=none").status_code == 404
