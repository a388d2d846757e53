"""`record`: the one debt that every action has to the rest of the portal."""

from __future__ import annotations

from typing import Any

from portal.audit.models import AuditEntry
from portal.audit.version import bump_visibility
from portal.core.access import Actor
from portal.core.clock import now
from portal.core.db import session
from portal.jobs.actions import enqueue


def record(
    actor: Actor,
    verb: str,
    object_id: str,
    *,
    sync: str | None = None,
    shown: bool = False,
    **detail: Any,
) -> None:
    """Write that `actor` did `verb` to the thing `object_id`, in the caller's transaction.

    `verb` is `thing.step`. `sync` names a contribution whose search documents may have
    changed: the worker brings the index up to date. `shown` says that something else that pages
    show has changed (a name, a suspension); both make cached pages worthless. `detail` holds ids,
    states and phrases of the vocabulary, no texts.
    """
    session().add(
        AuditEntry(
            at=now(),
            person_id=actor.person_id,
            organisation_id=actor.organisation_id,
            verb=verb,
            object_type=verb.partition(".")[0],
            object_id=object_id,
            detail=detail,
        )
    )
    if sync is not None or shown:
        bump_visibility()
    if sync is not None:
        enqueue("sync", {"contribution": sync})
