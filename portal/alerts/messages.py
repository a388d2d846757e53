"""What owners of saved searches are told, in their language, under their rights of that moment."""

from __future__ import annotations

from collections.abc import Sequence

from flask import g
from flask_babel import gettext as _

from portal.alerts import queries
from portal.alerts.models import SavedSearch
from portal.core.access import Actor
from portal.editorial.messages import visible_edition
from portal.following.messages import of_a_post
from portal.notifications.choices import SEARCH
from portal.notifications.messages import Message, message, prepares
from portal.notifications.models import Notification

KIND = "alert.found"


@message(KIND)
def found(notification: Notification, recipient: Actor) -> Message | None:
    """To whose saved searches have found a post; None when they may not read it.

    A search that is paused or deleted by now sends no mail; what it found stays in the inbox.
    """
    shown = visible_edition(notification, recipient)
    if shown is None:
        return None
    if notification.id not in _kept():
        load_at_once([notification], recipient)
    kept = _kept()[notification.id]
    names = [kept[one].name if one in kept else name for one, name in notification.params["searches"]]
    running = [
        one for one, _name in notification.params["searches"] if one in kept and not kept[one].paused_at
    ]
    return of_a_post(
        notification,
        shown,
        [_("Your saved search “%(name)s” has found it.", name=name) for name in names],
        stop=SEARCH + running[0] if running else "",
        is_mailed=bool(running),
    )


@prepares
def load_at_once(notifications: Sequence[Notification], recipient: Actor) -> None:
    """Load the saved searches that a page of notifications names, in one statement."""
    alerts = [row for row in notifications if row.kind == KIND]
    if alerts:
        wanted = {one for row in alerts for one, _name in row.params["searches"]}
        searches = queries.some(recipient, wanted)
        _kept().update((row.id, searches) for row in alerts)


def _kept() -> dict[str, dict[str, SavedSearch]]:
    """For each notification that was prepared, the searches of its owner that are still there."""
    kept: dict[str, dict[str, SavedSearch]] = g.setdefault("saved_searches", {})
    return kept
