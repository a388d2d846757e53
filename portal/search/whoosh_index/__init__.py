"""The search index on Whoosh 2.7.4, in the only package that knows it.

Whoosh keeps the postings and makes commits atomic; matching, counting and ranking are ours
(`matching`), over catalogues and postings held in memory. One process writes at a time, any
number read, and every search sees the newest commit.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock
from time import monotonic

from portal.search.catalogue import NOTHING, WIDTH, Sets, both
from portal.search.index import NO_FILTERS, Answer, Document, Filters, IndexUnavailable, Sort, VisibleSet
from portal.search.matching import Narrowing, answer, match
from portal.search.query import Query
from portal.search.whoosh_index import commits
from portal.search.whoosh_index.folder import Folder
from portal.search.whoosh_index.merging import Merges
from portal.search.whoosh_index.schema import VERSION
from portal.search.whoosh_index.scribes import cores
from portal.search.whoosh_index.snapshots import Snapshot, Snapshots
from portal.search.whoosh_index.storage import CheckedStorage
from portal.search.whoosh_index.terms import Deadline, GenerationTerms, PostingsCache

BUDGET_SECONDS = 2.0
CACHE_BYTES = 24_000_000
_LOCK_SECONDS = 5.0
_VIEWERS_KEPT = 128


class WhooshIndex:
    """A `SearchIndex` in `folder`; make one a process and share it between threads.

    One search may read for `budget` seconds of `clock`; a write waits `lock_seconds` for another;
    a rebuild has `scribes` processes work for it, or none when there is one core.
    """

    def __init__(
        self,
        folder: Path,
        *,
        budget: float = BUDGET_SECONDS,
        clock: Callable[[], float] = monotonic,
        lock_seconds: float = _LOCK_SECONDS,
        scribes: int | None = None,
    ) -> None:
        self._folder = Folder(folder, VERSION)
        self._budget, self._clock, self._lock_seconds = budget, clock, lock_seconds
        self._scribes = scribes or cores()
        self._begin()

    def _begin(self) -> None:
        """Start with nothing open, as a process must that was forked from another."""
        self._process = os.getpid()
        self._lock = Lock()
        self._snapshots, self._written = Snapshots(self._folder), Snapshots(self._folder)
        self._merges = Merges(self._folder)
        self._cache = PostingsCache(CACHE_BYTES)
        self._allowed: OrderedDict[Hashable, Sets] = OrderedDict()

    def search(
        self,
        query: Query,
        *,
        labels: Collection[str],
        visible: VisibleSet,
        filters: Filters = NO_FILTERS,
        without: Filters = NO_FILTERS,
        among: Collection[str] | None = None,
        sort: Sort = "relevance",
        languages: Sequence[str] = (),
        page: int = 1,
        per_page: int = 20,
        with_facets: bool = True,
    ) -> Answer:
        """See SearchIndex.search."""
        snapshot = self._newest()
        allowed = self._allowed_to(snapshot, frozenset(labels), visible)
        deadline = Deadline(self._budget, self._clock)
        terms = GenerationTerms(
            snapshot.parts, snapshot.generation.size, snapshot.serial, self._cache, deadline
        )
        start = max(page - 1, 0) * per_page
        return answer(
            match(query, terms, snapshot.generation.live),
            snapshot.generation,
            allowed,
            Narrowing(
                filters, without, None if among is None else snapshot.ordinals.known(among), with_facets
            ),
            sort=sort,
            languages=languages,
            start=start,
            stop=start + per_page,
        )

    def _newest(self) -> Snapshot:
        if os.getpid() != self._process:
            self._begin()
        with self._lock:
            return self._snapshots.newest()

    def _allowed_to(self, snapshot: Snapshot, labels: frozenset[str], visible: VisibleSet) -> Sets:
        """The documents under `labels` that are in `visible`; remembered for the same viewers.

        Fails closed: no labels, or nothing visible, is nothing.
        """
        if not labels:
            return NOTHING
        key = (snapshot.serial, labels, visible.key)
        with self._lock:
            kept = self._allowed.get(key)
            if kept is not None:
                self._allowed.move_to_end(key)
                return kept
        loaded = snapshot.ordinals.known(visible.load())
        allowed = both(snapshot.generation.readable_with(labels), (loaded,) * WIDTH)
        with self._lock:
            self._allowed[key] = allowed
            if len(self._allowed) > _VIEWERS_KEPT:
                self._allowed.popitem(last=False)
        return allowed

    def sync(self, contribution_id: str, documents: Sequence[Document]) -> None:
        """See SearchIndex.sync."""
        self.sync_many({contribution_id: documents})

    def sync_many(self, changes: Mapping[str, Sequence[Document]]) -> None:
        """See SearchIndex.sync_many.

        Raises ValueError for a document of another contribution, IndexUnavailable also when
        there is no index yet: an empty one would look complete.
        """
        for contribution_id, documents in changes.items():
            if any(document.contribution_id != contribution_id for document in documents):
                raise ValueError(f"a document of another contribution than {contribution_id}")
        self._folder.current()
        with self._folder.lock(self._lock_seconds):
            commits.replace(self._written.require_sound(), changes, self._merges)

    def rebuild(self, documents: Iterable[Document]) -> int:
        """See SearchIndex.rebuild. When it fails the live index stays as it was."""
        with self._folder.lock(self._lock_seconds):
            self._merges.stop()
            self._folder.clean()
            path = self._folder.new()
            try:
                count = commits.build(CheckedStorage(path), documents, self._scribes)
                self._folder.switch_to(path)
            except BaseException:
                self._folder.discard(path)
                raise
        return count

    def check(self) -> None:
        """See SearchIndex.check."""
        Snapshots(self._folder).newest()

    def is_ready(self) -> bool:
        """See SearchIndex.is_ready."""
        try:
            self._newest()
        except IndexUnavailable:
            return False
        return True

    def generation(self) -> Hashable:
        """See SearchIndex.generation."""
        return self._newest().serial

    def document_ids(self) -> frozenset[str]:
        """See SearchIndex.document_ids."""
        return self._newest().generation.edition_ids()

    def written_at(self) -> datetime:
        """See SearchIndex.written_at."""
        return self._newest().written_at()
