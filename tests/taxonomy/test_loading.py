"""The data files come into the tables, once."""

from __future__ import annotations

from sqlalchemy import func, select

from portal.core.db import Database, session
from portal.taxonomy.loading import REGIONS, load_taxonomy, rows_of
from portal.taxonomy.models import Country, Region, Topic


def test_every_row_of_the_files_is_loaded_with_its_source(vocabulary: None) -> None:
    assert session().scalar(select(func.count()).select_from(Region)) == 6
    countries = session().scalars(select(Country)).all()
    topics = session().scalars(select(Topic)).all()
    assert len(countries) == len(rows_of("wco_members.csv")) == 187
    assert len(topics) == len(rows_of("topics.csv")) == 87
    assert all(country.source for country in countries)
    assert all(topic.source for topic in topics)


def test_every_name_is_there_in_three_languages(vocabulary: None) -> None:
    for model in (Region, Country, Topic):
        for thing in session().scalars(select(model)):
            assert thing.name_en and thing.name_es and thing.name_fr


def test_every_country_is_in_a_region_and_every_topic_under_one_that_exists(vocabulary: None) -> None:
    codes = {code for code, *_names in REGIONS}
    assert {country.region_code for country in session().scalars(select(Country))} == codes
    topics = {topic.code: topic for topic in session().scalars(select(Topic))}
    assert all(topic.parent_code is None or topic.parent_code in topics for topic in topics.values())
    assert topics["WCO-MRA"].parent_code == "WCO-AEO"
    assert "OEA" in " ".join(topics["WCO-AEO"].synonyms_es)


def test_loading_again_changes_nothing_and_keeps_edited_names(database: Database) -> None:
    with database.unit_of_work():
        load_taxonomy()
        session().get_one(Country, "TH").name_fr = "Siam"
        session().get_one(Topic, "TFA-3").synonyms_en = []
    with database.unit_of_work():
        load_taxonomy()
    with database.unit_of_work(write=False):
        assert session().get_one(Country, "TH").name_fr == "Siam"
        assert session().get_one(Topic, "TFA-3").synonyms_en
        assert session().scalar(select(func.count()).select_from(Topic)) == 87


def test_french_names_carry_the_apostrophe_of_print(vocabulary: None) -> None:
    assert session().get_one(Country, "CI").name_fr == "Côte d’Ivoire"
