"""The topics as a thesaurus, and searches that cross languages by it."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from portal.core.access import ANONYMOUS, Actor
from portal.core.db import Database, session
from portal.editorial.models import Audience, Kind
from portal.finding.documents import all_documents
from portal.finding.queries import Found, search
from portal.finding.thesaurus import thesaurus
from portal.search.expand import BY_DICTIONARY, expand
from portal.search.freedict import make
from portal.search.index import NO_FILTERS, Filters, SearchIndex
from portal.search.query import parse
from portal.search.whoosh_index import WhooshIndex
from portal.taxonomy import actions
from portal.taxonomy.models import Topic
from tests.search.dictionaries import install
from tests.world import build_world, make_published

ADMINISTRATOR = Actor(is_administrator=True)


@pytest.fixture
def index(tmp_path: Path) -> WhooshIndex:
    """An index that was never built."""
    return WhooshIndex(tmp_path / "index")


def ask(index: SearchIndex, text: str, filters: Filters = NO_FILTERS, **given: object) -> Found:
    """A visitor's search."""
    return search(ANONYMOUS, index, parse(text), filters, "relevance", ("en",), 1, **given)  # type: ignore[arg-type]


def ids(found: Found) -> set[str]:
    """The contributions found."""
    return {hit.contribution_id for hit in found.answer.hits}


def test_names_and_synonyms_of_topics_are_looked_for(database: Database) -> None:
    with database.unit_of_work():
        build_world()
        session().get_one(Topic, "TFA-10.4").synonyms_es = ["VUCE", "ventanilla de comercio"]
        session().flush()
        (also,) = expand(parse("guichet unique"), thesaurus()).also
        assert also.origin == "TFA-10.4"
        assert also.phrases == (
            ("en", "Single window"),
            ("es", "Ventanilla única"),
            ("es", "VUCE"),
            ("es", "ventanilla de comercio"),
        )


def test_the_thesaurus_is_kept_until_a_name_changes(database: Database) -> None:
    with database.unit_of_work():
        world = build_world()
    with database.unit_of_work():
        kept = thesaurus()
        make_published(world)
    with database.unit_of_work():
        assert thesaurus() is kept
        names = {"en": "One window", "es": "Ventanilla única", "fr": "Guichet unique"}
        actions.rename_topic(ADMINISTRATOR, session().get_one(Topic, "TFA-10.4"), names)
        assert thesaurus() is not kept
        assert expand(parse("single window"), thesaurus()).also == ()


def test_a_post_is_found_by_what_its_subject_is_called_elsewhere(
    database: Database, index: WhooshIndex
) -> None:
    with database.unit_of_work():
        world = build_world()
        window = make_published(world)
        make_published(world, words="Advance rulings", audience=Audience.MEMBERS)
        other = make_published(world, words="Guichet", kind=Kind.LESSON_LEARNED)
        index.rebuild(all_documents())
    with database.unit_of_work(write=False):
        found = ask(index, "guichet unique")
        assert (found.by_index, ids(found)) == (True, {window.id})
        assert [also.origin for also in found.expansion.also] == ["TFA-10.4"]
        assert found.texts.keys() == {hit.edition_id for hit in found.answer.hits}
        assert ids(ask(index, "guichet unique", plain=("TFA-10.4",))) == set()
        assert ids(ask(index, '"guichet unique"')) == set()
        assert ids(ask(index, "resoluciones anticipadas")) == set()
        assert ids(ask(index, "guichet", without=Filters(kind=("reform_update",)))) == {other.id}
        assert ids(ask(index, "guichet unique", among=[other.id])) == set()
        few = ask(index, "", per_page=1, with_facets=False)
        assert (len(few.answer.hits), few.answer.total, few.answer.facets) == (1, 2, {})


def test_where_few_have_all_words_those_with_some_follow_if_that_is_wanted(
    database: Database, index: WhooshIndex
) -> None:
    with database.unit_of_work():
        world = build_world()
        window = make_published(world)
        rulings = make_published(world, words="Advance rulings in a single place")
        index.rebuild(all_documents())
    with database.unit_of_work(write=False):
        assert ids(ask(index, "ventanilla única rulings")) == set()
        found = ask(index, "ventanilla única rulings", in_part=True)
        assert ids(found) == {window.id, rulings.id}
        assert found.whole == 0
        assert [also.origin for also in found.expansion.also] == ["TFA-10.4"]
        assert ask(index, "rulings single", in_part=True).whole == 1
        assert ask(index, "rulings", in_part=True).whole is None
        newest = search(ANONYMOUS, index, parse("window rulings"), NO_FILTERS, "newest", (), 1, in_part=True)
        assert (newest.answer.total, newest.whole) == (0, None)


def test_enough_with_all_words_are_all_there_is(
    database: Database, index: WhooshIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.finding.queries.ENOUGH", 1)
    with database.unit_of_work():
        world = build_world()
        both = make_published(world, words="Single window rulings")
        make_published(world, words="Advance rulings")
        index.rebuild(all_documents())
    with database.unit_of_work(write=False):
        found = ask(index, "window rulings", in_part=True)
        assert (ids(found), found.whole) == ({both.id}, None)


def test_the_dictionary_of_the_application_is_asked(
    app: Flask, database: Database, index: WhooshIndex
) -> None:
    settings = app.extensions["portal_settings"]
    make(install(settings.data / "dictd"), settings.dictionary_file)
    with database.unit_of_work():
        waste = make_published(build_world(), words="Waste")
        index.rebuild(all_documents())
    with database.unit_of_work(write=False):
        assert ids(ask(index, "déchets")) == set()
        with app.app_context():
            found = ask(index, "déchets")
            assert ids(found) == {waste.id}
            assert [also.origin for also in found.expansion.also] == [BY_DICTIONARY]
            assert ids(ask(index, "déchets", plain=(BY_DICTIONARY,))) == set()


def test_without_an_index_the_words_alone_are_looked_for(database: Database, index: WhooshIndex) -> None:
    with database.unit_of_work():
        world = build_world()
        window = make_published(world)
        lesson = make_published(world, words="Single door", kind=Kind.LESSON_LEARNED, countries=("PE",))
    with database.unit_of_work(write=False):
        found = ask(index, "single")
        assert (found.by_index, ids(found)) == (False, {window.id, lesson.id})
        assert ask(index, "guichet unique").expansion.also == ()
        assert ids(ask(index, "single", without=Filters(kind=("reform_update",)))) == {lesson.id}
        assert ids(ask(index, "single", without=Filters(region=("AP",), country=("PE",)))) == set()
        assert ids(ask(index, "single", Filters(country=("PE", "FJ")))) == {lesson.id}
        assert ids(ask(index, "single", among=[window.id])) == {window.id}
        assert len(ask(index, "single", per_page=1).answer.hits) == 1
