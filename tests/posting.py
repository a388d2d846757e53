"""Needs and offers for tests: one line each unless more are given, published the whole way."""

from __future__ import annotations

from typing import Any

from portal.editorial.models import PARTS, Contribution, Kind
from portal.editorial.terms import LINES, Help, Line, Terms
from portal.editorial.texts import Text
from tests import world as w
from tests.world import World


def line(slot: int = 1, **facts: Any) -> Line:
    """A line that asks for or gives expertise."""
    return Line(slot=slot, help=facts.pop("help", Help.EXPERTISE), key=f"line{slot}", **facts)


def words_of(kind: Kind, words: str, terms: Terms) -> Text:
    """A whole text with words for each line of `terms`."""
    used = {f"line{one.slot}" for one in terms.lines}
    parts = {name: f"The {name} of {words}." for name in PARTS[kind] if name not in LINES or name in used}
    return Text(f"{words}, asked and offered", f"{words} in two sentences.", parts)


def make_posted(
    world: World,
    kind: Kind = Kind.NEED,
    words: str = "Advance rulings",
    author: str = "fijian",
    **values: Any,
) -> Contribution:
    """A published need or offer of the author's organisation; `values` as for `world.make_draft`, with `terms`."""
    terms = values.pop("terms", None) or Terms(lines=(line(),))
    text = words_of(kind, words, terms)
    return w.make_published(world, words, author=author, kind=kind, terms=terms, text=text, **values)
