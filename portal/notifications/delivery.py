"""What the worker does with "mail" and "mail.digest" jobs: notifications become letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import structlog
from flask import Flask, g
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.config import Settings
from portal.core import web
from portal.core.access import Actor
from portal.core.db import Database
from portal.core.i18n import in_language
from portal.mail.compose import compose
from portal.mail.message import Item
from portal.mail.transport import transport_of
from portal.notifications.actions import DIGEST, forget
from portal.notifications.choices import FOLLOWING, SEARCHES
from portal.notifications.messages import Message, is_known, prepare, said
from portal.notifications.models import Notification
from portal.notifications.queries import digest, with_id
from portal.notifications.stopping import stop_address

log = structlog.get_logger("portal.notifications")
# As many as a mail shows; the inbox has the others.
SHOWN = 30
Made = tuple[EmailMessage | None, list[str]]


def deliver(app: Flask, payload: dict[str, Any]) -> None:
    """Mail the notification `payload["notification_id"]`, if its recipient may still see it.

    Asks for the rights again at this moment: a suspended person gets nothing, and what has gone
    out of somebody's sight is neither mailed nor shown. To be called outside a unit of work, so
    that no lock is held while the server is talked to. Raises what the transport raises.
    """
    with _reading(app) as database:
        with database.unit_of_work(write=False):
            letter, lapsed = _letter(str(payload["notification_id"]))
        _send(app, database, letter, lapsed)


def deliver_digest(app: Flask, payload: dict[str, Any]) -> None:
    """Mail the digest `payload["digest_id"]`: what its person may still see of it, if there is anything.

    As `deliver`; a digest that is sent twice after a kill carries the same Message-ID.
    """
    with _reading(app) as database:
        with database.unit_of_work(write=False):
            letter, lapsed = _digest(str(payload["digest_id"]))
        _send(app, database, letter, lapsed)


@contextmanager
def _reading(app: Flask) -> Iterator[Database]:
    settings: Settings = app.extensions["portal_settings"]
    with app.test_request_context(base_url=settings.base_url):
        yield app.extensions["portal_database"]


def _send(app: Flask, database: Database, letter: EmailMessage | None, lapsed: list[str]) -> None:
    if lapsed:
        with database.unit_of_work():
            forget(lapsed)
    if letter is not None:
        transport_of(app).send(letter)


def _letter(notification_id: str) -> Made:
    """The letter, if there is one to send, and the notification when it is out of its reader's sight."""
    notification = with_id(notification_id)
    if notification is None:
        return None, []
    recipient = web.actor_with_id(notification.person_id)
    if not recipient.is_signed_in:
        return None, []
    if not is_known(notification.kind):
        log.warning("no_words", kind=notification.kind)
        return None, []
    g.language = recipient.language
    with in_language(recipient.language):
        message = said(notification, recipient)
        if message is None:
            return None, [notification_id]
        if not message.is_mailed:
            return None, []
        subject = message.stop or notification.subject
        return _composed(message, recipient, f"{notification.id}.notification", subject), []


def _digest(digest_id: str) -> Made:
    found = digest(digest_id)
    if found is None:
        return None, []
    person_id, gathered = found
    recipient = web.actor_with_id(person_id)
    if not recipient.is_signed_in:
        return None, []
    g.language = recipient.language
    with in_language(recipient.language):
        prepare(gathered, recipient)
        told = [(row, said(row, recipient)) for row in gathered if is_known(row.kind)]
        lapsed = [row.id for row, message in told if message is None]
        items = _items([(row, message) for row, message in told if message is not None and message.is_mailed])
        if not items:
            return None, lapsed
        message = Message(
            subject=_subject(len(items)),
            paragraphs=(),
            endpoint="notifications.inbox",
            values={},
            button=_("Open the inbox"),
            items=tuple(items[:SHOWN]),
        )
        return _composed(message, recipient, f"{digest_id}.digest", DIGEST), lapsed


def _subject(count: int) -> str:
    name = web.settings().portal_name
    return str(ngettext("%(portal)s: %(num)s update", "%(portal)s: %(num)s updates", count, portal=name))


def _items(told: Sequence[tuple[Notification, Message]]) -> list[Item]:
    """One item each, the newest first; of a post that is followed or was found one, with all reasons."""
    items: dict[str | None, Item] = {}
    for row, message in told:
        key = row.contribution_id if row.subject in {FOLLOWING, SEARCHES} else row.id
        item = items.get(key)
        if item is None:
            items[key] = Item(message.subject, message.paragraphs, message.endpoint, message.values)
        else:
            items[key] = replace(item, lines=tuple(dict.fromkeys((*item.lines, *message.paragraphs))))
    return list(items.values())


def _composed(message: Message, recipient: Actor, key: str, subject: str) -> EmailMessage:
    return compose(
        message,
        to=recipient.email,
        name=recipient.name,
        language=recipient.language,
        key=key,
        unsubscribe=stop_address(recipient.person_id or "", subject, recipient.language),
    )
