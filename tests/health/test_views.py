"""The two questions of those who watch over the portal."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from portal.core import migrating
from portal.core.db import Database
from portal.health import queries
from tests.conftest import Statements


@pytest.fixture
def migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of the tests are made without migrations; take them as migrated."""
    monkeypatch.setattr(queries, "is_current", lambda _database: True)


def test_a_process_that_answers_lives_and_asks_nobody(client: FlaskClient, statements: Statements) -> None:
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json) == (200, {"status": "live"})
    assert len(statements) == 0


@pytest.mark.usefixtures("migrated")
def test_it_is_ready_when_database_tables_and_disk_are(client: FlaskClient) -> None:
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json) == (200, {"status": "ready"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_tables_of_another_release_are_not_ready(client: FlaskClient) -> None:
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json) == (503, {"status": "not ready", "failing": ["migrations"]})


@pytest.mark.one_database
def test_a_database_that_was_migrated_is_ready(tmp_path: Path, database_kind: str) -> None:
    url = f"sqlite:///{tmp_path / 'p.sqlite3'}"
    migrating.upgrade(url)
    database = Database(url)
    assert queries.failing(database, tmp_path) == []
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'before'"))
    assert queries.failing(database, tmp_path) == ["migrations"]
    database.dispose()


def test_a_database_that_does_not_answer_is_not_ready_and_names_nothing(tmp_path: Path) -> None:
    database = Database("postgresql+psycopg://somebody:secret@127.0.0.1:1/portal")
    assert queries.failing(database, tmp_path) == ["database"]
    missing = Database(f"sqlite:///{tmp_path / 'no-such-folder' / 'p.sqlite3'}")
    assert queries.failing(missing, tmp_path) == ["database"]


def test_a_database_that_goes_away_in_between_is_not_ready(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_database: Database) -> bool:
        raise OSError

    monkeypatch.setattr(queries, "is_current", gone)
    assert queries.failing(database, tmp_path) == ["migrations"]


@pytest.mark.usefixtures("migrated")
def test_a_full_disk_is_not_ready(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(queries.shutil, "disk_usage", lambda _path: usage._replace(total=100, free=5))
    answer = app.test_client().get("/health/ready")
    assert (answer.status_code, answer.json) == (503, {"status": "not ready", "failing": ["disk"]})
    monkeypatch.setattr(queries.shutil, "disk_usage", lambda _path: usage._replace(total=100, free=6))
    assert app.test_client().get("/health/ready").status_code == 200


@pytest.mark.usefixtures("migrated")
@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_answers_name_neither_versions_nor_hosts(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    told = answer.text + str(
        {k: v for k, v in answer.headers.items() if k not in {"Content-Security-Policy"}}
    )
    for secret in ("sqlite", "postgres", "localhost", "127.0.0.1", "0.1.0", "Python", "Werkzeug"):
        assert secret not in told
