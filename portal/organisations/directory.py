"""The directory: every organisation by region or kind, found by name, country or acronym in any language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import select

from portal.core.db import session
from portal.core.i18n import LANGUAGES, localised
from portal.organisations.models import Organisation, OrganisationKind, OrganisationState
from portal.taxonomy.queries import CountryFacts, folded, in_order, taxonomy

PER_PAGE = 40
TEASER = 12
WORDS = 8


@dataclass(frozen=True)
class Line:
    """An organisation as the directory shows it, with its name in the current language."""

    id: str
    code: str
    name: str
    kind: OrganisationKind
    state: OrganisationState
    region_code: str | None
    countries: tuple[str, ...]


Directory = Sequence[tuple[Line, str]]
"""Organisations by name in the current language, each with the words that it is found by."""


@dataclass(frozen=True)
class Group:
    """A section of the directory: a region's administrations, or all organisations of another kind."""

    kind: OrganisationKind
    region_code: str
    shown: Sequence[Line]
    count: int


@dataclass(frozen=True)
class Found:
    """One page of what was looked for."""

    lines: Sequence[Line]
    count: int
    page: int
    pages: int


@dataclass(frozen=True)
class Filters:
    """What is looked for: words of a name, country or acronym; a kind; a region; a state. "" is no filter."""

    text: str = ""
    kind: str = ""
    region: str = ""
    state: str = ""

    def __bool__(self) -> bool:
        """True when anything is looked for."""
        return bool(self.text or self.kind or self.region or self.state)


def groups() -> list[Group]:
    """The whole directory in sections, each with its first organisations: those that take part come first."""
    lines = [line for line, _words in everything()]
    found = [
        _group(OrganisationKind.CUSTOMS, code, [line for line in lines if line.region_code == code])
        for code in taxonomy().regions
    ]
    for kind in (OrganisationKind.PARTNER, OrganisationKind.REGIONAL_OFFICE, OrganisationKind.SECRETARIAT):
        found.append(_group(kind, "", lines))
    return [group for group in found if group.count]


def find(filters: Filters, page: int = 1, among: Directory | None = None) -> Found:
    """The organisations that match all filters, by name; an exact acronym or a name's beginning comes first.

    Every word that was typed has to begin a word of a name, a country or an acronym, in any of
    the languages; accents and case do not matter. `among` is a directory that the caller has kept.
    """
    wanted = folded(filters.text).replace("-", " ").split()[:WORDS]
    matches = [
        (_rank(line, wanted), line)
        for line, words in (everything() if among is None else among)
        if (not filters.kind or line.kind == filters.kind)
        and (not filters.region or line.region_code == filters.region)
        and (not filters.state or line.state == filters.state)
        and all(f" {word}" in words for word in wanted)
    ]
    matches.sort(key=lambda match: match[0])  # stable: within a rank by name
    pages = max(1, -(-len(matches) // PER_PAGE))
    page = min(max(page, 1), pages)
    lines = [line for _rank_, line in matches[(page - 1) * PER_PAGE : page * PER_PAGE]]
    return Found(lines, len(matches), page, pages)


def _rank(line: Line, wanted: Sequence[str]) -> int:
    if not wanted:
        return 0
    if folded(line.code) == " ".join(wanted):
        return 0
    return 1 if folded(line.name).startswith(" ".join(wanted)) else 2


def _group(kind: OrganisationKind, region_code: str, lines: Sequence[Line]) -> Group:
    mine = [line for line in lines if line.kind == kind]
    first = sorted(mine, key=lambda line: line.state == OrganisationState.INVITED)
    return Group(kind, region_code, first[:TEASER], len(mine))


def everything() -> Directory:
    """Every organisation by name in the current language, with the words that it is found by."""
    rows = session().execute(
        select(
            Organisation.id,
            Organisation.code,
            Organisation.kind,
            Organisation.state,
            Organisation.region_code,
            Organisation.countries,
            Organisation.aliases,
            Organisation.name_en,
            Organisation.name_es,
            Organisation.name_fr,
        )
    )
    countries = taxonomy().countries
    found: dict[str, tuple[Line, str]] = {}
    for row in rows:
        places = tuple(countries[code] for code in row.countries if code in countries)
        names = (row.name_en, row.name_es, row.name_fr)
        line = Line(
            id=row.id,
            code=row.code,
            name=localised(row, "name"),
            kind=row.kind,
            state=row.state,
            region_code=row.region_code,
            countries=tuple(row.countries),
        )
        found[row.id] = (line, _words(row.code, names, tuple(row.aliases), places))
    return [found[one] for one, _name in in_order((key, line.name) for key, (line, _w) in found.items())]


@lru_cache(maxsize=4096)
def _words(
    code: str, names: tuple[str, ...], aliases: tuple[str, ...], places: tuple[CountryFacts, ...]
) -> str:
    """What an organisation is found by: words without accents, each after a space."""
    texts = [code, *names, *aliases]
    for place in places:
        texts += [place.iso2, place.iso3, *(getattr(place, f"name_{language}") for language in LANGUAGES)]
    plain = folded(" ".join(texts))
    # "SUNAT," and "d'Égypte" are found by their words as well as in one piece.
    pieces = "".join(letter if letter.isalnum() else " " for letter in plain)
    return f" {plain} {pieces}"
