"""How alike two needs, or two offers, are: the same topic, for the same places, at the same time; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.matching.scoring import Side


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two have in common; `regions` only where they share no country. Neither: one names no place."""

    topics: tuple[str, ...]
    countries: tuple[str, ...]
    regions: tuple[str, ...]

    @property
    def rank(self) -> tuple[int, int]:
        """Sorts the likest first: those of the same country, then of the same region, then the rest."""
        nearness = 0 if self.countries else 1 if self.regions else 2
        return nearness, -len(self.topics)


def likeness(one: Side, other: Side, region_of: Mapping[str, str]) -> Likeness | None:
    """What two of a kind have in common; None when topics, places or windows keep them apart.

    `region_of` maps countries to their regions. What a side does not state keeps nothing apart.
    """
    topics = tuple(sorted(one.topics & other.topics))
    if not topics or not _at_one_time(one, other):
        return None
    countries = tuple(sorted(one.countries & other.countries))
    regions = () if countries else tuple(sorted(_regions(one, region_of) & _regions(other, region_of)))
    states_places = all(side.countries or side.regions for side in (one, other))
    if states_places and not countries and not regions:
        return None
    return Likeness(topics, countries, regions)


def _regions(side: Side, region_of: Mapping[str, str]) -> frozenset[str]:
    return side.regions | {region_of[code] for code in side.countries if code in region_of}


def _at_one_time(one: Side, other: Side) -> bool:
    start = max(one.starts_on or date.min, other.starts_on or date.min)
    return start <= min(one.ends_on or date.max, other.ends_on or date.max)
