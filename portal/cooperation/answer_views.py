"""Answering needs and offers line by line, the sheet of all answers, sending round, closing, reopening."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.cooperation import actions, partners, policy, unanswered
from portal.cooperation import answer_sheet as sheets
from portal.cooperation.actions._steps import NOTE_LIMIT
from portal.cooperation.actions.replies import stamp
from portal.cooperation.answer_forms import AnswersForm, CirculateForm, CloseForm, answers_form
from portal.cooperation.answer_sheet import Asked, Sheet
from portal.cooperation.models import ANSWERS, Progress
from portal.cooperation.names import (
    ANSWER_HINTS,
    ANSWER_LOOKS,
    ANSWER_NAMES,
    OUTCOME_NAMES,
    OUTCOME_TONES,
    STAGE_NAMES,
)
from portal.cooperation.progress import ORDER, Outcome, Stage, passed
from portal.core import web
from portal.core.access import require
from portal.core.clock import now
from portal.core.errors import Forbidden, Invalid, NotFound, Stale
from portal.core.i18n import country_name, current_language, localised
from portal.core.limits import EXPORT_LIMIT, limiter
from portal.editorial.models import EXCHANGE, Contribution
from portal.publishing.queries import listed
from portal.publishing.records import Record, address, records
from portal.taxonomy.queries import in_order, region_name, topic_name

ALL = "/contributions/<slugged:id>/answers"
CHOSEN_AT_ONCE = 20
"""How many of those that are suggested are ticked already."""


def add_to(blueprint: Blueprint) -> None:
    """Register the addresses of answers."""
    blueprint.add_url_rule(ALL, "answers", answers, methods=["GET", "POST"])
    blueprint.add_url_rule(f"{ALL}/print", "print_answers", print_answers)
    blueprint.add_url_rule(f"{ALL}.csv", "export_answers", export_answers)
    for step in (circulate, close):
        blueprint.add_url_rule(
            f"/contributions/<slugged:id>/{step.__name__}", step.__name__, step, methods=["GET", "POST"]
        )
    blueprint.add_url_rule("/contributions/<slugged:id>/reopen", "reopen", reopen, methods=["POST"])
    blueprint.add_url_rule("/cooperation/unanswered", "unanswered", unanswered_needs)


def answers(id: str) -> Any:
    """Answer line by line for one's organisation; the house that asked finds all answers here."""
    actor = web.actor()
    asked = sheets.asked(actor, id)
    if not actor.is_signed_in and request.method == "GET":
        return web.ask_to_sign_in()
    found = sheets.sheet(actor, asked)
    form = answers_form((line.line.id, line.number) for line in found.present)
    if request.method == "GET":
        _fill(form, found)
        return _answers_page(form, found)
    try:
        actions.reply(
            actor, asked.contribution, form.said(), form.language.data or "", form.loaded.data or ""
        )
    except Invalid as refused:
        form.add_errors(refused)
        return _answers_page(form, found, 422)
    except Stale as changed:
        form.loaded.data = stamp(changed.theirs)
        return _answers_page(form, found, 409)
    flash(_("Your answer is kept. You can change it here at any time."), "ok")
    return redirect(url_for("cooperation.answers", id=id), 303)


def print_answers(id: str) -> Any:
    """The answer sheet on one printable page, for the house that asked."""
    found = _whole_sheet(id)
    return web.page("cooperation/print_answers.html", sheet=found, **_words())


@limiter.limit(EXPORT_LIMIT)
def export_answers(id: str) -> Any:
    """The answer sheet as a table for a spreadsheet, for the house that asked."""
    body = "".join(sheets.as_csv(_whole_sheet(id)))
    return web.download(body, "text/csv", f"answers-{now():%Y-%m-%d}.csv")


def circulate(id: str) -> Any:
    """Send a need or an offer to organisations, of which some are suggested with the reason."""
    actor = web.actor()
    asked = sheets.asked(actor, id)
    if not policy.circulate(actor, asked.contribution, asked.stage):
        raise Forbidden
    form = CirculateForm()
    if request.method == "GET":
        return _circulate_page(form, asked)
    try:
        told = actions.circulate(actor, asked.contribution, form.organisations.data or [])
    except Invalid as refused:
        form.add_errors(refused)
        return _circulate_page(form, asked, 422)
    flash(
        ngettext(
            "Sent to %(num)s organisation; its coordinators are told.",
            "Sent to %(num)s organisations; their coordinators are told.",
            len(told),
        ),
        "ok",
    )
    return redirect(address(asked.contribution.id, ""), 303)


def close(id: str) -> Any:
    """Close a need or an offer with its outcome."""
    actor = web.actor()
    asked = sheets.asked(actor, id)
    if not policy.close(actor, asked.contribution, asked.stage):
        raise Forbidden
    form = CloseForm()
    if request.method == "GET":
        form.language.data, form.version.data = current_language(), asked.version
        return _close_page(form, asked)
    chosen = form.outcome.data or ""
    try:
        if chosen not in set(Outcome):
            raise Invalid("outcome", _("Say how it ended."))
        actions.close(
            actor, asked.contribution, Outcome(chosen), form.note.data or "", form.language.data or "",
            form.version.data or 0,
        )  # fmt: skip
    except Invalid as refused:
        form.add_errors(refused)
        return _close_page(form, asked, 422)
    except Stale as changed:
        form.version.data = changed.theirs.version
        return _close_page(form, asked, 409)
    flash(_("It is closed. Who answered is told of the outcome."), "ok")
    return redirect(address(asked.contribution.id, ""), 303)


