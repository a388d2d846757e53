"""The worker's part: looking at a file that came in, deleting bytes, sweeping what nobody knows."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import structlog
from flask import Flask

from portal.attachments.queries import carrying, holders
from portal.audit.actions import record
from portal.core.access import SYSTEM
from portal.core.db import Database
from portal.files import actions, queries
from portal.files.inspection import Found, inspect, write_down
from portal.files.known import Refusal
from portal.files.storage import Storage
from portal.notifications.actions import notify

log = structlog.get_logger("portal.worker")


def check(app: Flask, payload: dict[str, Any]) -> None:
    """Scan, clean and read one file; while the scanner is away it stays unseen and is tried again."""
    database, storage = _of(app)
    file_id = str(payload["file"])
    with database.unit_of_work(write=False):
        stored = queries.to_check(file_id)
    if stored is None:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source"
        is_whole = write_down(storage.open(stored.key), source) == stored.sha256
        scanner = app.extensions["portal_settings"].clamd
        found = (
            inspect(source, stored.media_type, folder, scanner) if is_whole else Found(Refusal.BROKEN, source)
        )
        with database.unit_of_work():
            if actions.settle(storage, file_id, found) is not None:
                _settled(file_id, found)


def delete(app: Flask, payload: dict[str, Any]) -> None:
    """Delete bytes that no row names any more."""
    _database, storage = _of(app)
    for key in payload["keys"]:
        storage.delete(str(key))


def sweep(app: Flask, _payload: dict[str, Any]) -> None:
    """Delete bytes older than a day that no row has ever named: their request or worker was killed."""
    database, storage = _of(app)
    with database.unit_of_work(write=False):
        swept = list(actions.sweep_keys(storage))
    if swept:
        log.warning("file_keys_swept", count=len(swept))


def _settled(file_id: str, found: Found) -> None:
    verb = "file.ready" if found.reason is None else "file.refused"
    shown = holders(file_id)
    for contribution_id in shown:
        record(SYSTEM, verb, file_id, sync=contribution_id)
    if not shown:
        record(SYSTEM, verb, file_id, reason=found.reason)
    if found.reason is not None:
        _tell_of_refusal(file_id, found.reason)


def _tell_of_refusal(file_id: str, reason: Refusal) -> None:
    """Tell who sent a file that nobody gets it: they may have left its page long ago."""
    told = carrying(file_id)
    if told is not None:
        uploader_id, name, contribution_id, language = told
        notify(
            [uploader_id],
            "file.refused",
            event_key=f"file.refused:{file_id}",
            contribution_id=contribution_id,
            name=name,
            reason=str(reason),
            language=language,
        )


def _of(app: Flask) -> tuple[Database, Storage]:
    return app.extensions["portal_database"], app.extensions["portal_files"]
