"""Did you mean: mended in the language of the search, from what everybody may read now and nothing else."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from portal.app import create_app
from portal.core.db import Database, session
from portal.editorial import actions
from portal.editorial.models import Audience, Kind
from portal.finding.meaning import Little, did_you_mean
from portal.finding.models import PublicWord
from portal.search.index import Filters
from tests import world as w
from tests.attachments.making import attach, contribution, publish
from tests.files.samples import docx
from tests.http import Browser, words
from tests.work import index_due
from tests.world import World, build_world


@pytest.fixture
def world(app: Flask, database: Database) -> Iterator[World]:
    with database.unit_of_work():
        built = build_world()
        made = w.make_published(built, "Perishable goods at the border")
        w.translate(built, made, "es", "Mercancías perecederas en la frontera")
        w.make_published(built, "Warehouse audits", kind=Kind.LESSON_LEARNED, topics=("TFA-3",))
    index_due(app)
    yield built


def meant(
    app: Flask, text: str, language: str = "en", filters: Filters | None = None, total: int = 0
) -> list[tuple[str, str]]:
    """The searches proposed for `text`, each with its language."""
    database: Database = app.extensions["portal_database"]
    asked = Little(text, filters or Filters(), total=total)
    with app.test_request_context(headers={"Accept-Language": language}), database.unit_of_work(write=False):
        found = did_you_mean(app.extensions["portal_index"], asked)
    return [(one.text, one.language) for one in found]


@pytest.mark.parametrize(
    ("typed", "proposed"),
    [
        ("perisable", "perishable"),
        ("Perisable GOODS", "perishable GOODS"),
        ("perishable goodds", "perishable goods"),
        ("perihsable borrder", "perishable border"),
        ('"perisable goods" border', '"perishable goods" border'),
        ("«perisable goods»", "«perishable goods»"),
        ("perisable kind:lesson_learned", None),
        ("perisable -goods", None),
        ("perisable -whale", "perishable -whale"),
        ("perisable OR whale", "perishable OR whale"),
        ("perisable goods*", "perishable goods*"),
        ("pershable*", None),
        ("perishable", None),
        ("perishables", None),
        ("perisable whale", None),
        ("topic:perisable", None),
        ("gods", "goods"),
        ("god", None),
        ("2027", None),
    ],
)
def test_a_misspelt_search_is_mended_and_keeps_all_else_as_it_was_typed(
    app: Flask, world: World, typed: str, proposed: str | None
) -> None:
    filters = Filters(kind=("lesson_learned",)) if "kind:" in typed else None
    assert [text for text, _language in meant(app, typed, filters=filters)] == (
        [proposed] if proposed else []
    )


def test_words_are_mended_in_the_language_of_the_others_with_their_accents(app: Flask, world: World) -> None:
    assert meant(app, "mercancais") == [("mercancías", "es")]
    assert meant(app, "frontera perecedras") == [("frontera perecederas", "es")]
    assert meant(app, "bordr", "es") == [("border", "en")]


def test_ones_own_language_comes_first_when_nothing_else_tells(
    app: Flask, database: Database, world: World
) -> None:
    with database.unit_of_work():
        made = w.make_published(world, "Molten")
        w.translate(world, made, "es", "Molden")
    index_due(app)
    assert meant(app, "molxen", "en") == [("molten", "en")]
    assert meant(app, "molxen", "es") == [("molden", "es")]


def test_a_form_of_a_word_is_found_through_its_stem(app: Flask, database: Database, world: World) -> None:
    with database.unit_of_work():
        w.make_published(world, "Scanners")
    index_due(app)
    assert meant(app, "scaner") == [("scanners", "en")]


def test_a_proposal_has_to_find_more_than_was_found_within_the_same_filters(app: Flask, world: World) -> None:
    assert meant(app, "perisable", total=1) == []
    assert meant(app, "perisable", filters=Filters(topic=("TFA-3",))) == []
    assert meant(app, "warehoose", filters=Filters(topic=("TFA-3",))) == [("warehouse", "en")]


@pytest.mark.parametrize("audience", [a for a in Audience if a != Audience.PUBLIC])
def test_a_word_of_a_text_that_not_everybody_may_read_is_proposed_to_nobody(
    app: Flask, database: Database, world: World, audience: Audience
) -> None:
    with database.unit_of_work():
        named = (world.organisations["jica"],) if audience == Audience.ORGANISATIONS else ()
        w.make_published(world, "Zanahoria", audience=audience, organisations=named)
    index_due(app)
    with database.unit_of_work(write=False):
        assert session().scalars(select(PublicWord).where(PublicWord.folded == "zanahoria")).all() == []
    for who in (None, "reader", "administrator"):
        browser = Browser(app)
        if who:
            browser.sign_in(f"{who}@test.example")
        for typed in ("zanaoria", "zanaoria goods", '"zanhoria"'):
            assert "Zanahoria" not in browser.get(f"/search?q={typed}").text.replace("Zanahoria:", "")
            assert meant(app, typed) == []


def withdrawn(world: World, contribution_id: str, how: str) -> None:
    author, made = world.actor("author"), contribution(contribution_id)
    if how == "narrowed":
        actions.narrow(author, made, Audience.OWN)
    elif how == "taken down":
        actions.unpublish(world.actor("coordinator"), made, "")
    else:
        w.revise(world, made, "Another subject")


@pytest.mark.parametrize("how", ["narrowed", "taken down", "reworded"])
@pytest.mark.parametrize("works", [True, False])
def test_a_word_of_a_text_since_withdrawn_is_proposed_no_more(
    app: Flask, database: Database, world: World, how: str, works: bool
) -> None:
    with database.unit_of_work():
        made = w.make_published(world, "Zanahoria").id
    index_due(app)
    assert meant(app, "zanaoria") == [("zanahoria", "en")]
    with database.unit_of_work():
        withdrawn(world, made, how)
    if works:
        index_due(app)
    assert meant(app, "zanaoria") == []


def test_another_form_that_is_public_does_not_bring_a_withdrawn_one_back(
    app: Flask, database: Database, world: World
) -> None:
    with database.unit_of_work():
        made = w.make_published(world, "Customization").id
        w.make_published(world, "Custom")
    index_due(app)
    assert meant(app, "customizatoin") == [("customization", "en")]
    with database.unit_of_work():
        withdrawn(world, made, "narrowed")
    index_due(app)
    assert meant(app, "customizatoin") == []


def test_words_that_stand_in_a_file_alone_are_not_proposed(
    app: Flask, database: Database, world: World
) -> None:
    with database.unit_of_work():
        made = w.make_published(world, "Report")
        identifier = made.id
    attach(app, world, identifier, ("r.docx", docx("Zanahoria")))
    publish(app, world, identifier)
    index_due(app)
    with database.unit_of_work(write=False):
        assert contribution(identifier).is_live
    assert meant(app, "zanaoria") == []


def test_nothing_is_proposed_without_an_index(app: Flask, database: Database, world: World) -> None:
    folder = app.extensions["portal_settings"].data / "elsewhere"
    bare = create_app(dataclasses.replace(app.extensions["portal_settings"], data=folder), database)
    assert meant(bare, "perisable") == []


def test_what_is_too_long_when_mended_is_not_proposed(app: Flask, world: World) -> None:
    typed = "perisable -" + "x" * 188
    assert len(typed) == 199
    assert meant(app, typed) != []
    assert meant(app, typed + "x") == []


def test_the_page_proposes_it_with_its_language_and_keeps_the_rest_of_the_address(
    app: Flask, world: World
) -> None:
    page = Browser(app).get("/search?q=mercancais&topic=TFA-10.4&sort=newest").text
    assert 'href="/en/search?q=mercanc%C3%ADas&amp;topic=TFA-10.4&amp;sort=newest" lang="es"' in page
    assert "<strong>mercancías</strong>" in page
    assert "Did you mean" not in Browser(app).get("/search?q=perishable").text
    assert "Quizás quiso decir: mercancías" in words(Browser(app, "es").get("/search?q=mercancais"))


def test_a_hostile_search_is_proposed_without_its_markup(app: Flask, world: World) -> None:
    page = Browser(app).get("/search?q=perisable+-%3Cimg%3E").text
    assert "<img>" not in page and "<strong>perishable</strong> -&lt;img&gt;" in page
