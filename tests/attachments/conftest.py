"""A world whose files are kept in a folder or in a real S3 service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from portal.config import Settings
from portal.core.db import Database
from tests.files import servers
from tests.world import World, build_world


@pytest.fixture
def world(database: Database) -> World:
    """Organisations and people."""
    with database.unit_of_work():
        return build_world()


@pytest.fixture(params=["folder", "s3"])
def either_app(request: pytest.FixtureRequest, settings: Settings, database: Database) -> Iterator[Flask]:
    """The application on each of the two storages."""
    from portal.app import create_app

    if request.param == "folder":
        yield create_app(settings, database)
        return
    with servers.s3() as chosen:
        yield create_app(replace(settings, **chosen), database)  # type: ignore[arg-type]
