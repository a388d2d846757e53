"""What administrators read of threads that are not theirs: that they exist, never what is in them."""

from __future__ import annotations

from sqlalchemy import select

from portal.cooperation import policy
from portal.cooperation.models import Thread
from portal.core.access import Actor
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.core.pages import Page, cut, keyset


def threads(actor: Actor, cursor: str = "") -> Page[Thread]:
    """One page of all threads, the latest opened first. NotFound for who is no administrator."""
    _require(actor)
    statement, at = keyset(select(Thread), Thread.opened_at, Thread.id, cursor)
    rows = session().scalars(scoped(actor, statement)).all()
    return cut(rows, at, lambda thread: (thread.opened_at, thread.id))


def thread(actor: Actor, thread_id: str) -> Thread:
    """A thread as an administrator knows of it. NotFound for who is none, and for no such thread."""
    _require(actor)
    found = session().scalars(scoped(actor, select(Thread).where(Thread.id == thread_id))).first()
    if found is None:
        raise NotFound
    return found


def _require(actor: Actor) -> None:
    if not policy.open_with_reason(actor):
        raise NotFound
