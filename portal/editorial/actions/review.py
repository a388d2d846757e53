"""The moderators' steps: claim, release, hand over, approve, request changes, decline, propose an edit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from portal.core.access import SYSTEM, Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Invalid, Stale, WrongState
from portal.core.guard import scoped
from portal.core.text import paragraphs, to_plain
from portal.editorial import policy
from portal.editorial.actions._steps import edition_of, eligible_moderators, log, move, take, tell
from portal.editorial.actions.files import check_all_looked_at, put_files
from portal.editorial.actions.publication import publish
from portal.editorial.actions.submission import open_case_of, require_comment
from portal.editorial.models import Case, CaseNote, Contribution, Revision, State
from portal.editorial.texts import Text, check_size, missing, snapshot_digest

CLAIM_DAYS = 3


def claim(actor: Actor, case: Case, expected_version: int, claim_days: int = CLAIM_DAYS) -> None:
    """Take a case for review; the claim runs out after `claim_days`. Forbidden, Stale, WrongState."""
    require(policy.review(actor, case))
    if not policy.claim(actor, case, now()):
        raise WrongState(_("Another moderator has taken this submission."))
    contribution, revision = _subject(case)
    if revision.state == State.IN_REVIEW:
        expire(case, contribution, revision)
        expected_version = case.version
    take(
        case,
        expected_version,
        claimed_by_id=actor.person_id,
        claim_expires_at=now() + timedelta(days=claim_days),
    )
    before = move(revision, "claim")
    _log(actor, "claim", case, contribution, revision, before)


def release(actor: Actor, case: Case, expected_version: int) -> None:
    """Give a case back to the queue. Forbidden, Stale."""
    contribution, revision = _decidable(actor, case)
    take(case, expected_version, claimed_by_id=None, claim_expires_at=None)
    before = move(revision, "release")
    _log(actor, "release", case, contribution, revision, before)


def hand_over(
    actor: Actor,
    case: Case,
    expected_version: int,
    to_person: str,
    comment: str = "",
    claim_days: int = CLAIM_DAYS,
) -> None:
    """Pass a case on to another moderator who may review it. Forbidden, Invalid, Stale."""
    contribution, revision = _decidable(actor, case)
    if to_person == actor.person_id or to_person not in eligible_moderators(case):
        raise Invalid("to", _("Choose a moderator from the list."))
    take(case, expected_version, claimed_by_id=to_person, claim_expires_at=now() + timedelta(days=claim_days))
    before = move(revision, "hand_over")
    _log(actor, "hand_over", case, contribution, revision, before, comment)
    tell([to_person], "case.handed_over", actor, contribution, case, comment=comment)


def approve(
    actor: Actor,
    case: Case,
    expected_version: int,
    expected_digest: str,
    *,
    changes_meaning: bool = False,
    comment: str = "",
) -> None:
    """Publish what was reviewed; the moderator says whether it changes the meaning.

    Raises Forbidden, WrongState, Invalid while a file is being checked, and Stale when anything of
    the snapshot changed meanwhile.
    """
    contribution, revision = _decidable(actor, case)
    _same_snapshot(contribution, revision, expected_digest)
    check_all_looked_at(revision)
    _close(actor, case, expected_version, "approve", comment)
    before = move(revision, "approve")
    revision.changes_meaning = changes_meaning
    _log(actor, "approve", case, contribution, revision, before, comment)
    publish(actor, contribution, edition_of(revision), revision)
    tell(
        [revision.author_id],
        "contribution.published",
        actor,
        contribution,
        case,
        comment=comment,
        language=case.language,
    )


def request_changes(
    actor: Actor, case: Case, expected_version: int, expected_digest: str, comment: str
) -> None:
    """Give a text back to its author with what to change. Forbidden, Invalid, Stale."""
    _refuse(actor, case, expected_version, expected_digest, comment, "request_changes")


def decline(actor: Actor, case: Case, expected_version: int, expected_digest: str, comment: str) -> None:
    """Decline a text with the reason; its author may appeal once. Forbidden, Invalid, Stale."""
    _refuse(actor, case, expected_version, expected_digest, comment, "decline")


def propose_edit(
    actor: Actor, case: Case, expected_version: int, expected_digest: str, text: Text, comment: str
) -> None:
    """Propose a wording; the author confirms it before it is published. Forbidden, Invalid, Stale."""
    contribution, revision = _decidable(actor, case)
    _same_snapshot(contribution, revision, expected_digest)
    check_all_looked_at(revision)  # the author's yes publishes them
    require_comment(comment)
    check_size(text)
    needed = missing(contribution.kind, text, None)
    if needed:
        raise Invalid(*next(iter(needed.items())))
    if text == Text.of(revision):
        raise Invalid("title", _("The proposed text is the same as the submitted one."))
    proposal = {"title": text.title, "summary": text.summary, "parts": text.parts}
    take(case, expected_version, proposal=proposal, comment=comment)
    before = move(revision, "propose_edit")
    _log(actor, "propose_edit", case, contribution, revision, before, comment)
    tell([revision.author_id], "contribution.edit_proposed", actor, contribution, case, comment=comment)


def confirm_edit(actor: Actor, contribution: Contribution, revision: Revision) -> Revision:
    """Accept the moderator's wording: it becomes the next version and is published. Forbidden."""
    edition = edition_of(revision)
    require(policy.confirm_edit(actor, contribution, revision, edition.language))
    case = open_case_of(actor, revision)
    if case is None or case.proposal is None:
        raise WrongState
    proposal, moderator, holder = case.proposal, case.claimed_by_id, _holder(case)
    take(
        case,
        case.version,
        is_open=False,
        decision="approve",
        decided_by_id=moderator,
        decided_at=now(),
        claimed_by_id=None,
    )
    before = move(revision, "confirm_edit")
    _log(actor, "confirm_edit", case, contribution, revision, before, as_moderator=False)
    following = _proposed(revision, edition.id, proposal, moderator or revision.author_id)
    publish(actor, contribution, edition, following)
    tell(holder, "case.edit_confirmed", actor, contribution, case)
    return following


