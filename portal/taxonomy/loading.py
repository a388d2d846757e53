"""Loading regions, countries and topics from the data files; names that were edited are left alone."""

from __future__ import annotations

import csv
from pathlib import Path

from sqlalchemy import select

from portal.audit.version import bump_visibility
from portal.core.db import session
from portal.core.i18n import LANGUAGES
from portal.taxonomy.models import Country, Region, SynonymEdit, Topic

DATA = Path(__file__).parent / "data"

# The regions are those of the WCO; the short names are ours, as the design shows them.
REGIONS = (
    ("AP", "Asia and the Pacific", "Asia y el Pacífico", "Asie et Pacifique"),
    ("AMS", "Americas and the Caribbean", "América y el Caribe", "Amériques et Caraïbes"),
    ("EUR", "Europe and Central Asia", "Europa y Asia Central", "Europe et Asie centrale"),
    ("ESA", "East and Southern Africa", "África Oriental y Austral", "Afrique orientale et australe"),
    ("WCA", "West and Central Africa", "África Occidental y Central", "Afrique occidentale et centrale"),
    ("MENA", "North Africa and Middle East", "África del Norte y Oriente Medio",
     "Afrique du Nord et Moyen-Orient"),
)  # fmt: skip


def load_taxonomy() -> None:
    """Write what is missing of regions, countries and topics; may run as often as one likes.

    Places in the tree and sources follow the files, and so do synonyms but for those that
    moderators added or took away; names stay as they are, since the secretariat may have edited them.
    """
    _load_regions()
    _load_countries()
    _load_topics()
    bump_visibility()  # every process reads the names anew


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of one of the data files, in its order."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def french(text: str) -> str:
    """A French text with the apostrophe of print."""
    return text.replace("'", "’")


def _load_regions() -> None:
    known = {region.code: region for region in session().scalars(select(Region))}
    for position, (code, en, es, fr) in enumerate(REGIONS):
        if code in known:
            known[code].position = position
        else:
            session().add(Region(code=code, name_en=en, name_es=es, name_fr=fr, position=position))
    session().flush()


def _load_countries() -> None:
    known = {country.iso2: country for country in session().scalars(select(Country))}
    for row in rows_of("wco_members.csv"):
        country = known.get(row["iso2"])
        if country is None:
            country = Country(
                iso2=row["iso2"],
                iso3=row["iso3"],
                name_en=row["name_en"].replace("'", "’"),
                name_es=row["name_es"].replace("'", "’"),
                name_fr=french(row["name_fr"]),
            )
            session().add(country)
        country.region_code = row["wco_region_code"]
        country.source = row["source"]
    session().flush()


def _load_topics() -> None:
    known = {topic.code: topic for topic in session().scalars(select(Topic))}
    decided = _decided()
    for position, row in enumerate(rows_of("topics.csv")):
        topic = known.get(row["code"])
        if topic is None:
            topic = Topic(code=row["code"], name_en=row["en"], name_es=row["es"], name_fr=french(row["fr"]))
            session().add(topic)
        topic.parent_code = row["parent"] or None
        for language in LANGUAGES:
            column = f"synonyms_{language}"
            setattr(topic, column, _edited(_listed(row[column]), decided.get((row["code"], language), {})))
        topic.position = position
        topic.source = row["source"]
    session().flush()


def _listed(value: str) -> list[str]:
    return [word.strip() for word in value.split("|") if word.strip()]


def _decided() -> dict[tuple[str, str], dict[str, bool]]:
    """By topic and language, the phrases that moderators decided about: True for a synonym."""
    found: dict[tuple[str, str], dict[str, bool]] = {}
    for edit in session().scalars(select(SynonymEdit).order_by(SynonymEdit.phrase)):
        found.setdefault((edit.topic_code, edit.language), {})[edit.phrase] = edit.is_synonym
    return found


def _edited(listed: list[str], decided: dict[str, bool]) -> list[str]:
    """The synonyms of the files as moderators left them."""
    added = [phrase for phrase, is_synonym in decided.items() if is_synonym and phrase not in listed]
    return [phrase for phrase in listed if decided.get(phrase, True)] + added
