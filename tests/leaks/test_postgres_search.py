"""Non-interference again, with PostgreSQL as the search engine: see test_world_diff."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask

from portal.config import Settings
from portal.core.db import Database
from portal.editorial.models import Audience
from tests.leaks import test_world_diff
from tests.leaks.test_world_diff import world
from tests.world import World

__all__ = ["world"]
pytestmark = [pytest.mark.postgresql, pytest.mark.timeout(300)]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The settings of tests, with the other engine."""
    return dataclasses.replace(settings, search="postgresql")


def test_a_hidden_item_changes_nothing(app: Flask, database: Database, world: World) -> None:
    test_world_diff.hidden_things_change_nothing(app, database, world, (Audience.ORGANISATIONS,))


def test_the_crawl_is_not_blind(app: Flask, database: Database, world: World) -> None:
    test_world_diff.test_the_crawl_is_not_blind(app, database, world, Audience.ORGANISATIONS)


def test_a_narrowed_audience_holds_with_the_worker_stopped(
    app: Flask, database: Database, world: World
) -> None:
    test_world_diff.test_a_narrowed_audience_holds_with_the_worker_stopped(app, database, world)
