"""The small world, committed, and the portal's post box."""

from __future__ import annotations

import pytest

from tests.world import World


@pytest.fixture
def world(kept_world: World) -> World:
    """The people and organisations of the small world."""
    return kept_world
