"""Sending a need or an offer round, closing it with its outcome, opening it again."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import select

from portal.audit.actions import record
from portal.cooperation import policy
from portal.cooperation.actions._steps import (
    NOTE_LIMIT,
    check_language,
    check_text,
    coordinators,
    go_on,
    progress_of,
    tell,
)
from portal.cooperation.models import Circulation, Interest
from portal.cooperation.partners import readers
from portal.cooperation.progress import Outcome, Stage, reopened
from portal.core.access import SYSTEM, Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Invalid, Stale
from portal.core.guard import scoped
from portal.editorial.actions.terms import mark_closed
from portal.editorial.models import Contribution


def circulate(actor: Actor, contribution: Contribution, organisation_ids: Iterable[str]) -> list[str]:
    """Send a need or an offer to these organisations: their coordinators are told, each organisation once.

    Returns the ids of those that were told now; who may not read it is left out, and so is who was
    told before. Raises Forbidden, and Invalid at `organisations` when nobody is left.
    """
    progress = progress_of(contribution.id)
    require(policy.circulate(actor, contribution, progress.stage))
    waiting = {id_ for id_, reader in readers(contribution).items() if not reader.was_sent}
    new = sorted(waiting.intersection(organisation_ids))
    if not new:
        raise Invalid("organisations", _("Choose at least one organisation that was not asked yet."))
    session().add_all(
        Circulation(contribution_id=contribution.id, organisation_id=one, at=now(), reminded_on=now().date())
        for one in new
    )
    go_on(progress, "circulate")
    progress.circulated_at = progress.circulated_at or now()
    record(actor, "need.circulated", contribution.id, shown=True, organisations=new)
    tell(
        coordinators(new), "cooperation.circulated", actor, contribution.id,
        organisation_id=contribution.organisation_id,
    )  # fmt: skip
    return new


def close(
    actor: Actor, contribution: Contribution, outcome: Outcome, note: str, language: str, version: int
) -> None:
    """Close a need or an offer with how it ended. Raises Forbidden, Invalid, Stale."""
    progress = progress_of(contribution.id)
    require(policy.close(actor, contribution, progress.stage))
    check_text("note", note, NOTE_LIMIT)
    check_language(language)
    if progress.version != version:
        raise Stale(theirs=progress)
    progress.stage, progress.version = Stage.CLOSED, version + 1
    progress.closed_at = progress.changed_at = now()
    progress.outcome, progress.outcome_note, progress.outcome_language = outcome, note, language
    session().flush()
    mark_closed(contribution, progress.closed_at)
    record(actor, "need.closed", contribution.id, shown=True, outcome=str(outcome))
    tell(
        _who_answered(contribution), "cooperation.closed", actor, contribution.id,
        organisation_id=contribution.organisation_id, outcome=str(outcome),
    )  # fmt: skip


def reopen(actor: Actor, contribution: Contribution) -> None:
    """Open again what was closed. Raises Forbidden."""
    progress = progress_of(contribution.id)
    require(policy.reopen(actor, contribution, progress.stage))
    people = _who_answered(contribution)
    progress.stage, progress.version = reopened(progress.stage, bool(people)), progress.version + 1
    progress.closed_at = progress.outcome = None
    progress.outcome_note, progress.changed_at = "", now()
    session().flush()
    mark_closed(contribution, None)
    record(actor, "need.reopened", contribution.id, shown=True)
    tell(people, "cooperation.reopened", actor, contribution.id, organisation_id=contribution.organisation_id)


def _who_answered(contribution: Contribution) -> list[str]:
    """Who wrote the answers, and the coordinators of the organisations that they answered for."""
    statement = (
        select(Interest.person_id, Interest.organisation_id)
        .where(Interest.contribution_id == contribution.id)
        .order_by(Interest.created_at, Interest.id)
    )
    rows = session().execute(scoped(SYSTEM, statement)).all()
    return [*(person for person, _organisation in rows), *coordinators(o for _person, o in rows)]
