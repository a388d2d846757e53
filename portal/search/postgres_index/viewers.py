"""What a viewer may read in a build: worked out by PostgreSQL once for each state of index and visibility."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock

from sqlalchemy import Connection, column, func, select, table

from portal.search.index import VisibleSet
from portal.search.postgres_index.rows import label_value
from portal.search.postgres_index.schema import SCHEMA, State

_KEPT = 128
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who searches: the sets of labels (`audiences`) that let them read.

    `hidden` are the contributions that carry such a set in the index, but that SQL does not let
    them see now; there are few, and none once the worker has caught up. `counts` says how many
    documents of each language they may see, and `newest` when the newest of all was published.
    """

    audiences: tuple[int, ...] = ()
    hidden: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    newest: datetime = _NEVER


class Viewers:
    """The viewers of late, shared by all threads of a process."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Viewer] = OrderedDict()
        self._lock = Lock()

    def viewer(
        self, connection: Connection, state: State, labels: frozenset[str], visible: VisibleSet
    ) -> Viewer:
        """Who holds `labels` and may see what is in `visible`.

        Fails closed: no labels, or nothing visible, is nothing.
        """
        if not labels:
            return Viewer()
        key = (state, labels, visible.key)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        found = _read(connection, state.build, labels, visible)
        with self._lock:
            self._kept[key] = found
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


def _read(connection: Connection, build: int, labels: frozenset[str], visible: VisibleSet) -> Viewer:
    """Compare what the index lets be read with what SQL does, inside PostgreSQL."""
    sets = table(f"value_set_{build}", column("id"), column("values"), schema=SCHEMA)
    values = table(f"value_{build}", column("id"), column("value"), schema=SCHEMA)
    held = select(values.c.id).where(values.c.value.in_([label_value(label) for label in sorted(labels)]))
    allowed = select(sets.c.id).where(sets.c["values"].op("&&")(func.array(held.scalar_subquery())))
    audiences = list(connection.scalars(allowed))
    documents = table(
        f"document_{build}",
        *(column(name) for name in ("contribution_id", "language", "published", "audience")),
        schema=SCHEMA,
    )
    readable = select(documents).where(documents.c.audience == func.any(audiences)).cte("readable")
    ids = select(readable.c.contribution_id.collate("C").label("id"))
    hidden = ids.except_(select(visible.statement().cte("seen").columns[0])).cte("hidden")
    shown = (
        select(
            readable.c.language, func.count().label("count"), func.max(readable.c.published).label("newest")
        )
        .where(readable.c.contribution_id.not_in(select(hidden.c.id)))
        .group_by(readable.c.language)
        .cte("shown")
    )
    statement = select(
        func.array(select(hidden.c.id).scalar_subquery()),
        select(func.json_object_agg(shown.c.language, shown.c.count)).scalar_subquery(),
        select(func.max(shown.c.newest)).scalar_subquery(),
    )
    out_of_sight, counts, newest = connection.execute(statement.execution_options(scope="search")).one()
    return Viewer(tuple(audiences), tuple(out_of_sight), counts or {}, newest or _NEVER)
