"""Doing at once, in this thread, what the worker would do."""

from __future__ import annotations

from flask import Flask

from portal.worker.loop import Worker


def work_off(app: Flask) -> None:
    """Run every job that is due, the search index included."""
    Worker(app).work_off()


def index_due(app: Flask) -> None:
    """Bring the search index up to date, and leave the letters of what was published unwritten."""
    worker = Worker(app)
    while worker.sync_due():
        pass
