"""The landing page, the pages of text, the choice of light or dark."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, redirect, request, url_for

from portal.audit.version import visibility_version
from portal.board import queries as board
from portal.board.asking import Wanted
from portal.core import i18n, web
from portal.core.clock import now
from portal.core.shared_pages import THEMES, shared_page
from portal.core.tilemap import tile_map
from portal.editorial.models import EXCHANGE
from portal.finding.queries import topic_counts
from portal.home import queries
from portal.publishing.queries import page_of
from portal.publishing.records import records
from portal.taxonomy import queries as taxonomy

blueprint = Blueprint("home", __name__, url_prefix="/<language:lang>")
root = Blueprint("root", __name__)

LATEST = 5
OPPORTUNITIES = 5
TOPICS = 12
YEAR = 31_536_000
TEXTS = ("about", "help", "editorial-policy", "accessibility", "privacy", "terms")


@root.get("/")
def choose_language() -> Any:
    """Send a browser that names no language to its own."""
    actor = web.actor()
    wanted = request.headers.get("Accept-Language", "")
    language = actor.language if actor.is_signed_in else i18n.best_language(wanted)
    return redirect(url_for("home.index", lang=language), 302)


@blueprint.get("/")
def index() -> Any:
    """What is new, where, and under which topics."""
    return shared_page("home/index.html", web.actor(), _index, visibility_version(), now().date())


@blueprint.post("/theme")
@web.csrf.exempt  # type: ignore[untyped-decorator]
def set_theme() -> Any:
    """Keep the choice of light, dark or auto in a cookie; harmless, so any page may send it."""
    chosen = request.form.get("theme", "auto")
    answer = redirect(web.safe_next(request.form.get("next", "")) or url_for("home.index"), 303)
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    value = chosen if chosen in THEMES else "auto"
    answer.set_cookie("theme", value, max_age=YEAR, samesite="Lax", secure=secure, httponly=False)
    return answer


def _index() -> tuple[dict[str, Any], bool]:
    actor = web.actor()
    activity = queries.activity(actor)
    posted = board.page_of(actor, Wanted(), per_page=OPPORTUNITIES).items
    shown = board.shown(actor, posted)
    counts = topic_counts(actor)
    often = sorted(counts, key=lambda code: (-counts[code], code))[:TOPICS]
    context = {
        "hide_search": True,
        "latest": records(actor, page_of(actor, per_page=LATEST, without=EXCHANGE).items),
        "activity": activity,
        "opportunities": [(one, shown[one.id]) for one in posted],
        "map": tile_map(activity.by_code, activity.needs_by_code),
        "regions": sorted(
            (
                (code, name, activity.by_region.get(code, 0), activity.needs_by_region.get(code, 0))
                for code, name in taxonomy.region_choices()
            ),
            key=lambda row: -row[2],
        ),
        "topics": [(code, taxonomy.topic_name(code), counts[code]) for code in often],
        "often": [taxonomy.topic_name(code) for code in ("WCO-TRS", "TFA-10.4", "WCO-AEO", "TFA-3")],
    }
    return context, True


def install(app: Flask) -> None:
    """Register the landing page and the pages of text."""
    app.register_blueprint(root)
    app.register_blueprint(blueprint)


def _text_page(name: str) -> Any:
    def show() -> Any:
        return shared_page(f"home/{name}.html", web.actor(), lambda: ({"nav": None}, True))

    return show


for _name in TEXTS:
    blueprint.add_url_rule(f"/{_name}", _name.replace("-", "_"), _text_page(_name.replace("-", "_")))
