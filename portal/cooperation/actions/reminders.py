"""What the clock does: reminds those who are to answer or to act, and marks what nobody answered."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import or_, select

from portal.audit.actions import record
from portal.cooperation.actions._steps import coordinators, people_of, progress_of, tell
from portal.cooperation.models import Agreement, Commitment, CommitmentState, Progress, Thread
from portal.cooperation.progress import Stage
from portal.core.access import SYSTEM
from portal.core.clock import now
from portal.core.db import session
from portal.core.guard import scoped
from portal.editorial.actions._steps import administrators
from portal.editorial.models import Contribution, ExchangeTerms

SOON = timedelta(days=14)
AGAIN = timedelta(days=7)
"""How often those who are late are reminded."""
# What one run of the clock looks at; the next run takes the others.
BATCH = 200


def remind() -> None:
    """Remind of commitments that are due soon or late, and of needs whose date for answers passed."""
    today = now().date()
    _remind_of_commitments(today)
    _mark_unanswered(today)


def _remind_of_commitments(today: date) -> None:
    due = (
        select(Commitment, Thread)
        .join(Agreement, Agreement.id == Commitment.agreement_id)
        .join(Thread, Thread.id == Agreement.thread_id)
        .where(Agreement.agreed_at.is_not(None), Commitment.state == CommitmentState.OPEN)
        .where(Commitment.due_on <= today + SOON)
        .where(
            or_(
                Commitment.reminded_on.is_(None),
                (Commitment.due_on < today) & (Commitment.reminded_on < Commitment.due_on),
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
        facts = {"thread_id": thread.id, "commitment_id": commitment.id}
        kind = "cooperation.commitment_late" if is_late else "cooperation.commitment_due"
        # All parties hear once that it is late; after that only those who promised it.
        people = people_of(thread) if is_first else coordinators([commitment.organisation_id])
        tell(people, kind, None, thread.contribution_id, key=f"{commitment.id}:{today}", **facts)
        if is_first:
            record(SYSTEM, "commitment.late", commitment.id, thread=thread.id)


def _mark_unanswered(today: date) -> None:
    """Tell the house and the secretariat of what nobody answered by the date it named."""
    waiting = (
        select(Contribution)
        .join(ExchangeTerms, ExchangeTerms.contribution_id == Contribution.id)
        .outerjoin(Progress, Progress.contribution_id == Contribution.id)
        .where(Contribution.is_live, ExchangeTerms.reply_by < today)
        .where(or_(Progress.stage.is_(None), Progress.stage.in_((Stage.OPEN, Stage.CIRCULATED))))
        .where(Progress.unanswered_since.is_(None))
        .order_by(ExchangeTerms.reply_by, Contribution.id)
        .limit(BATCH)
    )
    for contribution in session().scalars(scoped(SYSTEM, waiting)).all():
        progress_of(contribution.id).unanswered_since = now()
        record(SYSTEM, "need.unanswered", contribution.id)
        tell(
            {contribution.author_id, *coordinators([contribution.organisation_id]), *administrators()},
            "cooperation.unanswered", None, contribution.id, key=contribution.id,
        )  # fmt: skip
