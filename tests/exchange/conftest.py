"""The world of imports."""

from __future__ import annotations

import pytest

from portal.core.db import Database
from tests.exchange.making import bank_world
from tests.world import World


@pytest.fixture
def world(database: Database) -> World:
    """A world whose World Bank has a coordinator."""
    with database.unit_of_work():
        return bank_world()
