"""Who may import, and who sees and settles what an import could not decide: pure functions of the actor."""

from __future__ import annotations

from portal.core.access import Actor


def run_import(actor: Actor) -> bool:
    """May upload a file for an organisation: administrators, in the name of one of its people."""
    return actor.is_administrator


def settle(actor: Actor, organisation_id: str) -> bool:
    """May decide between the text of the house and that of the source: the house's coordinators."""
    return actor.has_role(organisation_id, "coordinator")


def see_conflicts(actor: Actor) -> bool:
    """May open the list: coordinators those of their houses, moderators those of posts that they can read."""
    return actor.is_moderator or any(m.at_least("coordinator") for m in actor.memberships)
