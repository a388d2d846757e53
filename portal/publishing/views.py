"""A contribution's page, lists, history, print view, and the workspace."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, request

from portal.audit.version import visibility_version
from portal.core import web
from portal.core.i18n import current_language
from portal.core.shared_pages import shared_page
from portal.core.text import reading_minutes, to_plain
from portal.editorial import policy
from portal.editorial.models import Kind, Revision, Standing, State
from portal.editorial.resolve import EditionFacts, Reason, Resolution, resolve
from portal.editorial.texts import About
from portal.editorial.workflow import PENDING
from portal.publishing import editor_views, queries, step_views
from portal.publishing import history as histories
from portal.publishing.forms import AUDIENCES, PART_LABELS
from portal.publishing.records import (
    address,
    fallback_sentence,
    heading_in,
    language_states,
    organisation_line,
    records,
)
from portal.publishing.sections import sections, terms_of
from portal.taxonomy.queries import topic_name

blueprint = Blueprint("publishing", __name__, url_prefix="/<language:lang>")
editor_views.add_to(blueprint)
step_views.add_to(blueprint)

NAV = {
    Kind.REFORM_UPDATE: "updates",
    Kind.LESSON_LEARNED: "lessons",
    Kind.NEED: "cooperation",
    Kind.OFFER: "cooperation",
}
UNFINISHED = (State.DRAFT, State.CHANGES_REQUESTED, State.EDIT_PROPOSED, State.DECLINED, State.WITHDRAWN)


@blueprint.get("/contributions")
def index() -> Any:
    """What has been posted, newest first, by kind."""
    value = request.args.get("kind", "")
    kind = Kind(value) if value in set(Kind) else None
    return shared_page("publishing/index.html", web.actor(), lambda: _list(kind), visibility_version())


@blueprint.get("/contributions/<slugged:id>")
def show(id: str) -> Any:
    """A contribution: what readers see of it, and for its house where it stands."""
    return shared_page("publishing/show.html", web.actor(), lambda: _page(id), visibility_version())


@blueprint.get("/contributions/<slugged:id>/print")
def print_view(id: str) -> Any:
    """The same on one printable page."""
    whole = queries.get(web.actor(), id)
    found, revision = _shown(whole)
    return web.page("publishing/print.html", **_reading(whole, found, revision))


@blueprint.get("/contributions/<slugged:id>/history")
def history(id: str) -> Any:
    """Every step of a contribution, newest first, for its house, moderators and administrators."""
    whole, entries = histories.history(web.actor(), id, request.args.get("before", ""))
    return web.page(
        "publishing/history.html",
        whole=whole,
        entries=entries,
        title=whole.original.revisions[0].title if whole.works else _visible_title(whole),
        names=policy.sees_moderators_names(web.actor()),
        organisation=organisation_line(whole.organisation),
    )


@blueprint.get("/contributions/<slugged:id>/versions/<revision_id>")
def compare(id: str, revision_id: str) -> Any:
    """One version beside the one before it, for the house of the contribution."""
    whole, revision, blocks = histories.comparison(web.actor(), id, revision_id)
    return web.page(
        "publishing/compare.html", whole=whole, revision=revision, blocks=blocks, part_labels=PART_LABELS
    )


@blueprint.get("/workspace")
def workspace() -> Any:
    """What waits for the person, what they have in hand, and what their organisation has posted."""
    actor = web.actor()
    if not actor.is_signed_in:
        return web.ask_to_sign_in()
    tab = request.args.get("tab", "mine")
    at = request.args.get("at", "")
    context: dict[str, Any] = {"tab": tab, "nav": "workspace"}
    if tab == "clearance":
        context["found"] = queries.in_hand(actor, [State.AWAITING_CLEARANCE], at)
    elif tab == "waiting":
        context["found"] = queries.in_hand(actor, PENDING, at)
    elif tab == "published":
        found = queries.page_of(actor, at, organisation_id=actor.organisation_id)
        context |= {"found": found, "rows": records(actor, found.items), "down": queries.taken_down(actor)}
    elif tab == "house":
        context["found"] = queries.in_hand(actor, UNFINISHED, at, not_mine=True)
    else:
        context |= {"tab": "mine", "found": queries.in_hand(actor, UNFINISHED, at, mine=True)}
    context["address"] = address
    return web.page("publishing/workspace.html", **context)


def _list(kind: Kind | None) -> tuple[dict[str, Any], bool]:
    found = queries.page_of(web.actor(), request.args.get("at", ""), kind=kind)
    rows = records(web.actor(), found.items)
    return {"nav": NAV[kind] if kind else None, "kind": kind, "rows": rows, "found": found}, True


def _page(contribution_id: str) -> tuple[dict[str, Any], bool]:
    """What a contribution's page shows; shared unless it shows the house its own work."""
    actor = web.actor()
    whole = queries.get(actor, contribution_id)
    found, revision = _shown(whole)
    context = {"nav": NAV[whole.contribution.kind], **_reading(whole, found, revision), **_standing(whole)}
    return context, not whole.works


