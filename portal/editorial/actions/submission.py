"""Handing a text in: clearance inside the house, submission, taking it back, appeal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import select

from portal.core.access import SYSTEM, Actor, require
from portal.core.clock import add_working_days, now
from portal.core.db import new_id, session
from portal.core.errors import Invalid, WrongState
from portal.core.guard import scoped
from portal.editorial import policy
from portal.editorial.actions._steps import (
    administrators,
    edition_of,
    editions_of,
    eligible_for_each,
    event,
    log,
    log_all,
    members_with,
    move,
    move_all,
    take,
    tell,
)
from portal.editorial.actions.files import check_files, freeze_files
from portal.editorial.actions.publication import publish
from portal.editorial.models import Audience, Case, Contribution, Edition, Revision, State
from portal.editorial.texts import About, Text, check_complete, snapshot_digest
from portal.notifications.actions import notify_all
from portal.organisations.models import Organisation, Role

ANSWER_DAYS = 2


class Handed(NamedTuple):
    """A text that is handed in: of which contribution, in which language, which version."""

    contribution: Contribution
    edition: Edition
    revision: Revision


def submit(
    actor: Actor, contribution: Contribution, revision: Revision, answer_days: int = ANSWER_DAYS
) -> None:
    """Hand a draft in: to an approver where the house asks for clearance, else to the moderators.

    A text for one's own organisation needs no moderator. Raises Forbidden, WrongState, and
    Invalid with the first thing that is missing.
    """
    submit_all(actor, [(contribution, revision)], answer_days)


def submit_all(
    actor: Actor, drafts: Sequence[tuple[Contribution, Revision]], answer_days: int = ANSWER_DAYS
) -> None:
    """Hand many drafts in, as `submit` does each: all of them, or none and what `submit` raises for one.

    The number of statements does not grow with them, but for those that are published at once.
    """
    editions = editions_of([revision for _contribution, revision in drafts])
    by_step: dict[str, list[Handed]] = {}
    houses = {house: house_of(house) for house in {made.organisation_id for made, _revision in drafts}}
    for contribution, revision in drafts:
        text = Handed(contribution, editions[revision.edition_id], revision)
        require(policy.submit(actor, contribution, revision, text.edition.language))
        _check_complete(text)
        by_step.setdefault(_step_for(text, houses[contribution.organisation_id]), []).append(text)
    for step, handed in by_step.items():
        before = move_all([text.revision for text in handed], step)
        for text in handed:
            text.revision.submitted_at = now()
        log_all(actor, "submit", [(made, revision, of.language) for made, of, revision in handed], before)
        if step == "submit_for_clearance":
            _ask_for_clearance(actor, handed, houses)
        else:
            _leave_the_house(actor, handed, answer_days)


def clear(
    actor: Actor, contribution: Contribution, revision: Revision, answer_days: int = ANSWER_DAYS
) -> None:
    """Clear a text of one's own organisation; it goes on to the moderators. Forbidden, WrongState."""
    house = house_of(contribution.organisation_id)
    require(policy.clear(actor, contribution, revision, house))
    edition = edition_of(revision)
    text = Handed(contribution, edition, revision)
    before = move(revision, "clear_own" if _is_own(text) else "clear")
    log(actor, "clear", contribution, revision, before, language=edition.language)
    tell([revision.author_id], "contribution.cleared", actor, contribution, language=edition.language)
    _leave_the_house(actor, [text], answer_days)


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
    (case,) = _open_cases([Handed(contribution, edition, revision)], answer_days)
    case.round = decided.round
    case.previous_id = decided.previous_id
    case.appeal_of_id = decided.id
    case.excluded_moderator_id = decided.decided_by_id
    session().flush()
    log(
        actor, "appeal", contribution, revision, before, language=edition.language, case=case, comment=comment
    )
    _tell_moderators(actor, [(contribution, case)], "case.appealed")
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


def _check_complete(text: Handed) -> None:
    contribution, edition, revision = text
    if not edition.is_original and contribution.published_at is None:
        raise WrongState(_("The original has to be published before a translation can be handed in."))
    if revision.is_unread_machine_draft:
        raise Invalid(
            "reviewed", _("A machine wrote this draft. Read and correct it, then tick that you have.")
        )
    about = About.of(revision) if edition.is_original else None
    check_complete(contribution.kind, Text.of(revision), about)
    check_files(revision)


def _step_for(text: Handed, house: policy.House) -> str:
    if house.needs_clearance:
        return "submit_for_clearance"
    return "publish_own" if _is_own(text) else "submit"


def _is_own(text: Handed) -> bool:
    if text.edition.is_original:
        return About.of(text.revision).audience == Audience.OWN
    return text.contribution.audience == Audience.OWN


def _ask_for_clearance(actor: Actor, handed: Sequence[Handed], houses: Mapping[str, policy.House]) -> None:
    approvers = {
        house: members_with(house, Role.APPROVER, Role.COORDINATOR)
        for house in {text.contribution.organisation_id for text in handed}
    }
    events = []
    for made, edition, revision in handed:
        house = made.organisation_id
        others = [p for p in approvers[house] if p != revision.author_id or houses[house].author_may_clear]
        events.append(event(others, "contribution.awaiting_clearance", made, language=edition.language))
    notify_all(events, actor)


def _leave_the_house(actor: Actor, handed: Sequence[Handed], answer_days: int) -> None:
    """Publish texts that need no moderator, or open a case for each: all have come by the same step."""
    if handed[0].revision.state == State.PUBLISHED:
        for text in handed:
            publish(actor, *text)
        return
    cases = _open_cases(handed, answer_days)
    made = [text.contribution for text in handed]
    _tell_moderators(actor, list(zip(made, cases, strict=True)), "case.opened")


def _open_cases(handed: Sequence[Handed], answer_days: int) -> list[Case]:
    freeze_files([text.revision for text in handed])
    houses = {text.contribution.organisation_id for text in handed}
    regions = {house: session().get_one(Organisation, house).region_code for house in houses}
    cases = []
    for made, edition, revision in handed:
        cases.append(
            Case(
                id=new_id(),
                contribution_id=made.id,
                edition_id=edition.id,
                revision_id=revision.id,
                organisation_id=made.organisation_id,
                kind=made.kind,
                language=edition.language,
                region_code=regions[made.organisation_id],
                round=revision.round,
                digest=snapshot_digest(made, revision),
                opened_at=now(),
                due_at=add_working_days(now(), answer_days),
                previous_id=_previous_round(edition, revision),
                writer_id=revision.author_id,
            )
        )
    session().add_all(cases)
    session().flush()
    return cases


def _previous_round(edition: Edition, revision: Revision) -> str | None:
    if revision.round == 1:
        return None
    statement = (
        select(Case.id)
        .where(Case.edition_id == edition.id, Case.decision.in_(("request_changes", "decline")))
        .order_by(Case.opened_at.desc(), Case.id)
    )
    return session().scalars(scoped(SYSTEM, statement)).first()


def _tell_moderators(actor: Actor, opened: Sequence[tuple[Contribution, Case]], kind: str) -> None:
    eligible = eligible_for_each([case for _contribution, case in opened])
    in_their_stead = [] if all(eligible) else administrators()
    events = []
    for (made, case), moderators in zip(opened, eligible, strict=True):
        if moderators:
            events.append(event(moderators, kind, made, case))
        else:
            events.append(event(in_their_stead, "case.no_moderator", made, case, language=case.language))
    notify_all(events, actor)
