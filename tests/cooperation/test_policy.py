"""Who may take part, bind, let in, report and open: each rule against each kind of person."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal.cooperation import policy
from portal.cooperation.models import Commitment, CommitmentState, Meeting, Party, PartyState
from portal.core.clock import now
from tests.editorial.test_policy import HOME, HOUSE, OTHER, allowed


def party(organisation: str = HOME, **values: object) -> Party:
    defaults: dict[str, object] = {
        "organisation_id": organisation,
        "state": PartyState.ACTIVE,
        "is_founder": True,
    }
    return Party(**{**defaults, **values})  # fmt: skip


def commitment(**values: object) -> Commitment:
    defaults: dict[str, object] = {
        "organisation_id": HOME,
        "state": CommitmentState.OPEN,
        "due_on": date(2027, 5, 1),
    }
    return Commitment(**{**defaults, **values})


def test_contributors_of_a_party_take_part_and_its_coordinator_binds_it() -> None:
    assert allowed(lambda a: policy.take_part(a, party())) == HOUSE
    assert allowed(lambda a: policy.take_part(a, party(OTHER))) == {"outsider"}
    assert allowed(lambda a: policy.speak_for(a, party())) == {"coordinator"}


@pytest.mark.parametrize("state", [PartyState.PROPOSED, PartyState.INVITED, PartyState.DECLINED])
def test_nobody_takes_part_for_who_is_not_in(state: PartyState) -> None:
    waiting = party(state=state)
    for rule in (policy.take_part, policy.speak_for, policy.let_in):
        assert allowed(lambda a, rule=rule: rule(a, waiting)) == set()
    expected = {"coordinator"} if state == PartyState.INVITED else set()
    assert allowed(lambda a: policy.answer_invitation(a, waiting)) == expected


def test_coordinators_of_founders_alone_let_a_third_one_in() -> None:
    assert allowed(lambda a: policy.let_in(a, party())) == {"coordinator"}
    assert allowed(lambda a: policy.let_in(a, party(is_founder=False))) == set()


def test_those_who_set_a_meeting_change_it_while_it_stands() -> None:
    meeting = Meeting(organisation_id=HOME)
    assert allowed(lambda a: policy.change_meeting(a, party(), meeting)) == HOUSE
    assert allowed(lambda a: policy.change_meeting(a, party(OTHER), meeting)) == set()
    off = Meeting(organisation_id=HOME, called_off_at=now())
    assert allowed(lambda a: policy.change_meeting(a, party(), off)) == set()


def test_who_promised_reports_and_its_coordinator_closes() -> None:
    assert allowed(lambda a: policy.report_progress(a, commitment())) == HOUSE
    assert allowed(lambda a: policy.settle(a, commitment())) == {"coordinator"}
    assert allowed(lambda a: policy.settle(a, commitment(state=CommitmentState.MET))) == set()


def test_administrators_open_with_a_reason() -> None:
    assert allowed(policy.open_with_reason) == {"administrator"}


def test_open_past_its_date_is_late() -> None:
    due = date(2027, 5, 1)
    assert not policy.is_late(commitment(), due)
    assert policy.is_late(commitment(), due + timedelta(days=1))
    assert not policy.is_late(commitment(state=CommitmentState.DROPPED), due + timedelta(days=1))
