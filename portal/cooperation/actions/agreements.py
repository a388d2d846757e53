"""Agreeing on who does what by when, reporting on it, and turning what came of it into a lesson."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import delete, select

from portal.audit.actions import record
from portal.cooperation import policy
from portal.cooperation.actions._steps import (
    NOTE_LIMIT,
    active_parties,
    check_language,
    check_text,
    go_on_if_open,
    people_of,
    tell,
    wait_for_turn,
)
from portal.cooperation.models import (
    Agreement,
    AgreementConsent,
    Commitment,
    CommitmentNote,
    CommitmentState,
    Party,
    Thread,
)
from portal.core.access import SYSTEM, Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Invalid, Stale, WrongState
from portal.core.guard import scoped
from portal.editorial import actions as editorial
from portal.editorial.models import Contribution, Kind, LessonCredit
from portal.editorial.terms import EARLIEST, LATEST
from portal.editorial.texts import About, Text

MOST_COMMITMENTS = 20


@dataclass(frozen=True)
class Promise:
    """A commitment as it is proposed: who, what, by when."""

    organisation_id: str
    what: str
    due_on: date


def propose(
    actor: Actor, thread: Thread, party: Party, summary: str, promises: Sequence[Promise], language: str,
    version: int,
) -> Agreement:  # fmt: skip
    """Propose what the parties agree on, or another wording of it; one's own organisation agrees with it.

    `version` is that of the proposal on the page, 0 for none. Raises Forbidden, Invalid at
    `summary` or `what-<n>`, `by-<n>`, `due_on-<n>`, Stale, and WrongState once it is agreed.
    """
    require(policy.speak_for(actor, party))
    check_text("summary", summary)
    check_language(language)
    _check(thread, promises)
    wait_for_turn(thread)
    agreement = _of(thread)
    if agreement is not None and agreement.agreed_at is not None:
        raise WrongState(_("This is agreed already. Report on the commitments instead."))
    if (agreement.version if agreement is not None else 0) != version:
        raise Stale(theirs=agreement)
    if agreement is None:
        agreement = Agreement(thread_id=thread.id, version=0)
        session().add(agreement)
    agreement.organisation_id, agreement.language = party.organisation_id, language
    agreement.summary, agreement.version, agreement.proposed_at = summary, version + 1, now()
    session().flush()
    _put_commitments(agreement, promises)
    thread.changed_at = now()
    session().flush()
    record(actor, "agreement.proposed", agreement.id, thread=thread.id)
    tell(people_of(thread), "cooperation.proposed", actor, thread.contribution_id, thread_id=thread.id)
    agree(actor, thread, party, agreement, agreement.version)
    return agreement


def agree(actor: Actor, thread: Thread, party: Party, agreement: Agreement, version: int) -> None:
    """Agree for one's organisation to the wording on the page; it holds once all parties have.

    Raises Forbidden, Stale for another wording, WrongState once it is agreed.
    """
    require(policy.speak_for(actor, party))
    wait_for_turn(thread)
    _of(thread)  # what stands there now that it is our turn
    if agreement.agreed_at is not None:
        raise WrongState(_("This is agreed already. Report on the commitments instead."))
    if agreement.version != version:
        raise Stale(theirs=agreement)
    key = (agreement.id, party.organisation_id)
    row = session().get(AgreementConsent, key, execution_options={"scope": SYSTEM})
    if row is None:
        row = AgreementConsent(agreement_id=agreement.id, organisation_id=party.organisation_id)
        session().add(row)
    assert actor.person_id is not None  # the policy has asked
    row.version, row.person_id, row.at = version, actor.person_id, now()
    session().flush()
    record(actor, "agreement.agreed", agreement.id, thread=thread.id)
    statement = select(AgreementConsent.organisation_id).where(
        AgreementConsent.agreement_id == agreement.id, AgreementConsent.version == version
    )
    agreed = set(session().scalars(scoped(SYSTEM, statement)))
    if {p.organisation_id for p in active_parties(thread)} <= agreed:
        agreement.agreed_at = thread.changed_at = now()
        session().flush()
        go_on_if_open(thread.contribution_id, "agree")
        tell(people_of(thread), "cooperation.agreed", actor, thread.contribution_id, thread_id=thread.id)


def note(
    actor: Actor, thread: Thread, agreement: Agreement, commitment: Commitment, text: str, language: str
) -> CommitmentNote:
    """Report on a commitment of one's organisation. Raises Forbidden, Invalid, WrongState."""
    require(policy.report_progress(actor, commitment))
    _require_agreed(agreement)
    check_text("text", text, NOTE_LIMIT)
    check_language(language)
    written = CommitmentNote(
        commitment_id=commitment.id, organisation_id=commitment.organisation_id, person_id=actor.person_id,
        language=language, text=text, at=now(),
    )  # fmt: skip
    session().add(written)
    thread.changed_at = now()
    session().flush()
    go_on_if_open(thread.contribution_id, "begin")
    record(actor, "commitment.noted", commitment.id, thread=thread.id)
    tell(
        people_of(thread), "cooperation.progress", actor, thread.contribution_id, thread_id=thread.id,
        commitment_id=commitment.id,
    )  # fmt: skip
    return written


