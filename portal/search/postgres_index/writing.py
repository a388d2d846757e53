"""Writing the index: one writer at a time, each write whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from portal.search.index import Document, IndexBusy
from portal.search.postgres_index import schema
from portal.search.postgres_index.rows import Values, ValueSets, row

_TURN = 2012_0529
"""Any number that nothing else in the database locks: who holds it writes the index."""
_LOCK_NOT_AVAILABLE = "55P03"
_VALUE_SET = ("id", "values")


def replace(engine: Engine, changes: Mapping[str, Sequence[Document]], lock_seconds: float) -> None:
    """Put these documents in the place of all that the contributions had, in one transaction.

    Raises ValueError for a document that cannot be indexed, IndexUnavailable, IndexBusy.
    """
    with _turn(engine, lock_seconds) as connection:
        build = schema.live(connection).build
        sets = _sets(connection, build)
        rows = [row(one, sets) for documents in changes.values() for one in documents]
        connection.execute(
            text(f"DELETE FROM {schema.document(build)} WHERE contribution_id = ANY(:ids)"),
            {"ids": list(changes)},
        )
        with _copy(connection, schema.value_set(build), _VALUE_SET) as write:
            for added in sets.added:
                write(added)
        with _copy(connection, schema.document(build), schema.COLUMNS) as write:
            for one in rows:
                write(one)
        schema.note_commit(connection)


def build(engine: Engine, documents: Iterable[Document], lock_seconds: float) -> int:
    """Write an index of exactly these documents beside the live one, and put it in its place.

    It is all one transaction: when it fails, or its process dies, nothing is left of it. Returns
    how many documents there are. Raises IndexBusy.
    """
    with _turn(engine, lock_seconds) as connection:
        number = schema.create_build(connection)
        sets, count = ValueSets(), 0
        with _copy(connection, schema.document(number), schema.COLUMNS) as write:
            for one in documents:
                write(row(one, sets))
                count += 1
        with _copy(connection, schema.value_set(number), _VALUE_SET) as write:
            for added in sets.added:
                write(added)
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


def _sets(connection: Connection, build: int) -> ValueSets:
    """The sets of a build, looked up as they are asked for."""
    table = schema.value_set(build)

    def find(values: Values) -> int | None:
        statement = text(f'SELECT id FROM {table} WHERE "values" = CAST(:values AS text[])')
        found: int | None = connection.scalar(statement, {"values": list(values)})
        return found

    return ValueSets(find, connection.scalar(text(f"SELECT coalesce(max(id), 0) FROM {table}")) or 0)


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
