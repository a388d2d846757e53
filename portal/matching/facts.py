"""The facts of needs and offers that are compared, in one statement, and which of them may be candidates."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Text, and_, cast, or_, select

from portal.core.clock import now
from portal.editorial.models import EVERYWHERE, Contribution, ExchangeReach, ExchangeTerms, Kind
from portal.editorial.terms import Help
from portal.matching.scoring import Side
from portal.taxonomy.queries import taxonomy

Codes = frozenset[str]


class Known(NamedTuple):
    """A need or an offer as far as it is compared."""

    id: str
    kind: Kind
    organisation_id: str
    side: Side


def facts() -> Select[*tuple[Any, ...]]:
    """Published needs and offers with all that `known_of` reads; sets of codes come as one text each."""
    return select(
        Contribution.id,
        Contribution.kind,
        Contribution.organisation_id,
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
    id_, kind, house, starts_on, ends_on, languages, regions, topics, lines, countries = row
    helps, of_lines = _lines(lines)
    named = codes(countries)
    side = Side(
        topics=codes(topics) | of_lines,
        helps=helps,
        countries=named,
        regions=taxonomy().regions_of(named) if kind == Kind.NEED else kept(regions),
        languages=kept(languages),
        starts_on=starts_on,
        ends_on=ends_on,
    )
    return Known(id_, kind, house, side)


def still_open() -> ColumnElement[bool]:
    """True for terms that are not closed and whose window is not over."""
    return and_(
        ExchangeTerms.closed_at.is_(None),
        or_(ExchangeTerms.ends_on.is_(None), ExchangeTerms.ends_on >= now().date()),
    )


def in_question(
    kinds: Collection[Kind], topics: Collection[str], places: Collection[str] | None = None
) -> Select[str]:
    """The ids of what is of these kinds, on one of these topics, and for one of these places (None: any)."""
    statement = select(ExchangeReach.contribution_id).where(
        ExchangeReach.topic_code.in_(topics), ExchangeReach.kind.in_(kinds)
    )
    return statement if places is None else statement.where(ExchangeReach.place.in_(places))


def places_for(kind: Kind, sides: Sequence[Side]) -> Codes | None:
    """The places of what is of `kind` and for whom one of these `sides` may come into question; None: any.

    For an offer: who asks is eligible. For a need: it is of a country that is, or names none.
    Scoring decides; this keeps out what it would refuse anyway.
    """
    countries = frozenset[str]().union(*(side.countries for side in sides))
    regions = frozenset[str]().union(*(side.regions for side in sides))
    if kind == Kind.OFFER:
        return open_to(countries) if all(side.countries for side in sides) else None
    if not all(side.countries or side.regions for side in sides):
        return None
    return countries | taxonomy().countries_in(regions) | {EVERYWHERE}


def open_to(countries: Collection[str]) -> Codes:
    """The places of offers to one of these countries: by name, by region, or to everybody."""
    return frozenset(countries) | taxonomy().regions_of(countries) | {EVERYWHERE}


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
