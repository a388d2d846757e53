"""People with saved searches in the small world."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from portal.core.db import Database
from portal.mail.transport import MemoryTransport
from tests.alerts import making
from tests.world import World, build_world

Saves = Callable[..., str]


@pytest.fixture
def world(database: Database) -> World:
    """The people and organisations of the small world."""
    with database.unit_of_work():
        return build_world()


@pytest.fixture
def post_box(app: Flask) -> MemoryTransport:
    """What the portal has mailed."""
    box = MemoryTransport()
    app.extensions["portal_mail"] = box
    return box


@pytest.fixture
def saves(world: World, database: Database) -> Saves:
    """Have somebody save a search, in a unit of work of its own; returns its id."""

    def made(who: str, text: str = "", **given: str) -> str:
        with database.unit_of_work():
            return making.save(world, who, text, **given)

    return made
