"""What a viewer may read in a build: worked out by PostgreSQL once for each state of index and visibility."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy import Connection, column, func, select, table

from portal.search.index import VisibleSet
from portal.search.postgres_index.rows import label_value
from portal.search.postgres_index.schema import SCHEMA, State

_KEPT = 128


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who searches: the sets of labels (`audiences`) that let them read.

    `hidden` are the contributions that carry such a set in the index, but that SQL does not let
    them see now; there are few, and none once the worker has caught up. `contributions` says how
    many they may see, and `newest` when the last of them was published.
    """

    audiences: tuple[int, ...] = ()
    hidden: tuple[str, ...] = ()
    contributions: int = 0
    newest: datetime | None = None


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
    documents = table(
        f"document_{build}", column("contribution_id"), column("audience"), column("published"), schema=SCHEMA
    )
    sets = table(f"value_set_{build}", column("id"), column("values"), schema=SCHEMA)
    values = table(f"value_{build}", column("id"), column("value"), schema=SCHEMA)
    held = select(values.c.id).where(values.c.value.in_([label_value(label) for label in sorted(labels)]))
    allowed = (
        select(sets.c.id).where(sets.c["values"].op("&&")(func.array(held.scalar_subquery()))).cte("allowed")
    )
    readable = (
        select(
            documents.c.contribution_id.collate("C").label("id"), func.max(documents.c.published).label("at")
        )
        .where(documents.c.audience.in_(select(allowed.c.id)))
        .group_by(documents.c.contribution_id)
        .cte("readable")
    )
    seen = visible.statement().cte("seen")
    hidden = select(readable.c.id).except_(select(seen.columns[0]))
    newest = select(func.max(readable.c.at)).where(readable.c.id.in_(select(seen.columns[0])))
    statement = select(
        func.array(select(allowed.c.id).scalar_subquery()),
        func.array(hidden.scalar_subquery()),
        select(func.count()).select_from(readable).scalar_subquery(),
        newest.scalar_subquery(),
    ).execution_options(scope="search")
    audiences, out_of_sight, count, latest = connection.execute(statement).one()
    return Viewer(tuple(audiences), tuple(out_of_sight), count - len(out_of_sight), latest)
