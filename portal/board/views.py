"""The board: what waits for one's organisation, the list of needs and offers, offers side by side."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, redirect, request, url_for

from portal.board import comparing, listing, queries
from portal.board.asking import Closing, Standing, Wanted, wanted
from portal.cooperation import commitments
from portal.cooperation.names import STAGE_NAMES
from portal.core import web
from portal.core.clock import now
from portal.core.limits import EXPORT_LIMIT, limiter
from portal.editorial.models import Kind
from portal.editorial.terms import Category, Help
from portal.matching.queries import match_counts
from portal.publishing.terms_form import CATEGORY_NAMES, HELP_NAMES
from portal.taxonomy import queries as taxonomy

blueprint = Blueprint("board", __name__, url_prefix="/<language:lang>/cooperation")


@blueprint.get("")
def index() -> Any:
    """What waits for one's organisation; the list, for whoever filters it or acts for none."""
    actor, asked = web.actor(), wanted(request.args)
    if actor.acting is None or asked.parameters() or "all" in request.args:
        return _list(asked)
    found = queries.morning(actor)
    return web.page(
        "board/morning.html",
        nav="cooperation",
        found=found,
        shown=queries.shown(actor, [*found.own, *found.new, *found.due]),
        matches=match_counts(actor, [row.id for row in found.own]),
        late=commitments.late(actor, now().date()),
        stages=STAGE_NAMES,
        region_name=taxonomy.region_name,
        today=now().date(),
    )


@blueprint.get("/list.csv")
@limiter.limit(EXPORT_LIMIT)
def export() -> Any:
    """The list under the same filters, for a spreadsheet."""
    body = "".join(listing.as_csv(web.actor(), wanted(request.args), web.settings().base_url))
    return web.download(body, "text/csv", f"cooperation-{now():%Y-%m-%d}.csv")


@blueprint.get("/compare")
def compare() -> Any:
    """Up to four offers side by side; more than that are named, and left out."""
    asked = list(dict.fromkeys(request.args.getlist("offer")))
    if not asked:
        return redirect(url_for("board.index", kind=Kind.OFFER), 303)
    offers = queries.chosen(web.actor(), asked[: comparing.MOST], Kind.OFFER)
    return web.page(
        "board/compare.html",
        nav="cooperation",
        columns=comparing.columns(web.actor(), offers),
        left_out=max(0, len(asked) - comparing.MOST),
        most=comparing.MOST,
        stages=STAGE_NAMES,
        region_name=taxonomy.region_name,
        today=now().date(),
        without=lambda id_: [one.id for one in offers if one.id != id_],
    )


def _list(asked: Wanted) -> Response:
    actor = web.actor()
    found = queries.page_of(actor, asked, request.args.get("at", ""))
    return web.page(
        "board/list.html",
        nav="cooperation",
        asked=asked,
        chosen=asked.parameters(),
        found=found,
        shown=queries.shown(actor, found.items),
        stages=STAGE_NAMES,
        region_name=taxonomy.region_name,
        choices=_choices(),
        most=comparing.MOST,
        today=now().date(),
    )


def _choices() -> dict[str, Any]:
    """What the filters offer: pairs of a value and its name."""
    return {
        "topic": taxonomy.topic_tree(),
        "region": taxonomy.region_choices(),
        "country": taxonomy.country_choices(),
        "help": [(one.value, HELP_NAMES[one]) for one in Help],
        "category": [(one.value, CATEGORY_NAMES[one]) for one in Category],
        "closing": [one.value for one in Closing],
        "standing": [one.value for one in Standing],
    }


def install(app: Flask) -> None:
    """Register the board."""
    app.register_blueprint(blueprint)
