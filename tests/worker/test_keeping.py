"""Who keeps the index: one process a data folder or a database, and another when it is gone."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from portal.app import create_app
from portal.config import Settings
from portal.core.db import Database
from portal.search.index import IndexUnavailable
from portal.worker import Worker
from portal.worker.indexing import drift
from portal.worker.keeping import KEEPING, SoleInDatabase, SoleInFolder, right_of
from tests.processes import started, wait_until
from tests.world import build_world, make_published


def test_a_data_folder_has_one_keeper(tmp_path: Path) -> None:
    first, second = SoleInFolder(tmp_path / "worker.lock"), SoleInFolder(tmp_path / "worker.lock")
    assert first.take()
    assert first.take()
    assert not second.take()
    first.release()
    assert second.take()
    second.release()


@pytest.mark.postgresql
def test_a_database_has_one_keeper_who_gives_way_when_the_connection_is_lost(database: Database) -> None:
    first, second = SoleInDatabase(database), SoleInDatabase(database)
    assert first.take()
    assert first.take()
    assert not second.take()
    cut_off(database)
    wait_until(second.take)
    assert not first.take()
    second.release()
    assert first.take()
    first.release()
    assert second.take()
    second.release()


def cut_off(database: Database) -> None:
    """End the connection of whoever holds the right, as a restart of the server does."""
    with database.engine.begin() as connection:
        holders = text(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :keeping "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        assert connection.execute(holders, {"keeping": KEEPING}).all() == [(True,)]


@pytest.mark.postgresql
def test_the_engine_says_what_one_is_the_keeper_of(settings: Settings, database: Database) -> None:
    assert isinstance(right_of(settings, database), SoleInFolder)
    assert isinstance(right_of(dataclasses.replace(settings, search="postgresql"), database), SoleInDatabase)


@pytest.mark.postgresql
def test_workers_of_two_machines_take_over_from_each_other(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    app: Flask = create_app(dataclasses.replace(settings, search="postgresql"), database)
    index = app.extensions["portal_index"]

    def agrees() -> bool:
        try:
            return not drift(index, database)
        except IndexUnavailable:
            return False

    with database.unit_of_work():
        world = build_world()
        make_published(world, "Corridor 0")
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    with started("work", data=one, url=settings.database_url, SEARCH="postgresql") as first:
        wait_until(agrees)
        with started("work", data=other, url=settings.database_url, SEARCH="postgresql"):
            time.sleep(1)
            first.kill()
            first.wait()
            with database.unit_of_work():
                make_published(world, "Corridor 1")
            assert not agrees()
            wait_until(agrees)
    assert len(index.document_ids()) == 2


@pytest.mark.postgresql
def test_a_worker_does_its_work_with_the_index_in_the_database(
    settings: Settings, database: Database
) -> None:
    app: Flask = create_app(dataclasses.replace(settings, search="postgresql"), database)
    with database.unit_of_work():
        world = build_world()
        for number in range(3):
            make_published(world, f"Corridor {number}")
    Worker(app).work_off()
    assert len(app.extensions["portal_index"].document_ids()) == 3
    assert not (settings.data / "index").exists()
