"""The small world with posts of every audience and a file."""

from __future__ import annotations

import pytest

from portal.core.db import Database
from tests.attachments.conftest import either_app
from tests.world import World, build_world

__all__ = ["either_app", "world"]


@pytest.fixture
def world(database: Database) -> World:
    """The people and organisations of the small world."""
    with database.unit_of_work():
        return build_world()
