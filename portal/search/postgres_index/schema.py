"""The tables of the index, in a PostgreSQL schema of their own: derived data, to be left out of backups.

    search_index.state           one row: which build is live, of which version, at which commit
    search_index.document_7      the documents of build 7, with a partition for each language
    search_index.value_set_7     the sets of labels and facet values that these documents carry
    search_index.value_7         these values, such as `topic:TFA-10.4` and `label:public`

The schema and the state come by a migration. The tables of a build are made by a rebuild, and
dropped when those of another have taken their place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    DateTime,
    Integer,
    MetaData,
    Table,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from portal.core.db import NAMING
from portal.search.analysis import LANGUAGES
from portal.search.index import IndexUnavailable

VERSION = 1
"""Counted up with every change of tables, lexemes or analysis: an index of another version is rebuilt."""

SCHEMA = "search_index"
COLUMNS = (
    "published", "adoptions", "audience", "facts", "topics", "countries", "length", "is_original",
    "contribution_id", "edition_id", "language", "words",
)  # fmt: skip

metadata = MetaData(schema=SCHEMA, naming_convention=NAMING)
state = Table(
    "state",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("build", Integer, nullable=False),
    Column("commit", BigInteger, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

# Rows are narrow, and what is counted comes first in them, so that many are read and counted quickly: the
# words lie outside and are fetched for the few that are weighed. `facts` are all facets without a column.
_BUILD = """
CREATE TABLE {schema}.document_{build} (
    published timestamp with time zone NOT NULL,
    adoptions integer NOT NULL,
    audience integer NOT NULL,
    facts integer NOT NULL,
    topics integer NOT NULL,
    countries integer NOT NULL,
    length integer NOT NULL,
    is_original boolean NOT NULL,
    contribution_id text COLLATE "C" NOT NULL,
    edition_id text NOT NULL,
    language text COLLATE "C" NOT NULL,
    words tsvector NOT NULL
) PARTITION BY LIST (language);
ALTER TABLE {schema}.document_{build} ALTER COLUMN words SET STORAGE EXTERNAL;
CREATE TABLE {schema}.value_set_{build} (id integer PRIMARY KEY, "values" integer[] NOT NULL);
CREATE TABLE {schema}.value_{build} (id integer PRIMARY KEY, value text COLLATE "C" NOT NULL)
"""
_PARTITION = """
CREATE TABLE {schema}.document_{build}_{language} PARTITION OF {schema}.document_{build}
FOR VALUES IN ('{language}') WITH (toast_tuple_target = 128)
"""
# Lexemes go to their place at once: a list of pending ones would have to be read by every search.
_INDEXES = """
ALTER TABLE {schema}.document_{build} ADD PRIMARY KEY (contribution_id, language);
CREATE INDEX ON {schema}.document_{build} USING gin (words) WITH (fastupdate = off);
CREATE INDEX ON {schema}.value_set_{build} USING gin ("values");
CREATE INDEX ON {schema}.value_set_{build} USING hash ("values");
CREATE UNIQUE INDEX ON {schema}.value_{build} (value);
ANALYZE {schema}.value_set_{build};
ANALYZE {schema}.value_{build}
"""
_INDEXES_OF_VALUES, _INDEXES_OF_DOCUMENTS = 5, 2
_TABLE = re.compile(r"(?:document|value_set|value)_([0-9]+)")

_MISSING = {"42P01", "3F000"}  # undefined table, invalid schema name
_DAMAGED = {"XX001", "XX002"}  # data corrupted, index corrupted


class State(NamedTuple):
    """Which build is live, at which commit, and when that was made."""

    build: int
    commit: int
    written_at: datetime


def document(build: int) -> str:
    """The name of the table of documents of a build."""
    return f"{SCHEMA}.document_{build}"


def documents_in(build: int, language: str) -> str:
    """The name of the part of that table that holds the documents of one language."""
    return f"{document(build)}_{language}"


def value_set(build: int) -> str:
    """The name of the table of value sets of a build."""
    return f"{SCHEMA}.value_set_{build}"


def value(build: int) -> str:
    """The name of the table of values of a build."""
    return f"{SCHEMA}.value_{build}"


def live(connection: Connection, settings: Mapping[str, str] | None = None) -> State:
    """The live build; `settings` hold from then on, until the transaction or savepoint ends.

    Raises IndexUnavailable: there is none, or it is of another version.
    """
    given = settings or {}
    configured = [func.set_config(name, value, True) for name, value in given.items()]
    with loss_is_unavailable():
        found = connection.execute(select(state, *configured)).one_or_none()
    if found is None:
        raise IndexUnavailable("missing", "nothing was built")
    if found.version != VERSION:
        raise IndexUnavailable("old", f"version {found.version}, not {VERSION}")
    return State(found.build, found.commit, found.written_at)


def require_whole(connection: Connection, build: int) -> None:
    """Look whether all tables and indexes of a build are there and may be used. Raises IndexUnavailable."""
    names = [value(build), value_set(build), *(documents_in(build, language) for language in LANGUAGES)]
    found = connection.scalar(
        text(
            "SELECT count(*) FROM pg_index WHERE indisvalid AND indrelid IN "
            "(SELECT to_regclass(name) FROM unnest(CAST(:names AS text[])) AS name)"
        ),
        {"names": names},
    )
    if found != _INDEXES_OF_VALUES + _INDEXES_OF_DOCUMENTS * len(LANGUAGES):
        raise IndexUnavailable("broken", "an index or a table is not there")


def sqlstate(error: DBAPIError) -> str:
    """PostgreSQL's code of an error; empty when it has none."""
    return str(getattr(error.orig, "sqlstate", None) or "")


