"""Taking files in, whole or in pieces, settling what they are, and forgetting them.

Bytes are kept first and the row that names them is written afterwards, so that a kill in between
leaves nothing but bytes that the sweep finds.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any, BinaryIO

from flask_babel import gettext as _
from sqlalchemy import delete, select, update

from portal.core.access import Actor, require
from portal.core.clock import now
from portal.core.db import end_reading, new_id, session
from portal.core.errors import Invalid, WrongState
from portal.core.failpoints import reached
from portal.core.guard import scoped
from portal.files import policy, queries
from portal.files.inspection import Found
from portal.files.kinds import clean_name, recognise
from portal.files.known import Refusal, Refused
from portal.files.messages import refusal
from portal.files.models import FileState, StoredFile, Upload
from portal.files.pieces import PIECE
from portal.files.storage import Storage
from portal.jobs.actions import enqueue

UPLOAD_HOURS = 24
MOST_UPLOADS = 20
LOOSE = timedelta(hours=24)


@dataclass(frozen=True)
class Kept:
    """Bytes that are in the storage and that no row names yet."""

    key: str
    sha256: str
    size: int
    media_type: str
    name: str


def keep(actor: Actor, storage: Storage, source: BinaryIO, name: str, limit: int) -> Kept:
    """Keep the bytes of a file of at most `limit`; `enter` is to follow. `source` can be sought.

    Holds no write lock meanwhile. Raises Forbidden, and Invalid at `file`.
    """
    require(actor.is_signed_in)
    end_reading()
    try:
        digest, size = _measured(source, limit)
        known = recognise(source, name)
    except Refused as refused:
        raise Invalid("file", _named(name, refused.reason)) from refused
    key = new_id()
    storage.put(key, source)
    reached("file_kept")
    return Kept(key, digest, size, known.media_type, known.name)


def enter(actor: Actor, kept: Kept) -> StoredFile:
    """Write down a file whose bytes are kept; the worker looks at it before anybody gets it."""
    stored = StoredFile(
        key=kept.key,
        sha256=kept.sha256,
        size=kept.size,
        media_type=kept.media_type,
        name=kept.name,
        uploader_id=actor.person_id,
        organisation_id=actor.organisation_id,
        created_at=now(),
    )
    session().add(stored)
    session().flush()
    enqueue("file.check", {"file": stored.id})
    return stored


def begin_upload(actor: Actor, name: str, size: int, subject: dict[str, Any], limit: int) -> Upload:
    """Begin to take a file of `size` bytes in pieces, within a day. Raises Forbidden, Invalid.

    Of the uploads that a person leaves open the newest alone are kept: pieces fill the storage.
    """
    require(actor.is_signed_in)
    if not 0 < size <= limit:
        raise Invalid("file", _named(name, Refusal.EMPTY if size <= 0 else Refusal.LARGE))
    begun = Upload(
        name=clean_name(name),
        size=size,
        subject=subject,
        uploader_id=actor.person_id,
        organisation_id=actor.organisation_id,
        created_at=now(),
        expires_at=now() + timedelta(hours=UPLOAD_HOURS),
    )
    session().add(begun)
    session().flush()
    mine = (
        select(Upload)
        .where(Upload.uploader_id == actor.person_id)
        .order_by(Upload.created_at.desc(), Upload.id)
    )
    _drop(list(session().scalars(scoped(actor, mine.offset(MOST_UPLOADS)))))
    return begun


def take_piece(actor: Actor, storage: Storage, upload: Upload, offset: int, source: BinaryIO) -> int:
    """Keep the next bytes of an upload; returns how many there are now.

    Raises Forbidden, and WrongState when `offset` is not where the upload stands.
    """
    require(policy.continue_upload(actor, upload))
    end_reading()
    with tempfile.TemporaryFile() as aside:
        while piece := source.read(PIECE):
            aside.write(piece)
        size = aside.tell()
        aside.seek(0)
        if offset != upload.received or size == 0 or offset + size > upload.size:
            raise WrongState
        key = new_id()
        storage.put(key, aside)
    reached("piece_kept")
    parts = [*upload.parts, [key, size]]
    changed = session().execute(
        update(Upload)
        .where(Upload.id == upload.id, Upload.received == offset)
        .values(received=offset + size, parts=parts, expires_at=now() + timedelta(hours=UPLOAD_HOURS))
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise WrongState
    return offset + size


def join_pieces(actor: Actor, storage: Storage, upload: Upload, limit: int) -> Kept:
    """Make the pieces one file; raises Forbidden, WrongState while some are missing, Invalid."""
    require(policy.continue_upload(actor, upload))
    if upload.received != upload.size:
        raise WrongState
    end_reading()  # what arrived stays, whatever becomes of the whole
    with tempfile.TemporaryFile() as whole:
        for key, _size in upload.parts:
            for piece in storage.open(key):
                whole.write(piece)
        whole.seek(0)
        return keep(actor, storage, whole, upload.name, limit)


def drop_upload(actor: Actor, upload: Upload) -> None:
    """Forget an upload and its pieces. Raises Forbidden."""
    require(policy.continue_upload(actor, upload))
    _drop([upload])


def settle(storage: Storage, file_id: str, found: Found) -> StoredFile | None:
    """Write down what the look at a file found, once; None when somebody else has.

    The cleaned bytes are kept before, under a key of their own; those that came in go afterwards.
    """
    stored = queries.to_check(file_id)
    if stored is None:
        return None
    end_reading()
    key, size = new_id(), stored.size
    values: dict[str, Any] = {"state": FileState.REFUSED, "reason": found.reason}
    values["text_state"] = found.text_state
    if found.reason is None:
        with found.path.open("rb") as cleaned:
            size = storage.put(key, cleaned)
        reached("cleaned_kept")
        values |= {"state": FileState.READY, "key": key, "size": size, "text": found.text}
    changed = session().execute(
        update(StoredFile)
        .where(StoredFile.id == file_id, StoredFile.state == FileState.CHECKING)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        enqueue("file.delete", {"keys": [key]})
        return None
    if found.reason is None:
        enqueue("file.delete", {"keys": [stored.key]})
    return stored


def detach(ids: list[str]) -> None:
    """Note that these files were taken off something: what hangs on nothing for a day is forgotten."""
    session().execute(update(StoredFile).where(StoredFile.id.in_(ids)).values(detached_at=now()))


def forget(ids: list[str]) -> None:
    """Forget files that hang on nothing: their rows now, their bytes after the commit."""
    statement = select(StoredFile.key).where(StoredFile.id.in_(ids))
    keys = list(session().scalars(scoped("files.sweep", statement)))
    session().execute(delete(StoredFile).where(StoredFile.id.in_(ids)))
    if keys:
        enqueue("file.delete", {"keys": keys})


def expire_uploads() -> int:
    """Forget uploads that nobody went on with; returns how many."""
    statement = select(Upload).where(Upload.expires_at <= now())
    found = list(session().scalars(scoped("files.sweep", statement)))
    _drop(found)
    return len(found)


def ask_to_sweep() -> None:
    """Have the worker look for bytes that nobody knows, outside this transaction."""
    enqueue("file.sweep", {})


def sweep_keys(storage: Storage) -> Iterator[str]:
    """Delete, a batch at a time, bytes older than a day that no row names; gives their keys."""
    before = now() - LOOSE
    storage.discard_unfinished(before)
    old = (key for key, moment in storage.names() if moment < before)
    while batch := list(islice(old, 200)):
        for key in sorted(set(batch) - queries.known_keys(batch)):
            storage.delete(key)
            yield key


def _drop(uploads: list[Upload]) -> None:
    if not uploads:
        return
    keys = [key for upload in uploads for key, _size in upload.parts]
    session().execute(delete(Upload).where(Upload.id.in_([upload.id for upload in uploads])))
    if keys:
        enqueue("file.delete", {"keys": keys})


def _measured(source: BinaryIO, limit: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    source.seek(0)
    while piece := source.read(PIECE):
        digest.update(piece)
        size += len(piece)
    if size > limit:
        raise Refused(Refusal.LARGE)
    return digest.hexdigest(), size


def _named(name: str, reason: Refusal) -> str:
    return str(_("%(name)s: %(reason)s", name=clean_name(name), reason=refusal(reason)))
