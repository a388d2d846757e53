"""The desk: what waits to be translated, and the editor with the original beside the translation."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Blueprint, Flask, Response, current_app, flash, g, redirect, request, url_for
from flask_babel import gettext as _

from portal.core import web
from portal.core.db import end_reading
from portal.core.errors import Invalid, NotFound, Stale
from portal.core.i18n import LANGUAGES
from portal.editorial import actions as editorial
from portal.editorial import policy
from portal.editorial.models import Contribution, Kind
from portal.editorial.texts import Text
from portal.editorial.workflow import RESTARTABLE
from portal.publishing.forms import PART_LABELS
from portal.publishing.records import address, organisation_line
from portal.publishing.saving import conflict_page, kept_answer
from portal.translating import actions, demand, queries
from portal.translating import queue as queues
from portal.translating.aligning import pairs, sides, terms_of
from portal.translating.forms import AnswerForm, TranslationForm
from portal.translating.glossary import glossary

log = structlog.get_logger("portal.translating")
blueprint = Blueprint("translating", __name__, url_prefix="/<language:lang>")
ONE = "/contributions/<slugged:id>/translate/<language:language>"


@blueprint.get("/translations")
def desk() -> Any:
    """What waits to be translated, or the table of all languages."""
    actor = web.actor()
    if not actor.is_signed_in:
        return web.ask_to_sign_in()
    args = request.args
    tab = "table" if args.get("tab") == "table" else "queue"
    context: dict[str, Any] = {"tab": tab, "nav": "translations", "address": address}
    if tab == "table":
        context["found"] = queues.table(actor, args.get("at", ""))
    else:
        _write_down(_counter().taken())
        end_reading()  # what was written just now is part of what is shown
        filters = queues.Filters(args.get("language", ""), args.get("kind", ""), args.get("state", "open"))
        context["found"] = queues.queue(actor, filters, args.get("page", 1, type=int))
        context["filters"] = filters
    return web.page(
        "translating/desk.html",
        coverage=queues.coverage(actor),
        mine=queues.languages_of(actor),
        kinds=list(Kind),
        organisation_line=organisation_line,
        page_url=_page_url,
        **context,
    )


@blueprint.route(ONE, methods=["GET", "POST"])
def translate(id: str, language: str) -> Any:
    """Write a translation; the button that was pressed says what happens with it."""
    actor = web.actor()
    if not actor.is_signed_in and request.method == "GET":
        return web.ask_to_sign_in()
    found = queries.desk(actor, id, language)
    form = TranslationForm()
    if request.method == "GET":
        if found.latest is not None:
            form.fill(found.latest)
        return _editor(form, found)
    try:
        return _written(form, found)
    except Stale as stale:
        if stale.theirs is None:
            raise
        here = url_for("translating.translate", id=id, language=language)
        return conflict_page(form, found.contribution.kind, language, stale.theirs, here)
    except Invalid as refused:
        form.add_errors(refused)
        return _editor(form, found, 422)


@blueprint.post(f"{ONE}/autosave")
def autosave(id: str, language: str) -> Any:
    """Keep what is being typed; JSON with the new version, 409 when somebody else saved first."""
    found = queries.desk(web.actor(), id, language)
    form = TranslationForm()
    revision = actions.keep(
        web.actor(), found, _text(form, found), form.loaded_from(), reviewed=bool(form.reviewed.data)
    )
    here: dict[str, Any] = {"id": id, "language": language}
    return kept_answer(
        revision, url_for("translating.translate", **here), url_for("translating.autosave", **here)
    )


@blueprint.post(f"{ONE}/<any(withdraw, confirm_edit, refuse_edit, appeal):step>")
def answer(id: str, language: str, step: str) -> Any:
    """What a translator answers a moderator, or takes back."""
    actor = web.actor()
    found = queries.desk(actor, id, language)
    if found.latest is None:
        raise NotFound
    contribution, revision, comment = found.contribution, found.latest, AnswerForm().comment.data or ""
    if step == "withdraw":
        editorial.withdraw(actor, contribution, revision)
        flash(_("The version is withdrawn. You can edit it and hand it in again."), "ok")
    elif step == "confirm_edit":
        editorial.confirm_edit(actor, contribution, revision)
        flash(_("The proposed wording is published."), "ok")
    elif step == "refuse_edit":
        editorial.refuse_edit(actor, contribution, revision, comment)
        flash(_("Your wording goes back to the moderator."), "ok")
    else:
        editorial.appeal(actor, contribution, revision, comment, web.settings().answer_days)
        flash(_("Another moderator will decide."), "ok")
    return _back(found)


def _written(form: TranslationForm, found: queries.Desk) -> Any:
    """Do what the button says, with what was typed."""
    actor, text, loaded = web.actor(), _text(form, found), form.loaded_from()
    source = queries.source_named(actor, found, form.source.data or "")
    reviewed = bool(form.reviewed.data)
    if "no_change_needed" in request.form:
        actions.no_change_needed(actor, found, source)
        flash(_("Noted: the translation still says what the original says."), "ok")
    elif "submit" in request.form or "partial_update" in request.form:
        is_partial = "partial_update" in request.form
        days = web.settings().answer_days
        actions.hand_in(
            actor, found, text, loaded, source, reviewed=reviewed, is_partial=is_partial, answer_days=days
        )
        flash(_("Your text is handed in. You are told when there is an answer."), "ok")
    elif "machine_draft" in request.form:
        actions.ask_machine(actor, found, text, loaded, is_on=_machine_is_on())
        flash(_("A machine is drafting what is empty. Load this page again in a moment."), "info")
    else:
        actions.keep(actor, found, text, loaded, reviewed=reviewed)
        flash(_("Your draft is saved. Readers do not see it."), "ok")
        if "files" in request.form:
            here: dict[str, Any] = {"id": found.contribution.id, "language": found.language}
            return redirect(url_for("attachments.manage", **here), 303)
    return _back(found)


def _text(form: TranslationForm, found: queries.Desk) -> Text:
    return form.text(found.contribution.kind)


def _editor(form: TranslationForm, found: queries.Desk, status: int = 200) -> Any:
    actor, contribution, latest = web.actor(), found.contribution, found.latest
    typed = form.text(contribution.kind)
    base = Text.of(found.base) if found.base is not None else None
    terms = glossary(contribution.original_language, found.language)
    aligned = sides(contribution.kind, base, Text.of(found.source), typed, terms)
    return web.page(
        "translating/editor.html",
        status,
        nav="translations",
        form=form,
        desk=found,
        contribution=contribution,
        latest=latest,
        sides=aligned,
        terms=terms_of(aligned),
        changed=sum(side.changed for side in aligned),
        can_edit=policy.edit(actor, contribution, latest, found.language),
        restarts=latest is not None and latest.state in RESTARTABLE,
        steps=_steps(found),
        part_labels={"title": _("Title"), "summary": _("Summary"), **PART_LABELS},
        parts=[side.name for side in aligned[2:]],
        organisation=organisation_line(found.organisation),
        offers_machine=_machine_is_on() and actions.may_ask_machine(found),
        needs_review=latest is not None and latest.is_unread_machine_draft,
        answer_days=web.settings().answer_days,
        address=address,
    )


def _steps(found: queries.Desk) -> list[str]:
    actor, contribution, latest, language = web.actor(), found.contribution, found.latest, found.language
    if latest is None:
        return []
    may_answer = policy.confirm_edit(actor, contribution, latest, language)
    asked = (
        ("confirm_edit", may_answer),
        ("refuse_edit", may_answer),
        ("appeal", policy.appeal(actor, contribution, latest, found.case, language)),
        ("withdraw", policy.withdraw(actor, contribution, latest, language)),
    )
    return [name for name, allowed in asked if allowed]


def _back(found: queries.Desk) -> Any:
    return redirect(url_for("translating.translate", id=found.contribution.id, language=found.language), 303)


def _page_url(page: int) -> str:
    values: dict[str, Any] = {k: v for k, v in request.args.items() if k in {"language", "kind", "state"}}
    return url_for("translating.desk", page=page, **values)


def _machine_is_on() -> bool:
    return bool(web.settings().machine_translation and web.settings().machine_translation_url)


def _counter() -> demand.ViewCounter:
    found: demand.ViewCounter = current_app.extensions["portal_view_counter"]
    return found


def _write_down(opened: Any) -> None:
    """Write a batch of openings in a unit of work of its own; a page never fails for it."""
    if not opened:
        return
    try:
        with web.writing():
            demand.write(opened)
    except Exception as error:  # counts are worth less than the page
        log.warning("views_lost", count=len(opened), error=type(error).__name__)


def translation_languages(contribution: Contribution) -> list[tuple[str, str]]:
    """The languages that the reader may translate a contribution into, each with its desk's address."""
    actor = web.actor()
    return [
        (code, url_for("translating.translate", id=contribution.id, language=code))
        for code in LANGUAGES
        if code in actor.translates and policy.translate(actor, contribution, code)
    ]


def install(app: Flask) -> None:
    """Register the room, count what readers open, and give templates the way to the desk."""
    app.register_blueprint(blueprint)
    app.extensions["portal_view_counter"] = demand.ViewCounter()
    app.jinja_env.globals.update(translation_languages=translation_languages, aligned_pairs=pairs)

    @app.after_request
    def _count(response: Response) -> Response:
        if request.endpoint == "publishing.show" and response.status_code == 200 and request.method == "GET":
            _write_down(_counter().note((request.view_args or {})["id"], g.language))
        return response
