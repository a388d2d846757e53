"""Topics, countries and regions by name, kept in the process; a page asks once whether they changed."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, literal, null, select, union_all

from portal.audit.version import visibility_version
from portal.core.db import kept_of_database, session
from portal.core.errors import NotFound
from portal.core.i18n import current_language, localised
from portal.core.text import one_line
from portal.taxonomy.models import Country, Region, SynonymEdit, Topic

_KEPT_AS = "taxonomy"
_EDITED = "taxonomy edited"


class RegionFacts(NamedTuple):
    """A WCO region."""

    code: str
    name_en: str
    name_es: str
    name_fr: str


class CountryFacts(NamedTuple):
    """A country or customs territory."""

    iso2: str
    iso3: str
    region_code: str
    name_en: str
    name_es: str
    name_fr: str


class TopicFacts(NamedTuple):
    """A topic and the one above it."""

    code: str
    parent_code: str | None
    name_en: str
    name_es: str
    name_fr: str
    synonyms_en: tuple[str, ...]
    synonyms_es: tuple[str, ...]
    synonyms_fr: tuple[str, ...]


Branch = tuple[TopicFacts, list[tuple[TopicFacts, int]]]
"""A topic at the top and all those below it in order, each with its depth (0 for its children)."""


@dataclass(frozen=True, eq=False)
class Taxonomy:
    """All three lists at one moment; `stamp` says which moment, and a cache may keep things by the object."""

    stamp: int
    regions: dict[str, RegionFacts]
    countries: dict[str, CountryFacts]
    topics: dict[str, TopicFacts]

    @cached_property
    def tree(self) -> list[Branch]:
        """The topics as a tree, in the order of the data."""
        below: dict[str | None, list[TopicFacts]] = {}
        for topic in self.topics.values():
            below.setdefault(topic.parent_code, []).append(topic)

        def branch(code: str, depth: int) -> Iterable[tuple[TopicFacts, int]]:
            for child in below.get(code, ()):
                yield child, depth
                yield from branch(child.code, depth + 1)

        return [(top, list(branch(top.code, 0))) for top in below.get(None, ())]

    @cached_property
    def above(self) -> dict[str, frozenset[str]]:
        """Each topic with all that are above it in the tree."""

        def ancestors(code: str) -> Iterable[str]:
            parent = self.topics[code].parent_code
            while parent is not None and parent in self.topics:
                yield parent
                parent = self.topics[parent].parent_code

        return {code: frozenset(ancestors(code)) for code in self.topics}

    def with_below(self, topics: Collection[str]) -> tuple[str, ...]:
        """These topics with all below them, in the order of the data."""
        wanted = frozenset(topics)
        return tuple(code for code in self.topics if code in wanted or self.above[code] & wanted)

    def regions_of(self, countries: Iterable[str]) -> frozenset[str]:
        """The regions that these countries belong to."""
        return frozenset(self.countries[code].region_code for code in countries if code in self.countries)

    def countries_in(self, regions: Collection[str]) -> frozenset[str]:
        """The countries of these regions."""
        return frozenset(one.iso2 for one in self.countries.values() if one.region_code in regions)


def taxonomy() -> Taxonomy:
    """What is in the tables now: one statement a unit of work, two where something has changed.

    The stamp is the visibility version, which every edit moves on, so that every process notices
    an edit at its next page.
    """
    here: Taxonomy | None = session().info.get(_KEPT_AS)
    if here is not None:
        return here
    stamp = visibility_version()
    found: Taxonomy | None = kept_of_database().get(_KEPT_AS)
    if found is None or found.stamp != stamp:
        found = _read(stamp)
        if not session().info.get(_EDITED):  # what may yet be rolled back is not for others
            kept_of_database()[_KEPT_AS] = found
    session().info[_KEPT_AS] = found
    return found


def forget() -> None:
    """Read the tables again within this unit of work, after a change."""
    session().info.pop(_KEPT_AS, None)
    session().info[_EDITED] = True


def topic_tree() -> list[Branch]:
    """The topics at the top, each with all below it and how deep they stand."""
    return taxonomy().tree


def topic_codes() -> frozenset[str]:
    """The codes of all topics."""
    return frozenset(taxonomy().topics)


def topic_name(code: str) -> str:
    """A topic's name in the current language; the code itself where there is no such topic."""
    found = taxonomy().topics.get(code)
    return localised(found, "name") if found is not None else code


