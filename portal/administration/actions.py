"""What only the secretariat does besides what the rooms below offer: end sessions, try jobs again."""

from __future__ import annotations

from portal.accounts import policy
from portal.accounts.models import Person
from portal.accounts.sessions import revoke_all
from portal.audit.actions import record
from portal.core.access import Actor, require
from portal.core.errors import NotFound
from portal.jobs import actions as jobs


def end_sessions(actor: Actor, person: Person) -> None:
    """Sign somebody out in all their browsers. Raises Forbidden."""
    require(policy.administer(actor))
    revoke_all(person.id)
    record(actor, "person.sessions_ended", person.id)


def retry_job(actor: Actor, job_id: int) -> None:
    """Make a failed job due at once. Raises Forbidden, NotFound for one that has not failed."""
    require(policy.administer(actor))
    if not jobs.retry(job_id):
        raise NotFound
    record(actor, "job.retried", str(job_id))
