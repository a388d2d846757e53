"""Who may have a pack: pure functions of the actor and the pack."""

from __future__ import annotations

from portal.core.access import Actor
from portal.packs.models import Pack


def order(actor: Actor) -> bool:
    """May have packs made: everybody with an account; visitors have the printable pages."""
    return actor.is_signed_in


def have(actor: Actor, pack: Pack) -> bool:
    """May see and fetch a pack: the person for whom it was made."""
    return actor.is_signed_in and pack.person_id == actor.person_id
