"""Reads of cooperation: answers for the house that asked, threads for their parties, what is due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, or_, select

from portal.cooperation import policy
from portal.cooperation.models import (
    Interest,
    Opening,
    Party,
    PartyState,
    Progress,
    Reply,
    Thread,
    ThreadSeen,
)
from portal.cooperation.progress import Stage
from portal.core.access import Actor
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.editorial.models import Contribution, ExchangeLine
from portal.organisations.models import Organisation

SEATED = (PartyState.ACTIVE, PartyState.INVITED)


STILL_OPEN = or_(Progress.stage.is_(None), Progress.stage != Stage.CLOSED)
"""True for a need or an offer that is not closed; where there is no progress yet, it is open."""


@dataclass(frozen=True)
class AnswerOf:
    """What one organisation answered: its replies by line, and the thread that it opened."""

    organisation: Organisation
    interest: Interest
    replies: dict[str, Reply]
    thread_id: str | None


def answers(actor: Actor, contribution: Contribution) -> Sequence[AnswerOf]:
    """The answer sheet: all answers for the house that asked, their own for any other organisation."""
    statement = (
        select(Interest, Organisation, Reply, Thread.id)
        .join(Organisation, Organisation.id == Interest.organisation_id)
        .join(Reply, Reply.interest_id == Interest.id)
        .outerjoin(Thread, Thread.interest_id == Interest.id)
        .where(Interest.contribution_id == contribution.id)
        .order_by(Interest.created_at, Interest.id)
    )
    if not policy.read_answers(actor, contribution):
        statement = statement.where(Interest.organisation_id.in_(contributing(actor)))
    found: dict[str, AnswerOf] = {}
    for interest, organisation, reply, thread_id in session().execute(scoped(actor, statement)):
        line = found.setdefault(interest.id, AnswerOf(organisation, interest, {}, thread_id))
        line.replies[reply.line_id] = reply
    return list(found.values())


def lines(actor: Actor, contribution: Contribution) -> Sequence[ExchangeLine]:
    """The lines of a need or an offer in their order; those that its present version left out come last."""
    statement = (
        select(ExchangeLine)
        .where(ExchangeLine.contribution_id == contribution.id)
        .order_by(ExchangeLine.is_current.desc(), ExchangeLine.slot, ExchangeLine.id)
    )
    return session().scalars(scoped(actor, statement)).all()


@dataclass(frozen=True)
class Seat:
    """A thread and in which capacity the actor has it open: for a party, or with a reason.

    `seen_at` is when they last had it open for a party.
    """

    thread: Thread
    contribution: Contribution
    party: Party | None
    opening: Opening | None
    seen_at: datetime | None = None


def seat(actor: Actor, thread_id: str) -> Seat:
    """The thread that `actor` takes part in or is invited to, or opened with a reason within the hour.

    The acting organisation's seat goes before another one of theirs. NotFound for any other thread.
    """
    opened = and_(Opening.thread_id == Thread.id, Opening.person_id == actor.person_id, Opening.until > now())
    seen = and_(ThreadSeen.thread_id == Thread.id, ThreadSeen.person_id == actor.person_id)
    statement = (
        select(Thread, Contribution, Party, Opening, ThreadSeen.seen_at)
        .join(Contribution, Contribution.id == Thread.contribution_id)
        .outerjoin(Party, and_(Party.thread_id == Thread.id, taking_part(actor, SEATED)))
        .outerjoin(Opening, opened if policy.open_with_reason(actor) else false())
        .outerjoin(ThreadSeen, seen)
        .where(Thread.id == thread_id, or_(Party.thread_id.is_not(None), Opening.id.is_not(None)))
        .order_by(Party.organisation_id)
    )
    found = [Seat(*row) for row in session().execute(scoped(actor, statement))]
    if not found:
        raise NotFound
    return next((s for s in found if s.party and s.party.organisation_id == actor.organisation_id), found[0])


def require_inside(here: Seat) -> None:
    """Raise NotFound for who is only invited: nothing of what was said is theirs yet."""
    if here.opening is None and (here.party is None or here.party.state != PartyState.ACTIVE):
        raise NotFound


def taking_part(actor: Actor, states: Iterable[PartyState] = (PartyState.ACTIVE,)) -> ColumnElement[bool]:
    """True for a party of an organisation that the actor contributes to, in one of `states`.

    An invited organisation's coordinators see that they are invited, nothing of what was said.
    """
    wanted = set(states)
    coordinated = [m.organisation_id for m in actor.memberships if m.at_least("coordinator")]
    by_state = [
        and_(Party.organisation_id.in_(contributing(actor)), Party.state.in_(wanted - {PartyState.INVITED}))
    ]
    if PartyState.INVITED in wanted:
        invited = and_(Party.organisation_id.in_(coordinated), Party.state == PartyState.INVITED)
        by_state.append(invited)
    return or_(*by_state)


def threads_of(actor: Actor) -> ColumnElement[bool]:
    """True for a thread that the actor takes part in."""
    return Thread.id.in_(select(Party.thread_id).where(taking_part(actor)))


def contributing(actor: Actor) -> list[str]:
    """The organisations that the actor contributes to."""
    return [m.organisation_id for m in actor.memberships if m.at_least("contributor")]