@contextmanager
def loss_is_unavailable() -> Iterator[None]:
    """What PostgreSQL raises about tables that are not there, or damaged, becomes IndexUnavailable."""
    try:
        yield
    except DBAPIError as error:
        if sqlstate(error) in _MISSING:
            raise IndexUnavailable("missing", sqlstate(error)) from error
        if sqlstate(error) in _DAMAGED:
            raise IndexUnavailable("broken", sqlstate(error)) from error
        raise


def create_build(connection: Connection) -> int:
    """Make the empty tables of a new build, without indexes; returns its number."""
    build = max(_builds(connection), default=0) + 1
    _run(connection, _BUILD, build)
    for language in LANGUAGES:
        connection.execute(text(_PARTITION.format(schema=SCHEMA, build=build, language=language)))
    return build


def index_build(connection: Connection, build: int) -> None:
    """Make the indexes of a build that was filled, and let the planner know what is in it."""
    _run(connection, _INDEXES, build)
    for language in LANGUAGES:
        connection.execute(text(f"ANALYZE {documents_in(build, language)}"))


def make_live(connection: Connection, build: int) -> None:
    """Let searches read this build from the end of the transaction on; it is as of its beginning."""
    fresh = {"version": VERSION, "build": build, "written_at": func.now()}
    statement = insert(state).values(id=1, commit=1, **fresh)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["id"], set_={**fresh, "commit": state.c.commit + 1})
    )


def note_commit(connection: Connection) -> None:
    """Say that the live build has changed."""
    connection.execute(state.update().values(commit=state.c.commit + 1, written_at=func.now()))


def drop_builds_before(connection: Connection, build: int) -> None:
    """Drop the tables of former builds; waits for the searches that read them."""
    for old in _builds(connection):
        if old < build:
            tables = f"{document(old)}, {value_set(old)}, {value(old)}"
            connection.execute(text(f"DROP TABLE IF EXISTS {tables}"))


def _builds(connection: Connection) -> set[int]:
    """The numbers of all builds that have tables."""
    names = connection.scalars(
        text("SELECT tablename FROM pg_tables WHERE schemaname = :schema"), {"schema": SCHEMA}
    )
    return {int(found[1]) for name in names if (found := _TABLE.fullmatch(name))}


def _run(connection: Connection, statements: str, build: int) -> None:
    for statement in statements.format(schema=SCHEMA, build=build).split(";"):
        connection.execute(text(statement))
