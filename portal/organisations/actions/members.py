"""People in an organisation: joining, roles, leaving."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from portal.accounts.models import Person
from portal.audit.actions import record
from portal.core.access import Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import WrongState
from portal.organisations import policy
from portal.organisations.models import (
    Membership,
    MembershipState,
    Organisation,
    OrganisationState,
    Role,
)

HandOn = Callable[[Actor, str, str, str], None]
"""Passes drafts on: who does it, in which organisation, from whom, to whom (ids of people)."""


def join(organisation: Organisation, person: Person, role: Role) -> Membership:
    """Make a person a member; who was one before is one again, who is one keeps their role.

    For those who have settled that the person may: an accepted invitation, a command. The first
    member makes an organisation that was only invited an active one.
    """
    membership = session().scalar(
        select(Membership).where(
            Membership.organisation_id == organisation.id, Membership.person_id == person.id
        )
    )
    if membership is None:
        membership = Membership(
            organisation_id=organisation.id, person_id=person.id, role=role, joined_at=now()
        )
        session().add(membership)
    elif membership.state == MembershipState.ENDED:
        membership.state, membership.role = MembershipState.ACTIVE, role
        membership.joined_at, membership.ended_at = now(), None
    if organisation.state == OrganisationState.INVITED:
        organisation.state = OrganisationState.ACTIVE
    session().flush()
    return membership


def change_role(actor: Actor, organisation: Organisation, membership: Membership, role: Role) -> None:
    """Give a member another role. Raises Forbidden, WrongState for somebody who has left."""
    require(policy.change_role(actor, organisation, membership, role))
    _check_is_active(membership)
    former, membership.role = membership.role, role
    record(
        actor,
        "membership.role_changed",
        membership.id,
        organisation=organisation.id,
        person=membership.person_id,
        former=former.value,
        role=role.value,
    )


def end_membership(
    actor: Actor,
    organisation: Organisation,
    membership: Membership,
    *,
    hand_on: HandOn | None = None,
    heir_id: str | None = None,
) -> None:
    """End a membership; what the person wrote stays with the organisation.

    With `hand_on` and `heir_id`, the person's drafts pass to that member. Raises Forbidden, also
    for an heir who is not a contributor of the organisation, and WrongState for somebody who has left.
    """
    require(policy.end_membership(actor, organisation, membership))
    _check_is_active(membership)
    if hand_on is not None and heir_id is not None:
        require(_may_inherit(organisation, membership, heir_id))
        hand_on(actor, organisation.id, membership.person_id, heir_id)
    membership.state, membership.ended_at = MembershipState.ENDED, now()
    person = session().get_one(Person, membership.person_id)
    if person.acting_organisation_id == organisation.id:
        person.acting_organisation_id = None
    record(
        actor, "membership.ended", membership.id, organisation=organisation.id, person=membership.person_id
    )


def _check_is_active(membership: Membership) -> None:
    if membership.state != MembershipState.ACTIVE:
        raise WrongState


def _may_inherit(organisation: Organisation, leaving: Membership, heir_id: str) -> bool:
    heir = session().scalar(
        select(Membership.role).where(
            Membership.organisation_id == organisation.id,
            Membership.person_id == heir_id,
            Membership.state == MembershipState.ACTIVE,
        )
    )
    return heir is not None and heir != Role.READER and heir_id != leaving.person_id
