"""Reading what is asked of search and running it for whoever makes the request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from portal.core import web
from portal.core.i18n import current_language, language_order
from portal.finding import queries
from portal.finding.asking import Asked, joined
from portal.finding.fields import Meant, meanings, narrowing
from portal.finding.queries import PER_PAGE, Found
from portal.search.index import Filters, SearchIndex
from portal.search.query import Query


@dataclass(frozen=True)
class Search:
    """What is asked, the query that its text writes, and all its filters, boxes and fields together."""

    asked: Asked
    query: Query
    meant: tuple[Meant, ...]
    within: Filters
    without: Filters


def read(asked: Asked, query: Query) -> Search:
    """What `query`, the text of `asked`, comes to with its fields. Raises QueryError."""
    meant = meanings(query)
    within, without = narrowing(meant)
    return Search(asked, query, meant, joined(asked.chosen, within), without)


def run(
    search: Search,
    *,
    page: int = 1,
    per_page: int = PER_PAGE,
    with_facets: bool = True,
    with_texts: bool = True,
) -> Found:
    """One page of what a search finds for the reader, their languages first."""
    actor = web.actor()
    return queries.search(
        actor,
        index(),
        search.query,
        search.within,
        search.asked.sort,
        language_order(current_language(), actor.languages),
        page,
        without=search.without,
        plain=search.asked.plain,
        per_page=per_page,
        with_facets=with_facets,
        in_part=not search.asked.plain,  # who wants just what they typed wants all of it
        with_texts=with_texts,
    )


def index() -> SearchIndex:
    """The index that the portal reads."""
    return cast(SearchIndex, current_app.extensions["portal_index"])
