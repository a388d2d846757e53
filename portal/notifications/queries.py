"""Reading the inbox: each person their own, and only what they may still see."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, func, select

from portal.core.access import Actor
from portal.core.db import connection, session
from portal.core.errors import NotFound
from portal.core.pages import PER_PAGE, Cursor, Page, cut, keyset
from portal.notifications.messages import Message, is_known, prepare, said
from portal.notifications.models import Notification

BATCH = 3 * PER_PAGE
# Batches read for one page: more only where nearly all is out of the reader's sight by now.
BATCHES = 4


@dataclass(frozen=True)
class Told:
    """One line of the inbox: the row and its words."""

    notification: Notification
    message: Message


@dataclass(frozen=True)
class Inbox:
    """One page of what a person was told; `lapsed` are the ids of what they may no longer see."""

    page: Page[Told]
    lapsed: list[str] = field(default_factory=list)


def inbox(actor: Actor, cursor: str = "") -> Inbox:
    """What the actor was told, newest first, in the language of the page."""
    shown: list[Told] = []
    lapsed: list[str] = []
    at = Cursor.parse(cursor)
    place = cursor
    for _round in range(BATCHES):
        statement, _at = keyset(
            select(Notification).where(Notification.person_id == actor.person_id),
            Notification.created_at,
            Notification.id,
            place,
            BATCH,
        )
        rows = session().scalars(statement).all()
        prepare(rows, actor)
        for row in rows:
            message = said(row, actor)
            if message is not None:
                shown.append(Told(row, message))
            elif is_known(row.kind):
                lapsed.append(row.id)
        if len(shown) > PER_PAGE or len(rows) <= BATCH:
            break
        place = str(Cursor(rows[-1].created_at, rows[-1].id, at is not None and at.backwards))
    return Inbox(cut(shown[: PER_PAGE + 1], at, _place), lapsed)


def unread_count(actor: Actor) -> int:
    """How many notifications the actor has not read."""
    if not actor.is_signed_in:
        return 0
    return connection().scalar(_UNREAD, {"person": actor.person_id}) or 0


_UNREAD = select(func.count()).where(
    Notification.person_id == bindparam("person"), Notification.read_at.is_(None)
)


def one(actor: Actor, notification_id: str) -> Told:
    """One notification of the actor's own; NotFound for one of others or out of sight."""
    row = session().scalar(
        select(Notification).where(
            Notification.id == notification_id, Notification.person_id == actor.person_id
        )
    )
    message = said(row, actor) if row is not None else None
    if row is None or message is None:
        raise NotFound
    return Told(row, message)


def with_id(notification_id: str) -> Notification | None:
    """A notification by its id, for the worker."""
    return session().get(Notification, notification_id)


def _place(told: Told) -> tuple[datetime, str]:
    return told.notification.created_at, told.notification.id