def settle(
    actor: Actor, thread: Thread, agreement: Agreement, commitment: Commitment, state: CommitmentState,
    reason: str,
) -> None:  # fmt: skip
    """Say that a commitment is met, or dropped with the reason. Raises Forbidden, Invalid, WrongState."""
    wait_for_turn(thread)
    statement = select(Commitment).where(Commitment.id == commitment.id)
    session().scalars(scoped(actor, statement.execution_options(populate_existing=True))).one()
    if commitment.state != CommitmentState.OPEN:
        raise WrongState(_("This commitment is closed already."))
    require(policy.settle(actor, commitment))
    _require_agreed(agreement)
    check_text("reason", reason, NOTE_LIMIT, needed=state == CommitmentState.DROPPED)
    if state == CommitmentState.OPEN:
        raise Invalid("state", _("Say whether it is met or dropped."))
    commitment.state, commitment.reason, commitment.closed_at = state, reason, now()
    thread.changed_at = now()
    session().flush()
    go_on_if_open(thread.contribution_id, "begin")
    record(actor, f"commitment.{state}", commitment.id, thread=thread.id)
    tell(
        people_of(thread), f"cooperation.commitment_{state}", actor, thread.contribution_id,
        thread_id=thread.id, commitment_id=commitment.id,
    )  # fmt: skip


def begin_lesson(
    actor: Actor, thread: Thread, party: Party, agreement: Agreement, text: Text, about: About, language: str
) -> Contribution:
    """Begin a lesson of one's organisation from what came of an agreement, credited to all its parties.

    `text` is what is known already (see `drafting`). One lesson an agreement: a second time leads
    to the first. Raises Forbidden, and WrongState before all have agreed, or where another party has begun.
    """
    require(policy.take_part(actor, party) and actor.organisation_id == party.organisation_id)
    wait_for_turn(thread)
    _of(thread)
    _require_agreed(agreement)
    if agreement.lesson_id is not None:
        return _lesson_of(actor, party, agreement.lesson_id)
    lesson = editorial.create(actor, Kind.LESSON_LEARNED, language, text, about, f"lesson{agreement.id}")
    agreement.lesson_id, thread.changed_at = lesson.id, now()
    for other in active_parties(thread):
        session().add(LessonCredit(contribution_id=lesson.id, organisation_id=other.organisation_id))
    session().flush()
    record(actor, "agreement.lesson_begun", agreement.id, lesson=lesson.id)
    return lesson


def _lesson_of(actor: Actor, party: Party, lesson_id: str) -> Contribution:
    statement = select(Contribution).where(
        Contribution.id == lesson_id, Contribution.organisation_id == party.organisation_id
    )
    found = session().scalars(scoped(actor, statement)).first()
    if found is None:
        raise WrongState(_("Another party has begun the lesson already."))
    return found


def _check(thread: Thread, promises: Sequence[Promise]) -> None:
    if not promises:
        raise Invalid("what-0", _("Name at least one commitment: who does what by when."))
    if len(promises) > MOST_COMMITMENTS:
        raise Invalid("summary", _("An agreement has at most %(count)s commitments.", count=MOST_COMMITMENTS))
    parties = {party.organisation_id for party in active_parties(thread)}
    for number, promise in enumerate(promises):
        check_text(f"what-{number}", promise.what, NOTE_LIMIT)
        if promise.organisation_id not in parties:
            raise Invalid(f"by-{number}", _("Choose an organisation that takes part."))
        if not EARLIEST <= promise.due_on <= LATEST:
            raise Invalid(f"due_on-{number}", _("Give a date between 2000 and 2099."))


def _put_commitments(agreement: Agreement, promises: Sequence[Promise]) -> None:
    """Make these the commitments of a wording; nobody has reported on any before all have agreed."""
    session().execute(delete(Commitment).where(Commitment.agreement_id == agreement.id))
    session().add_all(
        Commitment(
            agreement_id=agreement.id,
            organisation_id=promise.organisation_id,
            position=position,
            what=promise.what,
            language=agreement.language,
            due_on=promise.due_on,
        )
        for position, promise in enumerate(promises)
    )


def _of(thread: Thread) -> Agreement | None:
    statement = select(Agreement).where(Agreement.thread_id == thread.id)
    # Somebody else may have changed it while this request waited for its turn.
    fresh = statement.execution_options(populate_existing=True)
    return session().scalars(scoped(SYSTEM, fresh)).first()


def _require_agreed(agreement: Agreement) -> None:
    if agreement.agreed_at is None:
        raise WrongState(_("Not all parties have agreed yet."))
