"""All writes to matches: what an organisation finds not relevant, and what it was told."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, insert

from portal.audit.actions import record
from portal.core.access import Actor, require
from portal.core.clock import now
from portal.core.db import insert_into, session
from portal.matching import policy, queries
from portal.matching.models import Dismissal, MatchTold

Pair = tuple[str, str]
"""The ids of a need and an offer."""


def dismiss(actor: Actor, contribution_id: str, other_id: str) -> None:
    """Say for the acting organisation that a match is not relevant; twice changes nothing.

    Raises Forbidden, NotFound for what is not theirs to see or no pair.
    """
    need_id, offer_id = queries.pair(actor, contribution_id, other_id)  # first: what is hidden is nothing
    require(policy.dismiss(actor))
    facts = {"organisation_id": actor.organisation_id, "need_id": need_id, "offer_id": offer_id}
    session().execute(
        insert_into(Dismissal)
        .values(**facts, person_id=actor.person_id, at=now())
        .on_conflict_do_nothing(index_elements=list(facts))
    )
    record(actor, "match.dismissed", need_id, offer=offer_id)


def take_back(actor: Actor, contribution_id: str, other_id: str) -> None:
    """Have a match shown again to the acting organisation. Raises Forbidden, NotFound as above."""
    need_id, offer_id = queries.pair(actor, contribution_id, other_id)  # first: what is hidden is nothing
    require(policy.dismiss(actor))
    session().execute(
        delete(Dismissal).where(
            Dismissal.organisation_id == actor.organisation_id,
            Dismissal.need_id == need_id,
            Dismissal.offer_id == offer_id,
        )
    )
    record(actor, "match.taken_back", need_id, offer=offer_id)


def note_told(organisation_id: str, pairs: Collection[Pair]) -> None:
    """Note that an organisation was told of these pairs, so that it never is again."""
    facts = {"organisation_id": organisation_id, "at": now()}
    session().execute(insert(MatchTold), [{"need_id": n, "offer_id": o, **facts} for n, o in sorted(pairs)])
