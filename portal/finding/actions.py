"""What moderators do with searches that found nothing: make a synonym of them, or put them aside."""

from __future__ import annotations

from portal.audit.actions import record
from portal.core.access import Actor, require
from portal.core.clock import now
from portal.finding.models import MissedSearch
from portal.taxonomy import policy
from portal.taxonomy.actions import add_synonym
from portal.taxonomy.models import Topic
from portal.taxonomy.queries import TopicFacts


def adopt(actor: Actor, missed: MissedSearch, topic: Topic, language: str, phrase: str) -> list[TopicFacts]:
    """Let a topic be found by what was looked for in vain; returns the other topics that are called so, too.

    Raises Forbidden, and Invalid as `add_synonym` does.
    """
    others = add_synonym(actor, topic, language, phrase)
    missed.settled_at = now()
    return others


def dismiss(actor: Actor, missed: MissedSearch) -> None:
    """Show a search that found nothing to moderators no more. Raises Forbidden."""
    require(policy.extend(actor))
    missed.settled_at = now()
    record(actor, "missed_search.dismissed", missed.id)
