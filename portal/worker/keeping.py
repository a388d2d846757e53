"""Who keeps the index and the clock: one process at a time, in a data folder or in a database."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from portal.config import Settings
from portal.core.db import Database

# Any number that nothing else in the database locks.
KEEPING = 2012_0530


class Right(Protocol):
    """The right to keep an index and the portal's clock: one process has it, and loses it when it dies."""

    def take(self) -> bool:
        """Try to get it, or look whether it is still there; True while this process has it."""

    def release(self) -> None:
        """Give it up."""


def right_of(settings: Settings, database: Database) -> Right:
    """The right to keep the index of these settings: one a data folder, or one a database."""
    if settings.search == "postgresql":
        return SoleInDatabase(database)
    return SoleInFolder(settings.data / "worker.lock")


class SoleInFolder:
    """A lock on a file, for an index that is a folder beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self) -> bool:
        """See Right.take."""
        if self._descriptor is not None:
            return True
        descriptor = os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """See Right.release."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class SoleInDatabase:
    """A lock that a connection of its own holds in PostgreSQL, for workers on any number of machines."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    def take(self) -> bool:
        """See Right.take."""
        if self._connection is not None:
            try:
                self._connection.execute(text("SELECT 1"))
                return True
            except DBAPIError:  # the server has let the lock go with the connection
                self.release()
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # closed, not put back with its lock, when it is given up
        if connection.scalar(select(func.pg_try_advisory_lock(KEEPING))):
            self._connection = connection
            return True
        connection.close()
        return False

    def release(self) -> None:
        """See Right.release."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
