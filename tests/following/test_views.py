"""The page of what one follows, and the feeds, as their readers meet them."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, fromstring

from flask import Flask
from sqlalchemy import update

from portal.accounts.models import Person, PersonState
from portal.core.db import Database, session
from portal.editorial import actions as editorial
from portal.editorial.models import Audience
from tests import world as w
from tests.attachments.making import contribution
from tests.following.conftest import Follows
from tests.http import Browser, words
from tests.world import World

ATOM = "{http://www.w3.org/2005/Atom}"


def signed_in(app: Flask, who: str, language: str = "en") -> Browser:
    return Browser(app, language).sign_in(f"{who}@test.example")


def entries(body: bytes) -> list[Element]:
    return fromstring(body).findall(f"{ATOM}entry")


def titles(body: bytes) -> list[str]:
    return [entry.findtext(f"{ATOM}title") or "" for entry in entries(body)]


def test_a_post_offers_itself_its_house_its_topics_and_its_countries(
    app: Flask, world: World, database: Database
) -> None:
    with database.unit_of_work():
        made = w.make_published(world, topics=("TFA-3",), countries=("FJ",)).id
    browser = signed_in(app, "fijian")
    assert f"/following?contribution={made}" in browser.get(f"/contributions/{made}").text
    page = browser.get(f"/following?contribution={made}")
    assert page.text.count('name="follow"') == 4
    browser.press("follow")
    page = browser.follow()
    assert "You follow it now" in words(page)
    assert page.text.count('name="follow"') == 3  # the post is offered still, with the others
    browser.press("choose", frequency="weekly")
    page = browser.follow()
    assert re.search(r'value="weekly" selected', page.text)
    browser.press("stop")
    assert "You follow nothing yet" in words(browser.follow())


def test_what_went_out_of_sight_is_counted_and_not_named(
    app: Flask, world: World, database: Database, follows: Follows
) -> None:
    with database.unit_of_work():
        made = w.make_published(world, "Zanahoria").id
    follows("fijian", "contribution", made)
    with database.unit_of_work():
        editorial.narrow(world.actor("coordinator"), contribution(made), Audience.OWN)
    browser = signed_in(app, "fijian")
    page = browser.get("/following")
    assert "Zanahoria" not in page.text
    assert "cannot be seen at present" in words(page)
    browser.press("stop")
    assert "cannot be seen" not in words(browser.follow())


def test_visitors_are_asked_to_sign_in(app: Flask, world: World) -> None:
    browser = Browser(app)
    assert browser.get("/following").status_code == 303
    assert browser.get("/inbox/preferences").status_code == 303


def test_the_public_feed_holds_what_is_public_and_nothing_else(
    app: Flask, world: World, database: Database
) -> None:
    with database.unit_of_work():
        made = w.make_published(world, "Open words", topics=("TFA-3",), countries=("FJ",))
        w.translate(world, made, "es")
        for audience in (Audience.MEMBERS, Audience.CUSTOMS, Audience.OWN):
            w.make_published(world, "Zanahoria", audience=audience, topics=("TFA-3",))
        made_id = made.id
    thailand = world.organisations["thailand"]
    for browser in (Browser(app), signed_in(app, "author")):
        for query in ("", "?topic=TFA-3", "?country=FJ", f"?organisation={thailand}", "?kind=reform_update"):
            page = browser.get(f"/feeds/latest.atom{query}")
            assert page.mimetype == "application/atom+xml"
            assert len(entries(page.data)) == 1
            assert b"Zanahoria" not in page.data
    assert entries(Browser(app).get("/feeds/latest.atom?kind=lesson_learned").data) == []
    assert entries(Browser(app).get("/feeds/latest.atom?topic=none").data) == []
    (entry,) = entries(page.data)
    assert entry.findtext(f"{ATOM}id") == f"tag:localhost,2026:contribution/{made_id}"
    links = {link.get("hreflang"): link.get("href") for link in entry.findall(f"{ATOM}link")}
    assert set(links) == {None, "en", "es"}
    assert str(links["es"]).startswith("http://localhost/es/contributions/")


def test_a_feed_says_in_which_language_it_is(app: Flask, world: World, database: Database) -> None:
    with database.unit_of_work():
        made = w.make_published(world)
        w.translate(world, made, "es")
        w.revise(world, made, "Turned round", changes_meaning=True)
    (french,) = entries(Browser(app, "fr").get("/feeds/latest.atom").data)
    assert french.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert str(french.findtext(f"{ATOM}summary")).startswith("[")
    (spanish,) = entries(Browser(app, "es").get("/feeds/latest.atom").data)
    assert spanish.get("{http://www.w3.org/XML/1998/namespace}lang") == "es"
    assert str(spanish.findtext(f"{ATOM}summary")).startswith("[")


def test_a_reader_with_the_newest_feed_gets_nothing_again(
    app: Flask, world: World, database: Database
) -> None:
    with database.unit_of_work():
        w.make_published(world)
    browser = Browser(app)
    first = browser.get("/feeds/latest.atom")
    assert (
        browser.get("/feeds/latest.atom", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    )
    assert first.headers["Last-Modified"]


def own_feed(browser: Browser) -> str:
    browser.get("/following")
    page = browser.press("make_feed")
    found = re.search(r'value="http://localhost/en(/feeds/[^"]+)"', page.text)
    assert found is not None
    return found[1]


def test_ones_own_feed_follows_ones_rights_and_dies_with_its_key(
    app: Flask, world: World, database: Database, follows: Follows
) -> None:
    with database.unit_of_work():
        w.make_published(world, "For all")
        members = w.make_published(world, "For members", audience=Audience.MEMBERS).id
        w.make_published(world, "For Thailand", audience=Audience.OWN)
    browser = signed_in(app, "fijian")
    feed = own_feed(browser)
    reader = Browser(app)
    assert titles(reader.get(feed).data) == []
    follows("fijian", "organisation", world.organisations["thailand"])
    page = reader.get(feed)
    assert len(titles(page.data)) == 2
    assert page.headers["Cache-Control"] == "private, no-store"
    assert feed.split("/")[-1].removesuffix(".atom").encode() not in page.data
    with database.unit_of_work():
        editorial.narrow(world.actor("coordinator"), contribution(members), Audience.OWN)
    assert len(titles(reader.get(feed).data)) == 1
    first_id = fromstring(page.data).findtext(f"{ATOM}id")
    assert fromstring(page.data).find(f"{ATOM}link") is None  # its address is told to nobody
    second = own_feed(browser)
    assert reader.get(feed).status_code == 404
    assert fromstring(reader.get(second).data).findtext(f"{ATOM}id") != first_id
    with database.unit_of_work():
        session().execute(
            update(Person).where(Person.id == world.people["fijian"]).values(state=PersonState.SUSPENDED)
        )
    assert reader.get(second).status_code == 404
    with database.unit_of_work():
        session().execute(
            update(Person).where(Person.id == world.people["fijian"]).values(state=PersonState.ACTIVE)
        )
    assert reader.get(second).status_code == 200
    browser = signed_in(app, "fijian")
    browser.get("/following")
    browser.press("revoke_feed")
    assert reader.get(second).status_code == 404
