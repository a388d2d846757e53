"""From a saved search to one that can be run."""

from __future__ import annotations

import pytest

from portal.alerts import reading
from portal.alerts.models import SavedSearch
from portal.alerts.reading import Gone, Meanings, asked_of, read, readable, spoken
from portal.core.db import Database
from portal.finding.asking import Asked
from portal.finding.fields import meanings
from portal.search.index import Filters
from portal.search.query import Query, QueryError, parse
from tests.alerts.conftest import Saves
from tests.alerts.making import saved
from tests.world import World


def test_a_saved_search_asks_what_was_asked(world: World, database: Database, saves: Saves) -> None:
    made = saves("fijian", "window", topic="TFA-3", plain="TFA-10.4", sort="newest")
    with database.unit_of_work(write=False):
        assert asked_of(saved(made)) == Asked("window", Filters(topic=("TFA-3",)), ("TFA-10.4",), "newest")


def test_what_is_gone_is_told_from_what_cannot_be_read(world: World, database: Database) -> None:
    with database.unit_of_work(write=False):
        for facet, value in (("topic", "NONE"), ("country", "XX"), ("region", "NONE")):
            asked = Asked("window", Filters(**{facet: (value,)}))
            with pytest.raises(Gone, match=f"{facet} {value}"):
                read(asked)
            assert readable(asked) is None
        with pytest.raises(QueryError):
            read(Asked("topic:none"))
        assert readable(Asked("topic:none")) is None
        search = read(Asked("window topic:TFA -country:FJ", Filters(topic=("TFA-3",))))
        assert search.within.topic == ("TFA-3", "TFA", "TFA-10.4")
        assert search.without.country == ("FJ",)


def test_the_language_it_was_asked_in_comes_first() -> None:
    assert spoken(SavedSearch(language="es"), ("fr", "es")) == ("es", "fr", "en")


def test_what_a_field_means_is_looked_up_once_wherever_it_stands(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Query] = []
    monkeypatch.setattr(reading, "meanings", lambda query: asked.append(query) or meanings(query))
    means = Meanings()
    with database.unit_of_work(write=False):
        first = means(parse("country:fiji window"))
        second = means(parse("window country:fiji topic:TFA"))
        assert first[0].values == second[0].values == ("FJ",)
        assert "TFA-3" in second[1].values
        means(parse("-country:fiji"))
    assert len(asked) == 3  # what is left out is another field
