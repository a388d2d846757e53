"""Handing a text in: clearance inside the house, submission, taking it back, appeal."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from portal.core.access import SYSTEM, Actor, require
from portal.core.clock import add_working_days, now
from portal.core.db import session
from portal.core.errors import Invalid, WrongState
from portal.core.guard import scoped
from portal.editorial import policy
from portal.editorial.actions._steps import (
    administrators,
    edition_of,
    eligible_moderators,
    log,
    members_with,
    move,
    take,
    tell,
)
from portal.editorial.actions.files import check_files, freeze_files
from portal.editorial.actions.publication import publish
from portal.editorial.models import Audience, Case, Contribution, Edition, Revision, State
from portal.editorial.texts import About, Text, check_complete, snapshot_digest
from portal.organisations.models import Organisation, Role

ANSWER_DAYS = 2


def submit(
    actor: Actor, contribution: Contribution, revision: Revision, answer_days: int = ANSWER_DAYS
) -> None:
    """Hand a draft in: to an approver where the house asks for clearance, else to the moderators.

    A text for one's own organisation needs no moderator. Raises Forbidden, WrongState, and
    Invalid with the first thing that is missing.
    """
    edition = edition_of(revision)
    require(policy.submit(actor, contribution, revision, edition.language))
    _check_complete(contribution, edition, revision)
    house = house_of(contribution.organisation_id)
    if house.needs_clearance:
        step = "submit_for_clearance"
    else:
        step = "publish_own" if _is_own(contribution, edition, revision) else "submit"
    before = move(revision, step)
    revision.submitted_at = now()
    log(actor, "submit", contribution, revision, before, language=edition.language)
    if revision.state == State.AWAITING_CLEARANCE:
        approvers = members_with(contribution.organisation_id, Role.APPROVER, Role.COORDINATOR)
        others = [p for p in approvers if p != revision.author_id or house.author_may_clear]
        tell(others, "contribution.awaiting_clearance", actor, contribution, language=edition.language)
    else:
        _leave_the_house(actor, contribution, edition, revision, answer_days)


def clear(
    actor: Actor, contribution: Contribution, revision: Revision, answer_days: int = ANSWER_DAYS
) -> None:
    """Clear a text of one's own organisation; it goes on to the moderators. Forbidden, WrongState."""
    house = house_of(contribution.organisation_id)
    require(policy.clear(actor, contribution, revision, house))
    edition = edition_of(revision)
    before = move(revision, "clear_own" if _is_own(contribution, edition, revision) else "clear")
    log(actor, "clear", contribution, revision, before, language=edition.language)
    tell([revision.author_id], "contribution.cleared", actor, contribution, language=edition.language)
    _leave_the_house(actor, contribution, edition, revision, answer_days)


def send_back(actor: Actor, contribution: Contribution, revision: Revision, comment: str) -> None:
    """Give a text back to its author inside the house, with a reason. Forbidden, Invalid."""
    house = house_of(contribution.organisation_id)
    require(policy.send_back(actor, contribution, revision, house))
    require_comment(comment)
    edition = edition_of(revision)
    before = move(revision, "send_back")
    revision.submitted_at = None
    log(actor, "send_back", contribution, revision, before, language=edition.language, comment=comment)
    tell([revision.author_id], "contribution.sent_back", actor, contribution, comment=comment)


def withdraw(actor: Actor, contribution: Contribution, revision: Revision) -> None:
    """Take back what is not published; an open case closes. Forbidden, WrongState."""
    edition = edition_of(revision)
    require(policy.withdraw(actor, contribution, revision, edition.language))
    case = open_case_of(actor, revision)
    # The case before the revision, as every step of review does: two orders would be a deadlock.
    if case is not None:
        reviewer = case.claimed_by_id
        take(case, case.version, is_open=False, decision="withdraw", decided_at=now(), claimed_by_id=None)
        if reviewer is not None:
            tell([reviewer], "case.withdrawn", actor, contribution, case)
    before = move(revision, "withdraw")
    log(actor, "withdraw", contribution, revision, before, language=edition.language, case=case)


