"""Names in the reader's language, at the price of one statement a page."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.core.access import Actor
from portal.core.db import Database, session
from portal.core.errors import NotFound
from portal.core.i18n import in_language
from portal.taxonomy import actions, queries
from portal.taxonomy.loading import load_taxonomy
from portal.taxonomy.models import Country
from tests.conftest import Statements

ADMINISTRATOR = Actor(is_administrator=True)


def test_countries_are_sorted_by_name_without_minding_accents(spoken: Flask, vocabulary: None) -> None:
    with in_language("fr"):
        names = [name for _code, name in queries.country_choices()]
    assert names.index("Égypte") < names.index("Émirats arabes unis") < names.index("Équateur")
    assert names.index("Équateur") < names.index("Érythrée") < names.index("Espagne")
    with in_language("es"):
        assert queries.country_choices()[0][1] == "Afganistán"


def test_topics_come_as_a_tree_in_the_order_of_the_data(spoken: Flask, vocabulary: None) -> None:
    (first, below), (second, instruments) = queries.topic_tree()
    assert (first.code, second.code) == ("TFA", "WCO")
    assert [(topic.code, depth) for topic, depth in below[:3]] == [
        ("TFA-1", 0),
        ("TFA-1.1", 1),
        ("TFA-1.2", 1),
    ]
    depths = {topic.code: depth for topic, depth in instruments}
    assert (depths["WCO-SAFE"], depths["WCO-AEO"], depths["WCO-MRA"]) == (0, 1, 2)
    assert len(below) + len(instruments) + 2 == len(queries.topic_codes())


def test_names_are_given_in_the_current_language_and_codes_for_what_is_unknown(
    spoken: Flask, vocabulary: None
) -> None:
    with in_language("es"):
        assert queries.topic_name("TFA-10.4") == "Ventanilla única"
        assert queries.region_name("AMS") == "América y el Caribe"
        assert dict(queries.region_choices())["AP"] == "Asia y el Pacífico"
    assert queries.topic_name("NONE") == "NONE"
    assert queries.region_name("NONE") == queries.region_name(None) == ""
    assert queries.given_country_name("XX") is None


def test_a_spanish_reader_finds_n_with_a_tilde_after_n(spoken: Flask) -> None:
    choices = [("1", "Ñandú"), ("2", "Nube"), ("3", "Oca")]
    with in_language("es"):
        assert [name for _code, name in queries.in_order(choices)] == ["Nube", "Ñandú", "Oca"]
    with in_language("en"):
        assert [name for _code, name in queries.in_order(choices)] == ["Ñandú", "Nube", "Oca"]


def test_a_page_spends_one_statement_on_the_whole_vocabulary(
    spoken: Flask, database: Database, statements: Statements
) -> None:
    with database.unit_of_work():
        load_taxonomy()
    with database.unit_of_work(write=False):
        queries.topic_tree()
    statements.clear()
    with database.unit_of_work(write=False):
        queries.topic_tree()
        queries.country_choices()
        queries.region_choices()
        queries.topic_name("TFA-3")
    assert len(statements) == 1


def test_an_edited_name_is_shown_at_the_next_page_of_every_process(spoken: Flask, database: Database) -> None:
    with database.unit_of_work():
        load_taxonomy()
        queries.topic_tree()
    with database.unit_of_work():
        thailand = queries.country_for_editing("TH")
        actions.rename_country(ADMINISTRATOR, thailand, {"en": "Siam", "es": "Siam", "fr": "Siam"})
        assert queries.given_country_name("TH") == "Siam"
    with database.unit_of_work(write=False):
        assert queries.given_country_name("TH") == "Siam"


def test_an_edit_that_is_rolled_back_is_never_shown(spoken: Flask, database: Database) -> None:
    with database.unit_of_work():
        load_taxonomy()
    with pytest.raises(RuntimeError), database.unit_of_work():
        actions.rename_country(
            ADMINISTRATOR, session().get_one(Country, "TH"), {"en": "Siam", "es": "Siam", "fr": "Siam"}
        )
        assert queries.given_country_name("TH") == "Siam"
        raise RuntimeError
    with database.unit_of_work(write=False):
        assert queries.given_country_name("TH") == "Thailand"


def test_what_is_not_listed_cannot_be_edited(vocabulary: None) -> None:
    with pytest.raises(NotFound):
        queries.country_for_editing("XX")
    with pytest.raises(NotFound):
        queries.topic_for_editing("NONE")
