"""Who may do what to an organisation and its people: pure functions of the actor and the thing."""

from __future__ import annotations

from portal.core.access import Actor
from portal.organisations.models import (
    Membership,
    Organisation,
    OrganisationKind,
    OrganisationState,
    Role,
)


def administer(actor: Actor) -> bool:
    """May list all organisations and change their facts: administrators."""
    return actor.is_administrator


def manage(actor: Actor, organisation: Organisation) -> bool:
    """May see and change members, invitations and requests: its coordinators, and administrators."""
    return administer(actor) or actor.has_role(organisation.id, Role.COORDINATOR)


edit_profile = manage
set_clearance = manage
answer_request = manage
revoke_invitation = manage


def invite(actor: Actor, organisation: Organisation, role: Role) -> bool:
    """May invite somebody into a role that is not above the actor's own; nobody into a suspended one."""
    if organisation.state == OrganisationState.SUSPENDED:
        return False
    return manage(actor, organisation) and _may_give(actor, organisation, role)


def change_role(actor: Actor, organisation: Organisation, membership: Membership, role: Role) -> bool:
    """May give a member another role, neither of the two above the actor's own; never oneself."""
    if membership.organisation_id != organisation.id or membership.person_id == actor.person_id:
        return False
    return manage(actor, organisation) and all(
        _may_give(actor, organisation, one) for one in (role, membership.role)
    )


def end_membership(actor: Actor, organisation: Organisation, membership: Membership) -> bool:
    """May end a membership; never one's own, so that a coordinator always remains."""
    return change_role(actor, organisation, membership, membership.role)


def suspend(actor: Actor, organisation: Organisation) -> bool:
    """May suspend an organisation; neither the secretariat nor one's own: nobody locks themselves out."""
    if organisation.kind == OrganisationKind.SECRETARIAT or actor.belongs_to(organisation.id):
        return False
    return administer(actor)


def reactivate(actor: Actor, organisation: Organisation) -> bool:
    """May lift a suspension."""
    return administer(actor)


def set_scopes(actor: Actor) -> bool:
    """May say who moderates which languages and regions."""
    return administer(actor)


def _may_give(actor: Actor, organisation: Organisation, role: Role) -> bool:
    return administer(actor) or actor.has_role(organisation.id, role)
