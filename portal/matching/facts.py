"""The facts of needs and offers that are compared, in one statement, and which of them may be candidates."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, exists, false, or_, select, true

from portal.core.clock import now
from portal.editorial.models import (
    Contribution,
    ContributionCountry,
    ExchangeTerms,
    Kind,
)
from portal.editorial.terms import Help
from portal.matching.scoring import Side
from portal.taxonomy.queries import taxonomy

Codes = frozenset[str]

FEW = 8
"""Countries that are looked for in a text one by one."""


@dataclass(frozen=True, slots=True)
class Known:
    """A need or an offer as far as it is compared."""

    id: str
    kind: Kind
    organisation_id: str
    published_at: datetime
    side: Side


def facts() -> Select[*tuple[Any, ...]]:
    """Published needs and offers with all that `known_of` reads; sets of codes come as one text each."""
    return select(
        Contribution.id,
        Contribution.kind,
        Contribution.organisation_id,
        Contribution.published_at,
        ExchangeTerms.starts_on,
        ExchangeTerms.ends_on,
        cast(ExchangeTerms.languages, Text),
        cast(ExchangeTerms.regions, Text),
        ExchangeTerms.topics,
        ExchangeTerms.lines,
        ExchangeTerms.countries,
    ).join(ExchangeTerms, ExchangeTerms.contribution_id == Contribution.id)


def known_of(row: Sequence[Any]) -> Known:
    """What a row of `facts` says."""
    id_, kind, house, published_at, starts_on, ends_on, languages, regions, topics, lines, countries = row
    helps, of_lines = _lines(lines)
    named = codes(countries)
    side = Side(
        topics=codes(topics) | of_lines,
        helps=helps,
        countries=named,
        regions=regions_of(named) if kind == Kind.NEED else kept(regions),
        languages=kept(languages),
        starts_on=starts_on,
        ends_on=ends_on,
    )
    return Known(id_, kind, house, published_at, side)


def regions_of(countries: Collection[str]) -> Codes:
    """The WCO regions that these countries belong to."""
    places = taxonomy().countries
    return frozenset(places[code].region_code for code in countries if code in places)


def still_open() -> ColumnElement[bool]:
    """True for terms that are not closed and whose window is not over."""
    return and_(
        ExchangeTerms.closed_at.is_(None),
        or_(ExchangeTerms.ends_on.is_(None), ExchangeTerms.ends_on >= now().date()),
    )


def eligible(kind: Kind, sides: Sequence[Side]) -> ColumnElement[bool]:
    """True for what is of `kind` and for whom one of these `sides` may come into question.

    For an offer: who asks is eligible. For a need: it is of a country that is, or names none.
    Scoring decides; this keeps out what it would refuse anyway.
    """
    countries = frozenset[str]().union(*(side.countries for side in sides))
    regions = frozenset[str]().union(*(side.regions for side in sides))
    if kind == Kind.OFFER:
        return open_to(countries, regions) if all(side.countries for side in sides) else true()
    if not all(side.countries or side.regions for side in sides):
        return true()
    return or_(ExchangeTerms.countries == "", names(countries | countries_in(regions)))


def open_to(countries: Collection[str], regions: Collection[str]) -> ColumnElement[bool]:
    """True for an offer that is open to one of these countries: by name, by region, or to everybody."""
    everybody = and_(cast(ExchangeTerms.regions, Text) == "[]", ExchangeTerms.countries == "")
    return or_(*map(_of_region, sorted(regions)), everybody, names(countries))


def names(countries: Collection[str]) -> ColumnElement[bool]:
    """True for what names one of these countries."""
    if len(countries) <= FEW:  # the text at hand is read faster than another table
        return or_(false(), *map(ExchangeTerms.countries.contains, sorted(countries)))
    return exists().where(
        ContributionCountry.contribution_id == Contribution.id,
        ContributionCountry.country_iso2.in_(sorted(countries)),
    )


def countries_in(regions: Collection[str]) -> Codes:
    """The countries of these WCO regions."""
    return frozenset(one.iso2 for one in taxonomy().countries.values() if one.region_code in regions)


def _of_region(code: str) -> ColumnElement[bool]:
    return cast(ExchangeTerms.regions, Text).contains(f'"{code}"')


# The vocabulary is small: the same few sets of codes come again and again.
@lru_cache(maxsize=4096)
def codes(joined: str) -> Codes:
    """The codes of a text that has commas between them."""
    return frozenset(joined.split(",")) if joined else frozenset()


@lru_cache(maxsize=4096)
def kept(stored: str) -> Codes:
    """The codes of a list that is kept as JSON."""
    return frozenset(json.loads(stored))


@lru_cache(maxsize=4096)
def _lines(joined: str) -> tuple[frozenset[Help], Codes]:
    """The kinds of help of some lines, and the topics of those that name one."""
    pairs = [line.partition(":") for line in joined.split(",") if line]
    return frozenset(Help(help_) for help_, _colon, _topic in pairs), frozenset(t for _h, _c, t in pairs if t)
