"""Threads: one's list, the page of one, messages with files, and third organisations that are let in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO, cast

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask import session as cookie
from flask_babel import gettext as _

from portal.attachments.downloads import answer
from portal.cooperation import actions, agreement_queries, policy, queries
from portal.cooperation import thread_queries as threads_read
from portal.cooperation.actions._steps import TEXT_LIMIT
from portal.cooperation.actions.writing import FILE_LIMIT, Attached
from portal.cooperation.forms import InviteForm, MessageForm
from portal.cooperation.models import Meeting, Party, PartyState
from portal.cooperation.queries import Seat
from portal.core import web
from portal.core.access import Actor
from portal.core.clock import now
from portal.core.db import new_id
from portal.core.errors import Forbidden, Invalid
from portal.core.i18n import current_language
from portal.core.limits import limiter
from portal.organisations.queries import choosable_organisations
from portal.publishing.records import organisation_line

ALL = "/cooperation/threads"
ONE = f"{ALL}/<slugged:id>"
WRITE_LIMIT = "30 per 10 minutes"
FORM_ROOM = 1024 * 1024


def add_to(blueprint: Blueprint) -> None:
    """Register the addresses of these pages."""
    add = blueprint.add_url_rule
    blueprint.url_value_preprocessor(_take_more)
    add(ALL, "threads", threads)
    add(ONE, "thread", thread)
    add(f"{ONE}/messages", "write", write, methods=["POST"])
    add("/cooperation/files/<slugged:id>/<name>", "download", download)
    add(f"{ONE}/invite", "invite", invite, methods=["GET", "POST"])
    add(f"{ONE}/consent", "consent", consent, methods=["POST"])
    add(f"{ONE}/refuse", "refuse", refuse, methods=["POST"])
    add(f"{ONE}/accept", "accept", accept, methods=["POST"])
    add(f"{ONE}/decline", "decline", decline, methods=["POST"])


def _take_more(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let people who are signed in send files; everybody else is held to the limit of forms."""
    if endpoint == "cooperation.write" and "_user_id" in cookie:
        request.max_content_length = web.settings().max_file_bytes + FORM_ROOM


def _writer() -> str:
    return f"person-{web.actor().person_id or 'visitor'}"


def seated(thread_id: str) -> tuple[Actor, Seat, Party]:
    """Who writes in a thread, for the organisation whose seat they have; Forbidden for who only reads."""
    actor = web.actor()
    here = queries.seat(actor, thread_id)
    if here.party is None:
        raise Forbidden
    return replace(actor, organisation_id=here.party.organisation_id), here, here.party


def back_to(thread_id: str, anchor: str | None = None) -> Any:
    """To the page of a thread."""
    return redirect(url_for("cooperation.thread", id=thread_id, _anchor=anchor), 303)


def threads() -> Any:
    """The threads of one's organisations: what is unread first, then the others."""
    actor = web.actor()
    if not actor.is_signed_in:
        return web.ask_to_sign_in()
    at, unread_alone = request.args.get("at", ""), request.args.get("show") == "unread"
    unread = (
        threads_read.threads(actor, at if unread_alone else "", unread=True)
        if unread_alone or not at
        else None
    )
    others = None if unread_alone else threads_read.threads(actor, at, unread=False)
    lines = [line for page in (unread, others) if page is not None for line in page.items]
    parties = threads_read.parties_of(actor, [line.thread.id for line in lines])
    return web.page(
        "cooperation/threads.html",
        nav="cooperation",
        unread=unread,
        others=others,
        unread_alone=unread_alone,
        titles=threads_read.titles(actor, [line.thread.contribution_id for line in lines]),
        parties={key: [organisation_line(o) for o in found] for key, found in parties.items()},
    )  # fmt: skip


def thread(id: str) -> Any:
    """What was said in a thread, who is in it, when they meet, and what they have agreed on."""
    moment = now()
    here = queries.seat(web.actor(), id)
    if here.party is not None and here.party.state == PartyState.INVITED and here.opening is None:
        return _invitation(here)
    form = MessageForm(formdata=None)
    form.language.data, form.form_token.data = current_language(), new_id()
    _see(here, moment)
    return _page(here, form)


@limiter.limit(WRITE_LIMIT, key_func=_writer)
def write(id: str) -> Any:
    """Send a message, with files."""
    actor, here, party = seated(id)
    form = MessageForm()
    sent = [(cast(BinaryIO, f.stream), f.filename) for f in request.files.getlist("file") if f.filename]
    attached = Attached(current_app.extensions["portal_files"], sent, web.settings().max_file_bytes)
    try:
        written = actions.write(
            actor, here.thread, party, form.body.data or "", form.language.data or "",
            form.form_token.data or new_id(), attached,
        )  # fmt: skip
    except Invalid as refused:
        form.add_errors(refused)
        if sent:
            form.form_errors.append(_("Choose the files again: a browser does not keep them."))
        return _page(here, form, 422)
    flash(_("Your message is sent."), "ok")
    return back_to(id, f"m-{written.id}")


