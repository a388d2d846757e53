"""Keeping the index: repairing what drifted, rebuilding what is lost, one keeper a data folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from portal.core.db import Database
from portal.finding.documents import documents_of_many
from portal.search.index import Document
from portal.search.whoosh_index import WhooshIndex
from portal.worker import Worker
from portal.worker.indexing import Keeper, Stopped, drift
from tests.world import World, make_published


@pytest.fixture
def index(app: Flask) -> WhooshIndex:
    """The application's index."""
    found: WhooshIndex = app.extensions["portal_index"]
    return found


@pytest.fixture
def published(worker: Worker, database: Database, world: World) -> list[str]:
    """Three contributions that are in the index."""
    with database.unit_of_work():
        made = [make_published(world, f"Corridor {number}").id for number in range(3)]
    worker.work_off()
    return made


def stranger(contribution: str = "s" * 16) -> Document:
    """A document that the database knows nothing of."""
    return Document(
        edition_id="e" * 16, contribution_id=contribution, language="en", is_original=True, title="T", summary="S",
        text="T", kind="reform_update", organisation_id="o", regions=(), countries=(), topics=(), year=2026,
        published_at=datetime(2026, 1, 1, tzinfo=UTC), labels=("public",),
    )  # fmt: skip


def test_what_is_missing_is_found_and_added(
    published: list[str], index: WhooshIndex, database: Database
) -> None:
    assert not drift(index, database)
    index.sync(published[0], [])
    found = drift(index, database)
    assert (found.contributions, found.missing, found.extra, found.unknown) == ((published[0],), 1, 0, 0)
    Keeper(index, database).inspect()
    assert not drift(index, database)


def test_what_the_database_does_not_know_makes_the_index_be_built_anew(
    published: list[str], index: WhooshIndex, database: Database
) -> None:
    index.sync("s" * 16, [stranger()])
    found = drift(index, database)
    assert (found.missing, found.extra, found.unknown) == (0, 1, 1)
    Keeper(index, database).inspect()
    assert not drift(index, database)


def test_a_broken_index_is_built_anew(
    published: list[str], index: WhooshIndex, database: Database, app: Flask
) -> None:
    folder: Path = app.extensions["portal_settings"].index_folder
    for path in folder.rglob("*.seg"):
        path.write_bytes(path.read_bytes()[:-20])
    Keeper(index, database).inspect()
    assert not drift(index, database)


def test_a_lost_index_is_built_by_the_next_sync(
    published: list[str], index: WhooshIndex, database: Database, app: Flask
) -> None:
    (app.extensions["portal_settings"].index_folder / "current").unlink()
    assert Keeper(index, database).sync([published[1]]) == {}
    assert not drift(index, database)


def test_one_that_cannot_be_indexed_fails_alone(
    published: list[str], index: WhooshIndex, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_one_that_is_wrong(ids: list[str]) -> dict[str, list[Document]]:
        found = documents_of_many(ids)
        if published[1] in found:
            found[published[1]] = [stranger()]
        return found

    for one in published:
        index.sync(one, [])
    monkeypatch.setattr("portal.worker.indexing.documents_of_many", with_one_that_is_wrong)
    failed = Keeper(index, database).sync(published)
    assert list(failed) == [published[1]]
    assert drift(index, database).contributions == (published[1],)


def test_a_rebuild_that_is_told_to_stop_leaves_the_index_as_it_was(
    published: list[str], index: WhooshIndex, database: Database
) -> None:
    before = index.document_ids()
    with pytest.raises(Stopped):
        Keeper(index, database, lambda: True).rebuild("asked for")
    assert index.document_ids() == before
