"""Who may follow: pure functions of the actor."""

from __future__ import annotations

from portal.core.access import Actor


def follow(actor: Actor) -> bool:
    """May follow, and have a feed of their own: everybody with an account."""
    return actor.is_signed_in
