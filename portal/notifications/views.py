"""The inbox."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.core import web
from portal.core.errors import NotFound
from portal.core.shared_pages import count_in_header
from portal.notifications import actions, queries

blueprint = Blueprint("notifications", __name__, url_prefix="/<language:lang>")


@blueprint.get("/inbox")
def inbox() -> Any:
    """What the person was told, newest first, in the language of the page."""
    actor = web.actor()
    if not actor.is_signed_in:
        return web.ask_to_sign_in()
    found = queries.inbox(actor, request.args.get("at", ""))
    if found.lapsed:
        with web.writing():
            actions.forget(found.lapsed)
    return web.page("notifications/inbox.html", found=found.page, has_unread=queries.unread_count(actor) > 0)


@blueprint.get("/inbox/<slugged:id>")
def open(id: str) -> Any:  # noqa: A001  # noqa: A001 - the name in the address
    """Lead to what a notification is about, and mark it as read."""
    actor = web.actor()
    if not actor.is_signed_in:
        return web.ask_to_sign_in()
    message = queries.one(actor, id).message
    with web.writing():
        actions.mark_read(actor, id)
    return redirect(url_for(message.endpoint or "notifications.inbox", **message.values), 303)


@blueprint.post("/inbox/read")
def read() -> Any:
    """Mark one notification (`id`) or all of them as read."""
    actor = web.actor()
    if not actor.is_signed_in:
        raise NotFound
    chosen = request.form.get("id", "")
    if chosen:
        actions.mark_read(actor, chosen)
    else:
        actions.mark_all_read(actor)
        flash(_("Everything is marked as read."), "ok")
    return redirect(url_for("notifications.inbox", at=request.form.get("at") or None), 303)


def install(app: Flask) -> None:
    """Register the inbox and its count, which every page shows."""
    app.register_blueprint(blueprint)
    count_in_header(app, "unread_count", queries.unread_count)
