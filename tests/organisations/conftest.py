"""The small world, committed, and inside a unit of work; the portal's post box."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.core import i18n
from portal.core.db import Database
from tests.world import World, build_world


@pytest.fixture
def world(database: Database) -> World:
    """The people and organisations of the small world, committed."""
    with database.unit_of_work():
        return build_world()


@pytest.fixture
def working(world: World, database: Database) -> Iterator[World]:
    """The small world inside one unit of work."""
    with database.unit_of_work():
        yield world


@pytest.fixture
def spoken() -> Iterator[Flask]:
    """An application that knows languages and nothing else."""
    app = Flask("portal")
    i18n.install(app)
    with app.test_request_context():
        yield app
