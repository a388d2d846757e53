"""The meetings of a thread: set, moved, called off, and taken into one's calendar."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _

from portal.cooperation import actions, calendar, policy, queries
from portal.cooperation import thread_queries as threads_read
from portal.cooperation.actions.meetings import TITLE_LIMIT
from portal.cooperation.forms import MeetingForm
from portal.cooperation.models import Meeting
from portal.cooperation.queries import Seat
from portal.cooperation.thread_views import ONE, back_to, seated
from portal.core import web
from portal.core.errors import Forbidden, Invalid
from portal.core.i18n import localised

MEETING = f"{ONE}/meetings/<slugged:meeting_id>"


def add_to(blueprint: Blueprint) -> None:
    """Register the addresses of these pages."""
    add = blueprint.add_url_rule
    add(f"{ONE}/meetings", "meet", meet, methods=["GET", "POST"])
    add(MEETING, "move", move, methods=["GET", "POST"])
    add(f"{MEETING}/call-off", "call_off", call_off, methods=["POST"])
    add(f"{MEETING}/invitation.ics", "invitation", invitation)


def meet(id: str) -> Any:
    """Set a date."""
    actor, here, party = seated(id)
    if not policy.take_part(actor, party):
        raise Forbidden
    form = MeetingForm()
    if request.method == "GET":
        return _page(here, form)
    try:
        made = actions.meet(actor, here.thread, party, form.when())
    except Invalid as refused:
        form.add_errors(refused)
        return _page(here, form, status=422)
    flash(_("The date is set. Everybody who takes part is told."), "ok")
    return back_to(id, f"d-{made.id}")


def move(id: str, meeting_id: str) -> Any:
    """Change a date."""
    actor, here, party = seated(id)
    meeting, _organisation = threads_read.meeting(actor, here, meeting_id)
    if not policy.change_meeting(actor, party, meeting):
        raise Forbidden
    form = MeetingForm()
    if request.method == "GET":
        form.fill(meeting)
        return _page(here, form, meeting)
    try:
        actions.move(actor, here.thread, party, meeting, form.when())
    except Invalid as refused:
        form.add_errors(refused)
        return _page(here, form, meeting, 422)
    flash(_("The date is changed. Everybody who takes part is told."), "ok")
    return back_to(id, f"d-{meeting.id}")


def call_off(id: str, meeting_id: str) -> Any:
    """Call a meeting off."""
    actor, here, party = seated(id)
    meeting, _organisation = threads_read.meeting(actor, here, meeting_id)
    actions.call_off(actor, here.thread, party, meeting)
    flash(_("The meeting is called off. Everybody who takes part is told."), "ok")
    return back_to(id, f"d-{meeting.id}")


def invitation(id: str, meeting_id: str) -> Any:
    """A meeting for one's calendar: the invitation, or that it is called off."""
    actor, settings = web.actor(), web.settings()
    here = queries.seat(actor, id)
    meeting, organisation = threads_read.meeting(actor, here, meeting_id)
    body = calendar.invitation(
        meeting,
        localised(organisation, "name"),
        actor,
        sender=settings.mail_from,
        host=urlsplit(settings.base_url).hostname or "localhost",
        page=f"{settings.base_url}{url_for('cooperation.thread', id=here.thread.id)}",
    )
    kind = f"text/calendar; charset=utf-8; method={calendar.method(meeting)}"
    headers = {"Content-Disposition": "attachment; filename=meeting.ics"}
    return Response(body, content_type=kind, headers=headers)


def _page(here: Seat, form: MeetingForm, meeting: Meeting | None = None, status: int = 200) -> Any:
    return web.page(
        "cooperation/meeting.html",
        status,
        nav="cooperation",
        here=here,
        form=form,
        meeting=meeting,
        title_limit=TITLE_LIMIT,
    )
