"""A lesson card's pages: who has used the lesson, and whether it still holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.core import web
from portal.core.clock import now
from portal.core.errors import Forbidden, Invalid, NotFound
from portal.core.i18n import current_language
from portal.core.tilemap import TileMap, tile_map
from portal.editorial.models import Contribution, Kind
from portal.lessons import actions, policy, queries
from portal.lessons.forms import HoldsForm, UseForm
from portal.organisations.models import OrganisationKind
from portal.publishing.queries import listed
from portal.publishing.records import address, organisation_line, records

blueprint = Blueprint("lessons", __name__, url_prefix="/<language:lang>")
USES = "/contributions/<slugged:id>/uses"
SHOWN = 5
# Makes a tile of the map take its strongest colour.
USED = 10


@blueprint.route(USES, methods=["GET", "POST"])
def uses(id: str) -> Any:
    """Who has used a lesson, with their notes and on the map; a member adds their organisation."""
    actor = web.actor()
    lesson = queries.lesson(actor, id)
    form = UseForm()
    if request.method == "GET":
        return _uses_page(form, lesson)
    try:
        actions.record_use(
            actor, lesson, form.note.data or "", form.language.data or "", form.used_on.data or ""
        )
    except Invalid as refused:
        form.add_errors(refused)
        return _uses_page(form, lesson, 422)
    flash(_("Recorded. Thank you for telling others."), "ok")
    return redirect(url_for("lessons.uses", id=lesson.id), 303)


@blueprint.post(f"{USES}/withdraw")
def withdraw_use(id: str) -> Any:
    """Take back what one's organisation said."""
    lesson = queries.lesson(web.actor(), id)
    actions.withdraw_use(web.actor(), lesson)
    flash(_("Your organisation's entry is withdrawn."), "ok")
    return redirect(url_for("lessons.uses", id=lesson.id), 303)


@blueprint.route("/contributions/<slugged:id>/holds", methods=["GET", "POST"])
def holds(id: str) -> Any:
    """Say that a lesson of one's own house still holds, or go and write a new version."""
    actor = web.actor()
    if not actor.is_signed_in and request.method == "GET":
        return web.ask_to_sign_in()
    lesson = queries.lesson(actor, id)
    if not policy.confirm_holds(actor, lesson):
        raise Forbidden
    form = HoldsForm()
    if request.method == "GET":
        form.language.data = current_language()
        return _holds_page(form, lesson)
    try:
        actions.confirm_holds(actor, lesson, form.note.data or "", form.language.data or "")
    except Invalid as refused:
        form.add_errors(refused)
        return _holds_page(form, lesson, 422)
    flash(_("Noted: the lesson still holds. You are asked again in a year."), "ok")
    return redirect(address(lesson.id, ""), 303)


def _uses_page(form: UseForm, lesson: Contribution, status: int = 200) -> Any:
    actor = web.actor()
    found = queries.uses(actor, lesson.id)
    mine = next((u.use for u in found if u.use.organisation_id == actor.organisation_id), None)
    if status == 200:
        form.language.data = mine.language if mine else current_language()
        form.used_on.data = str(mine.used_on if mine else now().date())
        form.note.data = mine.note if mine else ""
    return web.page(
        "lessons/uses.html",
        status,
        nav="lessons",
        form=form,
        contribution=lesson,
        post=_record(lesson),
        uses=[(u.use, organisation_line(u.organisation)) for u in found],
        map=_map(found),
        mine=mine,
        may_record=policy.record_use(actor, lesson),
        limit=actions.NOTE_LIMIT,
    )


def _holds_page(form: HoldsForm, lesson: Contribution, status: int = 200) -> Any:
    return web.page(
        "lessons/holds.html",
        status,
        nav="lessons",
        form=form,
        contribution=lesson,
        post=_record(lesson),
        standing=queries.standing(web.actor(), lesson.id),
    )


def _record(lesson: Contribution) -> Any:
    rows = records(web.actor(), listed(web.actor(), [lesson.id]))
    if not rows:
        raise NotFound
    return rows[0]


def _map(found: Sequence[queries.Use]) -> TileMap:
    """The map with who used the lesson; partners and offices have no place on it."""
    return tile_map(
        {u.organisation.code: USED for u in found if u.organisation.kind == OrganisationKind.CUSTOMS}
    )


def lesson_of(contribution: Contribution) -> dict[str, Any] | None:
    """What the contribution's own page shows of its lesson card; None for what is no lesson."""
    if contribution.kind != Kind.LESSON_LEARNED:
        return None
    actor = web.actor()
    found, standing = queries.card(actor, contribution.id)
    return {
        "uses": [(u.use, organisation_line(u.organisation)) for u in found[:SHOWN]],
        "count": len(found),
        "map": _map(found) if found else None,
        "standing": standing,
        "may_record": policy.record_use(actor, contribution),
        "may_confirm": policy.confirm_holds(actor, contribution),
    }


def install(app: Flask) -> None:
    """Register the room, and give the contribution's page its lesson card."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["lesson_of"] = lesson_of
