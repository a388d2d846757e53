"""The search page and the list of topics."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any, cast

from flask import Blueprint, Flask, current_app, request, url_for
from flask_babel import gettext as _

from portal.audit.version import visibility_version
from portal.core import web
from portal.core.i18n import (
    LANGUAGES,
    country_name,
    current_language,
    language_name,
    language_order,
)
from portal.core.limits import SEARCH_LIMIT, limiter
from portal.core.shared_pages import shared_page
from portal.core.text import to_plain
from portal.editorial.models import Kind
from portal.finding import queries
from portal.finding.queries import DEEPEST, PER_PAGE
from portal.organisations.queries import organisation_names
from portal.publishing.queries import listed
from portal.publishing.records import Record, records
from portal.search.engines import index_of
from portal.search.highlight import highlight, mark
from portal.search.index import FACETS, Filters, IndexUnavailable, SearchIndex, Sort
from portal.search.query import EMPTY, ErrorCode, Query, QueryError, parse
from portal.taxonomy import queries as taxonomy

blueprint = Blueprint("finding", __name__, url_prefix="/<language:lang>")

VALUE = re.compile(r"[0-9A-Za-z._:-]{1,40}")
CHOICES = 12
LOOK_AGAIN = 0.1  # seconds; a new post is findable within two
SHOWN = {"organisation": 10, "country": 10, "topic": 12, "year": 12}


@dataclass(frozen=True)
class FacetValue:
    """One line of a facet."""

    value: str
    label: str
    count: int | None
    is_chosen: bool


@dataclass(frozen=True)
class Chip:
    """A filter that is applied: its words and the address without it."""

    label: str
    url: str


@blueprint.get("/search")
def search() -> Any:
    """Find what is posted: words, filters, counts, highlights."""
    text = request.args.get("q", "").strip()
    query, problem = _query(text)
    if problem is not None:
        return web.page("finding/search.html", 422, **_page(text, problem, None, []))
    generation = _generation()
    return shared_page(
        "finding/search.html",
        web.actor(),
        lambda: (_found(text, query), generation is not None),
        visibility_version(),
        generation,
    )


@limiter.limit(SEARCH_LIMIT)
def _found(text: str, query: Query) -> dict[str, Any]:
    """What a search finds on this page, for templates; a page that is kept costs nobody's allowance."""
    actor = web.actor()
    order = language_order(current_language(), actor.languages)
    found = queries.search(actor, _index(), query, _filters(), _sort(), order, _number())
    return _page(text, None, found, _rows(found, query))


