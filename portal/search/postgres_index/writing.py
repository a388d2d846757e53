"""Writing the index: one writer at a time, each write whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from portal.search.index import Document, IndexBusy
from portal.search.postgres_index import schema
from portal.search.postgres_index.rows import Numbers, Values, row

_TURN = 2012_0529
"""Any number that nothing else in the database locks: who holds it writes the index."""
_LOCK_NOT_AVAILABLE = "55P03"


def replace(engine: Engine, changes: Mapping[str, Sequence[Document]], lock_seconds: float) -> None:
    """Put these documents in the place of all that the contributions had, in one transaction.

    Raises ValueError for a document that cannot be indexed, IndexUnavailable, IndexBusy.
    """
    with _turn(engine, lock_seconds) as connection, schema.loss_is_unavailable():
        number = schema.live(connection).build
        values = Values(
            Numbers(*_numbered(connection, schema.value(number), "value", "text")),
            Numbers(*_numbered(connection, schema.value_set(number), "values", "integer[]")),
        )
        rows = [row(one, values) for documents in changes.values() for one in documents]
        connection.execute(
            text(f"DELETE FROM {schema.document(number)} WHERE contribution_id = ANY(:ids)"),
            {"ids": list(changes)},
        )
        with _copy(connection, schema.document(number), schema.COLUMNS) as write:
            for one in rows:
                write(one)
        _write_values(connection, number, values)
        schema.note_commit(connection)


def build(engine: Engine, documents: Iterable[Document], lock_seconds: float) -> int:
    """Write an index of exactly these documents beside the live one, and put it in its place.

    It is all one transaction: when it fails, or its process dies, nothing is left of it. Returns
    how many documents there are. Raises IndexBusy.
    """
    with _turn(engine, lock_seconds) as connection:
        number = schema.create_build(connection)
        values, count = Values(Numbers(), Numbers()), 0
        with _copy(connection, schema.document(number), schema.COLUMNS) as write:
            for one in documents:
                write(row(one, values))
                count += 1
        _write_values(connection, number, values)
        schema.index_build(connection, number)
        schema.make_live(connection, number)
    _drop_former(engine, number, lock_seconds)
    return count


def _drop_former(engine: Engine, build: int, lock_seconds: float) -> None:
    """Drop what no search reads any more; what one still reads is left to the next rebuild."""
    try:
        with engine.begin() as connection:
            _wait_at_most(connection, lock_seconds)
            schema.drop_builds_before(connection, build)
    except DBAPIError as error:
        if schema.sqlstate(error) != _LOCK_NOT_AVAILABLE:
            raise


@contextmanager
def _turn(engine: Engine, lock_seconds: float) -> Iterator[Connection]:
    """A transaction of the only writer, who holds the lock until its end, however that comes."""
    with engine.begin() as connection:
        _wait_at_most(connection, lock_seconds)
        try:
            connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
        except DBAPIError as error:
            if schema.sqlstate(error) == _LOCK_NOT_AVAILABLE:
                raise IndexBusy("another process writes the index") from error
            raise
        yield connection


def _wait_at_most(connection: Connection, seconds: float) -> None:
    milliseconds = max(1, round(seconds * 1000))  # none at all would mean for ever
    connection.execute(text("SELECT set_config('lock_timeout', :limit, true)"), {"limit": str(milliseconds)})


def _numbered(
    connection: Connection, table: str, column: str, kind: str
) -> tuple[Callable[[Any], int | None], int]:
    """How to find the number that something has in a table already, and the highest number there."""
    statement = text(f'SELECT id FROM {table} WHERE "{column}" = CAST(:key AS {kind})')

    def find(key: Any) -> int | None:
        found: int | None = connection.scalar(statement, {"key": key if isinstance(key, str) else list(key)})
        return found

    return find, connection.scalar(text(f"SELECT coalesce(max(id), 0) FROM {table}")) or 0


def _write_values(connection: Connection, number: int, values: Values) -> None:
    with _copy(connection, schema.value(number), ("id", "value")) as write:
        for one in values.values.added.items():
            write(one)
    with _copy(connection, schema.value_set(number), ("id", "values")) as write:
        for id_, held in values.sets.added.items():
            write((id_, list(held)))


@contextmanager
def _copy(
    connection: Connection, table: str, columns: Sequence[str]
) -> Iterator[Callable[[Sequence[Any]], None]]:
    """A function that writes a row of `columns` into a table, as quickly as PostgreSQL takes them."""
    driver = connection.connection.driver_connection
    assert driver is not None  # there is one as long as the transaction is open
    names = ", ".join(f'"{name}"' for name in columns)
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        yield copy.write_row
