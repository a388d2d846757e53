"""Reading the inbox: each person their own, and only what they may still see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, func, select

from portal.core.access import Actor
from portal.core.db import connection, session
from portal.core.errors import NotFound
from portal.core.pages import PER_PAGE, Cursor, Page, cut, keyset
from portal.notifications.choices import DEFAULTS, GROUPS, Frequency
from portal.notifications.messages import Message, is_known, prepare, said
from portal.notifications.models import Choice, Digest, Notification

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


def inbox(actor: Actor, cursor: str = "", subject: str = "", *, unread: bool = False) -> Inbox:
    """What the actor was told, newest first, in the language of the page; of one group, or unread alone."""
    wanted = select(Notification).where(Notification.person_id == actor.person_id)
    if subject:
        wanted = wanted.where(Notification.subject == subject)
    if unread:
        wanted = wanted.where(Notification.read_at.is_(None))
    shown: list[Told] = []
    lapsed: list[str] = []
    at = Cursor.parse(cursor)
    place = cursor
    for _round in range(BATCHES):
        statement, _at = keyset(
            wanted,
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


def choices_of(person_ids: Sequence[str], subjects: Sequence[str]) -> dict[tuple[str, str], Frequency]:
    """What these people have chosen of these subjects."""
    statement = select(Choice.person_id, Choice.subject, Choice.frequency).where(
        Choice.person_id.in_(person_ids), Choice.subject.in_(subjects)
    )
    return {(person, subject): frequency for person, subject, frequency in session().execute(statement)}


def frequencies(actor: Actor) -> dict[str, Frequency]:
    """How often the actor is mailed of each group."""
    chosen = choices_of([actor.person_id or ""], GROUPS)
    return {group: chosen.get((actor.person_id or "", group), default) for group, default in DEFAULTS.items()}


def digest(digest_id: str) -> tuple[str, Sequence[Notification]] | None:
    """Whose digest it is, and what of it is still to be read, the newest first; None when there is none."""
    found = session().get(Digest, digest_id)
    if found is None:
        return None
    gathered = (
        select(Notification)
        .where(Notification.digest_id == digest_id, Notification.read_at.is_(None))
        .order_by(Notification.created_at.desc(), Notification.id.desc())
    )
    return found.person_id, session().scalars(gathered).all()


def _place(told: Told) -> tuple[datetime, str]:
    return told.notification.created_at, told.notification.id
