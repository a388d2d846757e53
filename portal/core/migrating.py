"""Bringing the tables of a database to what this release expects, and asking whether they are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, NullPool

from portal.core.db import Database

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parents[2] / "migrations"
# Any number that nothing else in the database locks: two machines that start at once migrate in turn.
TURN = 2012_0528


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate the database at `url` up to `revision`, in one transaction."""
    from alembic import command  # here, since pages need none of it

    with connection_to(url) as connection:
        command.upgrade(configuration(connection), revision)


def downgrade(url: str, revision: str) -> None:
    """Migrate the database at `url` down to `revision` ("base": no tables)."""
    from alembic import command

    with connection_to(url) as connection:
        command.downgrade(configuration(connection), revision)


def is_current(database: Database) -> bool:
    """True when the tables are those that this release expects."""
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    expected = set(ScriptDirectory(str(FOLDER)).get_heads())
    with database.open_session(write=False) as reading:
        return set(MigrationContext.configure(reading.connection()).get_current_heads()) == expected


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration for this portal, to be used on `connection`."""
    from alembic.config import Config

    # Alembic would write to what was the standard output when it was first imported.
    config = Config(toml_file=FOLDER.parent / "pyproject.toml", stdout=sys.stdout)
    config.attributes["connection"] = connection
    return config


@contextmanager
def connection_to(url: str) -> Iterator[Connection]:
    """A connection in a transaction, with the turn taken; SQLite's foreign keys rest until it ends.

    Altering a table on SQLite means copying it, and dropping the former one would delete what
    refers to it.
    """
    database = Database(url, poolclass=NullPool)
    try:
        with database.engine.execution_options(scope="migrations").connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({TURN})")
                yield connection
                if connection.dialect.name == "sqlite":
                    _refuse_orphans(connection)
    finally:
        database.dispose()


def _refuse_orphans(connection: Connection) -> None:
    found = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if found is not None:
        raise RuntimeError(f"a row of {found[0]} refers to nothing in {found[2]} after migrating")
