"""The secretariat's page of imports: upload a file, see what would become of each row, confirm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO, cast

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_wtf.file import FileField
from itsdangerous import BadData, URLSafeTimedSerializer
from wtforms import BooleanField, SelectField

from portal.core import web
from portal.core.db import Database, end_reading, new_id
from portal.core.errors import Invalid, NotFound
from portal.core.forms import PortalForm
from portal.core.i18n import localised
from portal.exchange import houses, policy, queries
from portal.exchange.running import Order, Told, closing_line, run
from portal.files.storage import Storage
from portal.jobs.actions import enqueue
from portal.organisations.queries import choosable_organisations, found

SHOWN = 500
KEPT_SECONDS = 20 * 3600  # the storage keeps bytes that no row names for a day


class ImportForm(PortalForm):
    """What to import, and for whom."""

    file = FileField()
    organisation = SelectField(validate_choice=False)
    is_complete = BooleanField()


def add_to(blueprint: Blueprint) -> None:
    """Register the pages, for administrators."""
    blueprint.add_url_rule("/imports", "imports", imports, methods=["GET", "POST"])
    blueprint.add_url_rule("/imports/confirm", "confirm_import", confirm, methods=["POST"])


def imports() -> Any:
    """The imports so far; a file that is sent is judged, and nothing else happens to it yet."""
    _administrators_only()
    form = ImportForm()
    if request.method == "GET":
        return _page(form)
    try:
        order, key, verdicts, counts = _judged(form)
    except Invalid as refused:
        form.add_errors(refused)
        return _page(form, 422)
    return web.page(
        "exchange/import.html",
        order=order,
        verdicts=verdicts,
        counts=counts,
        closing=closing_line(counts),
        more=max(0, sum(counts.values()) - SHOWN),
        signed=_signer().dumps([key, order.house.id, order.file_name, order.is_complete]),
    )


def confirm() -> Any:
    """Have the worker import what was judged."""
    _administrators_only()
    try:
        signed = request.form.get("signed", "")
        key, house, name, is_complete = _signer().loads(signed, max_age=KEPT_SECONDS)
    except BadData as error:
        raise Invalid("file", _("The file was uploaded too long ago. Please upload it again.")) from error
    payload = {"key": key, "organisation": house, "file_name": name, "is_complete": is_complete}
    enqueue("exchange.import", {**payload, "started_by": web.actor().person_id})
    flash(_("The file is being imported. What comes of it stands here in a minute."), "ok")
    return redirect(url_for("exchange.imports"), 303)


def _administrators_only() -> None:
    if not policy.run_import(web.actor()):
        raise NotFound


def _judged(form: ImportForm) -> tuple[Order, str, list[Told], dict[str, int]]:
    """Judge the uploaded file, and keep its bytes until it is confirmed."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Invalid("file", _("Choose a file."))
    house = found(form.organisation.data or "")
    writer = houses.writer_for(house.id) if house is not None else None
    if house is None or writer is None:
        raise Invalid(
            "organisation", _("Nobody writes for this organisation yet. Invite a coordinator first.")
        )
    order = Order(writer, house, upload.filename, is_dry=True, is_complete=bool(form.is_complete.data))
    verdicts: list[Told] = []
    end_reading()  # the run has units of work of its own
    database: Database = current_app.extensions["portal_database"]
    counts: dict[str, int] = {}
    run(database, cast(BinaryIO, upload.stream), order, _first(verdicts), counts)
    upload.stream.seek(0)
    storage: Storage = current_app.extensions["portal_files"]
    key = new_id()
    storage.put(key, cast(BinaryIO, upload.stream))
    return order, key, verdicts, counts


def _first(verdicts: list[Told]) -> Callable[[Told], None]:
    def told(verdict: Told) -> None:
        if len(verdicts) < SHOWN:
            verdicts.append(verdict)

    return told


def _page(form: ImportForm, status: int = 200) -> Any:
    form.organisation.choices = [(o.id, localised(o, "name")) for o in choosable_organisations()]
    return web.page("exchange/imports.html", status, form=form, imports=queries.imports(web.actor()))


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="import")