def download(id: str, name: str) -> Any:
    """The bytes of a file of a message."""
    return answer(threads_read.download(web.actor(), id), current_app.extensions["portal_files"])


def invite(id: str) -> Any:
    """Propose a third organisation."""
    actor, here, party = seated(id)
    if not policy.let_in(actor, party):
        raise Forbidden
    form = InviteForm()
    if request.method == "GET":
        return _invite_page(here, form)
    try:
        actions.invite(actor, here.thread, party, form.organisation.data or "")
    except Invalid as refused:
        form.add_errors(refused)
        return _invite_page(here, form, 422)
    flash(_("Proposed. The organisation is invited once the other founder has consented."), "ok")
    return back_to(id, "parties")


def consent(id: str) -> Any:
    """Consent that a proposed organisation is let in."""
    actor, here, party = seated(id)
    actions.consent(actor, here.thread, party, InviteForm().organisation.data or "")
    flash(_("You have consented. The organisation is invited."), "ok")
    return back_to(id, "parties")


def refuse(id: str) -> Any:
    """Refuse that a proposed organisation is let in."""
    actor, here, party = seated(id)
    actions.refuse(actor, here.thread, party, InviteForm().organisation.data or "")
    flash(_("Refused. The organisation is not told that it was proposed."), "ok")
    return back_to(id, "parties")


def accept(id: str) -> Any:
    """Join a thread that one's organisation is invited to."""
    actor, here, party = seated(id)
    actions.answer_invitation(actor, here.thread, party, accepts=True)
    flash(_("Your organisation takes part now."), "ok")
    return back_to(id)


def decline(id: str) -> Any:
    """Decline an invitation."""
    actor, here, party = seated(id)
    actions.answer_invitation(actor, here.thread, party, accepts=False)
    flash(_("Declined. The parties are told."), "ok")
    return redirect(url_for("cooperation.threads"), 303)


def _see(here: Seat, moment: datetime) -> None:
    """Note that the newest messages are read; an older page says nothing of them."""
    party, is_news = here.party, here.seen_at is None or here.thread.changed_at > here.seen_at
    if party is None or request.args.get("at") or not is_news:
        return
    with web.writing():
        actions.see(web.actor(), here.thread, party, moment)


def _page(here: Seat, form: MessageForm, status: int = 200) -> Any:
    actor = web.actor()
    lines = threads_read.parties(actor, here)
    may = frozenset(
        name
        for name, rule in (
            ("write", policy.take_part),
            ("agree", policy.speak_for),
            ("let_in", policy.let_in),
        )
        if here.party is not None and rule(actor, here.party)
    )
    return web.page(
        "cooperation/thread.html",
        status,
        nav="cooperation",
        here=here,
        form=form,
        may=may,
        found=threads_read.messages(actor, here, request.args.get("at", "")),
        title=threads_read.titles(actor, [here.contribution.id]).get(here.contribution.id),
        lines=lines,
        names={line.organisation.id: organisation_line(line.organisation) for line in lines},
        meetings=_in_order(threads_read.meetings(actor, here)),
        agreed=agreement_queries.agreement(actor, here),
        openings=threads_read.openings(actor, here.thread.id),
        is_late=policy.is_late,
        today=now().date(),
        limit=web.settings().max_file_bytes,
        most=FILE_LIMIT,
        text_limit=TEXT_LIMIT,
    )


def _in_order(found: Sequence[Meeting]) -> dict[str, list[Meeting]]:
    """Meetings to come, the next first, and past ones, the latest first."""
    moment = now()
    coming = [meeting for meeting in found if meeting.ends_at >= moment]
    return {"coming": coming[::-1], "past": [meeting for meeting in found if meeting.ends_at < moment]}


def _invitation(here: Seat) -> Any:
    """What an invited organisation sees: what it is about and who is in it, nothing of what was said."""
    actor = web.actor()
    lines = threads_read.parties(actor, here)
    return web.page(
        "cooperation/invitation.html",
        nav="cooperation",
        here=here,
        title=threads_read.titles(actor, [here.contribution.id]).get(here.contribution.id),
        parties=[organisation_line(line.organisation) for line in lines],
    )


def _invite_page(here: Seat, form: InviteForm, status: int = 200) -> Any:
    actor = web.actor()
    inside = {line.organisation.id for line in threads_read.parties(actor, here)}
    return web.page(
        "cooperation/invite.html",
        status,
        nav="cooperation",
        here=here,
        form=form,
        title=threads_read.titles(actor, [here.contribution.id]).get(here.contribution.id),
        choices=[one for one in choosable_organisations() if one.id not in inside],
    )
