"""The commitments of an organisation, for those who take part in the threads that they were made in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from portal.cooperation import policy, queries
from portal.cooperation.agreement_queries import last_notes
from portal.cooperation.models import (
    Agreement,
    Commitment,
    CommitmentNote,
    CommitmentState,
    Thread,
)
from portal.cooperation.thread_queries import parties_of
from portal.core.access import Actor
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.core.pages import Page, cut, keyset
from portal.publishing.queries import listed
from portal.publishing.records import OrganisationLine, Record, organisation_line, records

MOST_OPEN = 200
"""Open commitments on one page, the most urgent first: an organisation has some dozens at most."""

MOST_LATE = 50


class Show(StrEnum):
    """Which commitments are listed."""

    OPEN = "open"
    LATE = "late"
    MET = "met"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Promised:
    """A commitment as the page shows it; `post` is what it is about, where the reader may see that."""

    commitment: Commitment
    thread_id: str
    post: Record | None
    others: tuple[OrganisationLine, ...]
    last_note: CommitmentNote | None
    is_late: bool


def counts(actor: Actor, organisation_id: str, today: date) -> dict[Show, int]:
    """How many commitments of each sort the actor may see.

    NotFound where there is none and the actor does not contribute to the organisation: for others
    a page of commitments is there only with those that were made to them.
    """
    statement = _made(
        select(*(func.count(1).filter(_is(show, today)) for show in Show)), actor, organisation_id
    )
    row = session().execute(scoped(actor, statement)).one()
    found = dict(zip(Show, row, strict=True))
    if not any(found.values()) and not actor.has_role(organisation_id, "contributor"):
        raise NotFound
    return found


def page(actor: Actor, organisation_id: str, show: Show, today: date, cursor: str = "") -> Page[Promised]:
    """The commitments of one sort: open ones by their date, settled ones with the last first."""
    statement = _made(select(Commitment, Thread), actor, organisation_id).where(_is(show, today))
    if show in {Show.OPEN, Show.LATE}:
        by_date = statement.order_by(Commitment.due_on, Commitment.id).limit(MOST_OPEN)
        return Page(_shown(actor, session().execute(scoped(actor, by_date)).all(), today))
    settled, at = keyset(statement, Commitment.closed_at, Commitment.id, cursor)
    found = cut(
        session().execute(scoped(actor, settled)).all(), at, lambda row: (row[0].closed_at, row[0].id)
    )
    return Page(_shown(actor, found.items, today), found.previous, found.next)


def late(actor: Actor, today: date) -> Sequence[tuple[Commitment, Thread]]:
    """The late commitments of the actor's threads, the longest late first; whoever made them."""
    statement = _holding(select(Commitment, Thread), actor).where(_is(Show.LATE, today))
    first = statement.order_by(Commitment.due_on, Commitment.id).limit(MOST_LATE)
    return [(commitment, thread) for commitment, thread in session().execute(scoped(actor, first))]


def _made(
    statement: Select[*tuple[Any, ...]], actor: Actor, organisation_id: str
) -> Select[*tuple[Any, ...]]:
    """`statement` over the commitments of an organisation that hold, in threads that the actor is in."""
    return _holding(statement, actor).where(Commitment.organisation_id == organisation_id)


def _holding(statement: Select[*tuple[Any, ...]], actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        statement.select_from(Commitment)
        .join(Agreement, Agreement.id == Commitment.agreement_id)
        .join(Thread, Thread.id == Agreement.thread_id)
        .where(Agreement.agreed_at.is_not(None), queries.threads_of(actor))
    )


def _is(show: Show, today: date) -> ColumnElement[bool]:
    if show == Show.OPEN:
        return Commitment.state == CommitmentState.OPEN
    if show == Show.LATE:
        return and_(Commitment.state == CommitmentState.OPEN, Commitment.due_on < today)
    return Commitment.state == CommitmentState(show.value)


def _shown(actor: Actor, rows: Iterable[Any], today: date) -> list[Promised]:
    """Rows with what they are about, with whom they were agreed, and the last note; four statements."""
    pairs: list[tuple[Commitment, Thread]] = [(row[0], row[1]) for row in rows]
    if not pairs:
        return []
    ids = list(dict.fromkeys(thread.contribution_id for _commitment, thread in pairs))
    posts = {record.id: record for record in records(actor, listed(actor, ids))}
    parties = parties_of(actor, [thread.id for _commitment, thread in pairs])
    notes = last_notes(actor, [commitment.id for commitment, _thread in pairs])
    return [
        Promised(
            commitment=commitment,
            thread_id=thread.id,
            post=posts.get(thread.contribution_id),
            others=tuple(
                organisation_line(other)
                for other in parties.get(thread.id, ())
                if other.id != commitment.organisation_id
            ),
            last_note=notes.get(commitment.id),
            is_late=policy.is_late(commitment, today),
        )
        for commitment, thread in pairs
    ]
