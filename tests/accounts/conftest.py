"""The small world, committed, and the portal's post box."""

from __future__ import annotations

import pytest

from portal.core.db import Database
from tests.world import World, build_world


@pytest.fixture
def world(database: Database) -> World:
    """The people and organisations of the small world."""
    with database.unit_of_work():
        return build_world()
