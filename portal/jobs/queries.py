"""Reading the job table, for the secretariat's page and for health."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

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
