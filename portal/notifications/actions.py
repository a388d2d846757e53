"""Telling people something, and what they do with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, select, update

from portal.core.access import Actor
from portal.core.clock import now
from portal.core.db import new_id, session
from portal.core.errors import NotFound
from portal.jobs.actions import enqueue
from portal.notifications.models import Notification


def notify(
    person_ids: Iterable[str],
    kind: str,
    *,
    event_key: str,
    contribution_id: str | None = None,
    case_id: str | None = None,
    actor: Actor | None = None,
    **params: Any,
) -> None:
    """Tell some people of one event: a row in each one's inbox and a job to mail it.

    Nobody is told of what they did themselves, nor twice of the same `event_key`. `params` are
    the facts that the words need, such as a comment; never a title, which is looked up under the
    reader's rights when it is shown.
    """
    wanted = [person for person in dict.fromkeys(person_ids) if actor is None or person != actor.person_id]
    if not wanted:
        return
    # What the rows point to has to be there first.
    session().flush()
    told = set(
        session().scalars(
            select(Notification.person_id)
            .where(Notification.event_key == event_key)
            .where(Notification.person_id.in_(wanted))
        )
    )
    facts = {"kind": kind, "event_key": event_key, "contribution_id": contribution_id, "case_id": case_id}
    for person_id in wanted:
        if person_id not in told:
            row = Notification(id=new_id(), person_id=person_id, params=params, created_at=now(), **facts)
            session().add(row)
            enqueue("mail", {"notification_id": row.id})


def mark_read(actor: Actor, notification_id: str) -> None:
    """Mark one of the actor's notifications as read; NotFound for one of others."""
    changed = session().execute(
        update(Notification)
        .where(Notification.id == notification_id, Notification.person_id == actor.person_id)
        .values(read_at=now())
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise NotFound


def mark_all_read(actor: Actor) -> None:
    """Mark all of the actor's notifications as read."""
    session().execute(
        update(Notification)
        .where(Notification.person_id == actor.person_id, Notification.read_at.is_(None))
        .values(read_at=now())
    )


def forget(notification_ids: Sequence[str]) -> None:
    """Throw away notifications whose recipient may no longer see what they are about."""
    session().execute(delete(Notification).where(Notification.id.in_(notification_ids)))