def _proposed(revision: Revision, edition_id: str, proposal: dict[str, Any], editor_id: str) -> Revision:
    """The version after `revision` with the moderator's words; its author stays the author."""
    following = Revision(
        edition_id=edition_id,
        number=revision.number + 1,
        round=revision.round,
        state=State.PUBLISHED,
        author_id=revision.author_id,
        editor_id=editor_id,
        title=proposal["title"],
        summary=proposal["summary"],
        parts=proposal["parts"],
        about=revision.about,
        based_on_id=revision.based_on_id,
        changes_meaning=revision.changes_meaning,
        is_machine=revision.is_machine,
        machine_reviewed_by_id=revision.machine_reviewed_by_id,
        created_at=now(),
        updated_at=now(),
        submitted_at=revision.submitted_at,
    )
    session().add(following)
    session().flush()
    put_files(following, revision.files)
    return following


def refuse_edit(actor: Actor, contribution: Contribution, revision: Revision, comment: str) -> None:
    """Keep one's own wording, with the reason; the moderator decides on it. Forbidden, Invalid."""
    require(policy.confirm_edit(actor, contribution, revision, edition_of(revision).language))
    require_comment(comment)
    case = open_case_of(actor, revision)
    if case is None:
        raise WrongState
    take(case, case.version, proposal=None, claim_expires_at=now() + timedelta(days=CLAIM_DAYS))
    before = move(revision, "refuse_edit")
    _log(actor, "refuse_edit", case, contribution, revision, before, comment, as_moderator=False)
    tell(_holder(case), "case.edit_refused", actor, contribution, case, comment=comment)


