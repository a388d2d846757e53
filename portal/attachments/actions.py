"""Attaching files to a draft, naming them, taking them off, and forgetting those that hang on nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

from flask_babel import gettext as _
from sqlalchemy import CompoundSelect, Select, func, select, union_all

from portal.audit.actions import record
from portal.core.access import Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Invalid, NotFound, WrongState
from portal.core.guard import scoped
from portal.editorial import policy
from portal.editorial.actions import change_files, save
from portal.editorial.actions.drafts import latest_revision
from portal.editorial.models import Attachment, Contribution, Edition, Revision, State
from portal.editorial.texts import About, Text
from portal.editorial.workflow import RESTARTABLE
from portal.files import actions as files
from portal.files.actions import Kept
from portal.files.models import StoredFile, Upload
from portal.files.storage import Storage

FILE_LIMIT = 20
TITLE_LIMIT = 200
FORGOTTEN = 200

Files = list[dict[str, str]]


def attach(
    actor: Actor, storage: Storage, contribution: Contribution, language: str,
    sources: Sequence[tuple[BinaryIO, str]], limit: int,
) -> tuple[list[StoredFile], list[str]]:  # fmt: skip
    """Attach files, each with its name, to the draft of a language; what came of them: attached, refused.

    A published or judged text begins a new version. Raises Forbidden, WrongState once it is handed in.
    """
    _check_open(actor, contribution, language)
    kept: list[Kept] = []
    attached: list[StoredFile] = []
    refused: list[str] = []
    for source, name in sources:
        try:
            kept.append(files.keep(actor, storage, source, name, limit))
        except Invalid as error:
            refused += error.errors["file"]
    for one in kept:
        try:
            attached.append(_add(actor, contribution, language, one))
        except Invalid as error:
            refused += error.errors["file"]
    return attached, refused


def begin_upload(
    actor: Actor, contribution: Contribution, language: str, name: str, size: int, limit: int
) -> Upload:
    """Begin to attach a file that comes in pieces. Raises Forbidden, WrongState, Invalid."""
    _check_open(actor, contribution, language)
    return files.begin_upload(
        actor, name, size, {"contribution": contribution.id, "language": language}, limit
    )


def finish_upload(
    actor: Actor, storage: Storage, contribution: Contribution, upload: Upload, limit: int
) -> StoredFile:
    """Attach a file whose pieces have all arrived. Raises Forbidden, WrongState, Invalid."""
    language = str(upload.subject["language"])
    _check_open(actor, contribution, language)
    stored = _add(actor, contribution, language, files.join_pieces(actor, storage, upload, limit))
    files.drop_upload(actor, upload)
    return stored


def entitle(actor: Actor, contribution: Contribution, language: str, file_id: str, title: str) -> None:
    """Say in a few words what an attached file is. Raises Forbidden, WrongState, NotFound, Invalid."""
    if not title or len(title) > TITLE_LIMIT:
        raise Invalid("title", _("Say in 1 to %(limit)s characters what the file is.", limit=TITLE_LIMIT))

    def change(present: Files) -> Files:
        _among(present, file_id)
        return [{**file, "title": title} if file["id"] == file_id else file for file in present]

    _change(actor, contribution, language, "entitled", file_id, change)


def remove(actor: Actor, contribution: Contribution, language: str, file_id: str) -> None:
    """Take a file off the draft; versions that carry it already keep it. Forbidden, WrongState, NotFound."""

    def change(present: Files) -> Files:
        _among(present, file_id)
        return [file for file in present if file["id"] != file_id]

    _change(actor, contribution, language, "removed", file_id, change)
    files.detach([file_id])


def forget_loose(*elsewhere: Select[str]) -> int:
    """Forget files that nothing has carried for a day; returns how many.

    `elsewhere` are the ids of files that are held by other rooms than this one, which it knows nothing of.
    """
    held: CompoundSelect[str] = union_all(select(Attachment.stored_file_id), *elsewhere)
    statement = (
        select(StoredFile.id)
        .where(func.coalesce(StoredFile.detached_at, StoredFile.created_at) < now() - files.LOOSE)
        .where(StoredFile.id.not_in(held))
        .limit(FORGOTTEN)
    )
    loose = list(session().scalars(scoped("files.sweep", statement)))
    files.forget(loose)
    return len(loose)


def open_revision(actor: Actor, contribution: Contribution, language: str) -> Revision | None:
    """The newest version of a language, whose files can be changed if policy says so."""
    statement = select(Edition).where(
        Edition.contribution_id == contribution.id, Edition.language == language
    )
    edition = session().scalars(scoped(actor, statement)).first()
    return latest_revision(actor, edition) if edition is not None else None


def _add(actor: Actor, contribution: Contribution, language: str, kept: Kept) -> StoredFile:
    stored = files.enter(actor, kept)
    title = stored.name.rpartition(".")[0].replace("_", " ") or stored.name
    entry = {"id": stored.id, "name": stored.name, "title": title, "sha256": stored.sha256}

    def change(present: Files) -> Files:
        if any(file["sha256"] == stored.sha256 for file in present):
            raise Invalid("file", _("%(name)s is attached already.", name=stored.name))
        _check_room(present)
        return [*present, entry]

    try:
        _change(actor, contribution, language, "attached", stored.id, change)
    except Invalid:
        files.forget([stored.id])
        raise
    return stored


def _change(
    actor: Actor, contribution: Contribution, language: str, verb: str, file_id: str,
    change: Callable[[Files], Files],
) -> None:  # fmt: skip
    revision = _draft(actor, contribution, language)
    change_files(actor, contribution, revision, change)
    record(actor, f"file.{verb}", file_id, contribution=contribution.id, revision=revision.id)


def _check_open(actor: Actor, contribution: Contribution, language: str) -> None:
    """Refuse before any byte is kept."""
    require(policy.work_on(actor, contribution))
    revision = open_revision(actor, contribution, language)
    if revision is None:
        raise NotFound
    if not policy.edit(actor, contribution, revision):
        raise WrongState(_("This version is handed in; what is attached to it can no longer be changed."))
    _check_room(revision.files)


def _check_room(present: Files) -> None:
    if len(present) >= FILE_LIMIT:
        raise Invalid("file", _("At most %(count)s files can be attached.", count=FILE_LIMIT))


def _draft(actor: Actor, contribution: Contribution, language: str) -> Revision:
    """The draft of a language; where the newest version was published or judged, a new one like it."""
    latest = open_revision(actor, contribution, language)
    if latest is None:
        raise NotFound
    if latest.state == State.DRAFT or latest.state not in RESTARTABLE:
        return latest  # `change_files` refuses what is neither
    about = About.of(latest) if latest.about is not None else None
    loaded: Any = (latest.id, latest.version)
    return save(
        actor, contribution, language, Text.of(latest), about, loaded=loaded, based_on=latest.based_on_id
    )


def _among(present: Files, file_id: str) -> None:
    if all(file["id"] != file_id for file in present):
        raise NotFound
