"""Organisations are found by name, country or acronym in any language, however it is typed."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import update

from portal.core.db import Database, session
from portal.core.i18n import in_language
from portal.organisations import directory, queries
from portal.organisations.directory import Filters
from portal.organisations.loading import load_organisations
from portal.organisations.models import Organisation, OrganisationKind, OrganisationState
from portal.taxonomy.loading import load_taxonomy

pytestmark = pytest.mark.usefixtures("spoken", "loaded")


@pytest.fixture
def loaded(database: Database) -> None:
    """All organisations of the data files, inside one unit of work."""
    with database.unit_of_work():
        load_taxonomy()
        load_organisations()
        yield


def codes(text: str, **filters: str) -> list[str]:
    return [line.code for line in directory.find(Filters(text, **filters)).lines]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("thai", "THA"),
        ("Tailandia", "THA"),
        ("thailande", "THA"),
        ("THAÏLANDE", "THA"),
        ("perou", "PER"),
        ("sunat", "PER"),
        ("SUNAT, Aduanas", "PER"),
        ("egypte", "EGY"),
        ("ASFC", "CAN"),
        ("BAsD", "ADB"),
        ("bm", "WB"),
        ("cespap", "UNESCAP"),
        ("oma", "WCO"),
        ("rocb-ap", "ROCB-AP"),
        ("cote d'ivoire", "CIV"),
        ("Côte d’Ivoire", "CIV"),
        ("customs thai", "THA"),
    ],
)
def test_an_organisation_is_found_in_any_language_with_or_without_accents(text: str, code: str) -> None:
    assert code in codes(text)


def test_an_exact_acronym_comes_first_then_names_that_begin_so() -> None:
    assert codes("tha")[0] == "THA"
    assert codes("caf")[0] == "CAF"
    assert "CAF-AL" in codes("caf")
    with in_language("es"):
        found = directory.find(Filters("banco")).lines
    assert [line.name.startswith("Banco") for line in found] == sorted(
        (line.name.startswith("Banco") for line in found), reverse=True
    )


@pytest.mark.parametrize("text", ["zzzz", "thai zzzz", "%", "_", "' OR 1=1", "hailand"])
def test_what_begins_no_word_finds_nothing(text: str) -> None:
    assert codes(text) == []


def test_filters_narrow_by_kind_region_and_state() -> None:
    assert directory.find(Filters(kind="customs_administration")).count == 186
    assert directory.find(Filters(region="AP", kind="customs_administration")).count == 35
    assert directory.find(Filters(region="AP")).count == 36
    assert directory.find(Filters(state="active")).count == 0
    assert directory.find(Filters("bank", kind="customs_administration")).count == 0
    assert not Filters()


def test_pages_follow_each_other_without_gap_or_repetition() -> None:
    first = directory.find(Filters(kind="customs_administration"))
    seen = [
        line.id
        for page in range(1, first.pages + 1)
        for line in directory.find(Filters(kind="customs_administration"), page).lines
    ]
    assert (first.pages, len(seen), len(set(seen))) == (5, 186, 186)
    assert directory.find(Filters(kind="customs_administration"), 99).page == 5
    assert directory.find(Filters(kind="customs_administration"), -3).page == 1


def test_the_directory_has_six_regions_then_partners_offices_and_the_secretariat() -> None:
    session().execute(
        update(Organisation)
        .where(Organisation.code == "VUT")
        .values(state=OrganisationState.ACTIVE)
        .execution_options(synchronize_session=False)
    )
    groups = directory.groups()
    assert [group.region_code for group in groups] == ["AP", "AMS", "EUR", "ESA", "WCA", "MENA", "", "", ""]
    assert [group.count for group in groups] == [35, 33, 52, 24, 24, 18, 44, 6, 1]
    assert [group.kind for group in groups[6:]] == [
        OrganisationKind.PARTNER,
        OrganisationKind.REGIONAL_OFFICE,
        OrganisationKind.SECRETARIAT,
    ]
    assert all(len(group.shown) == min(group.count, directory.TEASER) for group in groups)
    assert groups[0].shown[0].code == "VUT", "who takes part comes first"


def test_names_come_in_the_order_of_the_ids_that_were_asked_for() -> None:
    found = {o.code: o.id for o in queries.choosable_organisations()}
    with in_language("fr"):
        assert queries.organisation_names([found["WB"], "nonsense", found["SEN"]]) == [
            "Groupe de la Banque mondiale",
            "nonsense",
            "Direction générale des Douanes du Sénégal",
        ]
    assert queries.organisation_names([]) == []


def test_texts_can_be_meant_for_all_but_suspended_organisations_by_name() -> None:
    session().execute(
        update(Organisation)
        .where(Organisation.code == "THA")
        .values(state=OrganisationState.SUSPENDED)
        .execution_options(synchronize_session=False)
    )
    with in_language("es"):
        choices = queries.choosable_organisations()
    assert len(choices) == 236
    assert "THA" not in {choice.code for choice in choices}
    names = [choice.name_es for choice in choices]
    assert names[0].startswith("Administración")
    assert names.index("Organización Mundial del Comercio") < names.index("SUNAT, Aduanas del Perú")


def test_an_app_in_spanish_shows_spanish_names(spoken: Flask) -> None:
    with in_language("es"):
        names = [line.name for line in directory.find(Filters("thailand")).lines]
    assert "Departamento de Aduanas de Tailandia" in names
