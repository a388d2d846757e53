"""What the worker does with a "mail" job: one notification becomes one letter."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import structlog
from flask import Flask, g

from portal.config import Settings
from portal.core import web
from portal.core.db import Database
from portal.core.i18n import in_language
from portal.mail.compose import compose
from portal.mail.transport import transport_of
from portal.notifications.actions import forget
from portal.notifications.messages import is_known, said
from portal.notifications.queries import with_id

log = structlog.get_logger("portal.notifications")


def deliver(app: Flask, payload: dict[str, Any]) -> None:
    """Mail the notification `payload["notification_id"]`, if its recipient may still see it.

    Asks for the rights again at this moment: a suspended person gets nothing, and what has gone
    out of somebody's sight is neither mailed nor shown. To be called outside a unit of work, so
    that no lock is held while the server is talked to. Raises what the transport raises.
    """
    settings: Settings = app.extensions["portal_settings"]
    database: Database = app.extensions["portal_database"]
    notification_id = str(payload["notification_id"])
    with app.test_request_context(base_url=settings.base_url):
        with database.unit_of_work(write=False):
            letter, has_lapsed = _letter(notification_id)
        if has_lapsed:
            with database.unit_of_work():
                forget([notification_id])
    if letter is not None:
        transport_of(app).send(letter)


def _letter(notification_id: str) -> tuple[EmailMessage | None, bool]:
    """The letter, if there is one to send, and whether the notification is out of its reader's sight."""
    notification = with_id(notification_id)
    if notification is None:
        return None, False
    recipient = web.actor_with_id(notification.person_id)
    if not recipient.is_signed_in:
        return None, False
    if not is_known(notification.kind):
        log.warning("no_words", kind=notification.kind)
        return None, False
    g.language = recipient.language
    with in_language(recipient.language):
        message = said(notification, recipient)
        if message is None:
            return None, True
        letter = compose(
            message,
            to=recipient.email,
            name=recipient.name,
            language=recipient.language,
            key=f"{notification.id}.notification",
        )
    return letter, False
