"""Taking away: ordering packs, their progress, fetching them, and printable pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.attachments.downloads import answer
from portal.attachments.queries import Download
from portal.core import web
from portal.core.errors import Invalid, NotFound, WrongState
from portal.core.text import slug, whole_number
from portal.files.models import StoredFile
from portal.packs import actions, queries
from portal.packs.models import Pack, PackState, Subject
from portal.packs.words import subject_names
from portal.publishing.forms import AUDIENCES

blueprint = Blueprint("packs", __name__, url_prefix="/<language:lang>")
PRINTED = 25
DEEPEST = 1000


@dataclass(frozen=True)
class Offer:
    """What the link that led here offers to take away."""

    subject: str
    key: str
    name: str
    print_url: str


@blueprint.get("/packs")
def index() -> Any:
    """The person's packs; with `contribution`, `topic` or `organisation`, that as an offer."""
    if not web.actor().is_signed_in:
        return web.ask_to_sign_in()
    named = [(kind, request.args[kind]) for kind in Subject if request.args.get(kind)]
    return _page(_offer(*named[0]) if named else None)


@blueprint.post("/packs")
def order() -> Any:
    """Have a pack made."""
    subject, key = request.form.get("subject", ""), request.form.get("key", "")
    language = request.form.get("language", "")
    try:
        actions.order(web.actor(), subject, key, language)
    except Invalid as refused:
        return _page(_offer(Subject(subject), key), refused.errors["language"][0], language)
    flash(_("Your pack is being made. You find it here."), "ok")
    return redirect(url_for("packs.index"), 303)


@blueprint.get("/packs/<slugged:id>/download")
def download(id: str) -> Any:
    """The zip, whole or in part, while everything in it may be read by the person for whom it was made."""
    actor = web.actor()
    if not actor.is_signed_in:
        return web.ask_to_sign_in()
    pack = queries.pack(actor, id)
    if pack.state != PackState.READY or pack.storage_key is None:
        raise WrongState(_("The pack is not ready yet."))
    if not queries.is_still_theirs(actor, pack):
        facts = {"subject": str(pack.subject), "key": pack.key, "language": pack.language}
        with web.writing():
            actions.remove(actor, queries.pack(actor, id))
        return web.page("packs/gone.html", 410, **facts)
    return answer(Download(_as_file(pack), is_public=False), current_app.extensions["portal_files"])


@blueprint.post("/packs/<slugged:id>/remove")
def remove(id: str) -> Any:
    """Remove a pack."""
    actions.remove(web.actor(), queries.pack(web.actor(), id))
    flash(_("The pack is removed."), "ok")
    return redirect(url_for("packs.index"), 303)


@blueprint.get("/print")
def printed() -> Any:
    """The posts of a topic or an organisation in full, on a page to print."""
    actor = web.actor()
    subject = Subject.TOPIC if request.args.get("topic") else Subject.ORGANISATION
    key = request.args.get(subject, "")
    if not key or not queries.is_there(actor, subject, key):
        raise NotFound
    page = min(whole_number(request.args.get("page")) or 1, DEEPEST)
    ids = queries.contained(actor, subject, key, PRINTED + 1, (page - 1) * PRINTED)

    def address(number: int) -> str:
        return url_for("packs.printed", **{subject.value: key, "page": number})  # type: ignore[arg-type]

    return web.page(
        "packs/print.html",
        title=subject_names(actor, [(subject, key)])[0],
        pieces=queries.pieces(actor, ids[:PRINTED]),
        earlier=address(page - 1) if page > 1 else "",
        later=address(page + 1) if len(ids) > PRINTED else "",
    )


def _offer(subject: Subject, key: str) -> Offer:
    actor = web.actor()
    key = key.partition("-")[0] if subject == Subject.CONTRIBUTION else key
    if not queries.is_there(actor, subject, key):
        raise NotFound
    printable = (
        url_for("publishing.print_view", id=key)
        if subject == Subject.CONTRIBUTION
        else url_for("packs.printed", **{subject.value: key})  # type: ignore[arg-type]
    )
    return Offer(subject.value, key, subject_names(actor, [(Subject(subject), key)])[0], printable)


def _page(offered: Offer | None, error: str = "", chosen: str = "") -> Any:
    actor = web.actor()
    found = queries.packs(actor)
    names = subject_names(actor, [(pack.subject, pack.key) for pack in found])
    lines = list(zip(found, names, strict=True))
    return web.page(
        "packs/index.html",
        422 if error else 200,
        offered=offered,
        error=error,
        chosen=chosen,
        lines=lines,
        waiting=any(pack.state == PackState.WAITING for pack in found),
    )


def _as_file(pack: Pack) -> StoredFile:
    """The pack as the bytes of a file, for an answer with ranges."""
    name = slug(subject_names(web.actor(), [(pack.subject, pack.key)])[0]) or "pack"
    return StoredFile(
        id=pack.id,
        key=pack.storage_key,
        size=pack.size,
        media_type="application/zip",
        name=f"{name}-{pack.language}.zip",
        created_at=pack.created_at,
    )


def install(app: Flask) -> None:
    """Register the room."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["audiences"] = AUDIENCES
