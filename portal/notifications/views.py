"""The inbox."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.core import web
from portal.core.errors import NotFound
from portal.core.shared_pages import count_in_header
from portal.notifications import actions, queries
from portal.notifications.choices import GROUPS
from portal.notifications.stopping import read_token
from portal.notifications.words import FREQUENCY_NAMES, GROUP_HINTS, GROUP_NAMES, subject_name

blueprint = Blueprint("notifications", __name__, url_prefix="/<language:lang>")


@blueprint.get("/inbox")
def inbox() -> Any:
    """What the person was told, newest first, in the language of the page."""
    actor = web.actor()
    if not actor.is_signed_in:
        return web.ask_to_sign_in()
    subject = request.args.get("subject", "")
    subject = subject if subject in GROUPS else ""
    unread = request.args.get("unread", "") == "1"
    found = queries.inbox(actor, request.args.get("at", ""), subject, unread=unread)
    if found.lapsed:
        with web.writing():
            actions.forget(found.lapsed)
    return web.page(
        "notifications/inbox.html",
        found=found.page,
        has_unread=queries.unread_count(actor) > 0,
        subject=subject,
        unread=unread,
        groups=GROUP_NAMES,
    )


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
    kept: dict[str, Any] = {name: request.form.get(name) or None for name in ("at", "subject", "unread")}
    return redirect(url_for("notifications.inbox", **kept), 303)


@blueprint.route("/inbox/preferences", methods=["GET", "POST"])
def preferences() -> Any:
    """How often the person is mailed of each group of things."""
    actor = web.actor()
    if not actor.is_signed_in:
        return web.ask_to_sign_in()
    if request.method == "GET":
        chosen = queries.frequencies(actor)
        return web.page(
            "notifications/preferences.html",
            chosen=chosen,
            groups=GROUP_NAMES,
            hints=GROUP_HINTS,
            frequencies=FREQUENCY_NAMES,
            hour=web.settings().digest_hour,
        )
    for group in GROUPS:
        actions.choose(actor, group, request.form.get(group, ""))
    flash(_("Your choice is saved."), "ok")
    return redirect(url_for("notifications.preferences"), 303)


@blueprint.route("/unsubscribe/<token>", methods=["GET", "POST"])
@web.csrf.exempt  # type: ignore[untyped-decorator]
def stop(token: str) -> Any:
    """End one kind of mail: the token in the mail is the authority, no session is asked for (RFC 8058)."""
    found = read_token(token)
    if found is None:
        raise NotFound
    person_id, subject = found
    if request.method == "POST":
        actions.stop_mail(person_id, subject)
    name = subject_name(subject)
    return web.page("notifications/stop.html", name=name, is_done=request.method == "POST", token=token)


def install(app: Flask) -> None:
    """Register the inbox and its count, which every page shows."""
    app.register_blueprint(blueprint)
    count_in_header(app, "unread_count", queries.unread_count)
