"""Who may do what to an organisation: coordinators their own, administrators all, others none."""

from __future__ import annotations

import pytest

from portal.core.access import ANONYMOUS, Actor, MembershipFacts
from portal.organisations import policy
from portal.organisations.models import Membership, Organisation, OrganisationKind, OrganisationState, Role

HERE = Organisation(id="here", kind=OrganisationKind.CUSTOMS, state=OrganisationState.ACTIVE)
SUSPENDED = Organisation(id="here", kind=OrganisationKind.CUSTOMS, state=OrganisationState.SUSPENDED)
SECRETARIAT = Organisation(id="house", kind=OrganisationKind.SECRETARIAT, state=OrganisationState.ACTIVE)


def member(role: Role, organisation_id: str = "here", person_id: str = "me") -> Actor:
    facts = MembershipFacts(organisation_id, "customs_administration", role, "THA", "T", "T", "T")
    return Actor(person_id=person_id, memberships=(facts,))


COORDINATOR = member(Role.COORDINATOR)
ADMINISTRATOR = Actor(person_id="boss", is_administrator=True)
OUTSIDERS = [
    ANONYMOUS,
    member(Role.COORDINATOR, "elsewhere"),
    *(member(role) for role in (Role.READER, Role.CONTRIBUTOR, Role.APPROVER)),
]


def belongs(person_id: str, role: Role = Role.READER, organisation_id: str = "here") -> Membership:
    return Membership(person_id=person_id, organisation_id=organisation_id, role=role)


@pytest.mark.parametrize("outsider", OUTSIDERS)
def test_who_is_not_a_coordinator_there_may_do_nothing(outsider: Actor) -> None:
    assert not policy.manage(outsider, HERE)
    assert not policy.administer(outsider)
    assert not policy.invite(outsider, HERE, Role.READER)
    assert not policy.change_role(outsider, HERE, belongs("other"), Role.READER)
    assert not policy.end_membership(outsider, HERE, belongs("other"))
    assert not policy.suspend(outsider, HERE)
    assert not policy.reactivate(outsider, SUSPENDED)
    assert not policy.set_scopes(outsider)


@pytest.mark.parametrize("actor", [COORDINATOR, ADMINISTRATOR])
def test_coordinators_and_administrators_manage_people(actor: Actor) -> None:
    assert policy.manage(actor, HERE)
    assert policy.edit_profile(actor, HERE)
    assert policy.set_clearance(actor, HERE)
    assert policy.answer_request(actor, HERE)
    assert policy.revoke_invitation(actor, HERE)
    for role in Role:
        assert policy.invite(actor, HERE, role)
        assert policy.change_role(actor, HERE, belongs("other"), role)
    assert policy.end_membership(actor, HERE, belongs("other", Role.COORDINATOR))


def test_nobody_changes_or_ends_their_own_membership() -> None:
    mine = belongs("me", Role.COORDINATOR)
    assert not policy.change_role(COORDINATOR, HERE, mine, Role.READER)
    assert not policy.end_membership(COORDINATOR, HERE, mine)


def test_a_membership_of_another_organisation_is_out_of_reach() -> None:
    assert not policy.change_role(
        COORDINATOR, HERE, belongs("other", organisation_id="elsewhere"), Role.READER
    )
    assert not policy.end_membership(ADMINISTRATOR, HERE, belongs("other", organisation_id="elsewhere"))


def test_nobody_is_invited_into_a_suspended_organisation() -> None:
    assert not policy.invite(ADMINISTRATOR, SUSPENDED, Role.READER)


def test_administrators_suspend_any_but_the_secretariat_and_their_own() -> None:
    assert policy.suspend(ADMINISTRATOR, HERE)
    assert policy.reactivate(ADMINISTRATOR, SUSPENDED)
    assert not policy.suspend(ADMINISTRATOR, SECRETARIAT)
    both = Actor(person_id="me", is_administrator=True, memberships=COORDINATOR.memberships)
    assert not policy.suspend(both, HERE)
    assert not policy.suspend(COORDINATOR, HERE)
    assert policy.set_scopes(ADMINISTRATOR)
