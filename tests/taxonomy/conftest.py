"""A database with the vocabulary in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.core import i18n
from portal.core.db import Database
from portal.taxonomy.loading import load_taxonomy


@pytest.fixture
def vocabulary(database: Database) -> Iterator[None]:
    """Regions, countries and topics, inside one unit of work."""
    with database.unit_of_work():
        load_taxonomy()
        yield


@pytest.fixture
def spoken() -> Iterator[Flask]:
    """An application that knows languages and nothing else."""
    app = Flask("portal")
    i18n.install(app)
    with app.test_request_context():
        yield app
