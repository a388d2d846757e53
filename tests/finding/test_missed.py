"""Searches that found nothing: remembered without the person, shown when three organisations made them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from portal.audit.models import AuditEntry
from portal.core.access import ANONYMOUS, SYSTEM, Actor, ScopeFacts
from portal.core.db import Database, session
from portal.core.errors import Forbidden, Invalid, NotFound
from portal.core.guard import scoped
from portal.finding import actions, missed
from portal.finding.missed import MissCounter, Missed, worth_keeping
from portal.finding.models import MissedBy, MissedSearch
from portal.search.query import parse
from portal.taxonomy.models import Topic
from tests import world as w
from tests.by_hand import post
from tests.http import Browser, forms_of, words
from tests.work import index_due
from tests.world import World, build_world

MEMBER = Actor(person_id="p", organisation_id="thailand")
MODERATOR = Actor(person_id=None, scopes=(ScopeFacts("en"),))
NOW = "2026-11-24T09:00:00Z"


@pytest.fixture
def world(app: Flask, database: Database) -> Iterator[World]:
    with database.unit_of_work():
        built = build_world()
        w.make_published(built, "Release")
    index_due(app)
    yield built


def kept(text: str, actor: Actor = MEMBER) -> str | None:
    found = worth_keeping(actor, text, parse(text), "fr")
    return found.folded if found is not None else None


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Guichet Électronique", "guichet electronique"),
        ('"one stop shop"', "one stop shop"),
        ("« taquilla »", "taquilla"),
        ("Form CN22", "form cn22"),
        ("release -transit", None),
        ("scan OR x-ray", None),
        ("authori*", None),
        ("topic:TFA-3 rulings", None),
        ("one two three four five six seven", None),
        ("x" * 81, None),
        ("someone@customs.example", None),
        ("passport 123456", None),
        ("+66 81 234 5678", None),
        ("12-34/56", None),
        ("CN22 2026", None),
    ],
)
def test_a_few_plain_words_are_kept_and_nothing_that_may_be_somebodys(text: str, folded: str | None) -> None:
    assert kept(text) == folded


def test_visitors_are_not_counted_nor_who_acts_for_nobody() -> None:
    assert kept("guichet", ANONYMOUS) is None
    assert kept("guichet", Actor(person_id="p")) is None


def test_what_is_kept_names_no_person() -> None:
    found = worth_keeping(MEMBER, " Guichet\tunique ", parse("Guichet unique"), "fr")
    assert found == Missed("guichet unique", "Guichet unique", "fr", "thailand")


def test_a_batch_is_due_after_half_a_minute_or_fifty() -> None:
    time = [0.0]
    counter = MissCounter(lambda: time[0])
    one = Missed("a", "A", "en", "x")
    assert counter.note(one) == () and counter.note(one._replace(written="a")) == ()
    time[0] = 30.0
    assert counter.note(one._replace(organisation_id="y")) == [
        one._replace(written="a"),
        one._replace(organisation_id="y"),
    ]
    for number in range(missed.MOST - 1):
        assert counter.note(one._replace(folded=str(number))) == ()
    assert len(counter.note(one)) == missed.MOST
    assert counter.taken() == []


def note(world: World, *organisations: str, text: str = "one stop shop", language: str = "en") -> None:
    missed.write([Missed(text, text.capitalize(), language, world.organisations[o]) for o in organisations])


def count(model: type[MissedBy] | type[MissedSearch]) -> int:
    return session().scalar(scoped(SYSTEM, select(func.count()).select_from(model))) or 0


def test_an_organisation_counts_once_and_three_make_a_candidate(database: Database, world: World) -> None:
    with database.unit_of_work():
        for _again in range(3):
            note(world, "thailand", "fiji")
        assert missed.candidates(MODERATOR) == []
        note(world, "peru", language="es")
        note(world, "peru", "fiji", text="other")
        (one,) = missed.candidates(MODERATOR)
        assert (one.written, one.language, one.organisations) == ("One stop shop", "en", 3)
        assert (count(MissedSearch), count(MissedBy)) == (2, 5)
        missed.write([])


def test_candidates_are_for_moderators_and_administrators(database: Database, world: World) -> None:
    with database.unit_of_work():
        note(world, "thailand", "fiji", "peru")
        assert missed.candidates(Actor(is_administrator=True))
        (one,) = missed.candidates(MODERATOR)
        for other in (ANONYMOUS, MEMBER):
            with pytest.raises(NotFound):
                missed.candidates(other)
            with pytest.raises(NotFound):
                missed.candidate(other, one.id)
        with pytest.raises(NotFound):
            missed.candidate(MODERATOR, "0" * 16)


def test_what_is_older_than_a_year_is_forgotten(database: Database, world: World) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        with database.unit_of_work():
            note(world, "thailand", "fiji", "peru")
            note(world, "thailand", "fiji", "peru", text="put aside")
            aside = next(c for c in missed.candidates(MODERATOR) if c.written == "Put aside")
        clock.shift(timedelta(days=200))
        with database.unit_of_work():
            note(world, "fiji")
            actions.dismiss(MODERATOR, missed.candidate(MODERATOR, aside.id))
        clock.shift(timedelta(days=166))
        with database.unit_of_work():
            missed.sweep()
            assert (count(MissedSearch), count(MissedBy)) == (2, 1)
        clock.shift(timedelta(days=200))
        with database.unit_of_work():
            missed.sweep()
            assert (count(MissedSearch), count(MissedBy)) == (0, 0)


def test_what_is_put_aside_does_not_come_back(database: Database, world: World) -> None:
    with database.unit_of_work():
        note(world, "thailand", "fiji", "peru")
        found = missed.candidate(MODERATOR, missed.candidates(MODERATOR)[0].id)
        with pytest.raises(Forbidden):
            actions.dismiss(MEMBER, found)
        actions.dismiss(MODERATOR, found)
        note(world, "worldbank", "jica", "peru")
        assert missed.candidates(MODERATOR) == []
        entries = session().scalars(select(AuditEntry).where(AuditEntry.object_id == found.id)).all()
        assert [(entry.verb, entry.detail) for entry in entries] == [("missed_search.dismissed", {})]


def test_what_becomes_a_synonym_is_settled_and_what_is_refused_is_not(
    app: Flask, database: Database, world: World
) -> None:
    with app.test_request_context(), database.unit_of_work():
        note(world, "thailand", "fiji", "peru")
        found = missed.candidate(MODERATOR, missed.candidates(MODERATOR)[0].id)
        topic = session().get_one(Topic, "TFA-10.4")
        with pytest.raises(Invalid):
            actions.adopt(MODERATOR, found, topic, "en", "single window")
        assert missed.candidates(MODERATOR)
        assert actions.adopt(MODERATOR, found, topic, "en", "One stop shop") == []
        assert topic.synonyms_en == ["One stop shop"]
        assert missed.candidates(MODERATOR) == []


def search(app: Flask, who: str | None, text: str, **filters: str) -> None:
    browser = Browser(app)
    if who:
        browser.sign_in(f"{who.replace(' ', '.')}@test.example")
    answer = browser.client.get("/en/search", query_string={"q": text, **filters})
    assert answer.status_code == 200


def test_a_search_in_vain_by_members_of_three_organisations_reaches_the_moderators(
    app: Flask, world: World
) -> None:
    for who in (None, "author", "colleague", "partner", "fijian"):
        search(app, who, "One stop shop")
    for who in ("author", "partner", "fijian"):
        search(app, who, "filtered away", topic="TFA-3")
        search(app, who, "release")
    page = words(Browser(app).sign_in("moderator@test.example").get("/moderation/thesaurus/candidates"))
    assert "One stop shop 3 organisations" in page
    assert "filtered" not in page and "release" not in page.lower()


def test_a_page_never_fails_for_what_cannot_be_written(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_batch: object) -> None:
        raise RuntimeError("disk full")

    search(app, "author", "one stop shop")
    monkeypatch.setattr(missed, "write", broken)
    page = Browser(app).sign_in("moderator@test.example").get("/moderation/thesaurus/candidates")
    assert page.status_code == 200


def test_the_worker_sweeps(app: Flask, world: World) -> None:
    from portal.worker.schedule import tasks

    assert missed.sweep in {task.action for task in tasks(app.extensions["portal_settings"])}


ADDRESSES = (
    "/moderation/thesaurus", "/moderation/thesaurus/TFA-3", "/moderation/thesaurus/candidates",
    "/moderation/thesaurus/TFA-3/remove", "/moderation/thesaurus/candidates/{id}/adopt",
    "/moderation/thesaurus/candidates/{id}/dismiss",
)  # fmt: skip


@pytest.mark.parametrize("name", [None, "coordinator", "partner"])
def test_for_anybody_else_there_is_no_thesaurus(
    app: Flask, database: Database, world: World, name: str | None
) -> None:
    with database.unit_of_work():
        note(world, "thailand", "fiji", "peru")
        identifier = missed.candidates(MODERATOR)[0].id
    browser = Browser(app)
    if name:
        browser.sign_in(f"{name}@test.example")
    for address in ADDRESSES:
        full = f"/en{address.format(id=identifier)}"
        if address in ADDRESSES[:3]:
            assert browser.get(full).status_code == 404
        if address not in (ADDRESSES[0], ADDRESSES[2]):
            answer = post(browser.client, full, phrase="x", language="en", topic="TFA-3")
            assert answer.status_code == (404 if name else 401)


@pytest.mark.parametrize("name", ["moderator", "administrator"])
def test_moderators_search_the_topics_and_edit_their_synonyms(
    app: Flask, database: Database, world: World, name: str
) -> None:
    browser = Browser(app).sign_in(f"{name}@test.example")
    assert "3 topics" in words(browser.get("/moderation/thesaurus"))
    assert "1 topic " in words(browser.get("/moderation/thesaurus?q=ventan"))
    assert "TFA-10.4" in words(browser.get("/moderation/thesaurus?q=tfa-10"))
    assert "No topic is called so" in words(browser.get("/moderation/thesaurus?q=whale&page=9"))
    browser.get("/moderation/thesaurus/TFA-10.4")
    refused = browser.press("add", phrase="single windows", language="en")
    assert refused.status_code == 422 and "This topic is called so already." in words(refused)
    browser.press("add", phrase="one stop shop", language="en")
    assert "one stop shop added by moderators" in words(browser.follow())
    browser.press("add", phrase="advance ruling", language="en")
    assert "Other topics are called so, too, and are looked for with it: Advance rulings." in words(
        browser.follow()
    )
    browser.press("remove", phrase="one stop shop", language="en")
    page = words(browser.follow())
    assert "one stop shop removed by moderators" in page
    browser.press("put_back", phrase="one stop shop", language="en")
    assert "one stop shop added by moderators" in words(browser.follow())
    assert browser.get("/moderation/thesaurus/NONE").status_code == 404
    with database.unit_of_work(write=False):
        assert session().get_one(Topic, "TFA-10.4").synonyms_en == ["advance ruling", "one stop shop"]


def test_a_new_synonym_counts_at_the_next_search(app: Flask, database: Database, world: World) -> None:
    with database.unit_of_work():
        w.make_published(world, "Single window")
    index_due(app)
    reader = Browser(app)
    assert "0 results" in words(reader.get("/search?q=kiosk+desk"))
    browser = Browser(app).sign_in("moderator@test.example")
    browser.get("/moderation/thesaurus/TFA-10.4")
    browser.press("add", phrase="kiosk desk", language="en")
    assert "1 result" in words(reader.get("/search?q=kiosk+desk"))
    assert "synonym:" in reader.get("/search/suggestions?q=kiosk").text


def test_moderators_take_up_a_candidate_or_put_it_aside(app: Flask, database: Database, world: World) -> None:
    with database.unit_of_work():
        note(world, "thailand", "fiji", "peru", text="ventanilla unica nacional", language="es")
        note(world, "thailand", "fiji", "peru", "jica", text="xqzt")
    browser = Browser(app).sign_in("moderator@test.example")
    page = browser.get("/moderation/thesaurus/candidates")
    assert words(page).index("Xqzt 4 organisations") < words(page).index("Ventanilla unica nacional 3")
    first, second = [form for form in forms_of(page) if "adopt" in form["buttons"]]
    refused = post(browser.client, first["action"], phrase="xqzt", language="en", topic="")
    assert refused.status_code == 422 and "Choose a topic." in words(refused)
    assert "Most like it" in page.text and 'value="xqzt"' in refused.text
    aside = post(browser.client, first["buttons"]["dismiss"][0])
    assert aside.status_code == 303
    taken = post(
        browser.client, second["action"], phrase="ventanilla única nacional", language="es", topic="TFA-10.4"
    )
    assert taken.status_code == 303
    page = browser.get("/moderation/thesaurus/candidates")
    assert "Nothing is searched in vain" in words(page)
    with database.unit_of_work(write=False):
        assert session().get_one(Topic, "TFA-10.4").synonyms_es == ["ventanilla única nacional"]