def region_codes() -> frozenset[str]:
    """The codes of all regions."""
    return frozenset(taxonomy().regions)


def country_codes() -> frozenset[str]:
    """The codes (ISO 3166 alpha-2) of all countries."""
    return frozenset(taxonomy().countries)


def country_choices() -> list[tuple[str, str]]:
    """Each country's code and name in the current language, sorted by name."""
    return in_order((c.iso2, localised(c, "name")) for c in taxonomy().countries.values())


def given_country_name(iso2: str) -> str | None:
    """The name that the portal gives a country, in the current language; None for one it does not list."""
    found = taxonomy().countries.get(iso2)
    return localised(found, "name") if found is not None else None


def region_choices() -> list[tuple[str, str]]:
    """Each region's code and name in the current language, in the order of the directory."""
    return [(r.code, localised(r, "name")) for r in taxonomy().regions.values()]


def region_name(code: str | None) -> str:
    """A region's name in the current language; "" for none."""
    found = taxonomy().regions.get(code or "")
    return localised(found, "name") if found is not None else ""


def country_for_editing(iso2: str) -> Country:
    """The row of a country; NotFound for a code that is not listed."""
    found = session().get(Country, one_line(iso2))
    if found is None:
        raise NotFound
    return found


def topic_for_editing(code: str) -> Topic:
    """The row of a topic; NotFound for a code that is not listed."""
    found = session().get(Topic, one_line(code))
    if found is None:
        raise NotFound
    return found


def decided_synonyms(code: str) -> dict[tuple[str, str], bool]:
    """What moderators decided about a topic's phrases, by language and phrase: True for a synonym."""
    edits = session().scalars(
        select(SynonymEdit)
        .where(SynonymEdit.topic_code == code)
        .order_by(SynonymEdit.language, SynonymEdit.phrase)
    )
    return {(edit.language, edit.phrase): edit.is_synonym for edit in edits}


def folded(text: str) -> str:
    """A text without accents and case, for comparing what people type and for sorting."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    for letter in filter(unicodedata.combining, set(plain)):
        plain = plain.replace(letter, "")
    return plain


def in_order(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Pairs of code and name sorted by name as a reader of the current language expects."""
    with_enye = current_language() == "es"
    return sorted(choices, key=lambda choice: (_sorting(choice[1], with_enye), choice[0]))


def _sorting(name: str, with_enye: bool) -> str:
    # In Spanish ñ is a letter of its own, after n.
    return folded(name.casefold().replace("ñ", "n~") if with_enye else name)


def _read(stamp: int) -> Taxonomy:
    """All three tables in one statement; topics come first, so that their columns give the types."""
    topics = select(
        literal(2).label("part"), Topic.position.label("place"), Topic.code.label("code"), Topic.parent_code,
        null(), Topic.name_en, Topic.name_es, Topic.name_fr,
        Topic.synonyms_en, Topic.synonyms_es, Topic.synonyms_fr,
    )  # fmt: skip
    countries = select(
        literal(1), literal(0), Country.iso2, Country.iso3, Country.region_code,
        Country.name_en, Country.name_es, Country.name_fr, null(), null(), null(),
    )  # fmt: skip
    regions = select(
        literal(0), Region.position, Region.code, null(), null(),
        Region.name_en, Region.name_es, Region.name_fr, null(), null(), null(),
    )  # fmt: skip
    every: CompoundSelect[*tuple[Any, ...]] = union_all(topics, countries, regions)
    found = Taxonomy(stamp, {}, {}, {})
    for row in session().execute(every.order_by("part", "place", "code")):
        part, _place, code, above, region, *names = row[:8]
        if part == 0:
            found.regions[code] = RegionFacts(code, *names)
        elif part == 1:
            found.countries[code] = CountryFacts(code, above, region, *names)
        else:
            found.topics[code] = TopicFacts(code, above, *names, *map(tuple, row[8:]))
    return found
