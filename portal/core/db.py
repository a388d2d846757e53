"""The database: declarative base, engine set-up and the unit of work with its one commit."""

from __future__ import annotations

import enum
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    String,
    create_engine,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from portal.core.guard import install_tripwire

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ID_LENGTH = 16

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def new_id() -> str:
    """A random identifier of 16 characters (80 bits), without hyphens, fit for an address."""
    bits = secrets.randbits(5 * ID_LENGTH)
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in range(ID_LENGTH))


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, aware and in UTC on both databases; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values; SQLite keeps UTC without its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime was given; use core.clock")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment back aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of the portal hangs on this metadata."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        datetime: UtcDateTime(),
        str: String(),
        enum.Enum: Enum(
            enum.Enum, native_enum=False, length=40, values_callable=lambda e: [member.value for member in e]
        ),
    }


_current: ContextVar[Session | None] = ContextVar("portal_session", default=None)


def session() -> Session:
    """The session of the current unit of work.

    Raises RuntimeError outside one: every query and action runs inside `unit_of_work`.
    """
    current = _current.get()
    if current is None:
        raise RuntimeError("no unit of work is open; use Database.unit_of_work()")
    return current


def connection() -> Connection:
    """The connection of the current transaction, for the few statements that run with every request.

    The same as `session().connection()`, which takes as long to find it as SQLite to answer.
    """
    current = session()
    kept: tuple[SessionTransaction | None, Connection] | None = current.info.get("connection")
    if kept is None or kept[0] is None or kept[0] is not current.get_transaction():
        found = current.connection()
        kept = current.info["connection"] = (current.get_transaction(), found)
    return kept[1]


def kept_of_database() -> dict[str, Any]:
    """What this process keeps of the database in use, each thing under a name of its own.

    Whoever keeps something there has to see whether it still holds.
    """
    found: dict[str, Any] = session().info["kept"]
    return found


def insert_into(table: type[DeclarativeBase]) -> Any:
    """An INSERT of the database in use, which may say `on_conflict_do_nothing` or `..._do_update`."""
    is_sqlite = session().get_bind().dialect.name == "sqlite"
    return sqlite.insert(table) if is_sqlite else postgresql.insert(table)


def end_reading() -> None:
    """End a transaction that has only read, so that slow work (hashing) holds no write lock.

    The next statement opens a new one. Raises RuntimeError when something is waiting to be
    written: that belongs in the one commit at the end.
    """
    current = session()
    if current.new or current.dirty or current.deleted:
        raise RuntimeError("there is something to write; hash before writing")
    current.commit()


def bind_session(value: Session | None) -> Any:
    """Make `value` the current session; returns the token for `unbind_session`."""
    return _current.set(value)


def unbind_session(token: Any) -> None:
    """Undo `bind_session`."""
    _current.reset(token)


class Database:
    """One engine and the way to open a unit of work on it."""

    def __init__(self, url: str, **options: Any) -> None:
        self.url = url
        self.engine = _engine(url, **options)
        self._reading = self.engine.execution_options(sqlite_immediate=False)
        self._writing = self.engine.execution_options(sqlite_immediate=True)
        self.kept: dict[str, Any] = {}

    def open_session(self, *, write: bool) -> Session:
        """A new session; `write=True` takes SQLite's write lock at the start (BEGIN IMMEDIATE).

        A deferred BEGIN that turns into a write fails under contention whatever the busy
        timeout; see shared/security.md section 0, item 8.
        """
        bind = self._writing if write else self._reading
        return Session(bind=bind, expire_on_commit=False, autoflush=True, info={"kept": self.kept})

    @contextmanager
    def unit_of_work(self, *, write: bool = True) -> Iterator[Session]:
        """Open the current session, commit at the end, roll back when anything is raised."""
        opened = self.open_session(write=write)
        token = bind_session(opened)
        try:
            yield opened
            opened.commit()
        except BaseException:
            opened.rollback()
            raise
        finally:
            unbind_session(token)
            opened.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """The connection of the open unit of work, if it is on this database; else one for the moment."""
        current = _current.get()
        if current is not None and current.bind in (self._reading, self._writing):
            yield current.connection()
            return
        with self._reading.connect() as opened:
            yield opened

    def dispose(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


def _engine(url: str, **options: Any) -> Engine:
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": 15}, hide_parameters=True, **options)
        _prepare_sqlite(engine)
    else:
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True, **options)
    install_tripwire(engine)
    return engine


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "busy_timeout=15000", "foreign_keys=ON", "synchronous=FULL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("sqlite_immediate", True)
        # Straight to the driver: this runs with every request, and there is nothing in it to watch.
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("BEGIN IMMEDIATE" if immediate else "BEGIN")
