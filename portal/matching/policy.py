"""Who may say what about matches: pure functions of the actor.

That the actor may read both sides of a match, the query that loads them has settled.
"""

from __future__ import annotations

from portal.core.access import Actor


def dismiss(actor: Actor) -> bool:
    """May say that a match is not relevant, and take it back: who writes for the acting organisation."""
    return actor.writes
