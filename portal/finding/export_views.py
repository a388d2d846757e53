"""What a search finds as a file to take away."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for

from portal.core import web
from portal.core.clock import now
from portal.core.limits import EXPORT_LIMIT, limiter
from portal.finding import exporting, showing
from portal.finding.asking import Asked, asked
from portal.finding.problems import unreadable
from portal.finding.running import read, run
from portal.search.query import QueryError, parse


def add_to(blueprint: Blueprint) -> None:
    """Register the address of exports, which takes the parameters of the search page."""
    blueprint.add_url_rule(f"/search/export.<any({', '.join(exporting.FORMS)}):form>", "export", export)


def address(wanted: Asked, form: str) -> str:
    """The address of the export of a search."""
    return url_for("finding.export", form=form, **wanted.parameters(show=""))


@limiter.limit(EXPORT_LIMIT)
def export(form: str) -> Any:
    """The first hits of a search, in the order of the page, under the reader's rights.

    There are a thousand at most, a megabyte or two, so it is written whole before it is sent: no slow
    line holds the database, and what fails is no half of a file.
    """
    wanted = asked(request.args)
    try:
        search = read(wanted, parse(wanted.text))
    except QueryError as error:
        return unreadable(wanted, error)
    found = run(search, per_page=exporting.MOST, with_facets=False, with_texts=False)
    settings = web.settings()
    about = exporting.About(
        base_url=settings.base_url,
        portal_name=settings.portal_name,
        address=showing.address(wanted.parameters(show="")),
        query=wanted.text,
        total=found.answer.total,
        whole=found.answer.total if found.whole is None else found.whole,
        is_incomplete=found.answer.incomplete or not found.by_index,
    )
    media_type, write = exporting.FORMS[form]
    body = "".join(write(exporting.items(web.actor(), found.answer.hits), about))
    return web.download(body, media_type, f"search-{now():%Y-%m-%d}.{form}")
