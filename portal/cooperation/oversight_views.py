"""What administrators see of threads: that they exist, and one of them for an hour, with a reason."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request
from flask_babel import gettext as _

from portal.cooperation import actions, oversight
from portal.cooperation import thread_queries as threads_read
from portal.cooperation.actions._steps import NOTE_LIMIT
from portal.cooperation.forms import ReasonForm
from portal.cooperation.models import Thread
from portal.cooperation.thread_views import back_to
from portal.core import web
from portal.core.errors import Invalid
from portal.publishing.records import organisation_line


def add_to(blueprint: Blueprint) -> None:
    """Register the addresses of these pages."""
    add = blueprint.add_url_rule
    add("/administration/threads", "oversight", index)
    add("/administration/threads/<slugged:id>", "open_with_reason", open_with_reason, methods=["GET", "POST"])


def index() -> Any:
    """That threads exist: between whom, since when, last changed when; nothing of what is in them."""
    actor = web.actor()
    found = oversight.threads(actor, request.args.get("at", ""))
    parties = threads_read.parties_of(actor, [thread.id for thread in found.items])
    return web.page(
        "cooperation/oversight.html",
        nav="administration",
        found=found,
        parties={key: [organisation_line(o) for o in those] for key, those in parties.items()},
    )


def open_with_reason(id: str) -> Any:
    """Open a thread of others for an hour; its parties are told who did and why."""
    actor = web.actor()
    thread = oversight.thread(actor, id)
    form = ReasonForm()
    if request.method == "GET":
        return _page(thread, form)
    try:
        actions.open_with_reason(actor, thread, form.reason.data or "")
    except Invalid as refused:
        form.add_errors(refused)
        return _page(thread, form, 422)
    flash(_("The thread is open to you for an hour. Its parties are told."), "ok")
    return back_to(id)


def _page(thread: Thread, form: ReasonForm, status: int = 200) -> Any:
    actor = web.actor()
    parties = threads_read.parties_of(actor, [thread.id]).get(thread.id, [])
    return web.page(
        "cooperation/open_with_reason.html",
        status,
        nav="administration",
        thread=thread,
        form=form,
        parties=[organisation_line(one) for one in parties],
        openings=threads_read.openings(actor, thread.id),
        limit=NOTE_LIMIT,
    )
