"""Reading a whole file: a verdict for each row, in batches that are each kept or not at all."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import BinaryIO

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select

from portal.core.access import SYSTEM, Actor, require
from portal.core.db import Database, session
from portal.core.errors import Invalid, PortalError, WrongState
from portal.core.guard import scoped
from portal.exchange import actions, table
from portal.exchange.houses import into
from portal.exchange.mapping import programme_of
from portal.exchange.models import Import, ImportConflict, Imported, Presence
from portal.exchange.programmes import Into, Programme, Refused, Row
from portal.exchange.reading import activities
from portal.exchange.standing import obstacle, reason_words, stands
from portal.organisations.models import Organisation

BATCH = 100


class Verdict(StrEnum):
    """What became of a row; the last is told besides the rows, of what the file does not have any more."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    REFUSED = "refused"
    REMOVED = "removed"


VERDICT_NAMES = {
    Verdict.CREATED: lazy_gettext("New"),
    Verdict.UPDATED: lazy_gettext("Changed"),
    Verdict.UNCHANGED: lazy_gettext("Unchanged"),
    Verdict.CONFLICT: lazy_gettext("Conflict"),
    Verdict.REFUSED: lazy_gettext("Refused"),
    Verdict.REMOVED: lazy_gettext("Removed at the source"),
}
COUNTED = tuple(verdict for verdict in Verdict if verdict != Verdict.REMOVED)


@dataclass(frozen=True)
class Told:
    """The verdict on one row, with its reason in the reader's language ("" where there is nothing to say)."""

    identifier: str
    title: str
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True)
class Order:
    """What to import: a file, for which house, in whose name, and how.

    `is_complete` says that the file has every programme of the publisher: what is missing in it was
    removed. `started_by` is the administrator who asked for it.
    """

    actor: Actor
    house: Organisation
    file_name: str
    is_dry: bool = False
    is_complete: bool = False
    level: int = 1
    started_by: str | None = None

    @property
    def is_table(self) -> bool:
        """True for CSV; anything else is read as IATI."""
        return self.file_name.lower().endswith(".csv")


@dataclass
class _Run:
    """A run in progress: what was counted, which rows were met, what of this batch is yet to be written."""

    order: Order
    counts: Counter[Verdict] = field(default_factory=Counter)
    begun: Import | None = None
    met: set[bytes] = field(default_factory=set)
    new: dict[str, Programme] = field(default_factory=dict)


def run(
    database: Database,
    source: BinaryIO,
    order: Order,
    told: Callable[[Told], None],
    counts: dict[str, int],
) -> None:
    """Import the file, or with `is_dry` only judge it; `told` gets each verdict, `counts` how many of each.

    Raises Forbidden for somebody who does not write for the house, and Invalid where the file breaks
    off or is no file of this kind: the batches before that are kept and counted, and reading a
    corrected file again makes nothing twice. To be called outside a unit of work.
    """
    require(order.actor.writes and order.actor.organisation_id == order.house.id)
    running = _Run(order)
    digest = hashlib.sha256()
    with database.unit_of_work(write=False):
        held_against = into(order.house, order.level)
    if not order.is_dry:
        with database.unit_of_work():
            running.begun = actions.begin(
                order.actor, order.file_name, is_complete=order.is_complete,
                started_by=order.started_by, organisation_id=order.house.id,
            )  # fmt: skip
    try:
        rows = _rows(source, order, held_against, digest)
        while batch := list(islice(rows, BATCH)):
            with database.unit_of_work(write=not order.is_dry):
                verdicts = _judge_batch(running, batch)
            for verdict in verdicts:
                told(verdict)
        if order.is_complete:
            for verdict in _flag_missing(database, running):
                told(verdict)
    finally:
        counts |= {str(verdict): running.counts[verdict] for verdict in COUNTED}
        if running.begun is not None:
            with database.unit_of_work():
                actions.end(order.actor, running.begun, digest.hexdigest(), counts)


def closing_line(counts: dict[str, int]) -> str:
    """The last line that the command prints."""
    return ", ".join(f"{verdict} {counts.get(verdict, 0)}" for verdict in COUNTED)


def _rows(source: BinaryIO, order: Order, held_against: Into, digest: hashlib._Hash) -> Iterator[Row]:
    if order.is_table:
        yield from table.rows(source, held_against, digest)
    else:
        for activity in activities(source, digest):
            yield programme_of(activity, held_against)


def _judge_batch(running: _Run, batch: list[Row]) -> list[Told]:
    if not running.order.is_dry:
        actions.wait_for_turn(running.order.house.id)
    known = _known(running.order.house.id, [row.identifier for row in batch])
    verdicts = [_judge(running, row, known.get(row.identifier)) for row in batch]
    refused = _take_in_new(running)
    verdicts = [
        refused.get(told.identifier, told) if told.verdict == Verdict.CREATED else told for told in verdicts
    ]
    running.counts.update(verdict.verdict for verdict in verdicts)
    return verdicts


