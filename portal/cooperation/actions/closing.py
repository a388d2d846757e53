"""Sending a need or an offer round, closing it with its outcome, opening it again."""

from __future__ import annotations

from sqlalchemy import select

from portal.audit.actions import record
from portal.cooperation import policy
from portal.cooperation.actions._steps import NOTE_LIMIT, check_language, check_text, go_on, progress_of, tell
from portal.cooperation.models import Interest
from portal.cooperation.progress import Outcome, Stage, reopened
from portal.core.access import SYSTEM, Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Stale
from portal.core.guard import scoped
from portal.editorial.actions._steps import members_with
from portal.editorial.actions.terms import mark_closed
from portal.editorial.models import Contribution
from portal.organisations.models import Role


def circulate(actor: Actor, contribution: Contribution, organisation_ids: list[str]) -> None:
    """Tell the coordinators of these organisations of a need or an offer; it is circulated from then on.

    Who may not read it is not told. Raises Forbidden, WrongState.
    """
    progress = progress_of(contribution.id)
    require(policy.circulate(actor, contribution, progress.stage))
    go_on(contribution.id, "circulate").circulated_at = now()
    record(actor, "need.circulated", contribution.id, shown=True)
    for organisation_id in organisation_ids:
        tell(
            members_with(organisation_id, Role.COORDINATOR), "cooperation.circulated", actor, contribution.id,
            key=f"{contribution.id}:{organisation_id}",
        )  # fmt: skip


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
    answered = select(Interest.person_id).where(Interest.contribution_id == contribution.id)
    tell(session().scalars(scoped(SYSTEM, answered)).all(), "cooperation.closed", actor, contribution.id)


def reopen(actor: Actor, contribution: Contribution) -> None:
    """Open again what was closed. Raises Forbidden."""
    progress = progress_of(contribution.id)
    require(policy.reopen(actor, contribution, progress.stage))
    answered = select(Interest.id).where(Interest.contribution_id == contribution.id).limit(1)
    is_answered = session().scalar(scoped(SYSTEM, answered)) is not None
    progress.stage, progress.version = reopened(progress.stage, is_answered), progress.version + 1
    progress.closed_at = progress.outcome = None
    progress.changed_at = now()
    session().flush()
    mark_closed(contribution, None)
    record(actor, "need.reopened", contribution.id, shown=True)
