"""The workflow as data: every step against every state."""

from __future__ import annotations

import pytest

from portal.core.errors import WrongState
from portal.editorial.models import State
from portal.editorial.workflow import PENDING, RESTARTABLE, STEPS, advance, can_step

S = State
EXPECTED = {
    "submit": ({S.DRAFT}, S.SUBMITTED),
    "submit_for_clearance": ({S.DRAFT}, S.AWAITING_CLEARANCE),
    "publish_own": ({S.DRAFT}, S.PUBLISHED),
    "clear": ({S.AWAITING_CLEARANCE}, S.SUBMITTED),
    "clear_own": ({S.AWAITING_CLEARANCE}, S.PUBLISHED),
    "send_back": ({S.AWAITING_CLEARANCE}, S.DRAFT),
    "claim": ({S.SUBMITTED}, S.IN_REVIEW),
    "release": ({S.IN_REVIEW}, S.SUBMITTED),
    "hand_over": ({S.IN_REVIEW}, S.IN_REVIEW),
    "expire": ({S.IN_REVIEW}, S.SUBMITTED),
    "approve": ({S.IN_REVIEW}, S.PUBLISHED),
    "request_changes": ({S.IN_REVIEW}, S.CHANGES_REQUESTED),
    "decline": ({S.IN_REVIEW}, S.DECLINED),
    "propose_edit": ({S.IN_REVIEW}, S.EDIT_PROPOSED),
    "confirm_edit": ({S.EDIT_PROPOSED}, S.SUPERSEDED),
    "refuse_edit": ({S.EDIT_PROPOSED}, S.IN_REVIEW),
    "appeal": ({S.DECLINED, S.CHANGES_REQUESTED}, S.SUBMITTED),
    "withdraw": (
        {S.DRAFT, S.AWAITING_CLEARANCE, S.SUBMITTED, S.IN_REVIEW, S.EDIT_PROPOSED, S.CHANGES_REQUESTED},
        S.WITHDRAWN,
    ),
    "supersede": ({S.PUBLISHED}, S.SUPERSEDED),
}


def test_there_is_no_step_that_this_table_does_not_know() -> None:
    assert set(STEPS) == set(EXPECTED)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("step", sorted(EXPECTED))
def test_a_step_starts_from_its_states_alone_and_leads_where_it_should(step: str, state: State) -> None:
    sources, target = EXPECTED[step]
    assert can_step(step, state) is (state in sources)
    if state in sources:
        assert advance(step, state) == target
    else:
        with pytest.raises(WrongState):
            advance(step, state)


def test_decisions_against_an_author_need_a_comment() -> None:
    assert {name for name, step in STEPS.items() if step.needs_comment} == {
        "send_back",
        "request_changes",
        "decline",
        "propose_edit",
        "refuse_edit",
        "appeal",
    }


def test_nothing_is_both_waiting_and_open_to_a_new_version() -> None:
    assert not PENDING & RESTARTABLE
    assert set(State) == PENDING | RESTARTABLE | {S.DRAFT, S.SUPERSEDED}
