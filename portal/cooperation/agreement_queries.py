"""Reads of agreements, their commitments and what was reported, for those who have the thread open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from portal.accounts.models import Person
from portal.cooperation.models import Agreement, Commitment, CommitmentNote
from portal.cooperation.queries import Seat, require_inside
from portal.core.access import Actor
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.core.pages import Page, cut, keyset
from portal.editorial.models import Contribution
from portal.editorial.visibility import visible_to, worked_on_by


@dataclass(frozen=True)
class Agreed:
    """The agreement of a thread with its commitments, each with how often it was reported on.

    `reads_lesson` says whether the actor may open the lesson that came of it.
    """

    agreement: Agreement
    commitments: Sequence[tuple[Commitment, int]]
    reads_lesson: bool


def agreement(actor: Actor, here: Seat) -> Agreed | None:
    """What the parties of a thread propose to each other or agree on; None while nobody has."""
    require_inside(here)
    noted = (
        select(func.count())
        .where(CommitmentNote.commitment_id == Commitment.id)
        .correlate(Commitment)
        .scalar_subquery()
    )
    statement = (
        select(Agreement, Commitment, noted, or_(visible_to(actor), worked_on_by(actor)))
        .join(Commitment, Commitment.agreement_id == Agreement.id)
        .outerjoin(Contribution, Contribution.id == Agreement.lesson_id)
        .where(Agreement.thread_id == here.thread.id)
        .order_by(Commitment.position)
    )
    rows = session().execute(scoped(actor, statement)).all()
    if not rows:
        return None
    return Agreed(rows[0][0], [(row[1], row[2]) for row in rows], bool(rows[0][3]))


def commitment(actor: Actor, here: Seat, commitment_id: str) -> tuple[Agreement, Commitment]:
    """One commitment of a thread with its agreement; NotFound for any other."""
    found = agreement(actor, here)
    if found is not None:
        for one, _count in found.commitments:
            if one.id == commitment_id:
                return found.agreement, one
    raise NotFound


def notes(actor: Actor, one: Commitment, cursor: str = "") -> Page[tuple[CommitmentNote, str]]:
    """One page of what was reported on a commitment, with the names of who did, the latest first."""
    statement = (
        select(CommitmentNote, Person.name)
        .join(Person, Person.id == CommitmentNote.person_id)
        .where(CommitmentNote.commitment_id == one.id)
    )
    statement, at = keyset(statement, CommitmentNote.at, CommitmentNote.id, cursor)
    rows = [(note, name) for note, name in session().execute(scoped(actor, statement))]
    return cut(rows, at, lambda row: (row[0].at, row[0].id))


def last_notes(actor: Actor, commitment_ids: Sequence[str]) -> dict[str, CommitmentNote]:
    """The latest note on each of these commitments, by the commitment."""
    last = (
        select(CommitmentNote.commitment_id, func.max(CommitmentNote.at).label("at"))
        .where(CommitmentNote.commitment_id.in_(commitment_ids))
        .group_by(CommitmentNote.commitment_id)
        .subquery()
    )
    statement = (
        select(CommitmentNote)
        .join(last, (last.c.commitment_id == CommitmentNote.commitment_id) & (last.c.at == CommitmentNote.at))
        .order_by(CommitmentNote.id)
    )
    return {note.commitment_id: note for note in session().scalars(scoped(actor, statement))}
