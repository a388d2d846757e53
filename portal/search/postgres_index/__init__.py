"""The search index in PostgreSQL's full text, in the only package that knows it.

It lies in the portal's own database: any process on any machine may search it, and any one at a
time may write it. What matches is a tsquery's business, what order it comes in is ts_rank's; what
a viewer may read, and all counting, is said in the same statement.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from portal.core.db import Database
from portal.search.analysis import LANGUAGES
from portal.search.index import NO_FILTERS, Answer, Document, Filters, IndexUnavailable, Sort, VisibleSet
from portal.search.postgres_index import schema, writing
from portal.search.postgres_index.answering import answered, nothing
from portal.search.postgres_index.schema import State
from portal.search.postgres_index.statement import Asked
from portal.search.postgres_index.tsquery import reading
from portal.search.postgres_index.viewers import Viewers
from portal.search.query import Query

BUDGET_SECONDS = 2.0
LAST_SECONDS = 0.5
"""What an answer that was cut short may take besides: a look at the newest documents alone."""
_LOCK_SECONDS = 5.0
_CANCELLED = "57014"

# For the statements of a search alone. A scan of the table would fetch and unpack the lexemes of every
# document, which the planner does not reckon with; and it has to see the words to know how common they are.
_SETTINGS = {
    "enable_seqscan": "off",
    "jit": "off",
    "plan_cache_mode": "force_custom_plan",
    "work_mem": "32MB",
}


class PostgresIndex:
    """A `SearchIndex` in `database`, which is PostgreSQL; make one a process and share it between threads.

    One search may take `budget` seconds; a write waits `lock_seconds` for another.
    """

    def __init__(
        self, database: Database, *, budget: float = BUDGET_SECONDS, lock_seconds: float = _LOCK_SECONDS
    ) -> None:
        self._database = database
        self._budget, self._lock_seconds = budget, lock_seconds
        self._viewers = Viewers()

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
        readings = (reading(query, language) for language in LANGUAGES if language not in without.language)
        start = max(page - 1, 0) * per_page
        asked = Asked(
            readings=tuple(one for one in readings if one is not None),
            filters=filters,
            without=without,
            among=among,
            sort=sort,
            languages=tuple(languages),
            start=start,
            stop=start + per_page,
            with_facets=with_facets,
        )
        try:
            return self._answer(asked, frozenset(labels), visible)
        except IndexUnavailable:
            # A rebuild may have dropped what was live when this began.
            return self._answer(asked, frozenset(labels), visible)

    def _answer(self, asked: Asked, labels: frozenset[str], visible: VisibleSet) -> Answer:
        """The whole answer, or what there is time for."""
        for seconds, among_newest in ((self._budget, False), (LAST_SECONDS, True)):
            try:
                with self._looking(seconds) as (connection, state):
                    viewer = self._viewers.viewer(connection, state, labels, visible)
                    return answered(connection, state.build, viewer, asked, among_newest=among_newest)
            except DBAPIError as error:
                if schema.sqlstate(error) != _CANCELLED:
                    raise
        return nothing(asked, incomplete=True)

    @contextmanager
    def _looking(self, seconds: float) -> Iterator[tuple[Connection, State]]:
        """A connection on which each statement may take so long, and what is live there.

        In a page it is the page's own; what was set is taken back. Raises IndexUnavailable.
        """
        settings = {**_SETTINGS, "statement_timeout": str(max(1, round(seconds * 1000)))}
        with self._database.reading() as connection:
            savepoint = connection.begin_nested()
            try:
                with schema.loss_is_unavailable():
                    yield connection, schema.live(connection, settings)
            finally:
                savepoint.rollback()

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
        writing.replace(self._database.engine, changes, self._lock_seconds)

    def rebuild(self, documents: Iterable[Document]) -> int:
        """See SearchIndex.rebuild. When it fails the live index stays as it was."""
        return writing.build(self._database.engine, documents, self._lock_seconds)

    def check(self) -> None:
        """See SearchIndex.check. What PostgreSQL keeps sound by itself is not read again."""
        with self._database.reading() as connection, schema.loss_is_unavailable():
            schema.require_whole(connection, schema.live(connection).build)

    def is_ready(self) -> bool:
        """See SearchIndex.is_ready."""
        try:
            self.check()
        except IndexUnavailable:
            return False
        return True

    def generation(self) -> Hashable:
        """See SearchIndex.generation."""
        with self._database.reading() as connection:
            return schema.live(connection)

    def document_ids(self) -> frozenset[str]:
        """See SearchIndex.document_ids."""
        with self._database.reading() as connection, schema.loss_is_unavailable():
            build = schema.live(connection).build
            return frozenset(connection.scalars(text(f"SELECT edition_id FROM {schema.document(build)}")))

    def written_at(self) -> datetime:
        """See SearchIndex.written_at."""
        with self._database.reading() as connection:
            return schema.live(connection).written_at
