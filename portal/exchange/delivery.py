"""What the worker does with an "exchange.import" job, and by the clock."""

from __future__ import annotations

import tempfile
from typing import Any

from flask import Flask

from portal.core.db import Database
from portal.core.errors import Invalid
from portal.exchange.houses import writer_for
from portal.exchange.running import Order, Told, run, said
from portal.files.storage import Storage
from portal.jobs.actions import Final
from portal.organisations.queries import organisation


def import_file(app: Flask, payload: dict[str, Any]) -> None:
    """Import an uploaded file for its organisation; a second time finds everything unchanged.

    To be called outside a unit of work. A file that breaks off, or a house without writers, is for
    a person to look at.
    """
    database: Database = app.extensions["portal_database"]
    storage: Storage = app.extensions["portal_files"]
    with app.app_context(), tempfile.TemporaryFile() as source:
        for piece in storage.open(str(payload["key"])):
            source.write(piece)
        source.seek(0)
        with database.unit_of_work(write=False):
            house = organisation(str(payload["organisation"]))
            writer = writer_for(house.id)
        if writer is None:
            raise Final("nobody writes for the organisation any more")
        order = Order(
            writer, house, payload["file_name"], is_complete=payload["is_complete"],
            started_by=payload["started_by"],
        )  # fmt: skip
        try:
            run(database, source, order, _nobody, {})
        except Invalid as refused:
            raise Final(said(refused)) from refused


def _nobody(_told: Told) -> None:
    """The administrator has seen the verdicts before; the counts are kept."""
