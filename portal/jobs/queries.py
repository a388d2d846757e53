"""Reading the job table, for the secretariat's page and for health."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from portal.core.clock import now
from portal.core.db import session
from portal.jobs.models import Job, JobState


def failed_jobs(limit: int = 50, before: int | None = None) -> Sequence[Job]:
    """Failed jobs, newest first, before the job id `before`."""
    statement = select(Job).where(Job.state == JobState.FAILED).order_by(Job.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(Job.id < before)
    return session().scalars(statement).all()


def counts() -> dict[str, int]:
    """How many jobs are in each state."""
    rows = session().execute(select(Job.state, func.count()).group_by(Job.state))
    return {str(state): count for state, count in rows}


def is_due(
    moment: datetime, only: Collection[str] = (), but: Collection[str] = ()
) -> list[ColumnElement[bool]]:
    """The conditions for a job to be due at `moment`: of the kinds in `only` (none: all) and not in `but`."""
    conditions = [
        Job.state == JobState.READY,
        Job.run_at <= moment,
        or_(Job.lease_until.is_(None), Job.lease_until < moment),
    ]
    if only:
        conditions.append(Job.kind.in_(only))
    if but:
        conditions.append(Job.kind.not_in(but))
    return conditions


def has_due(*, only: Collection[str] = (), but: Collection[str] = ()) -> bool:
    """True when a worker would find something to do; takes no lock."""
    return session().scalar(select(Job.id).where(*is_due(now(), only, but)).limit(1)) is not None


def payloads_done_since(kind: str, moment: datetime) -> list[dict[str, Any]]:
    """What the jobs of a kind were about that were done since `moment`; they are kept for a week."""
    statement = select(Job.payload).where(Job.kind == kind, Job.state == JobState.DONE, Job.done_at >= moment)
    return list(session().scalars(statement))
