"""All writes to packs: order, progress, finish, remove, expire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select, update

from portal.accounts.queries import wait_for_turn
from portal.audit.actions import record
from portal.core.access import Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Invalid, NotFound
from portal.core.guard import scoped
from portal.core.i18n import LANGUAGES
from portal.jobs.actions import enqueue
from portal.packs import policy, queries
from portal.packs.models import Pack, PackItem, PackState, Subject

# As long as the storage keeps bytes that no row of the files' names (files.actions.LOOSE).
KEPT = timedelta(hours=24)
# Packs that a person may have at a time.
MOST = 5


def order(actor: Actor, subject: str, key: str, language: str) -> Pack:
    """Have a pack made of a post, a topic or an organisation, in a language.

    Raises Forbidden, NotFound for what is not there or not theirs to see, Invalid for an unknown
    language and for a sixth pack.
    """
    require(policy.order(actor))
    if subject not in set(Subject) or not queries.is_there(actor, Subject(subject), key):
        raise NotFound
    if language not in LANGUAGES:
        raise Invalid("language", _("Choose a language."))
    wait_for_turn(actor.person_id)
    if len(queries.packs(actor)) >= MOST:
        raise Invalid("language", _("You have %(most)s packs: remove one first.", most=MOST))
    pack = Pack(
        person_id=actor.person_id,
        subject=Subject(subject),
        key=key,
        language=language,
        created_at=now(),
        expires_at=now() + KEPT,
    )
    session().add(pack)
    session().flush()
    record(actor, "pack.ordered", pack.id)
    enqueue("pack.build", {"pack": pack.id})
    return pack


def progress(pack_id: str, done: int, total: int, *, is_cut: bool) -> None:
    """Note how far a pack is."""
    _set(pack_id, done=done, total=total, is_cut=is_cut)


def finish(pack_id: str, storage_key: str | None, size: int, contained: Sequence[str]) -> bool:
    """Note that a pack is made, and of what; False when it was removed meanwhile or made already."""
    state = PackState.READY if storage_key is not None else PackState.EMPTY
    if not _set(pack_id, state=state, storage_key=storage_key, size=size):
        return False
    if contained:
        session().execute(
            insert(PackItem), [{"pack_id": pack_id, "contribution_id": one} for one in contained]
        )
    return True


def remove(actor: Actor, pack: Pack) -> None:
    """Remove a pack and its bytes. Raises Forbidden."""
    require(policy.have(actor, pack))
    _drop([pack])


def expire() -> int:
    """Forget packs whose day is over; returns how many."""
    statement = select(Pack).where(Pack.expires_at <= now()).limit(200)
    found = session().scalars(scoped("packs.expire", statement)).all()
    _drop(found)
    return len(found)


def _drop(packs: Sequence[Pack]) -> None:
    ids = [pack.id for pack in packs]
    keys = [pack.storage_key for pack in packs if pack.storage_key is not None]
    session().execute(delete(PackItem).where(PackItem.pack_id.in_(ids)))
    session().execute(delete(Pack).where(Pack.id.in_(ids)))
    if keys:
        enqueue("file.delete", {"keys": keys})


def _set(pack_id: str, **values: object) -> bool:
    changed = session().execute(
        update(Pack)
        .where(Pack.id == pack_id, Pack.state == PackState.WAITING)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]
