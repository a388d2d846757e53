"""The workflow as data: each step, the states it leads from and the state it leads to.

Source of every row: shared/product.md, "Editorial workflow"; ADR 0004 for the proposed edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from portal.core.errors import WrongState
from portal.editorial.models import State

S = State


@dataclass(frozen=True)
class Step:
    """One step: the states that it starts from, where it leads, and whether it needs a comment."""

    name: str
    sources: frozenset[State]
    target: State
    needs_comment: bool = False


def _step(name: str, sources: tuple[State, ...], target: State, *, needs_comment: bool = False) -> Step:
    return Step(name, frozenset(sources), target, needs_comment)


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        step.name: step
        for step in (
            _step("submit", (S.DRAFT,), S.SUBMITTED),
            _step("submit_for_clearance", (S.DRAFT,), S.AWAITING_CLEARANCE),
            _step("publish_own", (S.DRAFT,), S.PUBLISHED),
            _step("clear", (S.AWAITING_CLEARANCE,), S.SUBMITTED),
            _step("clear_own", (S.AWAITING_CLEARANCE,), S.PUBLISHED),
            _step("send_back", (S.AWAITING_CLEARANCE,), S.DRAFT, needs_comment=True),
            _step("claim", (S.SUBMITTED,), S.IN_REVIEW),
            _step("release", (S.IN_REVIEW,), S.SUBMITTED),
            _step("hand_over", (S.IN_REVIEW,), S.IN_REVIEW),
            _step("expire", (S.IN_REVIEW,), S.SUBMITTED),
            _step("approve", (S.IN_REVIEW,), S.PUBLISHED),
            _step("request_changes", (S.IN_REVIEW,), S.CHANGES_REQUESTED, needs_comment=True),
            _step("decline", (S.IN_REVIEW,), S.DECLINED, needs_comment=True),
            _step("propose_edit", (S.IN_REVIEW,), S.EDIT_PROPOSED, needs_comment=True),
            _step("confirm_edit", (S.EDIT_PROPOSED,), S.SUPERSEDED),
            _step("refuse_edit", (S.EDIT_PROPOSED,), S.IN_REVIEW, needs_comment=True),
            _step("appeal", (S.DECLINED, S.CHANGES_REQUESTED), S.SUBMITTED, needs_comment=True),
            _step(
                "withdraw",
                (
                    S.DRAFT,
                    S.AWAITING_CLEARANCE,
                    S.SUBMITTED,
                    S.IN_REVIEW,
                    S.EDIT_PROPOSED,
                    S.CHANGES_REQUESTED,
                ),
                S.WITHDRAWN,
            ),
            _step("supersede", (S.PUBLISHED,), S.SUPERSEDED),
        )
    }
)

# A revision in one of these is being worked on or judged; its edition takes no second one meanwhile.
PENDING = frozenset({S.AWAITING_CLEARANCE, S.SUBMITTED, S.IN_REVIEW, S.EDIT_PROPOSED})
WITH_MODERATORS = frozenset({S.SUBMITTED, S.IN_REVIEW, S.EDIT_PROPOSED})
# From these the next edit begins a new revision that starts as a copy.
RESTARTABLE = frozenset({S.CHANGES_REQUESTED, S.DECLINED, S.WITHDRAWN, S.PUBLISHED})


def can_step(name: str, state: State) -> bool:
    """True when step `name` starts from `state`."""
    return state in STEPS[name].sources


def advance(name: str, state: State) -> State:
    """The state that step `name` leads to from `state`; WrongState when it does not start there."""
    if not can_step(name, state):
        raise WrongState(f"{name} does not start from {state}")
    return STEPS[name].target
