"""The demo world in a folder of its own, on SQLite, for benchmarks that need real posts and people."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from portal.app import create_app
from portal.config import Settings
from portal.core.db import Base, Database
from portal.demo.loading import load_world

PASSWORD = "bench-Levante-42"


@contextmanager
def demo_world() -> Iterator[tuple[Flask, Database, Path]]:
    """The application, its database and its folder, with the demo world in it; all of it goes afterwards.

    No limits on tries, cheap passwords, mail in memory.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(
            data=folder, database_url=f"sqlite:///{folder / 'bench.sqlite3'}", secret_key="bench",
            base_url="http://127.0.0.1", mail_url="memory:", argon2_memory_kib=64, rate_limits=False,
        )  # fmt: skip
        database = Database(settings.database_url)
        app = create_app(settings, database)
        Base.metadata.create_all(database.engine)
        load_world(settings, database, PASSWORD)
        yield app, database, folder
        database.dispose()
