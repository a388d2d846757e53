"""The duplication radar: while a need or an offer is written, what is there already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from portal.core.access import Actor
from portal.editorial.models import EXCHANGE, Kind
from portal.editorial.terms import NO_TERMS, SLOTS, Help, Line, Terms
from portal.editorial.texts import About
from portal.editorial.visibility import visible_to
from portal.matching.facts import Known
from portal.matching.likeness import Likeness, likeness
from portal.matching.queries import Found, candidates, judged, near
from portal.matching.scoring import Scorer, Side
from portal.taxonomy.queries import taxonomy

SHOWN = 4
"""As many of each kind as can be looked through beside the text."""


@dataclass(frozen=True)
class Draft:
    """What is being written, as far as it is compared; `id` is "" before it is saved."""

    kind: Kind
    side: Side
    id: str = ""


@dataclass(frozen=True)
class Radar:
    """Others of the same kind, the likest first, and what of the other kind fits already."""

    alike: Sequence[tuple[Known, Likeness]]
    fitting: Sequence[Found]


def typed(kind: Kind, values: Callable[[str], list[str]], id_: str = "") -> Draft:
    """What stands in the fields of the editor, as far as it can be read; `values` gives those of a field."""

    def one(name: str) -> str:
        return next(iter(values(name)), "")

    lines = tuple(
        Line(slot, Help(help_), topic=one(f"line{slot}_topic"))
        for slot in SLOTS
        if one(f"line{slot}") and (help_ := one(f"line{slot}_help")) in set(Help)
    )
    terms = Terms(
        lines=lines,
        starts_on=_day(one("starts_on")),
        ends_on=_day(one("ends_on")),
        languages=tuple(values("working_languages")),
        regions=tuple(values("regions")),
    )
    about = About(topics=tuple(values("topics")), countries=tuple(values("countries")), terms=terms)
    return written(kind, about, id_)


def written(kind: Kind, about: About, id_: str) -> Draft:
    """What a saved draft of a need or an offer says."""
    terms = about.terms or NO_TERMS
    named = frozenset(about.countries)
    side = Side(
        topics=frozenset({*about.topics, *(line.topic for line in terms.lines if line.topic)}),
        helps=frozenset(line.help for line in terms.lines),
        countries=named,
        regions=taxonomy().regions_of(named) if kind == Kind.NEED else frozenset(terms.regions),
        languages=frozenset(terms.languages),
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
    )
    return Draft(kind, side, id_)


def radar(actor: Actor, draft: Draft) -> Radar:
    """What `actor` may see that is like a draft or fits it; nothing before it has a topic. One statement."""
    if not draft.side.topics:
        return Radar([], [])
    seen = visible_to(actor, among_few=True)
    topics = near(draft.side.topics)
    others = [one for one in candidates(actor, seen, EXCHANGE, topics) if one.id != draft.id]
    region_of = {country.iso2: country.region_code for country in taxonomy().countries.values()}
    alike = [
        (one, found)
        for one in others
        if one.kind == draft.kind and (found := likeness(draft.side, one.side, region_of)) is not None
    ]
    alike.sort(key=lambda pair: pair[1].rank)
    mine = Known(draft.id, draft.kind, actor.organisation_id or "", draft.side)
    return Radar(alike[:SHOWN], judged(mine, others, Scorer(taxonomy().above))[:SHOWN])


def _day(text: str) -> date | None:
    """A date as the field sends it; None while it is being typed."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
