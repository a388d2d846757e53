"""Every organisation of the data files is there once, with its names in three languages."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select

from portal.core.db import Database, session
from portal.organisations.loading import load_organisations
from portal.organisations.models import Organisation, OrganisationKind, OrganisationState
from portal.organisations.naming import administration_names
from portal.taxonomy.loading import load_taxonomy, rows_of


@pytest.fixture
def organisations(database: Database) -> dict[str, Organisation]:
    """All organisations by their codes."""
    with database.unit_of_work():
        load_taxonomy()
        load_organisations()
        return {organisation.code: organisation for organisation in session().scalars(select(Organisation))}


def test_there_are_186_administrations_the_partners_the_offices_and_one_secretariat(
    organisations: dict[str, Organisation],
) -> None:
    assert Counter(organisation.kind for organisation in organisations.values()) == {
        OrganisationKind.CUSTOMS: 186,
        OrganisationKind.PARTNER: len(rows_of("partners.csv")) - 1,
        OrganisationKind.REGIONAL_OFFICE: 6,
        OrganisationKind.SECRETARIAT: 1,
    }
    assert organisations["WCO"].kind == OrganisationKind.SECRETARIAT
    assert organisations["CAF"].countries == ["CF"]
    assert "CAF" in organisations["CAF-AL"].aliases


def test_all_have_three_names_a_source_and_wait_for_their_people(
    organisations: dict[str, Organisation],
) -> None:
    for organisation in organisations.values():
        assert organisation.name_en and organisation.name_es and organisation.name_fr
        assert organisation.source
        assert organisation.state == OrganisationState.INVITED


def test_administrations_have_their_place_and_known_ones_their_own_name(
    organisations: dict[str, Organisation],
) -> None:
    thailand, fiji = organisations["THA"], organisations["FJI"]
    assert (thailand.name_en, thailand.region_code) == ("Thai Customs Department", "AP")
    assert fiji.name_en == "Fiji Revenue and Customs Service"
    assert organisations["SEN"].name_fr == "Direction générale des Douanes du Sénégal"
    assert all(
        organisation.region_code and len(organisation.countries) == 1
        for organisation in organisations.values()
        if organisation.kind == OrganisationKind.CUSTOMS
    )


def test_names_are_different_in_each_language(organisations: dict[str, Organisation]) -> None:
    for language in ("en", "es", "fr"):
        names = Counter(getattr(organisation, f"name_{language}") for organisation in organisations.values())
        shared = {name for name, count in names.items() if count > 1}
        # The tax authority of the United Kingdom is an administration and a partner.
        assert shared <= {
            "Administración Tributaria y Aduanera del Reino Unido",
            "Administration fiscale et douanière du Royaume-Uni",
        }


def test_no_sentence_is_left_with_a_wrong_article(organisations: dict[str, Organisation]) -> None:
    for organisation in organisations.values():
        french = f" {organisation.name_fr} "
        for wrong in (
            " de le ",
            " de les ",
            " de E",
            " de É",
            " de A",
            " de I",
            " de O",
            " du É",
            " d' ",
            "'",
        ):
            assert wrong not in french, french
        assert " de el " not in f" {organisation.name_es} ", organisation.name_es


def test_loading_again_adds_nothing_and_keeps_what_was_edited(database: Database) -> None:
    with database.unit_of_work():
        load_taxonomy()
        load_organisations()
        thailand = session().scalars(select(Organisation).where(Organisation.code == "THA")).one()
        thailand.name_en, thailand.state = "Customs of Siam", OrganisationState.ACTIVE
    with database.unit_of_work():
        load_organisations()
    with database.unit_of_work(write=False):
        found = session().scalars(select(Organisation).where(Organisation.code == "THA")).one()
        assert (found.name_en, found.state) == ("Customs of Siam", OrganisationState.ACTIVE)
        assert len(session().scalars(select(Organisation.id)).all()) == 237


MADE = """
SN|Senegal|Senegal|Sénégal|of Senegal|del Senegal|du Sénégal
FR|France|Francia|France|of France|de Francia|de la France
NL|Netherlands|Países Bajos|Pays-Bas|of the Netherlands|de los Países Bajos|des Pays-Bas
EG|Egypt|Egipto|Égypte|of Egypt|de Egipto|d’Égypte
IN|India|India|Inde|of India|de la India|de l’Inde
PE|Peru|Perú|Pérou|of Peru|del Perú|du Pérou
SV|El Salvador|El Salvador|Salvador|of El Salvador|de El Salvador|du Salvador
MG|Madagascar|Madagascar|Madagascar|of Madagascar|de Madagascar|de Madagascar
HK|Hong Kong, China|Hong Kong (China)|Hong Kong (Chine)|of Hong Kong, China|de Hong Kong (China)|de Hong Kong (Chine)
CG|Congo (Republic of the)|República del Congo|République du Congo|of the Republic of the Congo|de la República del Congo|de la République du Congo
"""


@pytest.mark.parametrize("line", MADE.strip().splitlines())
def test_a_made_name_has_the_articles_of_its_language(line: str) -> None:
    iso2, *names, en, es, fr = line.split("|")
    assert administration_names(iso2, *names) == (
        f"Customs administration {en}",
        f"Administración de aduanas {es}",
        f"Administration des douanes {fr}",
    )


def test_words_in_brackets_come_first() -> None:
    names = ("Iran (Islamic Republic of)", "Irán (República Islámica del)", "Iran (République islamique d’)")
    assert administration_names("IR", *names) == (
        "Customs administration of the Islamic Republic of Iran",
        "Administración de aduanas de la República Islámica del Irán",
        "Administration des douanes de la République islamique d’Iran",
    )


def test_every_member_has_a_french_article() -> None:
    from portal.organisations import naming

    listed = Counter(code for codes in naming._FRENCH.values() for code in codes.split())
    assert max(listed.values()) == 1
    assert set(listed) == {row["iso2"] for row in rows_of("wco_members.csv")}
