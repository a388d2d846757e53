"""Who may do what to people: pure functions of the actor and the person."""

from __future__ import annotations

from portal.accounts.models import Person
from portal.core.access import Actor


def administer(actor: Actor) -> bool:
    """May see the list of people and change their state: administrators, and the commands."""
    return actor.is_administrator or actor.is_system


def suspend(actor: Actor, person: Person) -> bool:
    """May take somebody's access away; never one's own, so that one administrator always remains."""
    return administer(actor) and person.id != actor.person_id


def reinstate(actor: Actor, person: Person) -> bool:
    """May give access back."""
    return suspend(actor, person)


def set_administrator(actor: Actor, person: Person) -> bool:
    """May make somebody an administrator, or no longer one; never oneself."""
    return suspend(actor, person)


def change_own(actor: Actor) -> bool:
    """May change one's own profile, password and sessions."""
    return actor.is_signed_in


def switch_organisation(actor: Actor, organisation_id: str) -> bool:
    """May act for an organisation: a member of it."""
    return actor.belongs_to(organisation_id)
