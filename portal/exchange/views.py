"""What imports could not decide, settled by the house; and the files that anybody may take away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    redirect,
    request,
    url_for,
)
from flask_babel import gettext as _

from portal.core import web
from portal.core.db import Database
from portal.core.errors import NotFound
from portal.core.limits import EXPORT_LIMIT, limiter
from portal.editorial.compare import changed_count, compare, folded
from portal.editorial.models import Contribution
from portal.editorial.texts import Text
from portal.exchange import actions, exporting, import_views, policy, queries
from portal.exchange.differing import differences
from portal.exchange.models import Presence, Settlement
from portal.exchange.programmes import Offered
from portal.exchange.queries import Exported
from portal.exchange.running import VERDICT_NAMES
from portal.exchange.standing import reason_words
from portal.publishing.forms import PART_LABELS
from portal.publishing.records import address

blueprint = Blueprint("exchange", __name__, url_prefix="/<language:lang>/exchange")
import_views.add_to(blueprint)
BATCH = 200
FILES = {
    "xml": ("application/xml", exporting.as_iati),
    "csv": ("text/csv", exporting.as_csv),
}


@blueprint.get("/conflicts")
def conflicts() -> Any:
    """Where the source and the house differ, and what the source has no longer."""
    actor = web.actor()
    if not actor.is_signed_in:
        return web.ask_to_sign_in()
    if not policy.see_conflicts(actor):
        raise NotFound
    return web.page(
        "exchange/conflicts.html",
        found=queries.conflicts(actor, request.args.get("at", "")),
        left=queries.left_their_source(actor),
        reason_words=reason_words,
        address=address,
        removed=Presence.REMOVED,
    )


@blueprint.get("/conflicts/<slugged:id>")
def conflict(id: str) -> Any:
    """Both texts, language by language, with what differs marked."""
    actor = web.actor()
    if not actor.is_signed_in:
        return web.ask_to_sign_in()
    found = queries.conflict(actor, id)
    offered = Offered.of(found.conflict.offered)
    ours, about = queries.ours(actor, found)
    compared = [(code, compare(ours.get(code, Text()), text)) for code, text in offered.texts.items()]
    return web.page(
        "exchange/conflict.html",
        found=found,
        compared=[(code, folded(blocks)) for code, blocks in compared if changed_count(blocks)],
        differences=differences(about, offered.about),
        part_labels={**PART_LABELS, "title": _("Title"), "summary": _("Summary")},
        reason=reason_words(found.conflict.reason),
        url=address(found.imported.contribution_id, ""),
    )


@blueprint.post("/conflicts/<slugged:id>/<any(keep_ours, take_theirs):how>")
def settle(id: str, how: str) -> Any:
    """Keep what the house wrote, or take what the source says as a new draft."""
    actor = web.actor()
    found = queries.conflict(actor, id)
    if how == Settlement.KEEP_OURS:
        actions.keep_ours(actor, found.imported, found.conflict)
        flash(_("Your text stays. The source is heard again when it changes once more."), "ok")
        return redirect(url_for("exchange.conflicts"), 303)
    actions.take_theirs(actor, found.imported, found.conflict)
    flash(_("The source’s text is a new draft. Read it and hand it in."), "ok")
    return redirect(url_for("publishing.edit", id=found.imported.contribution_id), 303)


@blueprint.get("/needs-and-offers.<any(xml, csv):form>")
@limiter.limit(EXPORT_LIMIT)
def export(form: str) -> Any:
    """All public needs and offers, for whoever asks; written batch by batch while it is sent.

    Each batch is read in a unit of work of its own, outside the request: no slow line holds the database.
    """
    media_type, write = FILES[form]
    database: Database = current_app.extensions["portal_database"]
    body = write(_batches(database), web.settings().base_url)
    return web.download(body, media_type, f"needs-and-offers.{form}")


def _batches(database: Database) -> Iterator[list[Exported]]:
    after = ""
    while True:
        with database.unit_of_work(write=False):
            batch = queries.exported(after, BATCH)
        if not batch:
            return
        yield batch
        after = batch[-1].contribution.id


def provenance_of(contribution: Contribution) -> queries.Provenance | None:
    """Where a post came from, for its own page, which readers of equal rights share."""
    return queries.provenance_of(web.actor(), contribution)


def install(app: Flask) -> None:
    """Register the room, and give the contribution's page where it came from."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(provenance_of=provenance_of, sees_conflicts=policy.see_conflicts)


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"verdict_names": VERDICT_NAMES}
