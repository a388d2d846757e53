"""The search page, its help, and the list of topics."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from time import monotonic
from typing import Any, cast

from flask import Blueprint, Flask, current_app, request

from portal.audit.version import visibility_version
from portal.core import web
from portal.core.limits import SEARCH_LIMIT, limiter
from portal.core.shared_pages import shared_page
from portal.finding import export_views, queries, showing, suggest_views, thesaurus_views
from portal.finding.asking import Asked, asked
from portal.finding.problems import unreadable
from portal.finding.queries import DEEPEST, PER_PAGE, Found
from portal.finding.running import Search, index, read, run
from portal.finding.through import Note, shown
from portal.publishing.queries import listed
from portal.publishing.records import Record, records
from portal.search import ranking
from portal.search.engines import index_of
from portal.search.index import IndexUnavailable
from portal.search.query import Query, QueryError, parse
from portal.taxonomy import queries as taxonomy

blueprint = Blueprint("finding", __name__, url_prefix="/<language:lang>")
export_views.add_to(blueprint)
suggest_views.add_to(blueprint)
thesaurus_views.add_to(blueprint)

LOOK_AGAIN = 0.1  # seconds; a new post is findable within two


@blueprint.get("/search")
def search() -> Any:
    """Find what is posted: words, filters, counts, highlights."""
    wanted = asked(request.args)
    generation = _generation()
    try:
        query = parse(wanted.text)
        return shared_page(
            "finding/search.html",
            web.actor(),
            lambda: _found(wanted, query, generation),
            visibility_version(),
            generation,
        )
    except QueryError as error:
        return unreadable(wanted, error)


@blueprint.get("/help/search")
def search_help() -> Any:
    """The query language with examples to follow, and how hits are found and ordered."""
    return shared_page("finding/help.html", web.actor(), lambda: ({"ranking": ranking}, True))


@blueprint.get("/topics")
def topics() -> Any:
    """Every topic with how much there is to read under it."""
    counts = queries.topic_counts(web.actor())
    return web.page("finding/topics.html", tree=taxonomy.topic_tree(), counts=counts, nav="topics")


@limiter.limit(SEARCH_LIMIT)
def _found(wanted: Asked, query: Query, generation: Hashable) -> tuple[dict[str, Any], bool]:
    """What a search finds on this page, for templates; a page that is kept costs nobody's allowance.

    What ran out of time, or came without the index, is not kept: the next try may find more.
    """
    search = read(wanted, query)
    found = run(search, page=wanted.page)
    return _page(search, found), generation is not None and not found.answer.incomplete


def _page(search: Search, found: Found) -> dict[str, Any]:
    asked, also = search.asked, found.expansion.also
    names = showing.names_of_organisations(found, search)
    rows, notes = _rows(found)
    return {
        "asked": asked,
        "problem": None,
        "found": found,
        "rows": rows,
        "notes": notes,
        "total": found.answer.total,
        "facets": showing.facets(found, search, names),
        "chips": showing.chips(search, names),
        "clear_url": showing.without_filters(search),
        "proposals": suggest_views.when_little_is_found(search, found),
        "ways_out": showing.ways_out(search) if not rows else [],
        "other_names": showing.other_names(asked, also),
        "as_typed_url": showing.as_typed(asked, also),
        "figures": showing.figures(found, search) if asked.shows_figures else None,
        "pages": min(-(-found.answer.total // PER_PAGE), DEEPEST),
        "page_url": lambda number: showing.address(asked.parameters(page=number)),
        "url": lambda **changed: showing.address(asked.parameters(**changed)),
        "export_url": lambda form: export_views.address(asked, form),
        "hide_search": True,
    }


def _rows(found: Found) -> tuple[list[Record], dict[str, tuple[Note, ...]]]:
    """The hits as rows of a list, and through what each was found, by edition."""
    actor, hits = web.actor(), found.answer.hits
    editions = {hit.contribution_id: hit.edition_id for hit in hits}
    rows = records(actor, listed(actor, [hit.contribution_id for hit in hits]), editions)
    if found.expansion.query.is_empty:
        return rows, {}
    looks = shown(actor, found)
    marked = [
        replace(row, title_html=looks[row.edition_id].title, snippet_html=looks[row.edition_id].fragment)
        if row.edition_id in looks
        else row
        for row in rows
    ]
    return marked, {edition_id: look.notes for edition_id, look in looks.items()}


def _generation() -> Hashable:
    """Which commit of the index answers, asked at most ten times a second; None while there is none."""
    asked_at, generation = current_app.extensions.get("portal_generation", (0.0, None))
    if monotonic() - asked_at > LOOK_AGAIN or generation is None:
        try:
            generation = index().generation()
        except IndexUnavailable:
            generation = None
        current_app.extensions["portal_generation"] = (monotonic(), generation)
    return cast(Hashable, generation)


def install(app: Flask) -> None:
    """Register the search page and the index that it reads."""
    app.register_blueprint(blueprint)
    thesaurus_views.install(app)
    app.extensions["portal_index"] = index_of(
        app.extensions["portal_settings"], app.extensions["portal_database"]
    )