def note(actor: Actor, case: Case, part: str, paragraph: int, text: str) -> CaseNote:
    """Pin a comment to a paragraph of the text under review. Forbidden, Invalid."""
    _contribution, revision = _decidable(actor, case)
    if not text:
        raise Invalid("note", _("Write the comment."))
    pieces = {"title": revision.title, "summary": revision.summary, **revision.parts}
    if part not in pieces:
        raise Invalid("note", _("This paragraph is not part of the text."))
    quoted = paragraphs(pieces[part])[paragraph : paragraph + 1]
    pinned = CaseNote(
        case_id=case.id,
        author_id=actor.person_id,
        part=part,
        paragraph=paragraph,
        quote=to_plain(quoted[0]).replace("\n", " ")[:300] if quoted else "",
        text=text,
        created_at=now(),
    )
    session().add(pinned)
    return pinned


def expire_claims() -> int:
    """Give back every case whose claim has run out; called by the worker. Returns how many."""
    statement = select(Case).where(Case.is_open, Case.claim_expires_at < now())
    count = 0
    for case in session().scalars(scoped(SYSTEM, statement)).all():
        contribution, revision = _subject(case)
        if revision.state == State.IN_REVIEW:
            expire(case, contribution, revision)
            count += 1
    return count


def expire(case: Case, contribution: Contribution, revision: Revision) -> None:
    """Give one case back whose claim has run out, and tell the moderator who held it."""
    held_by = _holder(case)
    take(case, case.version, claimed_by_id=None, claim_expires_at=None)
    before = move(revision, "expire")
    _log(SYSTEM, "expire", case, contribution, revision, before)
    tell(held_by, "case.claim_expired", SYSTEM, contribution, case)


def _holder(case: Case) -> list[str]:
    return [case.claimed_by_id] if case.claimed_by_id is not None else []


def _refuse(
    actor: Actor, case: Case, expected_version: int, expected_digest: str, comment: str, step: str
) -> None:
    contribution, revision = _decidable(actor, case)
    require_comment(comment)
    _same_snapshot(contribution, revision, expected_digest)
    _close(actor, case, expected_version, step, comment)
    before = move(revision, step)
    _log(actor, step, case, contribution, revision, before, comment)
    kind = "contribution.changes_requested" if step == "request_changes" else "contribution.declined"
    tell([revision.author_id], kind, actor, contribution, case, comment=comment)


def _decidable(actor: Actor, case: Case) -> tuple[Contribution, Revision]:
    require(policy.review(actor, case))
    if not policy.decide(actor, case, now()):
        raise WrongState(_("You do not hold this submission, or your claim has run out. Take it first."))
    return _subject(case)


def _same_snapshot(contribution: Contribution, revision: Revision, expected: str) -> None:
    if snapshot_digest(contribution, revision) != expected:
        raise Stale(theirs=revision)


def _close(actor: Actor, case: Case, expected_version: int, decision: str, comment: str) -> None:
    take(
        case,
        expected_version,
        is_open=False,
        decision=decision,
        decided_by_id=actor.person_id,
        decided_at=now(),
        comment=comment,
        claimed_by_id=None,
        claim_expires_at=None,
    )


def _subject(case: Case) -> tuple[Contribution, Revision]:
    contribution = (
        session()
        .scalars(scoped(SYSTEM, select(Contribution).where(Contribution.id == case.contribution_id)))
        .one()
    )
    revision = (
        session().scalars(scoped(SYSTEM, select(Revision).where(Revision.id == case.revision_id))).one()
    )
    return contribution, revision


def _log(
    actor: Actor,
    step: str,
    case: Case,
    contribution: Contribution,
    revision: Revision,
    before: str,
    comment: str = "",
    as_moderator: bool = True,
) -> None:
    log(
        actor,
        step,
        contribution,
        revision,
        before,
        language=case.language,
        case=case,
        comment=comment,
        as_moderator=as_moderator and actor.is_signed_in,
    )
