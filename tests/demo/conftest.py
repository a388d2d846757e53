"""The demo world, loaded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.config import Settings
from portal.core.db import Database, bind_session, unbind_session
from portal.demo.cast import SignIn
from portal.demo.loading import load_world
from tests import engines

PASSWORD = "levante-mainlevee-release-42"


@pytest.fixture
def announced(settings: Settings, database: Database) -> list[SignIn]:
    """The sign-ins of the demo world, just loaded."""
    return load_world(settings, database, PASSWORD)


@pytest.fixture(scope="session")
def loaded(
    database_kind: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, list[SignIn]]]:
    """A database of its own with the demo world, loaded once a process, and its sign-ins."""
    for url in engines.made(database_kind, tmp_path_factory, "demo"):
        made = Database(url)
        settings = Settings(data=tmp_path_factory.mktemp("demo"), database_url=url)
        yield made, load_world(settings, made, PASSWORD)
        made.dispose()


@pytest.fixture
def world(loaded: tuple[Database, list[SignIn]]) -> Iterator[list[SignIn]]:
    """The sign-ins of the demo world, inside one unit of work that is rolled back."""
    database, sign_ins = loaded
    opened = database.open_session(write=True)
    token = bind_session(opened)
    try:
        yield sign_ins
    finally:
        opened.rollback()
        unbind_session(token)
        opened.close()
