"""What the worker does when something is published: its followers are told, some hundreds at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Person
from portal.core.access import SYSTEM
from portal.core.db import Database, session
from portal.core.failpoints import reached
from portal.core.guard import scoped
from portal.editorial.models import Contribution
from portal.following import queries
from portal.following.models import Follow, Followed
from portal.notifications.actions import Tell, tell_each
from portal.notifications.choices import DEFAULTS, FOLLOW, FOLLOWING, soonest
from portal.notifications.models import Notification
from portal.notifications.queries import choices_of
from portal.organisations.actors import labels_of_people
from portal.publishing.queries import labels

BATCH = 400
ORDER = list(Followed)


def tell_followers(app: Flask, payload: dict[str, Any]) -> None:
    """Tell those who follow what was published, its house, its topics or its countries.

    `payload`: `contribution`, `revision`, `language` and `event` (first, changed, language), and the
    ids of people `but` whom others tell. A batch is a unit of work of its own: after a kill the
    batches that were told are passed over. To be called outside a unit of work.
    """
    database: Database = app.extensions["portal_database"]
    after = ""
    while True:
        with database.unit_of_work():
            last = _tell_some(payload, after)
        if last is None:
            return
        reached("followers_told")
        after = last


def _tell_some(payload: dict[str, Any], after: str) -> str | None:
    """Tell the next followers; the id of the last of them, None when there are no more."""
    statement = select(Contribution).where(Contribution.id == payload["contribution"], Contribution.is_live)
    contribution = session().scalars(scoped(SYSTEM, statement)).first()
    if contribution is None:
        return None
    event = str(payload["event"])
    subjects = queries.subjects_of(contribution)
    found = queries.followers(subjects, after, BATCH)
    if not found:
        return None
    allowed = _allowed(contribution, list(found), payload)
    chosen = choices_of(allowed, [FOLLOWING, *(FOLLOW + f.id for p in allowed for f in found[p])])
    people = []
    for person_id in allowed:
        overall = chosen.get((person_id, FOLLOWING), DEFAULTS[FOLLOWING])
        wishes = {f.id: chosen.get((person_id, FOLLOW + f.id), overall) for f in found[person_id]}
        reason = _strongest(found[person_id])
        params = {
            "event": event,
            "language": payload["language"],
            "reason": str(reason.kind),
            "key": reason.key,
        }
        people.append(Tell(person_id, soonest(wishes.values()), params))
    tell_each(
        people,
        "follow.published",
        event_key=f"follow.{event}:{payload['revision']}",
        contribution_id=contribution.id,
    )
    return max(found)


def _strongest(follows: Sequence[Follow]) -> Follow:
    return min(follows, key=lambda follow: ORDER.index(follow.kind))


def _allowed(contribution: Contribution, people: list[str], payload: dict[str, Any]) -> list[str]:
    """Those of these people who may read it now, and whom nobody else tells."""
    readers = labels(contribution.id)
    held = labels_of_people(people)
    but = {contribution.author_id, *payload["but"]}
    allowed = [person for person in people if person not in but and held.get(person, frozenset()) & readers]
    if payload["event"] == "language":
        allowed = _who_waited(contribution, allowed, str(payload["language"]))
    return allowed


def _who_waited(contribution: Contribution, people: list[str], language: str) -> list[str]:
    """Those whose language it is, who cannot read the original and did not ask for it (who did are told)."""
    statement = select(Person.id, Person.other_languages).where(
        Person.id.in_(people), Person.language == language
    )
    waited = [
        person
        for person, others in session().execute(statement)
        if contribution.original_language not in others
    ]
    asked = select(Notification.person_id).where(
        Notification.event_key == f"translation.published:{contribution.id}:{language}",
        Notification.person_id.in_(waited),
    )
    told = set(session().scalars(asked))
    return [person for person in waited if person not in told]
