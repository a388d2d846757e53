"""The coverage grid, the headline figure, and what stands behind a cell."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask_babel import gettext as _

from portal.audit.version import visibility_version
from portal.core import web
from portal.core.clock import now
from portal.core.errors import NotFound
from portal.core.i18n import country_name, localised
from portal.core.shared_pages import shared_page
from portal.editorial.models import EXCHANGE, Kind
from portal.matching.coverage import Wanted, grid, posts
from portal.matching.figures import figures
from portal.publishing.records import records
from portal.taxonomy.queries import region_choices, region_name, taxonomy, topic_name, topic_tree

SHOWS = ("gaps", "crowds")
STRONGEST = 4
"""The heat class from which on more does not change the colour."""


def add_to(blueprint: Blueprint) -> None:
    """Register the addresses of these pages."""
    blueprint.add_url_rule("/cooperation/coverage", "coverage", coverage)
    blueprint.add_url_rule("/cooperation/coverage/posts", "behind", behind)


def coverage() -> Any:
    """Needs and offers by topic and region, or by topic and the countries of a region."""
    return shared_page("matching/coverage.html", web.actor(), _coverage, visibility_version(), now().date())


def behind() -> Any:
    """The needs or the offers that a cell of the grid counts."""
    return shared_page("matching/behind.html", web.actor(), _behind, visibility_version(), now().date())


def place_name(code: str) -> str:
    """The name of a region or a country; "" for every place."""
    if not code:
        return ""
    return region_name(code) or country_name(code)


def _coverage() -> tuple[dict[str, Any], bool]:
    wanted, actor = _wanted(), web.actor()
    found = figures(actor, wanted)
    context = {
        "nav": "cooperation",
        "wanted": wanted,
        "grid": grid(actor, wanted),
        "figures": found,
        "measures": [(topic_name(t), found.by_topic[t]) for t in taxonomy().topics if t in found.by_topic],
        "by_region": [
            (region_name(code) or _("No country named"), found.by_region[code])
            for code in (*taxonomy().regions, "")
            if code in found.by_region
        ],
        "regions": region_choices(),
        "topics": [
            (topic.code, localised(topic, "name"), depth)
            for top, children in topic_tree()
            for topic, depth in ((top, 0), *((child, depth + 1) for child, depth in children))
        ],
        "place_name": place_name,
        "topic_name": topic_name,
        "heat": lambda count: min(count, STRONGEST),
    }
    return context, True


def _behind() -> tuple[dict[str, Any], bool]:
    kind, topic, place = (request.args.get(name, "") for name in ("kind", "topic", "place"))
    known = taxonomy()
    if kind not in EXCHANGE or topic not in known.topics:
        raise NotFound
    if place and place not in known.regions and place not in known.countries:
        raise NotFound
    actor = web.actor()
    found = posts(actor, Kind(kind), topic, place, request.args.get("at", ""))
    context = {
        "nav": "cooperation",
        "kind": Kind(kind),
        "topic": topic,
        "topic_name": topic_name(topic),
        "place": place,
        "place_name": place_name(place),
        "found": found,
        "rows": records(actor, found.items),
    }
    return context, True


def _wanted() -> Wanted:
    """What the address asks for; what it asks for wrongly is left out."""
    region, topic, show = (request.args.get(name, "") for name in ("region", "topic", "show"))
    known = taxonomy()
    return Wanted(
        region if region in known.regions else "",
        topic if topic in known.topics else "",
        show if show in SHOWS else "",
    )
