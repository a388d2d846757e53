"""Suggestions while typing: what, in which language, for whom, how much and how often."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask

from portal.app import create_app
from portal.core.db import Database, session
from portal.editorial import actions
from portal.editorial.models import Audience
from portal.organisations.models import Organisation, OrganisationState
from portal.taxonomy.models import Topic
from tests import world as w
from tests.attachments.making import contribution
from tests.http import Browser
from tests.work import index_due
from tests.world import World, build_world

HOSTILE = (
    "*", "\"", "(" * 150, "NOT " * 40, "a\x00b", "%", "_", "\\", "½", "‮fdp", "org:thailand", "-customs", "'; --",
    " ", "ａｄｕａｎａ", "x" * 200, "a " * 100,
)  # fmt: skip


@pytest.fixture
def world(app: Flask, database: Database) -> Iterator[World]:
    with database.unit_of_work():
        built = build_world()
        session().get_one(Topic, "TFA-10.4").synonyms_en = ["one stop shop"]
        made = w.make_published(built, "Déclaration window")
        w.translate(built, made, "es", "Ventanilla única")
    index_due(app)
    yield built


def asked(app: Flask, typed: str, who: str | None = None, language: str = "en") -> Any:
    browser = Browser(app, language)
    if who:
        browser.sign_in(f"{who}@test.example")
    answer = browser.client.get(f"/{language}/search/suggestions", query_string={"q": typed})
    assert answer.status_code == 200
    return answer.json


def items(found: Any, group: str) -> list[Any]:
    return [item for one in found["groups"] if one["title"] == group for item in one["items"]]


def test_a_topic_is_offered_through_a_synonym_that_is_named(app: Flask, world: World) -> None:
    (topic,) = items(asked(app, "one stop"), "Topics")
    assert (topic["text"], topic["lang"], topic["url"]) == (
        "Single window",
        "en",
        "/en/search?topic=TFA-10.4",
    )
    assert (topic["note"], topic["through"]) == ("synonym:", {"text": "one stop shop", "lang": "en"})


def test_a_name_in_another_language_is_named_with_its_language(app: Flask, world: World) -> None:
    (topic,) = items(asked(app, "GUICHET"), "Topics")
    assert topic["through"] == {"text": "Guichet unique", "lang": "fr"}
    assert topic["note"] == "in French:"
    (topic,) = items(asked(app, "guichet", language="fr"), "Thèmes")
    assert "through" not in topic and topic["text"] == "Guichet unique"


def test_titles_are_found_by_beginnings_without_accents_in_the_language_they_have(
    app: Flask, world: World
) -> None:
    (post,) = items(asked(app, "declar"), "Posts")
    assert post["text"].startswith("Déclaration window")
    assert post["lang"] == "en" and post["note"] == ""
    assert post["url"].startswith("/en/contributions/")
    (post,) = items(asked(app, "ventanillas uni"), "Posts")
    assert (post["text"].split(":")[0], post["lang"], post["note"]) == ("Ventanilla única", "es", "Spanish")


def test_words_of_the_text_alone_suggest_no_title(app: Flask, world: World) -> None:
    assert items(asked(app, "sentences"), "Posts") == []
    assert items(asked(app, "window se"), "Posts") == []


def test_organisations_come_as_the_directory_has_them(app: Flask, database: Database, world: World) -> None:
    (fiji,) = items(asked(app, "fij"), "Organisations")
    assert (fiji["text"], fiji["note"]) == ("Fiji Customs", "FJI")
    assert fiji["url"] == f"/en/organisations/{world.organisations['fiji']}"
    with database.unit_of_work():
        session().get_one(Organisation, world.organisations["fiji"]).state = OrganisationState.SUSPENDED
    assert items(asked(app, "fij"), "Organisations") == [fiji]


def test_countries_are_offered_by_name_when_there_is_something_to_read(app: Flask, world: World) -> None:
    (thailand,) = items(asked(app, "tailan"), "Countries")
    assert (thailand["text"], thailand["url"]) == ("Thailand", "/en/search?country=TH")
    assert thailand["through"] == {"text": "Tailandia", "lang": "es"}
    assert items(asked(app, "peru"), "Countries") == []


@pytest.mark.parametrize(
    ("audience", "readers", "others"),
    [
        (Audience.MEMBERS, ("partner", "fijian"), (None,)),
        (Audience.CUSTOMS, ("fijian",), (None, "partner")),
        (Audience.ORGANISATIONS, ("named", "reader"), (None, "partner", "fijian", "administrator")),
        (Audience.OWN, ("reader",), (None, "partner", "fijian", "moderator", "administrator")),
    ],
)
def test_everybody_is_offered_only_what_they_may_see(
    app: Flask,
    database: Database,
    world: World,
    audience: Audience,
    readers: tuple[str, ...],
    others: tuple[str | None, ...],
) -> None:
    with database.unit_of_work():
        named = (world.organisations["jica"],) if audience == Audience.ORGANISATIONS else ()
        w.make_published(
            world, "Zanahoria", audience=audience, organisations=named, topics=("TFA-3",), countries=("FJ",)
        )
    index_due(app)
    for who in readers:
        assert items(asked(app, "zanahor", who), "Posts")
        assert items(asked(app, "advance", who), "Topics")
        assert items(asked(app, "fiji", who), "Countries")
    for other in others:
        assert asked(app, "zanahor", other) == {"groups": [], "status": "No suggestions"}
        assert items(asked(app, "advance", other), "Topics") == []
        assert items(asked(app, "fiji", other), "Countries") == []


def test_a_narrowed_audience_holds_with_the_worker_stopped(
    app: Flask, database: Database, world: World
) -> None:
    with database.unit_of_work():
        made = w.make_published(world, "Zanahoria").id
    index_due(app)
    assert items(asked(app, "zanahor"), "Posts")
    with database.unit_of_work():
        actions.narrow(world.actor("author"), contribution(made), Audience.OWN)
    assert items(asked(app, "zanahor"), "Posts") == []


def test_without_an_index_the_vocabulary_is_suggested_all_the_same(
    app: Flask, database: Database, world: World
) -> None:
    bare = create_app(
        dataclasses.replace(
            app.extensions["portal_settings"], data=app.extensions["portal_settings"].data / "no"
        ),
        database,
    )
    found = asked(bare, "window")
    assert items(found, "Topics") and not items(found, "Posts")


def test_the_count_is_told_in_words_of_the_readers_language(app: Flask, world: World) -> None:
    assert asked(app, "guichet")["status"] == "1 suggestion"
    assert asked(app, "xq")["status"] == "No suggestions"
    assert asked(app, "guichet", language="es")["status"] == "1 sugerencia"
    assert asked(app, "xq", language="fr")["status"] == "Aucune suggestion"


@pytest.mark.parametrize("typed", ["", "w", "ó", "x" * 201, "window " * 40])
def test_too_little_and_too_much_suggest_nothing(app: Flask, world: World, typed: str) -> None:
    assert asked(app, typed) == {"groups": [], "status": "No suggestions"}


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_input_is_only_words(app: Flask, world: World, typed: str) -> None:
    for group in asked(app, typed)["groups"]:
        assert group["items"]


def test_answers_are_kept_by_nobody(app: Flask, world: World) -> None:
    for who in (None, "partner"):
        browser = Browser(app)
        if who:
            browser.sign_in(f"{who}@test.example")
        assert browser.get("/search/suggestions?q=win").headers["Cache-Control"] == "private, no-store"


def test_suggestions_have_a_limit_of_their_own(app: Flask, database: Database, world: World) -> None:
    settings = dataclasses.replace(app.extensions["portal_settings"], rate_limits=True)
    strict = create_app(settings, database)
    client = strict.test_client()
    with time_machine.travel("2026-11-24T09:00:00Z", tick=False):
        answers = {client.get(f"/en/search/suggestions?q=w{n}").status_code for n in range(300)}
        assert answers == {200}
        refused = client.get("/en/search/suggestions?q=win", headers={"Accept": "application/json"})
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
        assert client.get("/en/search?q=window").status_code == 200


def test_every_search_field_knows_where_to_ask(app: Flask, world: World) -> None:
    browser = Browser(app, "es")
    for path in ("/", "/topics", "/search"):
        assert 'data-suggest="/es/search/suggestions"' in browser.get(path).text
