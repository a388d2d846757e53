"""The demo world, loaded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.config import Settings
from portal.core.db import Database
from portal.demo.cast import SignIn
from portal.demo.loading import load_world

PASSWORD = "levante-mainlevee-release-42"


@pytest.fixture
def announced(settings: Settings, database: Database) -> list[SignIn]:
    """The sign-ins of the demo world, just loaded."""
    return load_world(settings, database, PASSWORD)


@pytest.fixture
def world(announced: list[SignIn], database: Database) -> Iterator[list[SignIn]]:
    """The same, inside one unit of work."""
    with database.unit_of_work():
        yield announced