Known = tuple[Imported, bool]
"""What was imported under an identifier, and whether a conflict about it is open."""


def _known(organisation_id: str, identifiers: list[str]) -> dict[str, Known]:
    statement = (
        select(Imported, ImportConflict.id)
        .outerjoin(
            ImportConflict,
            (ImportConflict.imported_id == Imported.id) & ImportConflict.settled_at.is_(None),
        )
        .where(Imported.organisation_id == organisation_id, Imported.identifier.in_(identifiers))
    )
    rows = session().execute(scoped(SYSTEM, statement))
    return {imported.identifier: (imported, conflict is not None) for imported, conflict in rows}


def _judge(running: _Run, row: Row, known: Known | None) -> Told:
    """The verdict on a row, carried out unless the run is dry; what an action refuses leaves no trace."""
    imported, has_conflict = known or (None, False)
    if isinstance(row, Refused):
        return _refused(running, row, imported)
    if _key(row.identifier) in running.met:
        return Told(row.identifier, row.title, Verdict.REFUSED, _("The file has this identifier twice."))
    running.met.add(_key(row.identifier))
    if imported is not None and imported.digest == row.digest:
        if not running.order.is_dry:
            actions.see(imported, Presence.LISTED)
            if has_conflict:  # the source went back to what was taken from it
                actions.drop_conflict(imported)
        return Told(row.identifier, row.title, Verdict.UNCHANGED)
    try:
        with session().begin_nested():
            verdict, reason = _take(running, row, imported)
    except (Invalid, WrongState) as error:
        return Told(row.identifier, row.title, Verdict.REFUSED, said(error))
    return Told(row.identifier, row.title, verdict, reason)


def _refused(running: _Run, row: Refused, imported: Imported | None) -> Told:
    reason = row.reason
    if imported is not None:
        running.met.add(_key(row.identifier))
    if imported is not None and row.is_over:
        reason = f"{reason} {_('It was imported before; its post is marked.')}"
        if not running.order.is_dry:
            actions.see(imported, Presence.NOT_OPEN)
    return Told(row.identifier, row.title, Verdict.REFUSED, reason)


def _take(running: _Run, row: Programme, imported: Imported | None) -> tuple[Verdict, str]:
    """Create or renew, or say what is in the way; the verdict of a dry run comes by the same way."""
    order, begun = running.order, running.begun
    if imported is None:
        actions.check(row)
        running.new[row.identifier] = row
        return Verdict.CREATED, ""
    if begun is not None:
        actions.see(imported, Presence.LISTED)
    there = stands(imported.contribution_id)
    reason = obstacle(imported, there, frozenset(row.texts))
    if reason is not None:
        if begun is not None:
            actions.note_conflict(order.actor, begun, imported, row, reason)
        return Verdict.CONFLICT, reason_words(reason)
    actions.check(row)
    if begun is not None:
        actions.renew(order.actor, begun, imported, there, row)
    return Verdict.UPDATED, ""


def _take_in_new(running: _Run) -> dict[str, Told]:
    """Write what is new in a batch at once; where something is refused after all, one by one.

    Returns what was refused, by identifier. A dry run writes nothing.
    """
    new, running.new = list(running.new.values()), {}
    begun, actor = running.begun, running.order.actor
    if begun is None or not new:
        return {}
    try:
        with session().begin_nested():
            actions.take_in(actor, begun, new)
    except (Invalid, WrongState) as error:
        if len(new) == 1:
            return {new[0].identifier: Told(new[0].identifier, new[0].title, Verdict.REFUSED, said(error))}
        refused: dict[str, Told] = {}
        for programme in new:
            running.new = {programme.identifier: programme}
            refused |= _take_in_new(running)
        return refused
    return {}


def _flag_missing(database: Database, running: _Run) -> list[Told]:
    """Mark what was imported earlier and is not in the file, which is said to have everything."""
    order = running.order
    removed = []
    with database.unit_of_work(write=not order.is_dry):
        statement = select(Imported).where(
            Imported.organisation_id == order.house.id, Imported.presence != Presence.REMOVED
        )
        for imported in session().scalars(scoped(SYSTEM, statement.order_by(Imported.identifier))):
            if _key(imported.identifier) in running.met:
                continue
            if not order.is_dry:
                actions.see(imported, Presence.REMOVED)
            reason = _("The file does not have it any more; its post is marked.")
            removed.append(Told(imported.identifier, "", Verdict.REMOVED, reason))
    return removed


def _key(identifier: str) -> bytes:
    """A short stand-in for an identifier, of which a large file has many."""
    return hashlib.blake2b(identifier.encode(), digest_size=8).digest()


def said(error: PortalError) -> str:
    """What an error says, for a person."""
    if isinstance(error, Invalid):
        return " ".join(message for messages in error.errors.values() for message in messages)
    return str(error)
