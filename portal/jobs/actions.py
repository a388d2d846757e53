"""Writing, claiming and finishing jobs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from portal.core.clock import now
from portal.core.db import session
from portal.jobs.models import Job, JobState
from portal.jobs.queries import is_due

LEASE = timedelta(minutes=5)
KEPT_DONE = timedelta(days=7)
# Mail that cannot be delivered is tried for three days (security.md R9): after 1, 2, 4 ... minutes,
# at most 3 hours apart.
MAX_ATTEMPTS = 30


class Final(Exception):
    """Raised by a handler: trying this job again is of no use, a person has to look at it."""


def enqueue(kind: str, payload: dict[str, Any], delay: timedelta = timedelta(0)) -> Job:
    """Write a job of `kind` in the caller's transaction, to run after `delay`."""
    job = Job(kind=kind, payload=payload, run_at=now() + delay, created_at=now())
    session().add(job)
    return job


def enqueue_all(kind: str, payloads: Sequence[dict[str, Any]]) -> None:
    """Write many jobs of `kind` at once, due at once; one statement."""
    if payloads:
        moment = now()
        facts = {"kind": kind, "run_at": moment, "created_at": moment}
        session().execute(insert(Job), [{**facts, "payload": payload} for payload in payloads])


def claim(limit: int = 20, *, only: Collection[str] = (), but: Collection[str] = ()) -> list[Job]:
    """Take up to `limit` jobs that are due, each leased to the caller for five minutes.

    `only` names the kinds to take (none: all), `but` those to leave to others.
    On PostgreSQL several workers claim side by side (SKIP LOCKED); on SQLite the write lock
    of the unit of work keeps them apart. A lapsed lease makes the job due again.
    """
    moment = now()
    due = select(Job).where(*is_due(moment, only, but)).order_by(Job.id).limit(limit)
    jobs = list(session().scalars(due.with_for_update(skip_locked=True)))
    for job in jobs:
        job.lease_until = moment + LEASE
        job.attempts += 1
    return jobs


def finish(job_id: int) -> None:
    """Mark a job as done."""
    session().execute(
        update(Job)
        .where(Job.id == job_id)
        .values(state=JobState.DONE, done_at=now(), lease_until=None, error="")
    )


def fail(job_id: int, error: str, *, final: bool = False) -> None:
    """Note what went wrong and when to try again; after the last try it waits for a person."""
    job = session().get(Job, job_id)
    if job is None:
        return
    job.error = error[:2000]
    job.lease_until = None
    if final or job.attempts >= MAX_ATTEMPTS:
        job.state = JobState.FAILED
        return
    job.run_at = now() + min(timedelta(minutes=2 ** min(job.attempts - 1, 10)), timedelta(hours=3))


def postpone(job_id: int, delay: timedelta) -> None:
    """Put a claimed job back for `delay`; the try does not count."""
    session().execute(
        update(Job)
        .where(Job.id == job_id)
        .values(run_at=now() + delay, lease_until=None, attempts=Job.attempts - 1)
    )


def release_leases(kind: str) -> None:
    """Make the claimed jobs of a kind due again: their worker is known to be dead."""
    session().execute(
        update(Job)
        .where(Job.kind == kind, Job.state == JobState.READY, Job.lease_until.is_not(None))
        .values(lease_until=None)
    )


def retry(job_id: int) -> bool:
    """Make a failed job due at once; False when it is not a failed one."""
    changed = session().execute(
        update(Job)
        .where(Job.id == job_id, Job.state == JobState.FAILED)
        .values(state=JobState.READY, run_at=now(), attempts=0, lease_until=None)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def sweep() -> None:
    """Delete jobs that were done a week ago."""
    session().execute(delete(Job).where(Job.state == JobState.DONE, Job.done_at < now() - KEPT_DONE))