def _shown(whole: queries.Whole) -> tuple[Resolution | None, Revision]:
    """The resolved edition with its text; for the house a draft where nothing is published."""
    actor = web.actor()
    facts = [chain.facts for chain in whole.editions.values()]
    found = resolve(facts, current_language(), actor.languages) if whole.is_visible else None
    if found is not None and found.edition.revision_id is not None:
        return found, queries.revision(actor, found.edition.revision_id)
    return None, queries.revision(actor, whole.original.revisions[0].id)


def _reading(whole: queries.Whole, found: Resolution | None, revision: Revision) -> dict[str, Any]:
    contribution = whole.contribution
    shown = found.edition.language if found is not None else contribution.original_language
    facts: list[EditionFacts] = [chain.facts for chain in whole.editions.values()]
    about = About.of(revision) if found is None and revision.about is not None else None
    terms = about.terms if about is not None else queries.terms(web.actor(), whole)
    words = " ".join(to_plain(part) for part in revision.parts.values())
    return {
        "whole": whole,
        "contribution": contribution,
        "organisation": organisation_line(whole.organisation),
        "credited": [organisation_line(one) for one in whole.credited],
        "revision": revision,
        "sections": sections(contribution.kind, revision.parts),
        "terms": terms_of(contribution.kind, revision.parts, terms),
        "shown": shown,
        "found": found,
        "reason": found.reason if found is not None else Reason.EXACT,
        "minutes": reading_minutes(words),
        "languages": language_states(facts, shown if found else "", contribution.id, revision.title),
        "topics": [(code, topic_name(code)) for code in (about.topics if about else whole.topics)],
        "countries": about.countries if about else whole.countries,
        "audience": about.audience if about else contribution.audience,
        "audiences": AUDIENCES,
        "address": address,
        "author": whole.author.name if web.actor().is_signed_in else None,
    }


def _standing(whole: queries.Whole) -> dict[str, Any]:
    """For the house: each language's latest version, its case, and the steps that are offered."""
    actor = web.actor()
    if not whole.works:
        offered = {"unpublish"} if whole.is_visible and policy.unpublish(actor, whole.contribution) else set()
        return {"lines": [], "steps": offered, "case": None, "notes": []}
    return histories.standing(actor, whole)


def _visible_title(whole: queries.Whole) -> str:
    published = whole.original.published
    return published.title if published is not None and whole.contribution.standing == Standing.UP else ""


def install(app: Flask) -> None:
    """Register the rooms of reading and writing."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["posts_of"] = _posts_of
    app.jinja_env.globals.update(
        contribution_address=address, heading_in=heading_in, fallback_sentence=fallback_sentence
    )


def _posts_of(organisation_id: str) -> dict[str, Any]:
    found = queries.page_of(web.actor(), request.args.get("at", ""), organisation_id=organisation_id)
    return {"rows": records(web.actor(), found.items), "previous": found.previous, "next": found.next}
