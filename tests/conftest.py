"""Fixtures for every test: both databases, the application, a real index, memory mail, no network."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from portal.config import Settings
from portal.core.db import Database
from portal.mail.transport import MemoryTransport
from portal.search.whoosh_index import WhooshIndex
from tests import again, engines
from tests.world import World, build_world

DATABASES = ("sqlite", "postgresql")
TESTS = Path(__file__).parent
UNCOUNTED = {"demo", "faults", "journeys", "leaks", "search", "test_statements.py"}  # they look from outside


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that asks for a database on both, unless it is marked for one."""
    if "database_kind" in metafunc.fixturenames:
        kinds = DATABASES[:1] if metafunc.definition.get_closest_marker("one_database") else DATABASES
        kinds = DATABASES[1:] if metafunc.definition.get_closest_marker("postgresql") else kinds
        metafunc.parametrize("database_kind", kinds, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count branches where the rules and the writes are tested, on one database: counting costs half the time again."""
    for item in items:
        again = "postgresql" in item.name and not item.get_closest_marker("postgresql")
        if again or item.path.relative_to(TESTS).parts[0] in UNCOUNTED:
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """Refuse connections to any other machine: a test that needs one is wrong."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(address[0]):
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Compile the same templates and addresses once, not for each test's application."""
    with again.compiled_once():
        yield


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session")
def database_url(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty database with all tables, one for each worker process."""
    yield from engines.made(database_kind, tmp_path_factory)


@pytest.fixture(scope="session")
def _database(database_url: str) -> Iterator[Database]:
    """One engine a worker process, which keeps its connections and the statements that it has compiled."""
    made = Database(database_url, query_cache_size=5000)
    if made.url.startswith("sqlite"):
        event.listen(made.engine, "connect", _rows_backwards)
    yield made
    made.dispose()


def _rows_backwards(connection: Any, _record: Any) -> None:
    """Let SQLite give rows that nobody put in order the other way round: nobody may rely on it."""
    connection.execute("PRAGMA reverse_unordered_selects=ON")


@pytest.fixture
def database(_database: Database) -> Database:
    """A database with all tables and no rows."""
    engines.emptied(_database)
    _database.kept.clear()
    return _database


@pytest.fixture
def building() -> Callable[[], World]:
    """How the small world is made, in a unit of work; a room with more people in it has its own way."""
    return build_world


@pytest.fixture
def world(database: Database, building: Callable[[], World]) -> Iterator[World]:
    """The small world, inside one unit of work."""
    with database.unit_of_work():
        yield building()


@pytest.fixture
def kept_world(database: Database, building: Callable[[], World]) -> World:
    """The small world, committed: for pages and jobs."""
    with database.unit_of_work():
        return building()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings for tests: cheap passwords, mail in memory, no limits on tries."""
    return Settings(
        data=tmp_path,
        database_url=database_url,
        secret_key="test-only",
        base_url="http://localhost",
        mail_url="memory:",
        testing=True,
        rate_limits=False,
        argon2_memory_kib=64,
    )


@pytest.fixture
def app(settings: Settings, database: Database) -> Iterator[Flask]:
    """The application on that database."""
    from portal.app import create_app

    yield create_app(settings, database)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor's browser."""
    return app.test_client()


@pytest.fixture
def post_box(app: Flask) -> MemoryTransport:
    """What the portal has mailed."""
    box = MemoryTransport()
    app.extensions["portal_mail"] = box
    return box


@pytest.fixture
def index(app: Flask) -> WhooshIndex:
    """The application's search index, empty and ready; `tests.working.work_off` brings it up to date."""
    made: WhooshIndex = app.extensions["portal_index"]
    made.rebuild(())
    return made


class Statements:
    """The SQL statements that an engine ran since `clear`, without BEGIN and the like."""

    def __init__(self) -> None:
        self.all: list[str] = []

    def clear(self) -> None:
        """Begin to count anew."""
        self.all.clear()

    def __len__(self) -> int:
        return len(self.all)


@pytest.fixture
def statements(database: Database) -> Iterator[Statements]:
    """Counts statements."""
    counted = Statements()

    def note(_c: Any, _cursor: Any, statement: str, _p: Any, _context: Any, _many: bool) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")):
            counted.all.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield counted
    event.remove(database.engine, "before_cursor_execute", note)


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    """Under CI a skipped test is a failure: a missing component must not look like a pass."""
    skipped = terminalreporter.stats.get("skipped", [])
    if os.environ.get("CI") and skipped:
        terminalreporter.write_line(f"{len(skipped)} tests were skipped, which CI does not allow", red=True)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Make the run fail when CI skipped anything."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
