"""The headline figure: how many needs are matched by what is offered, partly or not at all.

A line of a need is met when somebody offers that kind of help on its topic (or one above or below)
and who asks is eligible. A need is matched when all its lines are met. Answers are not counted:
they are between the organisations. Everything is counted over what the actor may see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Text, cast, select

from portal.core.access import Actor
from portal.core.db import session
from portal.core.guard import scoped
from portal.editorial.models import (
    EVERYWHERE,
    Contribution,
    ContributionTopic,
    ExchangeLine,
    ExchangeTerms,
    Kind,
)
from portal.editorial.terms import Category, Help
from portal.editorial.visibility import visible_to
from portal.matching.coverage import Wanted, below
from portal.matching.facts import codes, kept, open_to, still_open
from portal.matching.queries import near
from portal.taxonomy.queries import taxonomy


@dataclass
class Tally:
    """How many needs are matched, partly matched and unmatched."""

    matched: int = 0
    partly: int = 0
    unmatched: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.matched + self.partly + self.unmatched

    def count(self, lines: Iterable[bool]) -> None:
        """Count a need of which these lines are met or not."""
        met = list(lines)
        if all(met):
            self.matched += 1
        elif any(met):
            self.partly += 1
        else:
            self.unmatched += 1


@dataclass
class Figures:
    """The headline by category, then by measure (topic) and by region; "" is a need that names no country."""

    category_c: Tally = field(default_factory=Tally)
    others: Tally = field(default_factory=Tally)
    by_topic: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_region: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))


@dataclass
class _Need:
    countries: frozenset[str]
    lines: list[tuple[frozenset[str], bool]] = field(default_factory=list)
    is_c: bool = False


def figures(actor: Actor, wanted: Wanted) -> Figures:
    """The figures over the open needs and offers that `actor` may see; two statements."""
    supply = _Supply(actor)
    branch = below(wanted.topic)
    needs: dict[str, _Need] = {}
    for need_id, help_, topic, category, own, countries in _lines(actor):
        topics = (frozenset({topic}) if topic else codes(own)) & branch
        regions = taxonomy().regions_of(codes(countries))
        if not topics or (wanted.region and wanted.region not in regions):
            continue
        need = needs.setdefault(need_id, _Need(codes(countries)))
        need.lines.append((topics, supply.meets(topics, help_, need.countries)))
        need.is_c = need.is_c or category == Category.C
    found = Figures()
    for need in needs.values():
        _count(found, need)
    return found


def _count(found: Figures, need: _Need) -> None:
    met = [is_met for _topics, is_met in need.lines]
    (found.category_c if need.is_c else found.others).count(met)
    for topic in frozenset[str]().union(*(topics for topics, _is_met in need.lines)):
        found.by_topic[topic].count(is_met for topics, is_met in need.lines if topic in topics)
    for region in taxonomy().regions_of(need.countries) or {""}:
        found.by_region[region].count(met)


class _Supply:
    """For whom each kind of help is offered on each topic: countries, regions, or everybody."""

    def __init__(self, actor: Actor) -> None:
        self._offered: dict[tuple[str, Help], set[str]] = defaultdict(set)
        for topic, help_, regions, countries in _offered(actor):
            places = codes(countries) | kept(regions)
            self._offered[topic, help_] |= places or {EVERYWHERE}
        self._around: dict[tuple[frozenset[str], Help], frozenset[str]] = {}

    def meets(self, topics: frozenset[str], help_: Help, countries: frozenset[str]) -> bool:
        """True when somebody offers it to one of these countries, or to anybody where none is named."""
        key = topics, help_
        if key not in self._around:
            offered = (self._offered.get((topic, help_), set()) for topic in near(topics))
            self._around[key] = frozenset[str]().union(*offered)
        places = self._around[key]
        return bool(places & open_to(countries) if countries else places)


def _lines(actor: Actor) -> Iterable[Any]:
    """Each line of the open needs: help, topic, category, and of its need topics and countries."""
    statement = (
        select(
            Contribution.id,
            ExchangeLine.help,
            ExchangeLine.topic_code,
            ExchangeLine.category,
            ExchangeTerms.topics,
            ExchangeTerms.countries,
        )
        .join(ExchangeTerms, ExchangeTerms.contribution_id == Contribution.id)
        .join(ExchangeLine, ExchangeLine.contribution_id == Contribution.id)
        .where(Contribution.kind == Kind.NEED, ExchangeLine.is_current, visible_to(actor), still_open())
    )
    return session().execute(scoped(actor, statement))


def _offered(actor: Actor) -> Iterable[Any]:
    """Topic, help, regions and countries of the lines of open offers, each once.

    A line without a topic stands for those of its offer.
    """
    topic = ExchangeLine.topic_code
    facts = (ExchangeLine.help, cast(ExchangeTerms.regions, Text), ExchangeTerms.countries)
    by_line, by_offer = (
        select(code, *facts)
        .select_from(Contribution)
        .join(ExchangeTerms, ExchangeTerms.contribution_id == Contribution.id)
        .join(ExchangeLine, ExchangeLine.contribution_id == Contribution.id)
        .where(Contribution.kind == Kind.OFFER, ExchangeLine.is_current, visible_to(actor), still_open())
        for code in (topic, ContributionTopic.topic_code)
    )
    by_offer = by_offer.join(ContributionTopic, ContributionTopic.contribution_id == Contribution.id)
    every = by_line.where(topic.is_not(None)).union(by_offer.where(topic.is_(None)))
    return session().execute(scoped(actor, every))
