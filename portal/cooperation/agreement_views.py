"""What the parties of a thread agree on: its wording, the commitments, reports on them, the lesson."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.cooperation import actions, agreement_queries, drafting, policy, queries
from portal.cooperation import thread_queries as threads_read
from portal.cooperation.actions._steps import NOTE_LIMIT, TEXT_LIMIT
from portal.cooperation.actions.agreements import MOST_COMMITMENTS
from portal.cooperation.agreement_queries import Agreed
from portal.cooperation.forms import AgreementForm, NoteForm, SettleForm
from portal.cooperation.models import Agreement, Commitment, CommitmentState, Party, PartyState
from portal.cooperation.queries import Seat
from portal.cooperation.thread_views import ONE, back_to, seated
from portal.core import web
from portal.core.clock import now
from portal.core.errors import Forbidden, Invalid, NotFound, Stale
from portal.core.i18n import current_language
from portal.core.text import whole_number
from portal.publishing.records import organisation_line

COMMITMENT = f"{ONE}/commitments/<slugged:commitment_id>"


def add_to(blueprint: Blueprint) -> None:
    """Register the addresses of these pages."""
    add = blueprint.add_url_rule
    add(f"{ONE}/agreement", "propose", propose, methods=["GET", "POST"])
    add(f"{ONE}/agree", "agree", agree, methods=["POST"])
    add(COMMITMENT, "commitment", commitment)
    add(f"{COMMITMENT}/note", "note", note, methods=["POST"])
    add(f"{COMMITMENT}/settle", "settle", settle, methods=["POST"])
    add(f"{ONE}/lesson", "begin_lesson", begin_lesson, methods=["POST"])


def propose(id: str) -> Any:
    """Propose what the parties agree on, or another wording of what is proposed."""
    actor, here, party = seated(id)
    found = agreement_queries.agreement(actor, here)
    if not policy.speak_for(actor, party):
        raise Forbidden
    form = AgreementForm()
    if request.method == "GET":
        if found is not None and found.agreement.agreed_at is not None:
            return back_to(id, "agreement")
        _fill(form, found)
        return _propose_page(here, form)
    form.close_ranks()
    if "more" in request.form:
        return _propose_page(here, form)
    try:
        actions.propose(
            actor, here.thread, party, form.summary.data or "", form.promises(), form.language.data or "",
            form.version.data or 0,
        )  # fmt: skip
    except Invalid as refused:
        form.add_errors(refused)
        return _propose_page(here, form, 422)
    except Stale:
        theirs = agreement_queries.agreement(actor, here)
        form.version.data = theirs.agreement.version if theirs is not None else 0
        return _propose_page(here, form, 409, theirs)
    flash(_("Proposed. It holds once every party has agreed to this wording."), "ok")
    return back_to(id, "agreement")


def agree(id: str) -> Any:
    """Agree to the wording on the page."""
    actor, here, party = seated(id)
    found = agreement_queries.agreement(actor, here)
    if found is None:
        raise NotFound
    try:
        version = whole_number(request.form.get("version")) or 0
        actions.agree(actor, here.thread, party, found.agreement, version)
    except Stale:
        flash(_("The wording was changed meanwhile. Read it again before you agree."), "warn")
        return back_to(id, "agreement")
    flash(_("Your organisation has agreed."), "ok")
    return back_to(id, "agreement")


def commitment(id: str, commitment_id: str) -> Any:
    """One commitment and what was reported on it."""
    here = queries.seat(web.actor(), id)
    found, one = agreement_queries.commitment(web.actor(), here, commitment_id)
    form = NoteForm(formdata=None)
    form.language.data = current_language()
    return _commitment_page(here, found, one, form, SettleForm(formdata=None))


def note(id: str, commitment_id: str) -> Any:
    """Report on a commitment."""
    actor, here, _party = seated(id)
    found, one = agreement_queries.commitment(actor, here, commitment_id)
    form = NoteForm()
    try:
        actions.note(actor, here.thread, found, one, form.text.data or "", form.language.data or "")
    except Invalid as refused:
        form.add_errors(refused)
        return _commitment_page(here, found, one, form, SettleForm(formdata=None), 422)
    flash(_("The note is added. The parties are told."), "ok")
    return _to_commitment(id, one)


def settle(id: str, commitment_id: str) -> Any:
    """Say that a commitment is met, or dropped with the reason."""
    actor, here, _party = seated(id)
    found, one = agreement_queries.commitment(actor, here, commitment_id)
    form = SettleForm()
    state = CommitmentState.DROPPED if "drop" in request.form else CommitmentState.MET
    try:
        actions.settle(actor, here.thread, found, one, state, form.reason.data or "")
    except Invalid as refused:
        form.add_errors(refused)
        return _commitment_page(here, found, one, NoteForm(formdata=None), form, 422)
    flash(_("Noted. The parties are told."), "ok")
    return back_to(id, "agreement")


def begin_lesson(id: str) -> Any:
    """Begin a lesson from what came of the agreement: a draft with what is known already."""
    actor, here, party = seated(id)
    found = agreement_queries.agreement(actor, here)
    if found is None:
        raise NotFound
    title = threads_read.titles(actor, [here.contribution.id]).get(here.contribution.id)
    lines = threads_read.parties(actor, here)
    names = {
        line.organisation.id: organisation_line(line.organisation).name
        for line in lines
        if line.party.state == PartyState.ACTIVE
    }
    text = drafting.lesson_text(actor, found, title.text if title is not None else "", names)
    about = drafting.lesson_about(actor, here.contribution.id, list(names))
    lesson = actions.begin_lesson(actor, here.thread, party, found.agreement, text, about, current_language())
    flash(_("The draft holds what is known. Check what may be told: the agreement is private."), "ok")
    return redirect(url_for("publishing.edit", id=lesson.id), 303)


def _fill(form: AgreementForm, found: Agreed | None) -> None:
    if found is None:
        form.fill("", current_language(), 0, [])
    else:
        now_there = found.agreement
        rows = [one for one, _count in found.commitments]
        form.fill(now_there.summary, now_there.language, now_there.version, rows)


def _propose_page(here: Seat, form: AgreementForm, status: int = 200, theirs: Agreed | None = None) -> Any:
    lines = threads_read.parties(web.actor(), here)
    return web.page(
        "cooperation/agreement.html",
        status,
        nav="cooperation",
        here=here,
        form=form,
        theirs=theirs,
        parties=[
            organisation_line(line.organisation) for line in lines if line.party.state == PartyState.ACTIVE
        ],
        summary_limit=TEXT_LIMIT,
        most=MOST_COMMITMENTS,
    )


def _commitment_page(
    here: Seat, found: Agreement, one: Commitment, form: NoteForm, settling: SettleForm, status: int = 200
) -> Any:
    actor = web.actor()
    holds = found.agreed_at is not None
    lines = threads_read.parties(actor, here)
    return web.page(
        "cooperation/commitment.html",
        status,
        nav="cooperation",
        here=here,
        commitment=one,
        form=form,
        settling=settling,
        may_note=holds and _is_seated(here.party) and policy.report_progress(actor, one),
        may_settle=holds and _is_seated(here.party) and policy.settle(actor, one),
        notes=agreement_queries.notes(actor, one, request.args.get("at", "")),
        names={line.organisation.id: organisation_line(line.organisation) for line in lines},
        is_late=holds and policy.is_late(one, now().date()),
        limit=NOTE_LIMIT,
    )


def _is_seated(party: Party | None) -> bool:
    return party is not None and party.state == PartyState.ACTIVE


def _to_commitment(thread_id: str, one: Commitment) -> Any:
    return redirect(url_for("cooperation.commitment", id=thread_id, commitment_id=one.id), 303)
