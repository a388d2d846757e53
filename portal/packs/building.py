"""What the worker does with a "pack.build" job: a zip made under its owner's rights."""

from __future__ import annotations

import tempfile
import unicodedata
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from flask import Flask, current_app, g

from portal.core import web
from portal.core.access import Actor
from portal.core.clock import now
from portal.core.db import Database, new_id
from portal.core.failpoints import reached
from portal.core.i18n import in_language
from portal.core.text import slug
from portal.files.models import StoredFile
from portal.files.storage import Storage
from portal.packs import actions, queries
from portal.packs.models import Pack
from portal.packs.queries import Piece
from portal.packs.words import subject_names

# Posts in one pack, the newest; posts read at a time; bytes of files, beyond which they are only named.
MOST = 300
BATCH = 20
FILE_BYTES = 200_000_000
STYLE = Path(__file__).parent / "style.css"


@dataclass(frozen=True)
class Page:
    """A post in the zip: where its page lies, and where each of its files does (without: too large)."""

    piece: Piece
    path: str
    files: dict[str, str] = field(default_factory=dict)


def build(app: Flask, payload: dict[str, Any]) -> None:
    """Make the pack `payload["pack"]`, unless it is made or gone.

    Begins anew after a kill; bytes that no pack names are swept a day later. To be called outside
    a unit of work.
    """
    settings = app.extensions["portal_settings"]
    database: Database = app.extensions["portal_database"]
    with app.test_request_context(base_url=settings.base_url):
        with database.unit_of_work(write=False):
            pack = queries.to_build(str(payload["pack"]))
            if pack is None:
                return
            actor = web.actor_with_id(pack.person_id)
        g.actor, g.language = actor, pack.language
        with in_language(pack.language), tempfile.TemporaryFile() as aside:
            contained = _write(database, actor, pack, cast(BinaryIO, aside))
            key, size = None, 0
            if contained:
                aside.seek(0)
                key = new_id()
                size = _storage().put(key, cast(BinaryIO, aside))
            reached("pack_kept")
        with database.unit_of_work():
            actions.finish(pack.id, key, size, contained)


def _write(database: Database, actor: Actor, pack: Pack, target: BinaryIO) -> list[str]:
    """Write the zip; returns the posts that are in it."""
    with database.unit_of_work(write=False):
        ids = queries.contained(actor, pack.subject, pack.key, MOST + 1) if actor.is_signed_in else []
        title = subject_names(actor, [(pack.subject, pack.key)])[0]
    is_cut, ids = len(ids) > MOST, ids[:MOST]
    pages: list[Page] = []
    room = FILE_BYTES
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for start in range(0, len(ids), BATCH):
            with database.unit_of_work(write=False):
                batch = queries.pieces(actor, ids[start : start + BATCH])
            for piece in batch:
                page, room = _page(packed, piece, len(pages) + 1, room)
                pages.append(page)
                packed.writestr(page.path, _render("packs/page.html", page=page))
            reached("pack_half_written")
            with database.unit_of_work():
                actions.progress(pack.id, len(pages), len(ids), is_cut=is_cut)
        facts = {"pages": pages, "title": title, "is_cut": is_cut, "most": MOST, "made": now()}
        packed.writestr("index.html", _render("packs/contents.html", **facts))
        packed.writestr("NOTICE.txt", _render("packs/notice.txt", **facts))
        packed.writestr("style.css", STYLE.read_bytes())
    return [page.piece.record.id for page in pages]


def _page(packed: zipfile.ZipFile, piece: Piece, number: int, room: int) -> tuple[Page, int]:
    paths: dict[str, str] = {}
    for _line, stored in piece.files:
        if stored.size <= room:
            paths[stored.id] = _put_file(packed, stored, f"{number:03d}")
            room -= stored.size
    tail = slug(piece.record.title) or "post"
    return Page(piece, f"posts/{number:03d}-{tail}.html", paths), room


def _put_file(packed: zipfile.ZipFile, stored: StoredFile, folder: str) -> str:
    """Copy a file in; the name is cut to what every system takes."""
    plain = unicodedata.normalize("NFKD", stored.name).encode("ascii", "ignore").decode()
    safe = "".join(c if c.isalnum() or c in ".-_" else "-" for c in plain).strip(".-") or "file"
    path = f"files/{folder}/{stored.id[:6]}-{safe}"
    with packed.open(zipfile.ZipInfo(path, now().timetuple()[:6]), "w", force_zip64=True) as out:
        for piece in _storage().open(stored.key):
            out.write(piece)
    return path


def _render(template: str, **facts: Any) -> str:
    # Straight from the environment: the context processors of pages ask for a signed-in browser.
    context = {"lang": g.language, "actor": g.actor, **facts}
    return current_app.jinja_env.get_template(template).render(context)


def _storage() -> Storage:
    found: Storage = current_app.extensions["portal_files"]
    return found
