"""How often people want to be mailed: a choice for each subject, and what holds while nothing is chosen.

A subject is a group of notifications ("work", "talk", "following", "searches") or one thing of a
group, a followed one ("follow:<id>") or a saved search ("search:<id>"), which goes before its group.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

WORK, TALK, FOLLOWING, SEARCHES = "work", "talk", "following", "searches"
FOLLOW, SEARCH = "follow:", "search:"
SINGLE = (FOLLOW, SEARCH)
"""How the subjects begin that are one thing of a group."""


class Frequency(StrEnum):
    """When a notification is mailed; it stands in the inbox in any case."""

    NOW = "now"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


# Defaults that do not flood: what waits for one's own hand comes at once, the rest in one mail a day.
DEFAULTS = {
    WORK: Frequency.NOW,
    TALK: Frequency.DAILY,
    FOLLOWING: Frequency.DAILY,
    SEARCHES: Frequency.DAILY,
}
GROUPS = tuple(DEFAULTS)
# Comments wait for nobody but those who moderate them or are judged.
_TALK = {
    "comment.posted",
    "comment.question",
    "comment.replied",
    "comment.mentioned",
    "comment.answered",
    "lesson.used",
}


def group_of(kind: str) -> str:
    """The group that a kind of notification belongs to."""
    if kind.startswith("follow."):
        return FOLLOWING
    if kind.startswith(("alert.", "match.")):
        return SEARCHES
    return TALK if kind in _TALK else WORK


def is_subject(subject: str) -> bool:
    """True for a group and for one thing of a group."""
    return subject in DEFAULTS or subject.startswith(SINGLE)


def soonest(wishes: Iterable[Frequency]) -> Frequency:
    """The most immediate of several wishes; NEVER for none."""
    order = list(Frequency)
    return min(wishes, key=order.index, default=Frequency.NEVER)


def last_daily(moment: datetime, hour: int) -> datetime:
    """The last time, not after `moment`, that it was `hour` o'clock (UTC)."""
    today = moment.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today <= moment else today - timedelta(days=1)


def last_weekly(moment: datetime, hour: int) -> datetime:
    """The last Monday, not after `moment`, at `hour` o'clock (UTC)."""
    daily = last_daily(moment, hour)
    return daily - timedelta(days=daily.weekday())
