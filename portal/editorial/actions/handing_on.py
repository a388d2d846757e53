"""Passing on what somebody who leaves an organisation still had in hand."""

from __future__ import annotations

from sqlalchemy import select, update

from portal.audit.actions import record
from portal.core.access import SYSTEM, Actor, require
from portal.core.db import session
from portal.core.guard import scoped
from portal.editorial import policy
from portal.editorial.models import Contribution, Edition, Revision, State


def hand_on(actor: Actor, organisation_id: str, leaver_id: str, heir_id: str) -> None:
    """Make `heir_id` the author of whatever of the organisation's has not been published by `leaver_id`.

    Drafts, texts that came back and texts that wait for an answer: the heir edits, withdraws and
    appeals from now on, and is told of decisions. What was published keeps its author's name.
    Raises Forbidden.
    """
    require(policy.hand_on(actor, organisation_id))
    statement = (
        select(Revision.id, Contribution.id)
        .join(Edition, Edition.id == Revision.edition_id)
        .join(Contribution, Contribution.id == Edition.contribution_id)
        .where(Contribution.organisation_id == organisation_id, Revision.author_id == leaver_id)
        .where(Revision.state.not_in([State.PUBLISHED, State.SUPERSEDED]))
    )
    rows = session().execute(scoped(SYSTEM, statement)).all()
    session().execute(
        update(Revision).where(Revision.id.in_([row[0] for row in rows])).values(author_id=heir_id)
    )
    session().execute(
        update(Contribution)
        .where(Contribution.organisation_id == organisation_id, Contribution.author_id == leaver_id)
        .where(Contribution.published_at.is_(None))
        .values(author_id=heir_id)
    )
    for contribution_id in dict.fromkeys(row[1] for row in rows):
        record(actor, "contribution.handed_on", contribution_id, former=leaver_id, heir=heir_id)
