"""Followers of what the test world publishes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.core.db import Database
from portal.following import actions
from portal.notifications.actions import choose
from portal.notifications.choices import FOLLOW
from tests.world import World

Follows = Callable[..., str]


@pytest.fixture
def world(kept_world: World) -> World:
    """The people and organisations of the small world."""
    return kept_world


@pytest.fixture
def follows(world: World, database: Database) -> Follows:
    """Have somebody follow something, mailed as often as `frequency` says; returns the follow's id."""

    def made(who: str, kind: str, key: str, frequency: str = "") -> str:
        with database.unit_of_work():
            actor = world.actor(who)
            follow_id = actions.follow(actor, kind, key).id
            if frequency:
                choose(actor, FOLLOW + follow_id, frequency)
            return follow_id

    return made