def _page(text: str, problem: str | None, found: queries.Found | None, rows: list[Record]) -> dict[str, Any]:
    total = found.answer.total if found is not None else 0
    filters = _filters()
    return {
        "text": text,
        "problem": problem,
        "found": found,
        "rows": rows,
        "total": total,
        "facets": _facets(found, filters) if found is not None else [],
        "chips": _chips(filters),
        "clear_url": url_for("finding.search", q=text or None, sort=request.args.get("sort")),
        "sort": _sort(),
        "page": _number(),
        "pages": min(-(-total // PER_PAGE), DEEPEST),
        "page_url": _page_url,
        "hide_search": True,
    }


def _sort() -> Sort:
    return "newest" if request.args.get("sort") == "newest" else "relevance"


def _number() -> int:
    return min(max(request.args.get("page", 1, type=int) or 1, 1), DEEPEST)


def _generation() -> Hashable:
    """Which commit of the index answers, asked at most ten times a second; None while there is none."""
    asked_at, generation = current_app.extensions.get("portal_generation", (0.0, None))
    if monotonic() - asked_at > LOOK_AGAIN or generation is None:
        try:
            generation = _index().generation()
        except IndexUnavailable:
            generation = None
        current_app.extensions["portal_generation"] = (monotonic(), generation)
    return cast(Hashable, generation)


@blueprint.get("/topics")
def topics() -> Any:
    """Every topic with how much there is to read under it."""
    counts = queries.topic_counts(web.actor())
    return web.page("finding/topics.html", tree=taxonomy.topic_tree(), counts=counts, nav="topics")


def _query(text: str) -> tuple[Query, str | None]:
    try:
        return parse(text), None
    except QueryError as error:
        place = error.position + 1
        messages = {
            ErrorCode.TOO_LONG: _("This search is too long. Use at most 200 characters."),
            ErrorCode.TOO_MANY_CLAUSES: _(
                "Too many words from character %(place)s on. Use at most 12.", place=place
            ),
            ErrorCode.UNCLOSED_QUOTE: _(
                "The quotation mark at character %(place)s is not closed.", place=place
            ),
            ErrorCode.PREFIX_TOO_SHORT: _(
                "Write at least three letters before the * at character %(place)s.", place=place
            ),
            ErrorCode.MISPLACED_STAR: _(
                "The * at character %(place)s has to stand at the end of a word.", place=place
            ),
            ErrorCode.MISPLACED_OR: _(
                "OR at character %(place)s has to stand between two words.", place=place
            ),
            ErrorCode.NO_WORDS: _("There is no word to look for here."),
        }
        return EMPTY, messages[error.code]


def _filters() -> Filters:
    chosen = {
        name: tuple(dict.fromkeys(v for v in request.args.getlist(name) if VALUE.fullmatch(v)))[:CHOICES]
        for name in FACETS
    }
    return Filters(**chosen)


def _index() -> SearchIndex:
    return cast(SearchIndex, current_app.extensions["portal_index"])


def _rows(found: queries.Found, query: Query) -> list[Record]:
    actor = web.actor()
    hits = found.answer.hits
    shown = {hit.contribution_id: hit.edition_id for hit in hits}
    rows = records(actor, listed(actor, [hit.contribution_id for hit in hits]), shown)
    if query.is_empty:
        return rows
    marked: list[Record] = []
    for row in rows:
        title, text = found.texts.get(row.edition_id, (row.title, row.summary))
        marked.append(
            replace(
                row,
                title_html=mark(query, row.language, title),
                snippet_html=highlight(query, row.language, to_plain(text)),
            )
        )
    return marked


def _facets(found: queries.Found, filters: Filters) -> list[tuple[str, str, list[FacetValue]]]:
    chosen = filters.chosen()
    facets = found.answer.facets
    ids = {c.value for c in facets.get("organisation", [])[: SHOWN["organisation"]]} | set(
        filters.organisation
    )
    names = dict(zip(sorted(ids), organisation_names(sorted(ids)), strict=True)) if ids else {}
    shown: list[tuple[str, str, list[FacetValue]]] = []
    for name, title in _titles().items():
        counted = {c.value: c.contributions for c in facets.get(name, [])}
        values = list(counted)[: SHOWN.get(name, 50)]
        values += [v for v in chosen.get(name, ()) if v not in values]
        if name == "year":
            values.sort(reverse=True)
        lines = [
            FacetValue(
                v,
                _label(name, v, names),
                counted.get(v, 0) if found.by_index else None,
                v in chosen.get(name, ()),
            )
            for v in values
        ]
        if lines:
            shown.append((name, title, lines))
    return shown


def _titles() -> dict[str, str]:
    return {
        "kind": _("Type"),
        "topic": _("Topic"),
        "region": _("Region"),
        "country": _("Country"),
        "organisation": _("Organisation"),
        "language": _("Available in"),
        "year": _("Year"),
    }


def _label(name: str, value: str, organisations: dict[str, str]) -> str:
    if name == "kind":
        kinds: dict[str, str] = {
            Kind.REFORM_UPDATE: _("Reform update"),
            Kind.LESSON_LEARNED: _("Lesson learned"),
        }
        return kinds.get(value, value)
    if name == "topic":
        return taxonomy.topic_name(value)
    if name == "region":
        return taxonomy.region_name(value) or value
    if name == "country":
        return country_name(value)
    if name == "language":
        return language_name(value).capitalize() if value in LANGUAGES else value
    return organisations.get(value, value) if name == "organisation" else value


def _chips(filters: Filters) -> list[Chip]:
    names = dict(zip(filters.organisation, organisation_names(filters.organisation), strict=True))
    chips: list[Chip] = []
    for name, values in filters.chosen().items():
        for value in values:
            args = request.args.to_dict(flat=False)
            args[name] = [v for v in args[name] if v != value]
            args.pop("page", None)
            chips.append(Chip(_label(name, value, names), url_for("finding.search", **cast(Any, args))))
    return chips


def _page_url(number: int) -> str:
    args: dict[str, Any] = {**request.args.to_dict(flat=False), "page": number}
    return url_for("finding.search", **args)


def install(app: Flask) -> None:
    """Register the search page and the index that it reads."""
    app.register_blueprint(blueprint)
    app.extensions["portal_index"] = index_of(
        app.extensions["portal_settings"], app.extensions["portal_database"]
    )
