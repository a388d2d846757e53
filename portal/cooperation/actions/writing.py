"""Writing in a thread: a message with its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from flask_babel import gettext as _
from sqlalchemy import select

from portal.audit.actions import record
from portal.cooperation import policy
from portal.cooperation.actions._steps import check_language, check_text, people_of, tell, wait_for_turn
from portal.cooperation.models import MessageFile, Party, Thread, ThreadMessage
from portal.core.access import Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Invalid
from portal.core.guard import scoped
from portal.files import actions as files
from portal.files.actions import Kept
from portal.files.storage import Storage

FILE_LIMIT = 10


@dataclass(frozen=True)
class Attached:
    """Files that come with a message, each with its name; `limit` is the size that one may have."""

    storage: Storage
    sources: Sequence[tuple[BinaryIO, str]]
    limit: int


def write(
    actor: Actor, thread: Thread, party: Party, body: str, language: str, form_token: str,
    attached: Attached | None = None,
) -> ThreadMessage:  # fmt: skip
    """Write a message for one's organisation; a form sent twice makes one.

    Raises Forbidden, and Invalid at `body`, `language` or `file`: then nothing is sent.
    """
    require(policy.take_part(actor, party))
    check_text("body", body)
    check_language(language)
    kept = _keep(actor, attached) if attached is not None else []
    wait_for_turn(thread)
    token = f"{actor.person_id}:{form_token}"
    statement = select(ThreadMessage).where(ThreadMessage.form_token == token)
    found = session().scalars(scoped(actor, statement)).first()
    if found is not None:
        return found  # bytes that came with it again are swept: no row names them
    message = ThreadMessage(
        thread_id=thread.id,
        organisation_id=party.organisation_id,
        person_id=actor.person_id,
        form_token=token,
        language=language,
        body=body,
        at=now(),
    )
    session().add(message)
    thread.changed_at = message.at
    session().flush()
    for position, one in enumerate(kept):
        stored = files.enter(actor, one)
        session().add(
            MessageFile(message_id=message.id, stored_file_id=stored.id, name=stored.name, position=position)
        )
    record(actor, "thread.message", thread.id, message=message.id)
    tell(people_of(thread), "cooperation.message", actor, thread.contribution_id, thread_id=thread.id)
    return message


def _keep(actor: Actor, attached: Attached) -> list[Kept]:
    """The bytes of all files, or Invalid with everything that is wrong with them."""
    if len(attached.sources) > FILE_LIMIT:
        raise Invalid("file", _("At most %(count)s files can be attached.", count=FILE_LIMIT))
    kept: list[Kept] = []
    refused: list[str] = []
    for source, name in attached.sources:
        try:
            kept.append(files.keep(actor, attached.storage, source, name, attached.limit))
        except Invalid as error:
            refused += error.errors["file"]
    if refused:
        raise Invalid.of({"file": refused})
    return kept
