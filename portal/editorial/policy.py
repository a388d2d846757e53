"""Who may do what to a contribution, a revision or a case: pure functions of the actor and the thing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.core.access import Actor
from portal.editorial.models import Case, Contribution, Revision, Standing, State
from portal.editorial.workflow import PENDING, RESTARTABLE, can_step


@dataclass(frozen=True)
class House:
    """The rules of the owning organisation that steps ask for."""

    needs_clearance: bool = False
    author_may_clear: bool = False


def post(actor: Actor) -> bool:
    """May write for the acting organisation."""
    return actor.writes


def work_on(actor: Actor, contribution: Contribution) -> bool:
    """May open drafts and history: a contributor of the organisation that owns it."""
    return actor.has_role(contribution.organisation_id, "contributor")


def translate(actor: Actor, contribution: Contribution, language: str) -> bool:
    """May write an edition in `language` of what is published: its house, and translators of that language.

    A translator must also be able to read it, which the query that loads it has settled.
    """
    if language == contribution.original_language or not contribution.is_live:
        return False
    return work_on(actor, contribution) or language in actor.translates


def write_in(actor: Actor, contribution: Contribution, language: str | None) -> bool:
    """May write in the chain of a language: the house in all, a translator in their own; None: the house."""
    if work_on(actor, contribution):
        return True
    return language is not None and translate(actor, contribution, language)


def edit(
    actor: Actor, contribution: Contribution, latest: Revision | None, language: str | None = None
) -> bool:
    """May save a draft: nothing of this edition may be waiting for a decision."""
    if not write_in(actor, contribution, language) or contribution.standing == Standing.UNPUBLISHED:
        return False
    return latest is None or latest.state == State.DRAFT or latest.state in RESTARTABLE


def submit(actor: Actor, contribution: Contribution, revision: Revision, language: str | None = None) -> bool:
    """May hand a draft in: any contributor of the organisation, and translators of the language."""
    return write_in(actor, contribution, language) and revision.state == State.DRAFT


def withdraw(
    actor: Actor, contribution: Contribution, revision: Revision, language: str | None = None
) -> bool:
    """May take back what is not published yet: the house, and a translator what they wrote themselves."""
    if not can_step("withdraw", revision.state):
        return False
    return work_on(actor, contribution) or _is_author(actor, contribution, revision, language)


def clear(actor: Actor, contribution: Contribution, revision: Revision, house: House) -> bool:
    """May clear a text before it leaves the house: an approver, not the author unless the house says so."""
    if not actor.has_role(contribution.organisation_id, "approver"):
        return False
    if revision.state != State.AWAITING_CLEARANCE:
        return False
    return revision.author_id != actor.person_id or house.author_may_clear


send_back = clear


def in_scope(actor: Actor, case: Case) -> bool:
    """A moderator of the case's language and region who belongs to another organisation."""
    if actor.belongs_to(case.organisation_id):
        return False
    if actor.person_id in {case.excluded_moderator_id, case.writer_id}:
        return False
    return any(s.language == case.language and s.region in {None, case.region_code} for s in actor.scopes)


def holds(actor: Actor, case: Case, moment: datetime) -> bool:
    """Has claimed the case, and the claim has not run out."""
    if case.claimed_by_id is None or case.claimed_by_id != actor.person_id:
        return False
    return case.claim_expires_at is not None and case.claim_expires_at > moment


def review(actor: Actor, case: Case) -> bool:
    """May open the case's page: it is open and in the moderator's scope."""
    return case.is_open and in_scope(actor, case)


def claim(actor: Actor, case: Case, moment: datetime) -> bool:
    """May take the case: it is in scope and nobody holds it."""
    if not review(actor, case) or holds(actor, case, moment):
        return False
    return case.claimed_by_id is None or case.claim_expires_at is None or case.claim_expires_at <= moment


def decide(actor: Actor, case: Case, moment: datetime) -> bool:
    """May approve, request changes, decline, propose an edit, release or hand over."""
    return review(actor, case) and holds(actor, case, moment)


def confirm_edit(
    actor: Actor, contribution: Contribution, revision: Revision, language: str | None = None
) -> bool:
    """May answer a moderator's proposed edit: the author, or a coordinator in the author's stead."""
    if revision.state != State.EDIT_PROPOSED:
        return False
    if actor.has_role(contribution.organisation_id, "coordinator"):
        return True
    return _is_author(actor, contribution, revision, language)


def appeal(
    actor: Actor,
    contribution: Contribution,
    revision: Revision,
    case: Case | None,
    language: str | None = None,
) -> bool:
    """May ask for another moderator, once per decision: the author or a coordinator."""
    if case is None or not can_step("appeal", revision.state) or case.revision_id != revision.id:
        return False
    is_author = _is_author(actor, contribution, revision, language)
    if not is_author and not actor.has_role(contribution.organisation_id, "coordinator"):
        return False
    return case.appeal_of_id is None


def archive(actor: Actor, contribution: Contribution) -> bool:
    """May take down what their own organisation published: its coordinator."""
    return contribution.is_live and actor.has_role(contribution.organisation_id, "coordinator")


def unpublish(actor: Actor, contribution: Contribution) -> bool:
    """May take down: the coordinator of the organisation, or a moderator of the original's language.

    A moderator never acts on a text of an organisation of their own; they must also be able to
    read it, which the query that loads it has settled.
    """
    if archive(actor, contribution):
        return True
    return contribution.is_live and _moderates(actor, contribution)


def restore(actor: Actor, contribution: Contribution) -> bool:
    """May put back: the organisation what it archived, a moderator what was unpublished."""
    if contribution.standing == Standing.ARCHIVED:
        return actor.has_role(contribution.organisation_id, "coordinator")
    return contribution.standing == Standing.UNPUBLISHED and _moderates(actor, contribution)


def hand_on(actor: Actor, organisation_id: str) -> bool:
    """May pass on the drafts of somebody who leaves: the organisation's coordinator, or the secretariat."""
    return actor.is_administrator or actor.has_role(organisation_id, "coordinator")


def narrow(actor: Actor, contribution: Contribution) -> bool:
    """May narrow the audience of what is published, which needs no review."""
    return contribution.is_live and work_on(actor, contribution)


def read_history(actor: Actor, contribution: Contribution) -> bool:
    """May read the history: the organisation's contributors, and those who oversee.

    Moderators and administrators reach it for what they may read or have in their queue.
    """
    return work_on(actor, contribution) or actor.is_moderator or actor.is_administrator


def sees_moderators_names(actor: Actor) -> bool:
    """Authors read "moderator"; moderators and administrators read which one."""
    return actor.is_moderator or actor.is_administrator


def is_waiting(revision: Revision) -> bool:
    """True while a revision waits for somebody's decision."""
    return revision.state in PENDING


def _is_author(actor: Actor, contribution: Contribution, revision: Revision, language: str | None) -> bool:
    return write_in(actor, contribution, language) and revision.author_id == actor.person_id


def _moderates(actor: Actor, contribution: Contribution) -> bool:
    if actor.belongs_to(contribution.organisation_id):
        return False
    return any(s.language == contribution.original_language for s in actor.scopes)