def appeal(
    actor: Actor, contribution: Contribution, revision: Revision, comment: str, answer_days: int = ANSWER_DAYS
) -> Case:
    """Ask that another moderator decide, once per decision, with a reason. Forbidden, Invalid."""
    decided = last_case_of(actor, revision)
    edition = edition_of(revision)
    require(policy.appeal(actor, contribution, revision, decided, edition.language))
    assert decided is not None  # policy.appeal has refused None
    require_comment(comment)
    before = move(revision, "appeal")
    case = _open_case(contribution, edition, revision, answer_days)
    case.round = decided.round
    case.previous_id = decided.previous_id
    case.appeal_of_id = decided.id
    case.excluded_moderator_id = decided.decided_by_id
    session().flush()
    log(
        actor, "appeal", contribution, revision, before, language=edition.language, case=case, comment=comment
    )
    _tell_moderators(actor, contribution, case, "case.appealed")
    return case


def require_comment(comment: str) -> None:
    """Raise Invalid at the field `comment` unless something is written there."""
    if not comment:
        raise Invalid("comment", _("Write a comment: the author needs to know why."))


def house_of(organisation_id: str) -> policy.House:
    """The rules of an organisation that the workflow asks for."""
    row = (
        session()
        .execute(
            select(Organisation.needs_clearance, Organisation.author_may_clear).where(
                Organisation.id == organisation_id
            )
        )
        .one()
    )
    return policy.House(*row)


def open_case_of(actor: Actor, revision: Revision) -> Case | None:
    """The open case of a revision, if it is with the moderators."""
    statement = select(Case).where(Case.revision_id == revision.id, Case.is_open)
    return session().scalars(scoped(actor, statement)).first()


def last_case_of(actor: Actor, revision: Revision) -> Case | None:
    """The latest case of a revision, open or decided."""
    statement = select(Case).where(Case.revision_id == revision.id).order_by(Case.opened_at.desc(), Case.id)
    return session().scalars(scoped(actor, statement)).first()


def _check_complete(contribution: Contribution, edition: Edition, revision: Revision) -> None:
    if not edition.is_original and contribution.published_at is None:
        raise WrongState(_("The original has to be published before a translation can be handed in."))
    if revision.is_unread_machine_draft:
        raise Invalid(
            "reviewed", _("A machine wrote this draft. Read and correct it, then tick that you have.")
        )
    about = About.of(revision) if edition.is_original else None
    check_complete(contribution.kind, Text.of(revision), about)
    check_files(revision)


def _is_own(contribution: Contribution, edition: Edition, revision: Revision) -> bool:
    if edition.is_original:
        return About.of(revision).audience == Audience.OWN
    return contribution.audience == Audience.OWN


def _leave_the_house(
    actor: Actor, contribution: Contribution, edition: Edition, revision: Revision, answer_days: int
) -> None:
    if revision.state == State.PUBLISHED:
        publish(actor, contribution, edition, revision)
        return
    case = _open_case(contribution, edition, revision, answer_days)
    _tell_moderators(actor, contribution, case, "case.opened")


def _open_case(contribution: Contribution, edition: Edition, revision: Revision, answer_days: int) -> Case:
    freeze_files(revision)
    organisation = session().get_one(Organisation, contribution.organisation_id)
    previous = _previous_round(edition, revision)
    case = Case(
        contribution_id=contribution.id,
        edition_id=edition.id,
        revision_id=revision.id,
        organisation_id=contribution.organisation_id,
        kind=contribution.kind,
        language=edition.language,
        region_code=organisation.region_code,
        round=revision.round,
        digest=snapshot_digest(contribution, revision),
        opened_at=now(),
        due_at=add_working_days(now(), answer_days),
        previous_id=previous,
        writer_id=revision.author_id,
    )
    session().add(case)
    session().flush()
    return case


def _previous_round(edition: Edition, revision: Revision) -> str | None:
    if revision.round == 1:
        return None
    statement = (
        select(Case.id)
        .where(Case.edition_id == edition.id, Case.decision.in_(("request_changes", "decline")))
        .order_by(Case.opened_at.desc(), Case.id)
    )
    return session().scalars(scoped(SYSTEM, statement)).first()


def _tell_moderators(actor: Actor, contribution: Contribution, case: Case, kind: str) -> None:
    moderators = eligible_moderators(case)
    if moderators:
        tell(moderators, kind, actor, contribution, case)
    else:
        tell(administrators(), "case.no_moderator", actor, contribution, case, language=case.language)
