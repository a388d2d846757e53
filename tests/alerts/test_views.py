"""Saved searches as their owners meet them: the look back, the list, changing, pausing, deleting, feeds."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from portal.accounts.models import Person, PersonState
from portal.alerts import actions
from portal.core.clock import now
from portal.core.db import Database, session
from portal.editorial import actions as editorial
from portal.editorial.models import Audience
from tests import world as w
from tests.alerts.conftest import Saves
from tests.alerts.making import lose_topic
from tests.attachments.making import contribution
from tests.http import Browser, words
from tests.work import work_off
from tests.world import World

ATOM = "{http://www.w3.org/2005/Atom}"


def signed_in(app: Flask, who: str, language: str = "en") -> Browser:
    return Browser(app, language).sign_in(f"{who}@test.example")


def publish(app: Flask, database: Database, world: World, subject: str, **values: Any) -> str:
    with database.unit_of_work():
        made = w.make_published(world, subject, **values).id
    work_off(app)
    return made


def set_state(database: Database, world: World, who: str, state: PersonState) -> None:
    with database.unit_of_work():
        session().execute(update(Person).where(Person.id == world.people[who]).values(state=state))


def test_a_search_is_saved_from_the_search_page_after_a_look_back(
    app: Flask, world: World, database: Database
) -> None:
    with time_machine.travel(now() - timedelta(days=91)):
        publish(app, database, world, "Old window")
    publish(app, database, world, "New window", topics=("TFA-3",))
    publish(app, database, world, "Window of Thailand", audience=Audience.OWN)
    browser = signed_in(app, "fijian")
    page = browser.get("/search?q=window&kind=reform_update")
    (link,) = re.findall(r'href="(/en/searches/new[^"]*)"', page.text)
    page = browser.get(link.replace("&amp;", "&"))
    assert "You would have been told of 1 post." in words(page)
    assert (
        "New window" in words(page)
        and "Old window" not in words(page)
        and "Window of Thailand" not in words(page)
    )
    assert "Type: Reform update" in words(page)
    assert 'name="name" value="window"' in page.text
    browser.press("save", name="My windows", frequency="weekly")
    page = browser.follow()
    assert "The search is saved" in words(page)
    assert "My windows" in words(page) and "Mail: once a week" in words(page)
    assert "“ window ” Type: Reform update" in words(page)
    assert 'href="/en/search?q=window&amp;kind=reform_update"' in page.text


def test_of_many_the_ten_latest_are_shown_with_the_count_of_all(
    app: Flask, world: World, database: Database
) -> None:
    with database.unit_of_work():
        for number in range(12):
            w.make_published(world, f"Window {number}")
    work_off(app)
    page = signed_in(app, "fijian").get("/searches/new?q=window")
    assert "You would have been told of 12 posts. These are the latest." in words(page)
    assert page.text.count('<article class="cx-record"') == 10
    assert "It would have found nothing" in words(signed_in(app, "fijian").get("/searches/new?q=corridor"))


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("topic=TFA-3&country=FJ", "Fiji, Advance rulings"),
        ("", "All posts"),
        ("q=country:FJ", "Fiji"),
        ("q=a+-b", "a -b"),
    ],
)
def test_a_search_is_called_by_what_it_asks_until_it_is_named(
    app: Flask, world: World, query: str, name: str
) -> None:
    page = signed_in(app, "fijian").get(f"/searches/new?{query}")
    assert f'name="name" value="{name}"' in page.text


def test_what_cannot_be_read_cannot_be_saved(app: Flask, world: World) -> None:
    browser = signed_in(app, "fijian")
    page = browser.get('/searches/new?q="open')
    assert (page.status_code, "is not closed" in words(page)) == (422, True)
    assert browser.get("/searches/new?q=topic:none").status_code == 422
    browser.get("/searches/new?q=window&topic=NONE&topic=TFA-3")
    page = browser.follow()
    assert "The topic “NONE” is no longer there." in words(page)
    assert page.request.query_string == b"q=window&topic=TFA-3"


def test_what_is_refused_is_said_beside_what_was_typed(
    app: Flask, world: World, saves: Saves, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(app, "fijian")
    browser.get("/searches/new?q=window")
    page = browser.press("save", name=" ", frequency="now")
    assert (page.status_code, "Give the search a name." in words(page)) == (422, True)
    assert re.search(r'value="now" selected', page.text)
    monkeypatch.setattr(actions, "MOST", 1)
    made = saves("fijian", "window")
    page = browser.press("save", name="x")
    assert (page.status_code, "as many as one can have: delete one first." in words(page)) == (422, True)
    browser.get(f"/searches/{made}")
    page = browser.press("save", name="x" * 101)
    assert (page.status_code, "Use at most 100 characters." in words(page)) == (422, True)


def test_another_search_is_put_in_the_place_of_a_saved_one(app: Flask, world: World, saves: Saves) -> None:
    made = saves("fijian", "window", name="Mine", topic="TFA-3")
    browser = signed_in(app, "fijian")
    page = browser.get(f"/searches/{made}")
    (link,) = re.findall(rf'href="(/en/search\?[^"]*instead={made}[^"]*)"', page.text)
    page = browser.get(link.replace("&amp;", "&"))
    assert f'<input type="hidden" name="instead" value="{made}">' in page.text
    (link,) = re.findall(r'href="(/en/searches/new[^"]*)"', page.text)
    page = browser.get(link.replace("&amp;", "&").replace("q=window", "q=corridor"))
    assert f'<option value="{made}" selected>' in page.text
    browser.press("replace")
    assert "“Mine” looks for this from now on." in words(browser.follow())
    assert 'href="/en/search?q=corridor&amp;topic=TFA-3"' in browser.get("/searches").text


def test_a_search_is_renamed_paused_resumed_and_deleted(app: Flask, world: World, saves: Saves) -> None:
    saves("fijian", "window", name="Windows", frequency="now")
    browser = signed_in(app, "fijian")
    page = browser.get("/searches")
    (edit,) = re.findall(r'href="/en(/searches/[0-9a-z]{16})"', page.text)
    page = browser.get(edit)
    assert re.search(r'value="now" selected', page.text)
    browser.press("save", name="Doors", frequency="")
    page = browser.follow()
    assert "Doors" in words(page) and "Mail: once a day" in words(page)
    browser.press("pause")
    page = browser.follow()
    assert "“Doors” is paused." in words(page) and "Paused since" in words(page)
    browser.press("resume")
    assert "Paused since" not in words(browser.follow())
    page = browser.get(f"{edit}/delete")
    assert "Delete “Doors”?" in words(page)
    browser.press("delete")
    assert "No saved searches yet" in words(browser.follow())


def test_a_search_of_something_that_is_gone_says_so_and_what_to_do(
    app: Flask, world: World, database: Database, saves: Saves
) -> None:
    made = saves("fijian", "window", name="Boxes", topic=["TFA-3", "TFA-10.4"])
    saves("fijian", "topic:TFA-3", name="Words")
    with database.unit_of_work():
        lose_topic("TFA-3")
    browser = signed_in(app, "fijian")
    page = browser.get("/searches")
    assert "The topic “TFA-3” is no longer there." in words(page)
    assert "No topic is called “TFA-3”" in words(page)
    assert words(page).count("It finds nothing until you change it") == 2
    assert 'href="/en/search?q=window&amp;topic=TFA-10.4"' in page.text  # what is left of it
    assert "The topic “TFA-3” is no longer there." in words(browser.get(f"/searches/{made}"))


def test_visitors_are_asked_to_sign_in_and_others_find_nothing(
    app: Flask, world: World, saves: Saves
) -> None:
    made = saves("fijian", "window", name="Zanahoria")
    visitor = Browser(app)
    for path in ("/searches", "/searches/new?q=window", f"/searches/{made}", f"/searches/{made}/delete"):
        assert visitor.get(path).status_code == 303
    assert "searches/new" not in visitor.get("/search?q=window").text
    app.config["WTF_CSRF_ENABLED"] = False
    for who in ("partner", "administrator"):
        other = signed_in(app, who)
        assert "Zanahoria" not in other.get("/searches").text
        for path in (f"/searches/{made}", f"/searches/{made}/delete"):
            assert other.get(path).status_code == 404
        for step in ("", "/pause", "/resume", "/delete", "/feed", "/feed/revoke"):
            assert other.post(f"/searches/{made}{step}", {"name": "x"}).status_code == 404
        assert other.post("/searches/new?q=x1", {"instead": made}).status_code == 404
    assert visitor.post("/searches/new?q=x1", {"name": "x"}).status_code == 401


def test_words_of_the_search_keep_the_language_in_which_they_were_written(
    app: Flask, world: World, saves: Saves
) -> None:
    saves("fijian", "window")
    page = signed_in(app, "fijian", "es").get("/es/searches")
    assert '«<span lang="en">window</span>»' in page.text


def feed_of(browser: Browser, search_id: str) -> str:
    browser.get(f"/searches/{search_id}")
    page = browser.press("make_feed")
    found = re.search(r'value="http://localhost/en(/searches/feeds/[^"]+)"', page.text)
    assert found is not None
    return found[1]


def titles(body: bytes) -> list[str]:
    return [entry.findtext(f"{ATOM}title") or "" for entry in fromstring(body).findall(f"{ATOM}entry")]


def test_the_feed_of_a_search_follows_its_owners_rights_and_dies_with_its_key(
    app: Flask, world: World, database: Database, saves: Saves
) -> None:
    publish(app, database, world, "Open window")
    narrowed = publish(app, database, world, "Window of members", audience=Audience.MEMBERS)
    publish(app, database, world, "Window of Thailand", audience=Audience.OWN)
    publish(app, database, world, "Corridor")
    made = saves("fijian", "window", name="Windows")
    browser = signed_in(app, "fijian")
    feed = feed_of(browser, made)
    reader = Browser(app)
    page = reader.get(feed)
    assert (page.mimetype, page.headers["Cache-Control"]) == ("application/atom+xml", "private, no-store")
    assert [title.partition(":")[0] for title in titles(page.data)] == ["Window of members", "Open window"]
    assert "Windows" in (fromstring(page.data).findtext(f"{ATOM}title") or "")
    assert feed.split("/")[-1].removesuffix(".atom").encode() not in page.data
    with database.unit_of_work():
        editorial.narrow(world.actor("coordinator"), contribution(narrowed), Audience.OWN)
    assert len(titles(reader.get(feed).data)) == 1
    second = feed_of(browser, made)
    assert reader.get(feed).status_code == 404
    set_state(database, world, "fijian", PersonState.SUSPENDED)
    assert reader.get(second).status_code == 404
    set_state(database, world, "fijian", PersonState.ACTIVE)
    assert reader.get(second).status_code == 200
    browser = signed_in(app, "fijian")
    browser.get(f"/searches/{made}")
    browser.press("revoke_feed")
    assert "works no more" in words(browser.follow())
    assert reader.get(second).status_code == 404


def test_a_feed_says_in_which_language_it_is_and_ends_with_its_search(
    app: Flask, world: World, database: Database, saves: Saves
) -> None:
    with database.unit_of_work():
        made = w.make_published(world, "Window")
        w.translate(world, made, "es", "Ventanilla")
    work_off(app)
    search = saves("fijian", "agencies")
    feed = feed_of(signed_in(app, "fijian"), search)
    assert titles(Browser(app, "es").get(feed).data) == ["Ventanilla: one submission reaches all agencies"]
    assert titles(Browser(app, "fr").get(feed).data) == ["Window: one submission reaches all agencies"]
    topic = saves("fijian", topic="TFA-3")
    other = feed_of(signed_in(app, "fijian"), topic)
    with database.unit_of_work():
        lose_topic("TFA-3")
    assert Browser(app).get(other).status_code == 404
