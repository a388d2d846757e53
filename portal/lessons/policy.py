"""Who may do what to a lesson card: pure functions of the actor and the thing.

That the actor may read the lesson, the query that loads it has settled.
"""

from __future__ import annotations

from portal.core.access import Actor
from portal.editorial.models import Contribution, Kind


def is_lesson(contribution: Contribution) -> bool:
    """True for a lesson that readers see."""
    return contribution.kind == Kind.LESSON_LEARNED and contribution.is_live


def record_use(actor: Actor, contribution: Contribution) -> bool:
    """May say that their organisation used a lesson: its contributors, for a lesson of another one.

    Changing and withdrawing what was said is the same right.
    """
    if not is_lesson(contribution) or actor.organisation_id == contribution.organisation_id:
        return False
    return actor.writes


def confirm_holds(actor: Actor, contribution: Contribution) -> bool:
    """May say that a lesson still holds: the contributors of its house."""
    return is_lesson(contribution) and actor.has_role(contribution.organisation_id, "contributor")
