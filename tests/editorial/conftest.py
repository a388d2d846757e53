"""The world that the editorial tests play in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.core.db import Database
from tests.world import World, build_world


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    """The small world, inside one unit of work."""
    with database.unit_of_work():
        yield build_world()
