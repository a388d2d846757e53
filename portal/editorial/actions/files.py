"""What is attached to a revision: changed while it is a draft, frozen with it when it is handed in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask_babel import gettext as _
from sqlalchemy import delete, select

from portal.core.access import SYSTEM, Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Invalid, WrongState
from portal.core.guard import scoped
from portal.editorial import policy
from portal.editorial.models import Attachment, Contribution, Revision, State
from portal.files.models import FileState
from portal.files.queries import by_ids

Files = list[dict[str, str]]


def change_files(
    actor: Actor, contribution: Contribution, revision: Revision, change: Callable[[Files], Files]
) -> None:
    """Change what is attached to a draft: `change` makes the new list from the present one.

    Two at a time wait for each other on the row. Raises Forbidden, and WrongState once the
    version is handed in.
    """
    require(policy.work_on(actor, contribution))
    statement = select(Revision.state, Revision.files).where(Revision.id == revision.id).with_for_update()
    state, files = session().execute(scoped(actor, statement)).one()
    if state != State.DRAFT:
        raise WrongState(_("This version is handed in; what is attached to it can no longer be changed."))
    put_files(revision, change(list(files)))
    revision.updated_at, revision.editor_id = now(), actor.person_id or revision.editor_id
    session().flush()


def put_files(revision: Revision, files: Files) -> None:
    """Attach `files`, in this order, in the place of what was attached."""
    if not files and not revision.files:
        return
    revision.files = [dict(file) for file in files]
    session().execute(delete(Attachment).where(Attachment.revision_id == revision.id))
    session().add_all(
        Attachment(revision_id=revision.id, stored_file_id=file["id"], position=position)
        for position, file in enumerate(files)
    )
    session().flush()


def freeze_files(revisions: Sequence[Revision]) -> None:
    """Read again what is attached to revisions that were handed in just now: nobody changes it any more."""
    statement = select(Revision.id, Revision.files).where(Revision.id.in_([r.id for r in revisions]))
    files = {row.id: row.files for row in session().execute(scoped(SYSTEM, statement))}
    for revision in revisions:
        if files[revision.id] != revision.files:
            revision.files = files[revision.id]


def check_all_looked_at(revision: Revision) -> None:
    """Raise Invalid while a file is still being checked: nobody could have opened and judged it."""
    found = by_ids(SYSTEM, [file["id"] for file in revision.files])
    if any(file.state == FileState.CHECKING for file in found.values()):
        message = _("A file of this version is still being checked. Decide when it can be opened.")
        raise Invalid("comment", message)


def check_files(revision: Revision) -> None:
    """Raise Invalid when a file was refused: what readers will never get is not handed in."""
    found = by_ids(SYSTEM, [file["id"] for file in revision.files])
    for file in found.values():
        if file.state == FileState.REFUSED:
            raise Invalid("files", _("The file %(name)s was refused. Remove it first.", name=file.name))
