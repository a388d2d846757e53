"""How far the cooperation on a need or an offer has come: the states and the steps between them, as data.

Source: shared/product.md, "Things"; the practice of the WTO facility's expressions of interest
(shared/domain.md, section 5). A step never leads back, but that what was closed can be opened again.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.core.errors import WrongState


class Stage(StrEnum):
    """Where a need or an offer stands, in the order in which it goes."""

    OPEN = "open"
    CIRCULATED = "circulated"
    ANSWERED = "answered"
    IN_TALKS = "in_talks"
    AGREED = "agreed"
    UNDER_WAY = "under_way"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How it ended."""

    MET = "met"
    PARTLY_MET = "partly_met"
    NOT_MET = "not_met"
    NO_LONGER_NEEDED = "no_longer_needed"


ORDER = tuple(Stage)
UNANSWERED = (Stage.OPEN, Stage.CIRCULATED)
"""Where a need stands that nobody has answered."""

STEPS: Mapping[str, Stage] = MappingProxyType(
    {
        "circulate": Stage.CIRCULATED,
        "reply": Stage.ANSWERED,
        "talk": Stage.IN_TALKS,
        "agree": Stage.AGREED,
        "begin": Stage.UNDER_WAY,
    }
)


def further(step: str, stage: Stage) -> Stage:
    """The stage after `step`: where it leads, or where it is already when that is further on.

    Raises WrongState for any step on what is closed.
    """
    if stage == Stage.CLOSED:
        raise WrongState(f"{step} on what is closed")
    target = STEPS[step]
    return target if ORDER.index(target) > ORDER.index(stage) else stage


def reopened(stage: Stage, is_answered: bool) -> Stage:
    """Where what was closed stands when it is opened again. Raises WrongState for what is not closed."""
    if stage != Stage.CLOSED:
        raise WrongState(f"reopen does not start from {stage}")
    return Stage.ANSWERED if is_answered else Stage.OPEN


def passed(stage: Stage, was_circulated: bool) -> frozenset[Stage]:
    """The stages that it has behind it; how far what is closed had come is not kept."""
    known = set(ORDER) if stage != Stage.CLOSED else {Stage.OPEN, Stage.CIRCULATED}
    if not was_circulated:
        known.remove(Stage.CIRCULATED)
    return frozenset(known.intersection(ORDER[: ORDER.index(stage)]))
