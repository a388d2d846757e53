"""The terms of an activity: its window, its budget, and the lines that its kinds of aid amount to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

from portal.editorial.terms import (
    CURRENCIES,
    EARLIEST,
    LARGEST_BUDGET,
    LATEST,
    Help,
    Line,
    Terms,
)
from portal.exchange.reading import Activity

# Actual dates before planned ones; 1.0x names what 2.0x numbers.
_STARTS = ("2", "start-actual", "1", "start-planned")
_ENDS = ("4", "end-actual", "3", "end-planned")
# DAC types of aid (IATI AidType): D experts and technical assistance, E scholarships and training.
_AID = {"D": Help.EXPERTISE, "E": Help.TRAINING}
_TRAINING_SECTOR = "33181"


def terms(activity: Activity, topics: tuple[str, ...], regions: tuple[str, ...]) -> Terms:
    """The terms; what the source does not say stays open, which is not the same as none."""
    starts_on, ends_on = _day(activity, _STARTS), _day(activity, _ENDS)
    if starts_on and ends_on and ends_on < starts_on:
        starts_on = ends_on = None
    most, currency = _budget(activity)
    lines = tuple(
        Line(slot=slot, help=kind, key=kind.value, topic=topics[0])
        for slot, kind in enumerate(dict.fromkeys(_kinds(activity)), 1)
    )
    return Terms(
        lines=lines, starts_on=starts_on, ends_on=ends_on, most=most, currency=currency, regions=regions
    )


def _day(activity: Activity, kinds: tuple[str, ...]) -> date | None:
    """The first of these dates that can be read and kept."""
    nodes = activity.all("activity-date")
    for kind in kinds:
        for node in nodes:
            if node.get("type").lower() != kind:
                continue
            try:
                found = date.fromisoformat(node.get("iso-date")[:10])
            except ValueError:
                continue
            if EARLIEST <= found <= LATEST:
                return found
    return None


def _budget(activity: Activity) -> tuple[int | None, str]:
    """The sum of its budgets, which are those of its periods; None for none, or for several currencies."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for budget in activity.all("budget"):
        for node in budget.all("value"):
            currency = node.get("currency") or activity.get("default-currency")
            try:
                sums[currency.upper()] += Decimal(node.text.strip().replace(",", ""))
            except InvalidOperation:
                return None, ""
    if len(sums) != 1:
        return None, ""
    currency, amount = next(iter(sums.items()))
    if currency not in CURRENCIES or not amount.is_finite() or not 1 <= amount <= LARGEST_BUDGET:
        return None, ""
    return int(amount), currency


def _kinds(activity: Activity) -> Iterator[Help]:
    """What kinds of help: by the type of aid, and training where the sector says so; else funding."""
    found = [
        _AID[code[0]]
        for node in activity.all("default-aid-type")
        if node.get("vocabulary") in {"", "1"} and (code := node.get("code").upper())[:1] in _AID
    ]
    if any(node.get("code") == _TRAINING_SECTOR for node in activity.all("sector")):
        found.append(Help.TRAINING)
    yield from found or [Help.FUNDING]
