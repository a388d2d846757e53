"""`record`: the one debt that every action has to the rest of the portal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert

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
    session().add(AuditEntry(**_entry(actor, verb, object_id, detail)))
    if sync is not None or shown:
        bump_visibility()
    if sync is not None:
        enqueue("sync", {"contribution": sync})


def record_all(actor: Actor, verb: str, acts: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Write that `actor` did `verb` to each of many things (its id, and detail), in one statement.

    As `record` does of each; only for what changes nothing that pages show.
    """
    rows = [_entry(actor, verb, object_id, detail) for object_id, detail in acts]
    if rows:
        session().execute(insert(AuditEntry), rows)


def _entry(actor: Actor, verb: str, object_id: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "at": now(),
        "person_id": actor.person_id,
        "organisation_id": actor.organisation_id,
        "verb": verb,
        "object_type": verb.partition(".")[0],
        "object_id": object_id,
        "detail": detail,
    }
