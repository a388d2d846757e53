"""Reads of what is attached: lists with states, and the one rule of who gets the bytes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select

from portal.core.access import ANONYMOUS, Actor
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.editorial.models import Attachment, Case, Contribution, Edition, Revision, State
from portal.editorial.visibility import in_queue_of, visible_to, worked_on_by
from portal.files.known import Refusal
from portal.files.models import FileState, StoredFile
from portal.files.queries import by_ids


@dataclass(frozen=True)
class FileLine:
    """One file as a list shows it; `language` is that of the text it hangs on."""

    id: str
    name: str
    title: str
    media_type: str
    size: int
    state: FileState
    reason: Refusal | None
    language: str = ""

    @property
    def is_ready(self) -> bool:
        """True when it can be had."""
        return self.state == FileState.READY


@dataclass(frozen=True)
class Download:
    """A ready file that the actor may have."""

    file: StoredFile
    is_public: bool


def lines(actor: Actor, files: Sequence[dict[str, str]], language: str = "") -> list[FileLine]:
    """The files of a revision that the caller has loaded under the actor's rights; at most 1 statement."""
    found = by_ids(actor, [file["id"] for file in files])
    return [file_line(file, found[file["id"]], language) for file in files if file["id"] in found]


def lines_of_edition(actor: Actor, contribution_id: str, revision_id: str) -> list[FileLine]:
    """The files of the published original of a contribution, for a translation that is shown."""
    statement = (
        select(Revision.files, Edition.language)
        .join(Edition, Edition.published_revision_id == Revision.id)
        .where(Edition.contribution_id == contribution_id, Edition.is_original, Revision.id != revision_id)
    )
    row = session().execute(scoped(actor, statement)).first()
    return lines(actor, row[0], row[1]) if row is not None else []


@dataclass(frozen=True)
class FileWords:
    """A file that readers of an edition are shown, with the words in it."""

    edition_id: str
    name: str
    title: str
    text: str


def words_of_editions(
    actor: Actor, edition_ids: Collection[str], *, characters: int, limit: int
) -> list[FileWords]:
    """The files with words of published editions that `actor` may see: the first `characters` of each.

    At most `limit` files, in the order in which each edition shows them.
    """
    if not edition_ids:
        return []
    statement = (
        select(
            Edition.id,
            StoredFile.id,
            StoredFile.name,
            Revision.files,
            func.substr(StoredFile.text, 1, characters),
        )
        .join(Revision, Revision.id == Edition.published_revision_id)
        .join(Contribution, Contribution.id == Edition.contribution_id)
        .join(Attachment, Attachment.revision_id == Revision.id)
        .join(StoredFile, StoredFile.id == Attachment.stored_file_id)
        .where(Edition.id.in_(edition_ids), visible_to(actor))
        .where(StoredFile.state == FileState.READY, StoredFile.text != "")
        .order_by(Edition.id, Attachment.position)
        .limit(limit)
    )
    return [
        FileWords(edition_id, name, next((f["title"] for f in files if f["id"] == file_id), name), text)
        for edition_id, file_id, name, files, text in session().execute(scoped(actor, statement))
    ]


def download(actor: Actor, file_id: str) -> Download:
    """The file, when it is ready and hangs on something that the actor may read; NotFound otherwise.

    Readers have what the published version of a post they can see carries; its house what any
    version carries; a moderator what the version under review does.
    """
    is_read = and_(Edition.published_revision_id == Revision.id, visible_to(actor))
    public = and_(Edition.published_revision_id == Revision.id, visible_to(ANONYMOUS))
    statement = (
        select(StoredFile, func.max(case((public, 1), else_=0)))
        .join(Attachment, Attachment.stored_file_id == StoredFile.id)
        .join(Revision, Revision.id == Attachment.revision_id)
        .join(Edition, Edition.id == Revision.edition_id)
        .join(Contribution, Contribution.id == Edition.contribution_id)
        .where(StoredFile.id == file_id, StoredFile.state == FileState.READY)
        .where(or_(is_read, worked_on_by(actor), _reviewed_by(actor)))
        .group_by(StoredFile.id)
    )
    row = session().execute(scoped(actor, statement)).first()
    if row is None:
        raise NotFound
    return Download(row[0], bool(row[1]))


def changes(
    older: Sequence[dict[str, str]], newer: Sequence[dict[str, str]]
) -> list[tuple[str, dict[str, str]]]:
    """What became of the files from one version to the next: (added|removed|renamed|same, file)."""
    before = {file["id"]: file for file in older}
    after = {file["id"] for file in newer}
    found = []
    for file in newer:
        former = before.get(file["id"])
        op = "added" if former is None else "same" if former["title"] == file["title"] else "renamed"
        found.append((op, file))
    return found + [("removed", file) for file in older if file["id"] not in after]


def holders(file_id: str) -> list[str]:
    """The contributions whose published versions carry the file: their documents hold its words."""
    statement = (
        select(Edition.contribution_id)
        .join(Attachment, Attachment.revision_id == Edition.published_revision_id)
        .where(Attachment.stored_file_id == file_id)
        .distinct()
    )
    return sorted(session().scalars(scoped("files.check", statement)))


def carrying(file_id: str) -> tuple[str, str, str, str] | None:
    """Who sent a file, its name, and the contribution and language of the newest version that carries it."""
    statement = (
        select(StoredFile.uploader_id, StoredFile.name, Edition.contribution_id, Edition.language)
        .join(Attachment, Attachment.stored_file_id == StoredFile.id)
        .join(Revision, Revision.id == Attachment.revision_id)
        .join(Edition, Edition.id == Revision.edition_id)
        .where(StoredFile.id == file_id)
        .order_by(Revision.created_at.desc())
    )
    row = session().execute(scoped("files.check", statement)).first()
    return (row[0], row[1], row[2], row[3]) if row is not None else None


def _reviewed_by(actor: Actor) -> ColumnElement[bool]:
    """True for a revision in the moderator's queue, or with its author at this moderator's wish."""
    if not actor.is_moderator:
        return false()
    given_back = and_(
        Case.decided_by_id == actor.person_id,
        Case.decision == "request_changes",
        Revision.state == State.CHANGES_REQUESTED,
        Case.organisation_id.not_in(sorted(actor.organisation_ids)),
    )
    return (
        exists()
        .where(Case.revision_id == Revision.id, or_(in_queue_of(actor), given_back))
        .correlate(Revision)
    )


def file_line(file: dict[str, str], stored: StoredFile, language: str) -> FileLine:
    """A file as a revision names it, with what is stored of it."""
    return FileLine(
        stored.id, stored.name, file["title"], stored.media_type, stored.size, stored.state, stored.reason,
        language,
    )  # fmt: skip


def unattached(ids: Iterable[str]) -> list[str]:
    """Those of these files that no version carries any more."""
    wanted = list(ids)
    statement = select(Attachment.stored_file_id).where(Attachment.stored_file_id.in_(wanted))
    kept = set(session().scalars(scoped("files.sweep", statement)))
    return [i for i in wanted if i not in kept]
