"""What the clock does: reminds those who are to answer or to act, and marks what nobody answered.

Nobody is reminded of the same thing twice a day, however often the clock runs.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import and_, or_, select, update

from portal.audit.actions import record
from portal.cooperation.actions._steps import active_parties, coordinators, progress_of, tell
from portal.cooperation.models import (
    Agreement,
    Circulation,
    Commitment,
    CommitmentState,
    Interest,
    Progress,
    Thread,
)
from portal.cooperation.progress import UNANSWERED, Stage
from portal.core.access import SYSTEM
from portal.core.clock import now
from portal.core.db import session
from portal.core.guard import scoped
from portal.editorial.actions._steps import administrators
from portal.editorial.models import Contribution, ExchangeTerms, Kind

ASK_AGAIN = (timedelta(days=-7), timedelta(0), timedelta(days=3))
"""When those who were sent a need or an offer are reminded, counted from the date for answers."""
GRACE = 3
"""For how many days a reminder is made up for when the clock stood still."""
SOON = timedelta(days=14)
AGAIN = timedelta(days=7)
"""How often those who are late with a commitment are reminded."""
# What one run of the clock looks at; the next run takes the others.
BATCH = 200


def remind() -> None:
    """Remind of answers and commitments that are due soon or late, and mark needs that nobody answered."""
    today = now().date()
    _remind_to_answer(today)
    _remind_of_commitments(today)
    _mark_unanswered(today)


def _remind_to_answer(today: date) -> None:
    """Before, on and after the date for answers: the coordinators of who was asked and has not answered."""
    days = [today - timedelta(days=ago) for ago in range(GRACE)]
    is_due = or_(
        *(
            and_(ExchangeTerms.reply_by == day - distance, Circulation.reminded_on < day)
            for day in days
            for distance in ASK_AGAIN
        )
    )
    answered = and_(
        Interest.contribution_id == Circulation.contribution_id,
        Interest.organisation_id == Circulation.organisation_id,
    )
    waiting = (
        select(Circulation, Contribution, ExchangeTerms.reply_by)
        .join(Contribution, Contribution.id == Circulation.contribution_id)
        .join(ExchangeTerms, ExchangeTerms.contribution_id == Circulation.contribution_id)
        .join(Progress, Progress.contribution_id == Circulation.contribution_id)
        .outerjoin(Interest, answered)
        .where(Contribution.is_live, Progress.stage != Stage.CLOSED, Interest.id.is_(None), is_due)
        .order_by(ExchangeTerms.reply_by, Contribution.id, Circulation.organisation_id)
        .limit(BATCH)
    )
    for sent, contribution, reply_by in session().execute(scoped(SYSTEM, waiting)).all():
        assert reply_by is not None  # what has no date is not due
        sent.reminded_on = today
        kind = "cooperation.reply_late" if reply_by < today else "cooperation.reply_due"
        tell(
            coordinators([sent.organisation_id]), kind, None, contribution.id,
            key=f"{contribution.id}:{sent.organisation_id}:{today}",
            organisation_id=contribution.organisation_id, day=reply_by.isoformat(),
        )  # fmt: skip


def _remind_of_commitments(today: date) -> None:
    """Once when it is due soon; once it is late all parties, then every week who promised it."""
    due = (
        select(Commitment, Thread)
        .join(Agreement, Agreement.id == Commitment.agreement_id)
        .join(Thread, Thread.id == Agreement.thread_id)
        .where(Agreement.agreed_at.is_not(None), Commitment.state == CommitmentState.OPEN)
        .where(Commitment.due_on <= today + SOON)
        .where(
            or_(
                Commitment.reminded_on.is_(None),
                (Commitment.due_on < today) & (Commitment.reminded_on <= Commitment.due_on),
                (Commitment.due_on < today) & (Commitment.reminded_on <= today - AGAIN),
            )
        )
        .order_by(Commitment.due_on, Commitment.id)
        .limit(BATCH)
    )
    for commitment, thread in session().execute(scoped(SYSTEM, due)).all():
        is_late = commitment.due_on < today
        is_first = is_late and (commitment.reminded_on is None or commitment.reminded_on <= commitment.due_on)
        commitment.reminded_on = today
        concerned = [party.organisation_id for party in active_parties(thread)] if is_first else []
        tell(
            coordinators([commitment.organisation_id, *concerned]),
            "cooperation.commitment_late" if is_late else "cooperation.commitment_due",
            None, thread.contribution_id, key=f"{commitment.id}:{today}", thread_id=thread.id,
            commitment_id=commitment.id,
        )  # fmt: skip
        if is_first:
            record(SYSTEM, "commitment.late", commitment.id, thread=thread.id)


def _mark_unanswered(today: date) -> None:
    """Tell the house and the secretariat of a need that nobody answered by the date it named.

    With a later date it is waited for anew.
    """
    in_time = select(ExchangeTerms.contribution_id).where(
        or_(ExchangeTerms.reply_by.is_(None), ExchangeTerms.reply_by >= today)
    )
    session().execute(
        update(Progress)
        .where(Progress.unanswered_since.is_not(None), Progress.contribution_id.in_(in_time))
        .values(unanswered_since=None)
        .execution_options(synchronize_session=False)
    )
    waiting = (
        select(Contribution, ExchangeTerms.reply_by)
        .join(ExchangeTerms, ExchangeTerms.contribution_id == Contribution.id)
        .outerjoin(Progress, Progress.contribution_id == Contribution.id)
        .where(Contribution.kind == Kind.NEED, Contribution.is_live, ExchangeTerms.reply_by < today)
        .where(or_(Progress.stage.is_(None), Progress.stage.in_(UNANSWERED)))
        .where(Progress.unanswered_since.is_(None))
        .order_by(ExchangeTerms.reply_by, Contribution.id)
        .limit(BATCH)
    )
    for contribution, reply_by in session().execute(scoped(SYSTEM, waiting)).all():
        assert reply_by is not None  # what has no date has not passed it
        progress_of(contribution.id).unanswered_since = now()
        record(SYSTEM, "need.unanswered", contribution.id)
        tell(
            {contribution.author_id, *coordinators([contribution.organisation_id]), *administrators()},
            "cooperation.unanswered", None, contribution.id, key=f"{contribution.id}:{reply_by}",
            day=reply_by.isoformat(),
        )  # fmt: skip
