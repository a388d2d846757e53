"""Suggestions while typing, other spellings of what found little, and more posts like one."""

from __future__ import annotations

from itertools import groupby
from typing import Any, cast

from flask import Blueprint, Response, jsonify, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.audit.version import visibility_version
from portal.core import web
from portal.core.errors import NotFound
from portal.core.i18n import current_language, language_name, language_order
from portal.core.limits import SUGGEST_LIMIT, limiter
from portal.core.shared_pages import shared_page
from portal.finding.meaning import FEW, Little, Proposal, did_you_mean
from portal.finding.queries import Found
from portal.finding.related import Like, more_like
from portal.finding.running import Search, index
from portal.finding.suggesting import Suggested, Suggestion, suggest
from portal.finding.thesaurus_views import note_missed
from portal.publishing.queries import listed
from portal.publishing.records import address, records
from portal.search.index import NO_FILTERS
from portal.search.query import MAX_LENGTH

RELATED = 4
LIKE = 20


def add_to(blueprint: Blueprint) -> None:
    """Register the addresses of these pages."""
    blueprint.add_url_rule("/search/suggestions", "suggestions", suggestions)
    blueprint.add_url_rule("/search/like/<slugged:id>", "like", like)


@limiter.limit(SUGGEST_LIMIT)
def suggestions() -> Response:
    """What is being typed may be about: groups of places to go to, and how many there are in words."""
    typed = request.args.get("q", "")
    found = suggest(web.actor(), index(), typed) if len(typed) <= MAX_LENGTH else []
    titles = {
        Suggested.TOPIC: _("Topics"),
        Suggested.ORGANISATION: _("Organisations"),
        Suggested.COUNTRY: _("Countries"),
        Suggested.CONTRIBUTION: _("Posts"),
    }
    groups = [
        {"title": titles[kind], "items": [_item(one) for one in ones]}
        for kind, ones in groupby(found, key=lambda one: one.kind)
    ]
    count = ngettext("%(num)s suggestion", "%(num)s suggestions", len(found))
    answer = jsonify(groups=groups, status=count if found else _("No suggestions"))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def like(id: str) -> Any:
    """Posts like one that the reader may see; with `few` only some, as its own page asks for them."""
    few = "few" in request.args
    template = "finding/_related.html" if few else "finding/like.html"
    count = RELATED if few else LIKE
    return shared_page(template, web.actor(), lambda: _like(id, count), visibility_version())


def when_little_is_found(search: Search, found: Found) -> list[Proposal]:
    """What a search may have meant, if few have all its words; that none has them is remembered."""
    asked, answer = search.asked, found.answer
    total = answer.total if found.whole is None else found.whole
    if search.query.is_empty or asked.page > 1 or total >= FEW or answer.incomplete or not found.by_index:
        return []
    if not total and search.within == search.without == NO_FILTERS:
        note_missed(asked.text, search.query)
    return did_you_mean(index(), Little(asked.text, search.within, search.without, total))


def _item(one: Suggestion) -> dict[str, Any]:
    """A suggestion as the page shows it, with where it leads and what is to be said beside it."""
    if one.kind == Suggested.CONTRIBUTION:
        url = address(one.key, one.text)
    elif one.kind == Suggested.ORGANISATION:
        url = url_for("organisations.show", id=one.key)
    else:
        url = url_for("finding.search", **cast(Any, {one.kind.value: one.key}))
    item: dict[str, Any] = {"text": one.text, "lang": one.language, "url": url, "note": one.code}
    if one.through is not None:
        other = one.through.language
        is_here = other == current_language()
        item["note"] = _("synonym:") if is_here else _("in %(language)s:", language=language_name(other))
        item["through"] = {"text": one.through.text, "lang": other}
    elif one.language != current_language():
        item["note"] = language_name(one.language)
    return item


def _like(contribution_id: str, count: int) -> tuple[dict[str, Any], bool]:
    actor = web.actor()
    found = listed(actor, [contribution_id])
    if not found:
        raise NotFound
    (one,) = records(actor, found)
    subject = Like(one.id, found[0].topics, one.language, f"{one.title}\n{one.summary}")
    order = language_order(current_language(), actor.languages)
    hits = more_like(actor, index(), subject, order, count)
    rows = records(actor, listed(actor, [hit.contribution_id for hit in hits]))
    return {"one": one, "rows": rows}, True
