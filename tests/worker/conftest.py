"""A worker on the small world, with its index built."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.worker import Worker
from tests.world import World


@pytest.fixture
def world(kept_world: World) -> World:
    """The people and organisations of the small world."""
    return kept_world


@pytest.fixture
def worker(app: Flask, world: World) -> Worker:
    """A worker that has nothing to do yet."""
    app.extensions["portal_index"].rebuild(())
    return Worker(app)
