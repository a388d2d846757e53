"""A portal that really serves, with its worker, and a real browser to look at it with."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from portal.app import create_app
from portal.config import Settings
from portal.core.db import Base, Database
from portal.demo.loading import load_world
from portal.worker.loop import Worker
from tests import engines

PASSWORD = "Levante-mainlevée-42"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass(frozen=True)
class Running:
    """A portal that serves: where, and the application behind it, for its clock and its post box."""

    address: str
    app: Flask


@pytest.fixture(scope="session")
def portal_address(portal: Running) -> str:
    """Where the portal serves."""
    return portal.address


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The demo world behind a server on a free port of the loopback interface, worker included."""
    folder = tmp_path_factory.mktemp("portal")
    settings = Settings(
        data=folder,
        database_url=f"sqlite:///{folder / 'portal.sqlite3'}",
        secret_key="test-only",
        base_url="http://127.0.0.1",
        mail_url="memory:",
        testing=False,
        rate_limits=False,
        argon2_memory_kib=64,
    )
    engines.known_tables()
    database = Database(settings.database_url)
    Base.metadata.create_all(database.engine)
    load_world(settings, database, PASSWORD)
    app = create_app(settings, database)
    worker = Worker(app)
    working = threading.Thread(target=worker.run)
    working.start()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    _await_index(app)
    yield Running(f"http://127.0.0.1:{server.server_port}", app)
    server.shutdown()
    worker.stop()
    serving.join()
    working.join()
    database.dispose()


def _await_index(app: Flask) -> None:
    """Hold the journeys back until the worker has built the index: until then a search finds nothing."""
    deadline = time.monotonic() + 120
    while not app.extensions["portal_index"].is_ready():
        assert time.monotonic() < deadline, "The worker has not built the index."
        time.sleep(0.05)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium where there is one, else Playwright's own."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    path = {"executable_path": chromium} if chromium and Path(chromium).exists() else {}
    return {**browser_type_launch_args, **path, "args": FLAGS}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of somebody who comes for the first time; the plugin's own needs fixtures that pytest gives up."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()
