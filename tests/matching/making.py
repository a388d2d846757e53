"""Needs and offers for tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal.core.db import new_id
from portal.editorial.models import Audience, Contribution, Kind
from portal.editorial.terms import Category, Help, Line, Terms
from portal.editorial.texts import Text
from portal.matching.scoring import Side
from tests import world as w
from tests.world import World


def line(help_: Help = Help.EXPERTISE, topic: str = "", slot: int = 1, category: str = "") -> Line:
    """A line of a need or an offer."""
    return Line(slot, help_, new_id(), topic, Category(category) if category else None)


def side(**values: Any) -> Side:
    """A side of a comparison: advance rulings, expertise, unless `values` say otherwise."""
    sets = {name: frozenset(found) for name, found in values.items() if not name.endswith("_on")}
    days = {name: found for name, found in values.items() if name.endswith("_on")}
    return Side(**{"topics": frozenset({"TFA-3"}), "helps": frozenset({Help.EXPERTISE}), **sets, **days})


def make(
    world: World,
    kind: Kind,
    author: str,
    words: str = "Advance rulings",
    *,
    lines: tuple[Line, ...] = (),
    topics: tuple[str, ...] = ("TFA-3",),
    countries: tuple[str, ...] = (),
    audience: Audience = Audience.PUBLIC,
    organisations: tuple[str, ...] = (),
    **terms: Any,
) -> Contribution:
    """A need or an offer of the author's house; it asks or gives expertise unless `lines` say otherwise."""
    wanted = lines or (line(),)
    parts = {f"line{one.slot}": f"Two analysts for {words}" for one in wanted}
    first = "situation" if kind == Kind.NEED else "programme"
    text = Text(f"{words}: two analysts", f"{words} in short.", {first: f"About {words}.", **parts})
    return w.make_published(
        world, words, author=author, kind=kind, text=text, audience=audience, organisations=organisations,
        topics=topics, countries=countries, terms=Terms(lines=wanted, **terms),
    )  # fmt: skip


def need(
    world: World, author: str = "fijian", words: str = "Rulings for Fiji", **values: Any
) -> Contribution:
    """A need of Fiji for 2027, in English."""
    facts: dict[str, Any] = {
        "countries": ("FJ",), "starts_on": date(2027, 2, 1), "ends_on": date(2027, 8, 31), "languages": ("en",),
    }  # fmt: skip
    return make(world, Kind.NEED, author, words, **facts | values)


def offer(
    world: World, author: str = "partner", words: str = "Rulings facility", **values: Any
) -> Contribution:
    """An offer of the World Bank to Fiji until 2028, in English."""
    facts: dict[str, Any] = {
        "countries": ("FJ",), "starts_on": date(2026, 1, 1), "ends_on": date(2028, 12, 31), "languages": ("en",),
    }  # fmt: skip
    return make(world, Kind.OFFER, author, words, **facts | values)
