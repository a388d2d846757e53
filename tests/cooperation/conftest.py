"""The small world, open in a unit of work or committed for pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.core.db import Database
from tests.world import World, build_world


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    """The world inside one unit of work."""
    with database.unit_of_work():
        yield build_world()


@pytest.fixture
def kept_world(database: Database) -> World:
    """The world, committed: for pages and jobs."""
    with database.unit_of_work():
        return build_world()
