"""The page on which files are attached, uploads in pieces, and the bytes themselves."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import Blueprint, Flask, current_app, flash, redirect, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.attachments import actions, queries
from portal.attachments.downloads import answer
from portal.attachments.forms import AttachForm, FileForm
from portal.attachments.showing import filesize, review_files, shown_files
from portal.core import web
from portal.core.errors import Invalid, NotFound
from portal.core.i18n import LANGUAGES
from portal.core.text import whole_number
from portal.editorial import policy
from portal.files import actions as files
from portal.files.messages import kind_name, refusal
from portal.files.queries import upload as upload_of
from portal.files.storage import Storage
from portal.publishing import queries as publishing
from portal.publishing.records import address

blueprint = Blueprint("attachments", __name__, url_prefix="/<language:lang>")

PIECE_LIMIT = 8 * 1024 * 1024
FORM_ROOM = 1024 * 1024
DIGITS = 15  # of the size of a file


@blueprint.url_value_preprocessor
def _take_more(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let people who are signed in send files; everybody else is held to the limit of forms."""
    if "_user_id" in cookie and request.method in {"POST", "PATCH"}:
        if endpoint == "attachments.attach":
            request.max_content_length = web.settings().max_file_bytes + FORM_ROOM
        if endpoint == "attachments.piece":
            request.max_content_length = PIECE_LIMIT


@blueprint.get("/contributions/<slugged:id>/files")
def manage(id: str) -> Any:
    """What is attached to one language of a contribution; its house adds, names and removes."""
    if not web.actor().is_signed_in:
        return web.ask_to_sign_in()
    return _page(id, AttachForm())


@blueprint.post("/contributions/<slugged:id>/files")
def attach(id: str) -> Any:
    """Attach the files of a plain form."""
    whole, form = _workable(id), AttachForm()
    sent = [(cast(BinaryIO, f.stream), f.filename) for f in request.files.getlist("file") if f.filename]
    attached, refused = actions.attach(
        web.actor(),
        _storage(),
        whole.contribution,
        _language(whole),
        sent,
        web.settings().max_file_bytes,
    )
    if refused or not sent:
        form.file.errors = refused or [_("Choose a file first.")]
        return _page(id, form, 200 if attached else 422)  # an answer below 400 keeps what was attached
    flash(ngettext("%(num)s file is attached.", "%(num)s files are attached.", len(attached)), "ok")
    return _back(whole)


@blueprint.post("/contributions/<slugged:id>/files/title")
def entitle(id: str) -> Any:
    """Say what an attached file is."""
    whole, form = _workable(id), FileForm()
    try:
        actions.entitle(
            web.actor(), whole.contribution, _language(whole), form.file_id.data or "", form.title.data or ""
        )
    except Invalid as refused:
        return _page(id, AttachForm(), 422, {form.file_id.data or "": refused.errors["title"]})
    flash(_("The title is saved."), "ok")
    return _back(whole)


@blueprint.post("/contributions/<slugged:id>/files/remove")
def remove(id: str) -> Any:
    """Take a file off the draft."""
    whole = _workable(id)
    actions.remove(web.actor(), whole.contribution, _language(whole), FileForm().file_id.data or "")
    flash(_("The file is removed from this version."), "ok")
    return _back(whole)


@blueprint.post("/contributions/<slugged:id>/uploads")
def begin(id: str) -> Any:
    """Begin an upload in pieces: `Upload-Length` and a form field `name`; 201 with its address."""
    whole = _workable(id)
    begun = actions.begin_upload(
        web.actor(), whole.contribution, _language(whole), request.form.get("name", ""),
        whole_number(request.headers.get("Upload-Length"), DIGITS) or 0, web.settings().max_file_bytes,
    )  # fmt: skip
    where = url_for("attachments.standing", upload_id=begun.id)
    return "", 201, {"Location": where, "Upload-Offset": "0"}


@blueprint.route("/uploads/<slugged:upload_id>", methods=["HEAD"])
def standing(upload_id: str) -> Any:
    """How far an upload is: where a dropped line goes on."""
    found = upload_of(web.actor(), upload_id)
    sizes = {"Upload-Offset": str(found.received), "Upload-Length": str(found.size)}
    return "", 200, {**sizes, "Cache-Control": "no-store"}


@blueprint.patch("/uploads/<slugged:upload_id>")
def piece(upload_id: str) -> Any:
    """Take the next bytes of an upload at `Upload-Offset`; with the last ones the file is attached."""
    actor = web.actor()
    found = upload_of(actor, upload_id)
    whole = _workable(str(found.subject["contribution"]))
    received = found.received
    if received < found.size:
        at = whole_number(request.headers.get("Upload-Offset"), DIGITS)
        at = -1 if at is None else at
        received = files.take_piece(actor, _storage(), found, at, cast(BinaryIO, request.stream))
    if received == found.size:
        actions.finish_upload(actor, _storage(), whole.contribution, found, web.settings().max_file_bytes)
    return "", 204, {"Upload-Offset": str(received)}


@blueprint.delete("/uploads/<slugged:upload_id>")
def drop(upload_id: str) -> Any:
    """Give an upload up."""
    files.drop_upload(web.actor(), upload_of(web.actor(), upload_id))
    return "", 204


@blueprint.get("/files/<slugged:id>/<name>")
def download(id: str, name: str) -> Any:
    """The bytes of a file, whole or in part, for those who may read what it hangs on."""
    found = queries.download(web.actor(), id)
    return answer(found, _storage(), is_shown="view" in request.args)


def _page(
    id: str, form: AttachForm, status: int = 200, title_errors: dict[str, list[str]] | None = None
) -> Any:
    actor = web.actor()
    whole = _workable(id)
    language = _language(whole)
    revision = actions.open_revision(actor, whole.contribution, language)
    if revision is None:
        raise NotFound
    return web.page(
        "attachments/manage.html",
        status,
        nav="workspace",
        whole=whole,
        language=language,
        revision=revision,
        form=form,
        title_errors=title_errors or {},
        lines=queries.lines(actor, revision.files, language),
        can_change=policy.edit(actor, whole.contribution, revision),
        post=address(whole.contribution.id, revision.title),
        limit=web.settings().max_file_bytes,
        most=actions.FILE_LIMIT,
    )


def _workable(contribution_id: str) -> publishing.Whole:
    whole = publishing.get(web.actor(), contribution_id)
    if not whole.works:
        raise NotFound
    return whole


def _language(whole: publishing.Whole) -> str:
    wanted = request.args.get("language", "")
    return wanted if wanted in LANGUAGES else whole.contribution.original_language


def _back(whole: publishing.Whole) -> Any:
    return redirect(url_for("attachments.manage", id=whole.contribution.id, language=_language(whole)), 303)


def _storage() -> Storage:
    found: Storage = current_app.extensions["portal_files"]
    return found


def install(app: Flask) -> None:
    """Register the room, and what the pages of other rooms show of it."""
    app.register_blueprint(blueprint)
    app.jinja_env.filters["filesize"] = filesize
    app.jinja_env.globals.update(
        shown_files=shown_files, review_files=review_files, file_changes=queries.changes, file_kind=kind_name,
        file_refusal=refusal,
    )  # fmt: skip
