"""Who may edit the vocabulary: a pure function of the actor."""

from __future__ import annotations

from portal.core.access import Actor


def rename(actor: Actor) -> bool:
    """May edit the names of countries and topics: administrators, since names of places are sensitive."""
    return actor.is_administrator


def extend(actor: Actor) -> bool:
    """May add synonyms to topics and take them away: moderators, who see what is searched in vain."""
    return actor.is_moderator or actor.is_administrator
