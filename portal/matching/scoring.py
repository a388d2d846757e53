"""How well an offer fits a need: a pure function, its weights in one place, its reasons as data.

The weights say what makes help possible at all before what makes it convenient: the same topic,
a beneficiary who is eligible and the right kind of help come to four fifths. A criterion that
one side leaves open counts half: it does not speak against the match, and not for it either.
No number is shown to people (shared/product.md: "Scores are never shown"); the word, the reasons
and the share of each criterion are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache, partial
from operator import mul
from typing import NamedTuple

from portal.editorial.terms import Help


class Criterion(StrEnum):
    """What is compared, in the order in which it is told."""

    TOPIC = "topic"
    PLACE = "place"
    HELP = "help"
    TIME = "time"
    LANGUAGE = "language"


WEIGHTS: Mapping[Criterion, int] = {
    Criterion.TOPIC: 40,
    Criterion.PLACE: 20,
    Criterion.HELP: 20,
    Criterion.TIME: 10,
    Criterion.LANGUAGE: 10,
}
"""What each criterion is worth; together 100."""

_IN_ORDER = tuple(WEIGHTS[criterion] for criterion in Criterion)

LEAST = 50
GOOD, STRONG = 70, 85

_NEAR = 0.7
"""What a topic above or below the wanted one is worth, of one that is the same."""

_FIRST_TOPIC = 0.6
"""The share of the best topic in the points for topics; the rest is for how many are met."""

_REGION, _EVERYBODY = 0.9, 0.7
"""What it is worth that a region is eligible, or everybody, of a country that is named."""

_OPEN = 0.5
_DAYS_A_MONTH = 30.4


class Strength(StrEnum):
    """The word for a match."""

    STRONG = "strong"
    GOOD = "good"
    POSSIBLE = "possible"


class Eligible(StrEnum):
    """By what a country is eligible."""

    COUNTRY = "country"
    REGION = "region"
    EVERYBODY = "everybody"


class Side(NamedTuple):
    """A need or an offer as far as it is compared.

    `topics` are those of its lines and its own.
    `countries` and `regions` say who asks (a need) or who is eligible (an offer; neither: everybody);
    a need's `regions` are those of its countries.
    """

    topics: frozenset[str]
    helps: frozenset[Help]
    countries: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    starts_on: date | None = None
    ends_on: date | None = None


class Part(NamedTuple):
    """One criterion: the share of its weight that is met (0 to 1) and the facts that say why.

    `met` are codes that both sides have (topics, countries, kinds of help, languages), `lacking`
    those that only the need has; of the topics `near` are those that are met by one above or below
    them alone. `months` is how long the windows overlap, None where they have no common end. `by`
    says by what a country is eligible. `is_open`: a side has not said.
    """

    criterion: Criterion
    share: float
    met: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    months: int | None = None
    by: Eligible | None = None
    is_open: bool = False


class Score(NamedTuple):
    """How well an offer fits a need: all criteria, in the order of Criterion, and the points they come to."""

    parts: tuple[Part, ...]
    total: int

    @classmethod
    def of(cls, *parts: Part) -> Score:
        """What these parts come to."""
        return cls(parts, round(sum(map(mul, _IN_ORDER, [part.share for part in parts]))))

    @property
    def strength(self) -> Strength:
        """The word for it."""
        if self.total >= STRONG:
            return Strength.STRONG
        return Strength.GOOD if self.total >= GOOD else Strength.POSSIBLE

    @property
    def weaker(self) -> tuple[Criterion, ...]:
        """The criteria of which less than four fifths are met, the weakest first."""
        low = [part for part in self.parts if part.share < 0.8]
        return tuple(part.criterion for part in sorted(low, key=lambda part: part.share))


def score(need: Side, offer: Side, above: Mapping[str, frozenset[str]]) -> Score | None:
    """How well `offer` fits `need`; None when it does not: another topic, not eligible, too weak.

    `above` maps each topic to all that are above it in the tree.
    """
    return Scorer(above)(need, offer)


class Scorer:
    """`score` for many pairs under one tree of topics: what pairs have in common is worked out once."""

    def __init__(self, above: Mapping[str, frozenset[str]]) -> None:
        self._around = lru_cache(maxsize=None)(partial(around, above))
        self._topic = lru_cache(maxsize=None)(partial(_topic, above))
        self._place = lru_cache(maxsize=None)(_place)
        self._help = lru_cache(maxsize=None)(_help)
        self._language = lru_cache(maxsize=None)(_language)

    def __call__(self, need: Side, offer: Side) -> Score | None:
        """How well `offer` fits `need`, as `score` has it."""
        topic = self._topic(need.topics, offer.topics & self._around(need.topics))
        place = self._place(need.countries, need.regions, offer.countries, offer.regions)
        if topic is None or place is None:
            return None
        help_ = self._help(need.helps, offer.helps)
        time = _time(need.starts_on, need.ends_on, offer.starts_on, offer.ends_on)
        language = self._language(need.languages, offer.languages)
        found = Score.of(topic, place, help_, time, language)
        return found if found.total >= LEAST else None


Codes = frozenset[str]


def around(above: Mapping[str, Codes], topics: Codes) -> Codes:
    """These topics with all above and below them: others have nothing to do with them."""
    below = {code for code, ancestors in above.items() if ancestors & topics}
    return topics.union(below, *(above.get(topic, ()) for topic in topics))


def _topic(above: Mapping[str, Codes], wanted: Codes, offered: Codes) -> Part | None:
    shares = {topic: _nearness(topic, offered, above) for topic in wanted}
    met = sorted((t for t, share in shares.items() if share), key=lambda t: (-shares[t], t))
    if not met:
        return None
    mean = sum(shares.values()) / len(shares)
    share = _FIRST_TOPIC * shares[met[0]] + (1 - _FIRST_TOPIC) * mean
    near = tuple(topic for topic in met if topic not in offered)
    return Part(Criterion.TOPIC, share, tuple(met), tuple(sorted(wanted - set(met))), near)


def _nearness(topic: str, offered: Codes, above: Mapping[str, Codes]) -> float:
    """How near a wanted topic is to what is offered: the same, above or below it, or elsewhere."""
    if topic in offered:
        return 1.0
    if offered & above.get(topic, frozenset()):
        return _NEAR
    return _NEAR if any(topic in above.get(other, frozenset()) for other in offered) else 0.0


def _place(countries: Codes, regions: Codes, eligible: Codes, eligible_regions: Codes) -> Part | None:
    """Who asks has to be eligible; a need that names no country fits every offer, half."""
    if not countries:
        return Part(Criterion.PLACE, _OPEN, is_open=True)
    if not eligible and not eligible_regions:
        return Part(Criterion.PLACE, _EVERYBODY, by=Eligible.EVERYBODY)
    named = countries & eligible
    if named:
        lacking = tuple(sorted(countries - named))
        return Part(Criterion.PLACE, 1.0, tuple(sorted(named)), lacking, by=Eligible.COUNTRY)
    shared = regions & eligible_regions
    if shared:
        return Part(Criterion.PLACE, _REGION, tuple(sorted(shared)), by=Eligible.REGION)
    return None


def _help(wanted: frozenset[Help], offered: frozenset[Help]) -> Part:
    met = wanted & offered
    share = len(met) / len(wanted) if wanted else _OPEN
    return Part(Criterion.HELP, share, tuple(sorted(met)), tuple(sorted(wanted - met)))


def _time(starts: date | None, ends: date | None, from_: date | None, until: date | None) -> Part:
    """The share of the need's window that the offer covers; a window without an end is open."""
    if starts is None or (from_ is None and until is None):
        return Part(Criterion.TIME, _OPEN, is_open=True)
    need_end = ends or date.max
    start, end = max(starts, from_ or date.min), min(need_end, until or date.max)
    days = max(0, (end - start).days + 1)
    share = 1.0 if ends is None and days else min(1.0, days / ((need_end - starts).days + 1))
    months = round(days / _DAYS_A_MONTH) if end != date.max else None
    return Part(Criterion.TIME, share, months=months)


def _language(wanted: Codes, offered: Codes) -> Part:
    if not wanted or not offered:
        return Part(Criterion.LANGUAGE, _OPEN, is_open=True)
    met = wanted & offered
    return Part(Criterion.LANGUAGE, 1.0 if met else 0.0, tuple(sorted(met)))
