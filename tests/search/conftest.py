"""Fixtures of the search tests: every engine that implements the protocol, empty and ready."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from portal.core.db import Database
from portal.search.index import SearchIndex
from portal.search.memory_index import MemoryIndex
from portal.search.postgres_index import PostgresIndex
from portal.search.whoosh_index import WhooshIndex
from tests import engines


def postgres_index(database: Database) -> PostgresIndex:
    """An index that was never built, in a database of PostgreSQL."""
    with database.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS search_index CASCADE"))
        engines.make_search_schema(connection)
    return PostgresIndex(database)


ENGINES: dict[str, Callable[[pytest.FixtureRequest], SearchIndex]] = {
    "whoosh": lambda request: WhooshIndex(request.getfixturevalue("tmp_path") / "index"),
    "memory": lambda _request: MemoryIndex(),
    "postgresql": lambda request: postgres_index(request.getfixturevalue("search_database")),
}


@pytest.fixture(scope="session")
def search_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database of PostgreSQL for indexes alone."""
    database = Database(next(engines.bare("postgresql", tmp_path_factory.mktemp("search"))))
    yield database
    database.dispose()


@pytest.fixture(params=ENGINES)
def blank(request: pytest.FixtureRequest) -> SearchIndex:
    """An index that was never built."""
    return ENGINES[request.param](request)


@pytest.fixture
def index(blank: SearchIndex) -> SearchIndex:
    """An index without documents."""
    blank.rebuild([])
    return blank
