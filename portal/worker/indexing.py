"""Keeping the search index: its only writer, which rebuilds it when it is lost and finds what drifted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import structlog
from sqlalchemy import Select, func, select

from portal.core.access import SYSTEM
from portal.core.clock import now
from portal.core.db import Database, session
from portal.core.failpoints import reached
from portal.core.guard import scoped
from portal.editorial.models import Contribution, Edition
from portal.finding.documents import all_documents, documents_of_many
from portal.finding.vocabulary import learn, learning
from portal.jobs.actions import KEPT_DONE
from portal.jobs.queries import payloads_done_since
from portal.search.index import Document, IndexUnavailable, SearchIndex
from portal.worker.handlers import SYNC

log = structlog.get_logger("portal.worker")

SYNC_BATCH = 200
CLOCKS_DIFFER = timedelta(minutes=5)  # between a database, a disk and a worker


class Stopped(Exception):
    """The worker was told to stop in the middle of a rebuild; the index stays as it was."""


@dataclass(frozen=True)
class Drift:
    """Where index and database differ: contributions to bring up to date, editions that nobody knows."""

    contributions: tuple[str, ...]
    missing: int
    extra: int
    unknown: int

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra)


class Keeper:
    """The one who writes the index; `is_stopping` is asked between the documents of a rebuild."""

    def __init__(
        self, index: SearchIndex, database: Database, is_stopping: Callable[[], bool] = lambda: False
    ) -> None:
        self.index = index
        self._database = database
        self._is_stopping = is_stopping

    def sync(self, contribution_ids: Sequence[str]) -> dict[str, Exception]:
        """Bring the index up to date with these contributions, in one commit if that can be.

        Returns what went wrong, by contribution. A lost or broken index is rebuilt, which brings
        all of them up to date. Raises IndexBusy while another process writes.
        """
        try:
            self._write(contribution_ids)
        except IndexUnavailable as error:
            self.rebuild(error.reason)
        except ValueError:
            return self._one_by_one(contribution_ids)
        return {}

    def _write(self, contribution_ids: Sequence[str]) -> None:
        with self._database.unit_of_work(write=False):
            changes = documents_of_many(contribution_ids)
        reached("before_index_commit")
        self.index.sync_many(changes)
        reached("after_index_commit")
        learn(self._database, chain.from_iterable(changes.values()))

    def _one_by_one(self, contribution_ids: Sequence[str]) -> dict[str, Exception]:
        """One of them cannot be indexed: it alone fails."""
        failed: dict[str, Exception] = {}
        for one in contribution_ids:
            try:
                self._write([one])
            except ValueError as error:
                failed[one] = error
        return failed

    def ensure(self) -> None:
        """Rebuild the index unless it can answer; cheap when it can. Raises IndexBusy, Stopped."""
        if not self.index.is_ready():
            self.rebuild("not ready")

    def catch_up(self) -> None:
        """Do over what was synchronised since the index was last written: for another engine, perhaps.

        To compare ids, as `inspect` does, does not show an edition that has changed. Raises IndexBusy,
        Stopped.
        """
        try:
            since = self.index.written_at()
        except IndexUnavailable:
            return  # it is going to be rebuilt
        if since < now() - KEPT_DONE:
            self.rebuild("not kept for a week")
        else:
            self._sync_since(since)

    def inspect(self) -> None:
        """Read the index from disk and compare it with the database; repair what is wrong."""
        try:
            self.index.check()
            found = drift(self.index, self._database)
        except IndexUnavailable as error:
            self.rebuild(error.reason)
            return
        if found:
            log.warning("index_drifted", missing=found.missing, extra=found.extra)
        if found.unknown:
            self.rebuild("of another database")
        elif found:
            self.sync(found.contributions)

    def rebuild(self, reason: str, told: Callable[[int], None] = lambda _done: None) -> int:
        """Build the index anew from the database; returns how many documents it holds.

        `told` is called with each document and says how many there were. What a worker with another
        engine synchronises meanwhile is done over at the end. Raises IndexBusy while another process
        writes, Stopped when the worker is to stop.
        """
        log.info("index_rebuild_begins", reason=reason)
        began = now()
        with self._database.unit_of_work(write=False):
            documents = learning(self._database, self._counted(all_documents(), told))
            count = self.index.rebuild(documents)
        self._sync_since(began)
        log.info("index_rebuilt", documents=count)
        return count

    def _counted(self, documents: Iterator[Document], told: Callable[[int], None]) -> Iterator[Document]:
        for number, document in enumerate(documents, 1):
            if self._is_stopping():
                raise Stopped
            yield document
            told(number)

    def _sync_since(self, moment: datetime) -> None:
        with self._database.unit_of_work(write=False):
            payloads = payloads_done_since(SYNC, moment - CLOCKS_DIFFER)
        ids = sorted({str(payload["contribution"]) for payload in payloads})
        for start in range(0, len(ids), SYNC_BATCH):
            self.sync(ids[start : start + SYNC_BATCH])


def drift(index: SearchIndex, database: Database) -> Drift:
    """Compare the editions that the index holds with those that the database says are findable.

    Raises IndexUnavailable.
    """
    indexed = index.document_ids()
    with database.unit_of_work(write=False):
        found = session().execute(_findable(Edition.id, Edition.contribution_id))
        findable = {row.id: row.contribution_id for row in found}
        extra = sorted(indexed - findable.keys())
        owners = _owners(extra)
    missing = findable.keys() - indexed
    contributions = {findable[edition] for edition in missing} | set(owners.values())
    return Drift(tuple(sorted(contributions)), len(missing), len(extra), len(extra) - len(owners))


def findable_count(database: Database) -> int:
    """How many editions the database says are findable."""
    with database.unit_of_work(write=False):
        return session().scalar(_findable(func.count())) or 0


def _findable(*columns: Any) -> Select[Any]:
    statement = (
        select(*columns)
        .select_from(Edition)
        .join(Contribution, Contribution.id == Edition.contribution_id)
        .where(Contribution.is_live, Edition.published_revision_id.is_not(None))
    )
    return scoped(SYSTEM, statement)


def _owners(edition_ids: Sequence[str]) -> dict[str, str]:
    owners: dict[str, str] = {}
    for start in range(0, len(edition_ids), 500):
        some = edition_ids[start : start + 500]
        statement = select(Edition.id, Edition.contribution_id).where(Edition.id.in_(some))
        owners.update((row.id, row.contribution_id) for row in session().execute(scoped(SYSTEM, statement)))
    return owners
