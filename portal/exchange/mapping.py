"""An IATI activity as a programme of this portal, or the reason why it is none.

Source of every rule: shared/data/iati/README.md, "Mapping" and "Traps". 1.0x says in words what
2.0x says in numbers; both are read the same way, whatever version the file declares.
"""

from __future__ import annotations

from flask_babel import gettext as _

from portal.core.i18n import localised
from portal.core.text import one_line
from portal.editorial.models import Audience
from portal.editorial.texts import TOPIC_LIMIT, About
from portal.exchange.narratives import Told, told
from portal.exchange.places import eligible
from portal.exchange.programmes import Into, Programme, Refused, Row
from portal.exchange.reading import Activity
from portal.exchange.sectors import Sector, sectors, speaks_of_customs
from portal.exchange.terms_of import terms
from portal.exchange.writing import text_in

IDENTIFIER_LIMIT = 200
OPEN = frozenset({"1", "2"})
_VOCABULARIES = {"": "DAC", "DAC": "DAC", "1": "DAC", "WB": "WBTheme", "WBTHEME": "WBTheme"}
_SAME_PUBLISHER = {"US-1": "US-GOV-1", "SE-6": "SE-0", "NO-1": "NO-BRC-971277882", "JP-8": "XM-DAC-701-8"}


class _Refusal(Exception):
    """Why an activity is not taken."""


class _Over(_Refusal):
    """Its source says that it is not open to cooperation."""


def programme_of(activity: Activity, into: Into) -> Row:
    """The programme that an activity tells of. Never raises: what is wrong becomes a reason."""
    identifier = identifier_of(activity)
    facts = told(activity)
    title = next(iter(facts.titles.values()), "") or _any_title(activity)
    try:
        _check(activity, identifier, into)
        topics = _topics(activity, facts, into)
        countries, regions, places = eligible(activity, into)
        if regions is None:
            raise _Refusal(_no_place(places))
        if not facts.languages:
            raise _Refusal(_("It has no title in English, Spanish or French."))
    except _Refusal as refusal:
        return Refused(identifier, title, str(refusal), isinstance(refusal, _Over))
    agreed = terms(activity, topics, regions)
    about = About(Audience.PUBLIC, (), topics, countries, agreed)
    return Programme(
        identifier=identifier,
        title=title,
        texts={code: text_in(code, facts, agreed) for code in facts.languages},
        about=about,
        facts={"told": facts.stored(), "about": about.stored(), "places": list(places)},
        places=places,
    )


def _any_title(activity: Activity) -> str:
    """What it calls itself in whatever language, for the verdict on what is refused."""
    nodes = [child for node in activity.all("title") for child in (*node.all("narrative"), node)]
    return next((line for node in nodes if (line := one_line(node.text))), "")


def identifier_of(activity: Activity) -> str:
    """The activity's lasting identifier, without the blanks that publishers put around it."""
    node = activity.first("iati-identifier")
    return one_line(node.text) if node is not None else ""


def references(identifier: str) -> frozenset[str]:
    """Every form under which a publisher's identifier is met: 44000 is XM-DAC-44000, US-1 is US-GOV-1."""
    plain = identifier.strip().upper().removeprefix("XM-DAC-")
    older = {old for old, new in _SAME_PUBLISHER.items() if identifier.strip().upper() in {old, new}}
    newer = {new for old, new in _SAME_PUBLISHER.items() if identifier.strip().upper() in {old, new}}
    return frozenset({plain, f"XM-DAC-{plain}", *older, *newer}) if plain else frozenset()


def _check(activity: Activity, identifier: str, into: Into) -> None:
    """Refuse what is no programme of this house that one may still join."""
    if activity.is_too_large:
        raise _Refusal(_("It has more elements than an activity can have here."))
    if not identifier:
        raise _Refusal(_("It has no identifier, so it could not be known again."))
    if len(identifier) > IDENTIFIER_LIMIT:
        raise _Refusal(_("Its identifier is longer than %(count)s characters.", count=IDENTIFIER_LIMIT))
    reporter = activity.first("reporting-org")
    reference = reporter.get("ref").upper() if reporter is not None else ""
    if reference and into.references and reference not in into.references:
        raise _Refusal(_("It is reported by %(other)s, another organisation.", other=reference))
    level = activity.get("hierarchy") or "1"
    if level != str(into.level):
        raise _Refusal(
            _("It stands on level %(level)s; level %(wanted)s is imported, so that nothing comes twice.",
              level=level, wanted=into.level)
        )  # fmt: skip
    node = activity.first("activity-status")
    status = node.get("code") if node is not None else ""
    if status and status not in OPEN:
        raise _Over(_("It is not open to cooperation: its status is %(status)s.", status=_status(status)))


def _status(code: str) -> str:
    names = {
        "3": _("in finalisation"),
        "4": _("closed"),
        "5": _("cancelled"),
        "6": _("suspended"),
    }
    return str(names.get(code, code))


def _topics(activity: Activity, facts: Told, into: Into) -> tuple[str, ...]:
    """The topics that its sectors stand for, those with the largest share first."""
    found = _sectors(activity)
    words = " ".join([*facts.titles.values(), *facts.words()])
    meant = [sector for sector in found if not sector.needs_words or speaks_of_customs(words)]
    topics = dict.fromkeys(topic for sector in meant for topic in sector.topics if topic in into.topics)
    if topics:
        return tuple(topics)[:TOPIC_LIMIT]
    if found:
        names = ", ".join(localised(sector, "name") for sector in found)
        raise _Refusal(
            _("Its sector (%(names)s) is broader than customs, and its words do not speak of customs.",
              names=names)
        )  # fmt: skip
    raise _Refusal(_("None of its sectors is about customs or trade facilitation."))


def _sectors(activity: Activity) -> list[Sector]:
    nodes = [
        *activity.all("sector"),
        *activity.all("policy-marker"),
        *activity.all("transaction/sector"),
    ]
    shares: dict[tuple[str, str], float] = {}
    for node in nodes:
        vocabulary = _VOCABULARIES.get(node.get("vocabulary").upper(), "")
        is_marker = node.tag == "policy-marker" and vocabulary == "DAC"
        key = (vocabulary, node.get("code"))
        if key in sectors() and not is_marker:
            shares[key] = max(shares.get(key, 0.0), _share(node.get("percentage")))
    return [sectors()[key] for key in sorted(shares, key=lambda key: -shares[key])]


def _share(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _no_place(places: tuple[str, ...]) -> str:
    if places:
        return str(_("Where it works (%(places)s) is not known here.", places=", ".join(places)))
    return str(_("It names no country and no region."))
