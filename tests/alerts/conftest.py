"""People with saved searches in the small world."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.core.db import Database
from tests.alerts import making
from tests.world import World

Saves = Callable[..., str]


@pytest.fixture
def world(kept_world: World) -> World:
    """The people and organisations of the small world."""
    return kept_world


@pytest.fixture
def saves(world: World, database: Database) -> Saves:
    """Have somebody save a search, in a unit of work of its own; returns its id."""

    def made(who: str, text: str = "", **given: str) -> str:
        with database.unit_of_work():
            return making.save(world, who, text, **given)

    return made
