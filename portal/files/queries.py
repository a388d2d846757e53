"""Reads of stored files; whether an actor may have one is for the rooms that attach them to say."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import undefer

from portal.core.access import Actor
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.files import policy
from portal.files.models import FileState, StoredFile, Upload


def by_ids(actor: Actor, ids: Collection[str]) -> dict[str, StoredFile]:
    """These files, without their words, for a caller who has settled that they may be shown."""
    if not ids:
        return {}
    statement = select(StoredFile).where(StoredFile.id.in_(ids))
    return {f.id: f for f in session().scalars(scoped(actor, statement))}


def texts(who: object, ids: Collection[str]) -> dict[str, str]:
    """The words of those of these files that are ready, by id."""
    if not ids:
        return {}
    statement = select(StoredFile.id, StoredFile.text).where(
        StoredFile.id.in_(ids), StoredFile.state == FileState.READY
    )
    return {i: text for i, text in session().execute(scoped(who, statement)) if text}


def to_check(file_id: str) -> StoredFile | None:
    """The file if it still waits to be looked at."""
    statement = select(StoredFile).where(StoredFile.id == file_id, StoredFile.state == FileState.CHECKING)
    return session().scalars(scoped("files.check", statement.options(undefer(StoredFile.text)))).first()


def upload(actor: Actor, upload_id: str) -> Upload:
    """An upload that the actor began and that has not run out; NotFound for any other."""
    statement = select(Upload).where(Upload.id == upload_id, Upload.expires_at > now())
    found = session().scalars(scoped(actor, statement)).first()
    if found is None or not policy.continue_upload(actor, found):
        raise NotFound
    return found


def known_keys(keys: Sequence[str]) -> set[str]:
    """Those of these keys that a stored file or an upload names."""
    statement = select(StoredFile.key).where(StoredFile.key.in_(keys))
    found = set(session().scalars(scoped("files.sweep", statement)))
    for parts in session().scalars(scoped("files.sweep", select(Upload.parts))):
        found.update(part[0] for part in parts)
    return found & set(keys)
