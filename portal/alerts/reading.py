"""From a saved search to one that can be run; what it names may be gone since."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from portal.alerts.models import SavedSearch
from portal.finding.asking import Asked
from portal.finding.running import Search
from portal.finding.running import read as read_query
from portal.search.index import Filters, Sort
from portal.search.query import QueryError, parse
from portal.taxonomy.queries import taxonomy


class Gone(Exception):
    """A filter of the search is set to something that is there no more."""

    def __init__(self, facet: str, value: str) -> None:
        super().__init__(f"{facet} {value}")
        self.facet = facet
        self.value = value


def asked_of(saved: SavedSearch) -> Asked:
    """What a saved search asks."""
    chosen = Filters(**{facet: tuple(values) for facet, values in saved.chosen.items()})
    return Asked(saved.text, chosen, tuple(saved.plain), cast(Sort, saved.sort))


def read(asked: Asked) -> Search:
    """The search that is asked for. Raises QueryError for its text, Gone for its filters."""
    now = taxonomy()
    there: dict[str, Collection[str]] = {
        "topic": now.topics, "country": now.countries, "region": now.regions,
    }  # fmt: skip
    for facet, values in asked.chosen.chosen().items():
        for value in values:
            if facet in there and value not in there[facet]:
                raise Gone(facet, value)
    return read_query(asked, parse(asked.text))


def readable(asked: Asked) -> Search | None:
    """The search that is asked for; None when it cannot be read."""
    try:
        return read(asked)
    except (Gone, QueryError):
        return None
