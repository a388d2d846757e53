"""The search page on PostgreSQL's full text, and changing from one engine to the other."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal.app import create_app
from portal.config import Settings
from portal.core.clock import now
from portal.core.db import Database
from portal.editorial import actions
from portal.editorial.models import Audience
from portal.search.postgres_index import PostgresIndex
from portal.search.whoosh_index import WhooshIndex
from portal.worker.indexing import Keeper, drift
from tests import world as w
from tests.attachments.making import contribution
from tests.conftest import Statements
from tests.http import Browser
from tests.test_statements import MOST
from tests.work import index_due

pytestmark = pytest.mark.postgresql


@pytest.fixture
def other(settings: Settings, database: Database) -> Flask:
    """The application with PostgreSQL as its search engine, beside that of the test."""
    return create_app(dataclasses.replace(settings, search="postgresql"), database)


def test_a_post_is_found_in_the_readers_language_with_counts_and_marks(
    other: Flask, database: Database, statements: Statements
) -> None:
    assert isinstance(other.extensions["portal_index"], PostgresIndex)
    with database.unit_of_work():
        world = w.build_world()
        made = w.make_published(world, "Advance rulings", topics=("TFA-3",), countries=("TH",))
        w.translate(world, made, "es", "Resoluciones anticipadas")
        w.make_published(world, "Rulings on origin", topics=("TFA-10.4",))
        w.make_published(world, "Rulings of our own", audience=Audience.OWN)
    index_due(other)
    browser = Browser(other)
    browser.get("/search?q=transit")
    statements.clear()
    page = browser.get("/search?q=ruling").get_data(as_text=True)
    assert len(statements) <= MOST
    assert "2 results" in page
    assert "Advance <mark>rulings</mark>" in page
    assert "of our own" not in page
    assert "1 result" in browser.get("/search?q=ruling&topic=TFA-3").get_data(as_text=True)
    spanish = Browser(other, language="es").get("/search?q=resolución").get_data(as_text=True)
    assert "<mark>Resoluciones</mark> anticipadas" in spanish


def test_what_the_former_engine_was_told_reaches_the_one_that_takes_over(
    app: Flask, other: Flask, database: Database
) -> None:
    former, index = app.extensions["portal_index"], other.extensions["portal_index"]
    assert isinstance(former, WhooshIndex)
    with database.unit_of_work():
        world = w.build_world()
        changed, gone = (w.make_published(world, f"Corridor {number}").id for number in range(2))
    index_due(app)
    Keeper(index, database).rebuild("asked for")
    with database.unit_of_work():
        w.revise(world, contribution(changed), "Corridor with a green lane")
        actions.unpublish(world.actor("coordinator"), contribution(gone), "Out of date.")
        w.make_published(world, "Corridor 4")
    index_due(app)
    assert drift(index, database).contributions
    Keeper(index, database).catch_up()
    assert not drift(index, database)
    assert "1 result" in Browser(other).get("/search?q=%22green+lane%22").get_data(as_text=True)


def test_an_index_that_nobody_kept_for_a_week_is_built_anew(other: Flask, database: Database) -> None:
    index = other.extensions["portal_index"]
    keeper = Keeper(index, database)
    keeper.catch_up()
    assert not index.is_ready()  # there was nothing to catch up with
    keeper.rebuild("asked for")
    built = index.generation().build
    with time_machine.travel(now() + timedelta(days=8)):
        keeper.catch_up()
    assert index.generation().build == built + 1
