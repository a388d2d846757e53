"""What a need asks and an offer gives, besides its words: lines, window, budget, languages, regions.

The words of a line are a part of the text (`line1`, `line2` ...), so that they are reviewed,
translated, compared and searched like the rest; what stands here are the facts of each line.
Source: shared/product.md, "Things"; the categories are those of the WTO Trade Facilitation
Agreement, articles 14 to 16.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _

from portal.core.errors import Invalid

MOST_LINES = 8
SLOTS = range(1, MOST_LINES + 1)
LINES = tuple(f"line{slot}" for slot in SLOTS)
LINE_LIMIT = 600

WORKING_LANGUAGES = ("en", "es", "fr", "ar", "pt", "ru", "zh")
CURRENCIES = ("USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "NZD", "CNY", "KRW", "XDR")
LARGEST_BUDGET = 10_000_000_000
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)


class Help(StrEnum):
    """What kind of help a line asks for or gives."""

    EXPERTISE = "expertise"
    TRAINING = "training"
    EQUIPMENT = "equipment"
    FUNDING = "funding"
    LEGAL_DRAFTING = "legal_drafting"
    STUDY_VISIT = "study_visit"


class Category(StrEnum):
    """How a Member has notified a measure: applied, later, or later and with assistance (TFA, art. 14)."""

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True)
class Line:
    """The facts of one line; its words are the part `line<slot>` of the text.

    `key` is its lasting name, given when it is first kept, which replies refer to. `topic` is a
    code or "". `due_on` is the date notified for the measure: definitive, else indicative.
    """

    slot: int
    help: Help
    key: str = ""
    topic: str = ""
    category: Category | None = None
    due_on: date | None = None
    is_definitive: bool = False


@dataclass(frozen=True)
class Terms:
    """What holds for all lines: window, budget in whole units of `currency`, languages, regions, reply date.

    `regions` (offers) are codes of WCO regions whose countries are eligible besides those that
    the contribution names.
    """

    lines: tuple[Line, ...] = ()
    starts_on: date | None = None
    ends_on: date | None = None
    least: int | None = None
    most: int | None = None
    currency: str = ""
    languages: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    reply_by: date | None = None

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Terms:
        """What `stored()` gave."""
        lines = tuple(
            Line(
                slot=line["slot"],
                help=Help(line["help"]),
                key=line["key"],
                topic=line["topic"],
                category=Category(line["category"]) if line["category"] else None,
                due_on=_day(line["due_on"]),
                is_definitive=line["is_definitive"],
            )
            for line in stored["lines"]
        )
        days = {name: _day(stored[name]) for name in ("starts_on", "ends_on", "reply_by")}
        return cls(
            lines=lines,
            least=stored["least"],
            most=stored["most"],
            currency=stored["currency"],
            languages=tuple(stored["languages"]),
            regions=tuple(stored["regions"]),
            **days,
        )

    def stored(self) -> dict[str, Any]:
        """As kept in `Revision.about`: plain values, days as ISO 8601."""
        return {
            "lines": [{**vars(line), "due_on": _iso(line.due_on)} for line in self.lines],
            "starts_on": _iso(self.starts_on),
            "ends_on": _iso(self.ends_on),
            "least": self.least,
            "most": self.most,
            "currency": self.currency,
            "languages": list(self.languages),
            "regions": list(self.regions),
            "reply_by": _iso(self.reply_by),
        }


NO_TERMS = Terms()


def check_terms(terms: Terms, known_topics: Set[str], known_regions: Set[str]) -> None:
    """Raise Invalid, at the field of the form, for what cannot be kept."""
    errors = {field: [message] for field, message in _wrong(terms, known_topics, known_regions)}
    if errors:
        raise Invalid.of(errors)


def _wrong(terms: Terms, known_topics: Set[str], known_regions: Set[str]) -> Collection[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for line in terms.lines:
        if line.topic and line.topic not in known_topics:
            found.append((f"line{line.slot}_topic", _("This topic does not exist. Choose from the list.")))
        if line.due_on is not None and not EARLIEST <= line.due_on <= LATEST:
            found.append((f"line{line.slot}_due_on", _("Give a date between 2000 and 2099.")))
    for name in ("starts_on", "ends_on", "reply_by"):
        day = getattr(terms, name)
        if day is not None and not EARLIEST <= day <= LATEST:
            found.append((name, _("Give a date between 2000 and 2099.")))
    if terms.starts_on and terms.ends_on and terms.ends_on < terms.starts_on:
        found.append(("ends_on", _("The end comes before the beginning.")))
    for name in ("least", "most"):
        amount = getattr(terms, name)
        if amount is not None and not 0 <= amount <= LARGEST_BUDGET:
            found.append((name, _("Give a whole amount between 0 and 10,000,000,000.")))
    if terms.least is not None and terms.most is not None and terms.most < terms.least:
        found.append(("most", _("The upper amount is below the lower one.")))
    if (terms.least is not None or terms.most is not None) and terms.currency not in CURRENCIES:
        found.append(("currency", _("Choose the currency of the budget.")))
    if not set(terms.languages) <= set(WORKING_LANGUAGES):
        found.append(("working_languages", _("One of these languages cannot be chosen.")))
    if not set(terms.regions) <= known_regions:
        found.append(("regions", _("One of these regions does not exist. Choose from the list.")))
    return found


def _day(value: str) -> date | None:
    return date.fromisoformat(value) if value else None


def _iso(value: date | None) -> str:
    return value.isoformat() if value is not None else ""
