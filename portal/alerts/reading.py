"""From a saved search to one that can be run; what it names may be gone since."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import cast

from portal.alerts.models import SavedSearch
from portal.core.i18n import language_order
from portal.finding.asking import Asked, joined
from portal.finding.fields import Meant, meanings, narrowing
from portal.finding.running import Search
from portal.search.index import Filters, Sort
from portal.search.query import Field, Query, QueryError, parse
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


def spoken(saved: SavedSearch, languages: Sequence[str]) -> tuple[str, ...]:
    """The languages of its owner, first the one that it was asked in: it says what the words mean."""
    return language_order(saved.language, tuple(languages))


class Meanings:
    """What the fields of many queries mean, each looked up once: they name the same few things."""

    def __init__(self) -> None:
        self._known: dict[Field, Meant] = {}

    def __call__(self, query: Query) -> tuple[Meant, ...]:
        """What each field of `query` means, wherever in the text it stands. Raises QueryError."""
        return tuple(self._meant(replace(field, position=0)) for field in query.fields)

    def _meant(self, field: Field) -> Meant:
        if field not in self._known:
            (self._known[field],) = meanings(Query(fields=(field,)))
        return self._known[field]


def read(asked: Asked, means: Callable[[Query], tuple[Meant, ...]] = meanings) -> Search:
    """The search that is asked for. Raises QueryError for its text, Gone for its filters.

    `means` says what the fields of a query mean.
    """
    now = taxonomy()
    there: dict[str, Collection[str]] = {
        "topic": now.topics, "country": now.countries, "region": now.regions,
    }  # fmt: skip
    for facet, values in asked.chosen.chosen().items():
        for value in values:
            if facet in there and value not in there[facet]:
                raise Gone(facet, value)
    query = parse(asked.text)
    meant = means(query)
    within, without = narrowing(meant)
    return Search(asked, query, meant, joined(asked.chosen, within), without)


def readable(asked: Asked, means: Callable[[Query], tuple[Meant, ...]] = meanings) -> Search | None:
    """As `read`; None for what cannot be read."""
    try:
        return read(asked, means)
    except (Gone, QueryError):
        return None