def reopen(id: str) -> Any:
    """Open again what was closed."""
    actor = web.actor()
    asked = sheets.asked(actor, id)
    actions.reopen(actor, asked.contribution)
    flash(_("It is open again."), "ok")
    return redirect(address(asked.contribution.id, ""), 303)


def unanswered_needs() -> Any:
    """The needs that nobody has answered, for the secretariat."""
    actor = web.actor()
    if not policy.see_unanswered(actor):
        raise NotFound
    found = unanswered.unanswered(actor, request.args.get("at", ""))
    rows = {
        row.id: row for row in records(actor, listed(actor, [one.contribution_id for one in found.items]))
    }
    return web.page(
        "cooperation/unanswered.html",
        nav="administration",
        figures=unanswered.figures(actor),
        found=found,
        rows=rows,
    )


def cooperation_of(contribution: Contribution) -> dict[str, Any] | None:
    """What the page of a need or an offer shows of its cooperation, the same for readers of equal rights."""
    if contribution.kind not in EXCHANGE:
        return None
    actor = web.actor()
    progress, count = sheets.figures(actor, contribution)
    stage = progress.stage if progress is not None else Stage.OPEN
    return {
        **_words(),
        **_standing(stage, progress),
        "count": count,
        "is_house": policy.read_answers(actor, contribution),
        "may": _may(contribution, stage),
    }


def _may(contribution: Contribution, stage: Stage) -> frozenset[str]:
    actor = web.actor()
    steps = (policy.reply, policy.circulate, policy.close, policy.reopen)
    return frozenset(step.__name__ for step in steps if step(actor, contribution, stage))


def _words() -> dict[str, Any]:
    return {
        "order": ORDER,
        "stages": STAGE_NAMES,
        "outcomes": OUTCOME_NAMES,
        "outcome_tones": OUTCOME_TONES,
        "answer_names": ANSWER_NAMES,
        "answer_looks": ANSWER_LOOKS,
    }


def _standing(stage: Stage, progress: Progress | None) -> dict[str, Any]:
    was_circulated = progress is not None and progress.circulated_at is not None
    return {"stage": stage, "progress": progress, "passed": passed(stage, was_circulated)}


def _whole_sheet(contribution_id: str) -> Sheet:
    asked = sheets.asked(web.actor(), contribution_id)
    require(policy.read_answers(web.actor(), asked.contribution))
    return sheets.sheet(web.actor(), asked)


def _fill(form: AnswersForm, found: Sheet) -> None:
    mine = found.of(web.actor().organisation_id)
    form.language.data = current_language()
    form.loaded.data = stamp(mine.interest if mine else None)
    form.fill(mine.replies if mine else {})


def _answers_page(form: AnswersForm, found: Sheet, status: int = 200) -> Any:
    """The form for the acting organisation where it may answer, and every other answer that is seen."""
    actor, asked = web.actor(), found.asked
    may = _may(asked.contribution, asked.stage)
    mine = found.of(actor.organisation_id)
    return web.page(
        "cooperation/answers.html",
        status,
        nav="cooperation",
        form=form,
        sheet=found,
        mine=mine,
        columns=[c for c in found.columns if "reply" not in may or c is not mine],
        choices=[(a, ANSWER_NAMES[a], ANSWER_HINTS[a]) for a in ANSWERS[asked.contribution.kind]],
        is_house=policy.read_answers(actor, asked.contribution),
        is_stale=status == 409,
        may=may,
        limit=NOTE_LIMIT,
        **_standing(asked.stage, asked.progress),
        **_words(),
    )


def _circulate_page(form: CirculateForm, asked: Asked, status: int = 200) -> Any:
    actor, contribution = web.actor(), asked.contribution
    items = listed(actor, [contribution.id])
    rows = records(actor, items)
    if not rows:
        raise NotFound
    readers = partners.readers(contribution).values()
    scope = partners.scope_of(actor, contribution, items[0].topics, asked.regions or ())
    found = partners.suggested(actor, contribution, scope, [r for r in readers if not r.was_sent])
    if request.method == "GET":
        form.organisations.data = [one.reader.id for one in found if one.topics][:CHOSEN_AT_ONCE]
    near = {one.reader.id for one in found}
    return web.page(
        "cooperation/circulate.html",
        status,
        nav="cooperation",
        form=form,
        post=rows[0],
        contribution=contribution,
        reply_by=asked.reply_by,
        suggestions=[(one.reader, _reasons(one)) for one in found],
        others=_choices(reader for reader in readers if not reader.was_sent and reader.id not in near),
        sent=_choices(reader for reader in readers if reader.was_sent),
    )


def _reasons(one: partners.Suggestion) -> dict[str, Any]:
    return {
        "topics": sorted(topic_name(code) for code in one.topics),
        "countries": sorted(country_name(code) for code in one.countries),
        "regions": sorted(region_name(code) for code in one.regions),
    }


def _choices(readers: Iterable[partners.Reader]) -> list[tuple[str, str, str]]:
    """Organisations as a list of choices shows them: id, code and name, by name."""
    by_id = {reader.id: reader for reader in readers}
    named = in_order((id_, localised(reader, "name")) for id_, reader in by_id.items())
    return [(id_, by_id[id_].code, name) for id_, name in named]


def _close_page(form: CloseForm, asked: Asked, status: int = 200) -> Any:
    return web.page(
        "cooperation/close.html",
        status,
        nav="cooperation",
        form=form,
        post=_post(asked.contribution),
        contribution=asked.contribution,
        choices=OUTCOME_NAMES[asked.contribution.kind].items(),
        is_stale=status == 409,
        limit=NOTE_LIMIT,
    )


def _post(contribution: Contribution) -> Record:
    rows = records(web.actor(), listed(web.actor(), [contribution.id]))
    if not rows:
        raise NotFound
    return rows[0]
