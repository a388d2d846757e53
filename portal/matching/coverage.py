"""Where needs and offers meet: how many there are by topic and place, where one side is missing.

Everything is counted over what the actor may see. A need or an offer counts once under each of its
topics, in each place that it names; an offer also wherever its regions, or everybody, are eligible.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Text, cast, func, select

from portal.core.access import Actor
from portal.core.db import session
from portal.core.guard import scoped
from portal.core.pages import Page, cut, keyset
from portal.editorial.models import EXCHANGE, Contribution, ExchangeReach, ExchangeTerms, Kind
from portal.editorial.visibility import visible_to
from portal.matching.facts import (
    codes,
    in_question,
    kept,
    open_to,
    still_open,
)
from portal.publishing.queries import Listed, listed
from portal.taxonomy.queries import region_codes, taxonomy

CROWD, CROWDED = 3, 2
"""So many offers for one topic and place are a crowd when there are more than `CROWDED` for each need."""


@dataclass
class Cell:
    """How many needs and offers there are for one topic in one place."""

    needs: int = 0
    offers: int = 0

    @property
    def is_gap(self) -> bool:
        """True where something is asked and nothing offered."""
        return self.needs > 0 and self.offers == 0

    @property
    def is_crowded(self) -> bool:
        """True where many offers meet few needs."""
        return self.offers >= CROWD and self.offers > CROWDED * self.needs

    def add(self, kind: Kind, count: int) -> None:
        """Count some more."""
        if kind == Kind.NEED:
            self.needs += count
        else:
            self.offers += count


@dataclass
class Row:
    """One topic: a cell for each place, and all places together, each need and offer once."""

    topic: str
    cells: dict[str, Cell] = field(default_factory=lambda: defaultdict(Cell))
    total: Cell = field(default_factory=Cell)


@dataclass(frozen=True)
class Grid:
    """Topics down, places across: regions, or the countries of one region that are named by somebody."""

    places: list[str]
    rows: Sequence[Row]


@dataclass(frozen=True)
class Wanted:
    """What the page is narrowed to: a region, a topic with all below it, gaps or crowds alone."""

    region: str = ""
    topic: str = ""
    show: str = ""


def grid(actor: Actor, wanted: Wanted) -> Grid:
    """The counts that `actor` may see, in one statement."""
    rows: dict[str, Row] = {}
    named: set[str] = set()
    branch, inside = below(wanted.topic), taxonomy().countries_in([wanted.region])
    for topic, kind, regions, countries, count in _spread(actor):
        if topic not in branch:
            continue
        own = codes(countries)
        places = _places(kind, own, kept(regions), wanted.region, inside)
        if wanted.region and not places:
            continue
        named |= own
        row = rows.setdefault(topic, Row(topic))
        row.total.add(kind, count)
        for place in places:
            row.cells[place].add(kind, count)
    found = [rows[code] for code in taxonomy().topics if code in rows and _is_shown(rows[code], wanted.show)]
    return Grid(sorted(named & inside) if wanted.region else list(taxonomy().regions), found)


def posts(actor: Actor, kind: Kind, topic: str, place: str, cursor: str) -> Page[Listed]:
    """What stands behind a cell, the newest first: as many as its figure says. `place` "" is everywhere."""
    places = None
    if place:
        countries = taxonomy().countries_in([place]) if place in taxonomy().regions else frozenset({place})
        places = countries if kind == Kind.NEED else open_to(countries)
    statement = (
        select(Contribution.published_at, Contribution.id)
        .join(ExchangeTerms, ExchangeTerms.contribution_id == Contribution.id)
        .where(Contribution.id.in_(in_question([kind], [topic], places)), visible_to(actor), still_open())
    )
    statement, at = keyset(statement, Contribution.published_at, Contribution.id, cursor)
    rows = session().execute(scoped(actor, statement)).all()
    page = cut(rows, at, lambda row: (row[0], row[1]))
    return Page(listed(actor, [row[1] for row in page.items]), page.previous, page.next)


def below(topic: str) -> frozenset[str]:
    """A topic with all below it; every topic for ""."""
    return frozenset(taxonomy().with_below([topic]) if topic else taxonomy().topics)


def _spread(actor: Actor) -> Iterable[Any]:
    """Topic, kind, regions, countries, and how many are the same in all of these."""
    filed = select(ExchangeReach.contribution_id, ExchangeReach.topic_code).distinct().subquery()
    open_ones = (
        select(
            Contribution.id.label("id"),
            Contribution.kind.label("kind"),
            cast(ExchangeTerms.regions, Text).label("regions"),
            ExchangeTerms.countries.label("countries"),
        )
        .join(ExchangeTerms, ExchangeTerms.contribution_id == Contribution.id)
        .where(Contribution.kind.in_(EXCHANGE), visible_to(actor), still_open())
        .subquery()
    )
    alike = (filed.c.topic_code, open_ones.c.kind, open_ones.c.regions, open_ones.c.countries)
    statement = (
        select(*alike, func.count())
        .join(open_ones, open_ones.c.id == filed.c.contribution_id)
        .group_by(*alike)
    )
    return session().execute(scoped(actor, statement))


def _places(
    kind: Kind, named: frozenset[str], regions: frozenset[str], region: str, inside: frozenset[str]
) -> frozenset[str]:
    """The columns in which one counts: regions, or of `region` the countries, which are `inside` it."""
    if kind == Kind.OFFER and not named and not regions:
        return inside if region else region_codes()
    if not region:
        return taxonomy().regions_of(named) | (regions if kind == Kind.OFFER else frozenset())
    return inside if kind == Kind.OFFER and region in regions else named & inside


def _is_shown(row: Row, show: str) -> bool:
    if show == "gaps":
        return row.total.is_gap or any(cell.is_gap for cell in row.cells.values())
    if show == "crowds":
        return row.total.is_crowded or any(cell.is_crowded for cell in row.cells.values())
    return True
