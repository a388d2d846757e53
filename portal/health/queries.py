"""What has to hold before people are sent here."""

from __future__ import annotations

import shutil
from pathlib import Path

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.core.db import Database
from portal.core.migrating import is_current

log = structlog.get_logger("portal.health")

FREE_SHARE = 0.05


def failing(database: Database, data: Path) -> list[str]:
    """The names of the checks that fail: `database`, `migrations`, `disk`; none when all is well."""
    found = []
    if not _answers(database):
        found.append("database")
    elif not _is_migrated(database):
        found.append("migrations")
    if not has_room(data):
        found.append("disk")
    if found:
        log.warning("not_ready", failing=found)
    return found


def has_room(data: Path) -> bool:
    """True while more than a twentieth of the disk that holds the data is free."""
    usage = shutil.disk_usage(data)
    return usage.free > FREE_SHARE * usage.total


def _answers(database: Database) -> bool:
    try:
        with database.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError):
        return False
    return True


def _is_migrated(database: Database) -> bool:
    try:
        return is_current(database)
    except (SQLAlchemyError, OSError):
        return False
