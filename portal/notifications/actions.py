"""Telling people something, and what they do with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import and_, delete, exists, insert, or_, select, update

from portal.accounts.queries import wait_for_turn
from portal.audit.actions import record
from portal.core.access import SYSTEM, Actor, require
from portal.core.clock import now
from portal.core.db import new_id, session
from portal.core.errors import Invalid, NotFound
from portal.jobs.actions import enqueue_all
from portal.notifications.choices import (
    DEFAULTS,
    FOLLOW,
    FOLLOWING,
    GROUPS,
    SEARCH,
    SEARCHES,
    Frequency,
    group_of,
    is_subject,
    last_daily,
    last_weekly,
)
from portal.notifications.models import Choice, Digest, Notification
from portal.notifications.queries import choices_of

DIGEST = "digest"
SINGLE = {FOLLOWING: FOLLOW, SEARCHES: SEARCH}
"""The groups of which each thing can be chosen by itself, and how its subject begins."""
WAITING = frozenset({Frequency.DAILY, Frequency.WEEKLY})
# Digests that one run of the clock makes; the next run, a minute later, makes others.
DIGESTS = 500


@dataclass(frozen=True)
class Event:
    """What some people are told of, `event_key` being its name: nobody is told twice of the same.

    `params` are the facts that the words need, such as a comment; never a title, which is looked up
    under the reader's rights when it is shown.
    """

    person_ids: Sequence[str]
    kind: str
    event_key: str
    contribution_id: str | None = None
    case_id: str | None = None
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tell:
    """One person who is told, how soon by mail, and the facts that are theirs alone."""

    person_id: str
    frequency: Frequency
    params: dict[str, Any] = field(default_factory=dict)


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
    """Tell some people of one event: a row in each one's inbox, and a mail as often as they want one.

    Nobody is told of what they did themselves, nor twice of the same `event_key`. `params`: see `Event`.
    """
    notify_all([Event(list(person_ids), kind, event_key, contribution_id, case_id, params)], actor)


def notify_all(events: Iterable[Event], actor: Actor | None = None) -> None:
    """The same of many events at once; the number of statements does not grow with them."""
    wanted = [
        (event, person)
        for event in events
        for person in dict.fromkeys(event.person_ids)
        if actor is None or person != actor.person_id
    ]
    if not wanted:
        return
    people = {person for _event, person in wanted}
    chosen = choices_of(sorted(people), sorted({group_of(event.kind) for event, _person in wanted}))
    tells = []
    for event, person in wanted:
        group = group_of(event.kind)
        tells.append((event, Tell(person, chosen.get((person, group), DEFAULTS[group]), event.params)))
    _tell_all(tells)


def tell_each(
    people: Sequence[Tell],
    kind: str,
    *,
    event_key: str,
    contribution_id: str | None = None,
    case_id: str | None = None,
) -> int:
    """Tell these people of one event, each as they want it, unless they were told; returns how many.

    Three statements for any number of people, who ought to be some hundreds at most.
    """
    event = Event((), kind, event_key, contribution_id, case_id)
    return _tell_all([(event, tell) for tell in people])


def _tell_all(tells: Sequence[tuple[Event, Tell]]) -> int:
    # What the rows point to has to be there first.
    session().flush()
    statement = (
        select(Notification.event_key, Notification.person_id)
        .where(Notification.event_key.in_({event.event_key for event, _tell in tells}))
        .where(Notification.person_id.in_({tell.person_id for _event, tell in tells}))
    )
    told = {(key, person) for key, person in session().execute(statement)}
    new = [(event, tell) for event, tell in tells if (event.event_key, tell.person_id) not in told]
    rows = [
        {
            "kind": event.kind,
            "event_key": event.event_key,
            "contribution_id": event.contribution_id,
            "case_id": event.case_id,
            "id": new_id(),
            "person_id": tell.person_id,
            "subject": group_of(event.kind),
            "params": tell.params,
            "created_at": now(),
            "waits": tell.frequency if tell.frequency in WAITING else None,
        }
        for event, tell in new
    ]
    if rows:
        session().execute(insert(Notification), rows)
    at_once = [
        row["id"] for row, (_event, tell) in zip(rows, new, strict=True) if tell.frequency == Frequency.NOW
    ]
    enqueue_all("mail", [{"notification_id": notification_id} for notification_id in at_once])
    return len(rows)


def choose(actor: Actor, subject: str, frequency: str) -> None:
    """Say how often the actor wants to be mailed of a subject. Raises Forbidden, Invalid."""
    require(actor.is_signed_in)
    if frequency not in set(Frequency) or not is_subject(subject):
        raise Invalid("frequency", _("Choose how often you want a mail."))
    assert actor.person_id is not None
    _choose(actor.person_id, subject, Frequency(frequency))


def stop_mail(person_id: str, subject: str) -> None:
    """Send no more mail of a subject, or ("digest") of all that is gathered in digests."""
    if subject == DIGEST:
        chosen = choices_of([person_id], GROUPS)
        for group, default in DEFAULTS.items():
            if chosen.get((person_id, group), default) in WAITING:
                _choose(person_id, group, Frequency.NEVER)
        session().execute(
            update(Choice)
            .where(Choice.person_id == person_id, Choice.frequency.in_(WAITING))
            .where(or_(*(Choice.subject.startswith(single) for single in SINGLE.values())))
            .values(frequency=Frequency.NEVER)
            .execution_options(synchronize_session=False)
        )
        _gather_no_more(person_id, GROUPS)
    else:
        _choose(person_id, subject, Frequency.NEVER)
    if subject in SINGLE:
        _forget_single(person_id, SINGLE[subject])
    record(SYSTEM, "mail.stopped", person_id, subject=subject)


def forget_choice(person_id: str, subject: str) -> None:
    """Drop what a person chose of a subject that is no more."""
    session().execute(delete(Choice).where(Choice.person_id == person_id, Choice.subject == subject))


def gather_digests(hour: int) -> int:
    """Put what waits into one digest a person and day, each with a job to mail it; returns how many.

    Due is what came before the last time it was `hour` o'clock (UTC), for weekly mail on a Monday.
    """
    moment = now()
    daily = last_daily(moment, hour)
    due = or_(
        and_(Notification.waits == Frequency.DAILY, Notification.created_at < daily),
        and_(Notification.waits == Frequency.WEEKLY, Notification.created_at < last_weekly(moment, hour)),
    )
    has_one = exists().where(Digest.person_id == Notification.person_id, Digest.day == daily.date())
    people = session().scalars(select(Notification.person_id).where(due, ~has_one).distinct().limit(DIGESTS))
    made = {person: new_id() for person in people}
    if not made:
        return 0
    session().execute(
        insert(Digest),
        [{"id": id_, "person_id": p, "day": daily.date(), "made_at": moment} for p, id_ in made.items()],
    )
    mine = select(Digest.id).where(Digest.person_id == Notification.person_id, Digest.day == daily.date())
    session().execute(
        update(Notification)
        .where(due, Notification.person_id.in_(made))
        .values(waits=None, digest_id=mine.scalar_subquery())
        .execution_options(synchronize_session=False)
    )
    enqueue_all("mail.digest", [{"digest_id": digest_id} for digest_id in made.values()])
    return len(made)


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


def _choose(person_id: str, subject: str, frequency: Frequency) -> None:
    wait_for_turn(person_id)
    forget_choice(person_id, subject)
    session().execute(insert(Choice), [{"person_id": person_id, "subject": subject, "frequency": frequency}])
    if frequency == Frequency.NEVER:
        _gather_no_more(person_id, [subject])


def _gather_no_more(person_id: str, groups: Sequence[str]) -> None:
    """Keep what waits for a digest out of it; it stands in the inbox still."""
    session().execute(
        update(Notification)
        .where(Notification.person_id == person_id, Notification.subject.in_(groups))
        .where(Notification.waits.is_not(None))
        .values(waits=None)
        .execution_options(synchronize_session=False)
    )


def _forget_single(person_id: str, beginning: str) -> None:
    """Let everything that a person follows, or all their saved searches, go by the choice for all of it."""
    session().execute(
        delete(Choice).where(Choice.person_id == person_id, Choice.subject.startswith(beginning))
    )
