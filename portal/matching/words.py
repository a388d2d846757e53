"""Why an offer fits a need, in words: each criterion, and one sentence, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from babel.lists import format_list
from flask_babel import get_locale, gettext, ngettext
from flask_babel import lazy_gettext as _

from portal.core.i18n import country_name, language_name
from portal.matching.scoring import WEIGHTS, Criterion, Eligible, Part, Score, Strength
from portal.publishing.terms_form import HELP_NAMES
from portal.taxonomy.queries import region_name, topic_name

CRITERIA: dict[Criterion, Any] = {
    Criterion.TOPIC: _("Topic"),
    Criterion.PLACE: _("Eligibility"),
    Criterion.HELP: _("Kind of help"),
    Criterion.TIME: _("Timing"),
    Criterion.LANGUAGE: _("Working language"),
}
STRENGTHS: dict[Strength, Any] = {
    Strength.STRONG: _("Strong match"),
    Strength.GOOD: _("Good match"),
    Strength.POSSIBLE: _("Possible match"),
}


@dataclass(frozen=True)
class Why:
    """One criterion as a page shows it: its name, its weight, the percentage that is met, the reasons."""

    name: str
    weight: int
    percent: int
    reasons: str


def sentence(score: Score) -> str:
    """The reasons that speak for a match, as one sentence without a full stop."""
    return joined(_phrases(part)[0] for part in score.parts if part.share and not part.is_open)


def explained(score: Score) -> list[Why]:
    """Every criterion with its reasons, also those that speak against the match."""
    return [
        Why(
            name=str(CRITERIA[part.criterion]),
            weight=WEIGHTS[part.criterion],
            percent=round(100 * part.share),
            reasons=joined([*_phrases(part), *_against(part)]),
        )
        for part in score.parts
    ]


def weaker(score: Score) -> str:
    """The names of the criteria that lower a match, the weakest first; "" when none does."""
    return listed(str(CRITERIA[one]).lower() for one in score.weaker)


def joined(phrases: Iterable[str]) -> str:
    """Some phrases with semicolons between them, as the language sets them."""
    return reduce(lambda before, next_: gettext("%(before)s; %(next)s", before=before, next=next_), phrases)


def listed(names: Iterable[str]) -> str:
    """Some names as a language lists them: `English and French`."""
    return format_list(list(names), locale=get_locale())


def topic_in_words(code: str) -> str:
    """A topic inside a sentence: measures of the TFA are common nouns and have a number."""
    name = topic_name(code)
    if not code.startswith("TFA-"):
        return name
    name = f"{name[:1].lower()}{name[1:]}"
    return str(gettext("%(measure)s (TFA %(number)s)", measure=name, number=code.removeprefix("TFA-")))


def _phrases(part: Part) -> list[str]:
    """What speaks for a match, or that a side has not said; the most telling first."""
    return {
        Criterion.TOPIC: _topic,
        Criterion.PLACE: _place,
        Criterion.HELP: _help,
        Criterion.TIME: _time,
        Criterion.LANGUAGE: _language,
    }[part.criterion](part)


def _against(part: Part) -> list[str]:
    """What the need has and the offer does not."""
    if not part.lacking:
        return []
    if part.criterion == Criterion.TOPIC:
        return [gettext("not covered: %(topics)s", topics=listed(map(topic_in_words, part.lacking)))]
    if part.criterion == Criterion.PLACE:
        return [gettext("not eligible: %(countries)s", countries=listed(map(country_name, part.lacking)))]
    return [gettext("not offered: %(helps)s", helps=_helps(part.lacking))]


def _topic(part: Part) -> list[str]:
    same = [topic for topic in part.met if topic not in part.near]
    said = []
    if same:
        topics = listed(map(topic_in_words, same))
        said.append(ngettext("same topic: %(topics)s", "same topics: %(topics)s", len(same), topics=topics))
    if part.near:
        topics = listed(map(topic_in_words, part.near))
        said.append(
            ngettext("related topic: %(topics)s", "related topics: %(topics)s", len(part.near), topics=topics)
        )
    return said


def _place(part: Part) -> list[str]:
    if part.by == Eligible.COUNTRY:
        names = listed(map(country_name, part.met))
        return [ngettext("%(names)s is eligible", "%(names)s are eligible", len(part.met), names=names)]
    if part.by == Eligible.REGION:
        names = listed(map(region_name, part.met))
        return [gettext("countries of the region are eligible: %(names)s", names=names)]
    if part.by == Eligible.EVERYBODY:
        return [gettext("open to every administration")]
    return [gettext("the need names no country")]


def _help(part: Part) -> list[str]:
    if not part.met:
        return [gettext("another kind of help is offered")]
    return [gettext("asked and offered: %(helps)s", helps=_helps(part.met))]


def _time(part: Part) -> list[str]:
    if part.is_open:
        return [gettext("one of the two states no window")]
    if not part.share:
        return [gettext("the windows do not overlap")]
    if part.months is None:
        return [gettext("the windows overlap, with no end in sight")]
    if not part.months:
        return [gettext("the windows overlap by less than a month")]
    return [
        ngettext("the windows overlap by %(num)s month", "the windows overlap by %(num)s months", part.months)
    ]


def _language(part: Part) -> list[str]:
    if part.is_open:
        return [gettext("one of the two states no working language")]
    if not part.met:
        return [gettext("no working language in common")]
    names = listed(map(language_name, part.met))
    return [ngettext("working language %(names)s", "working languages %(names)s", len(part.met), names=names)]


def _helps(codes: Iterable[str]) -> str:
    return listed(str(HELP_NAMES[code]).lower() for code in codes)  # type: ignore[index]
