"""Who may keep searches: pure functions of the actor and the search."""

from __future__ import annotations

from portal.alerts.models import SavedSearch
from portal.core.access import Actor


def save(actor: Actor) -> bool:
    """May keep searches: everybody with an account."""
    return actor.is_signed_in


def own(actor: Actor, saved: SavedSearch) -> bool:
    """May see and change a saved search: its owner alone, whatever others are."""
    return actor.is_signed_in and saved.person_id == actor.person_id
