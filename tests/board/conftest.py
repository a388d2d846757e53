"""The small world, committed, for the pages of the board."""

from __future__ import annotations

import pytest

from portal.core.db import Database
from tests.world import World, build_world


@pytest.fixture
def kept_world(database: Database) -> World:
    """The world, committed: for pages."""
    with database.unit_of_work():
        return build_world()
