"""Opening threads, letting third organisations in, and opening a thread of others with a reason."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, delete, select

from portal.audit.actions import record
from portal.cooperation import policy
from portal.cooperation.actions._steps import (
    NOTE_LIMIT,
    active_parties,
    check_text,
    coordinators,
    go_on,
    people_of,
    tell,
    wait_for_turn,
)
from portal.cooperation.models import (
    Interest,
    Opening,
    Party,
    PartyConsent,
    PartyState,
    Progress,
    Thread,
    ThreadSeen,
)
from portal.core.access import SYSTEM, Actor, require
from portal.core.clock import now
from portal.core.db import insert_into, session
from portal.core.errors import Invalid, WrongState
from portal.core.guard import scoped
from portal.editorial.models import Contribution
from portal.organisations.actors import labels_of_organisation
from portal.publishing.queries import labels

OPENED_FOR = timedelta(hours=1)
"""How long an administrator who gave a reason may read a thread of others."""


def open_between(actor: Actor, contribution: Contribution, interest: Interest, progress: Progress) -> Thread:
    """The thread between the organisation that answered and the house that asked, opened once."""
    statement = select(Thread).where(Thread.interest_id == interest.id)
    found = session().scalars(scoped(SYSTEM, statement)).first()
    if found is not None:
        return found
    thread = Thread(
        interest_id=interest.id, contribution_id=contribution.id, opened_at=now(), changed_at=now()
    )
    session().add(thread)
    session().flush()
    for organisation_id in (contribution.organisation_id, interest.organisation_id):
        session().add(
            Party(
                thread_id=thread.id,
                organisation_id=organisation_id,
                state=PartyState.ACTIVE,
                is_founder=True,
                since=now(),
            )
        )
    session().flush()
    go_on(progress, "talk")
    record(actor, "thread.opened", thread.id, contribution=contribution.id)
    return thread


def see(actor: Actor, thread: Thread, party: Party, moment: datetime) -> None:
    """Note that a person has read what was in the thread at `moment`. Raises Forbidden."""
    require(policy.take_part(actor, party))
    facts = {"organisation_id": party.organisation_id, "seen_at": moment}
    row = insert_into(ThreadSeen).values(thread_id=thread.id, person_id=actor.person_id, **facts)
    session().execute(row.on_conflict_do_update(index_elements=["thread_id", "person_id"], set_=facts))


def invite(actor: Actor, thread: Thread, party: Party, organisation_id: str) -> Party:
    """Propose to let a third organisation in; both founders have to consent before it is asked.

    Raises Forbidden, WrongState for one that is in already or asked, and Invalid for one that may
    not read the need or offer itself.
    """
    require(policy.let_in(actor, party))
    wait_for_turn(thread)
    if not labels_of_organisation(organisation_id) & labels(thread.contribution_id):
        raise Invalid(
            "organisation",
            _("This organisation may not read what the thread is about. Widen its audience first."),
        )
    row = _party(thread, organisation_id)
    if row is not None and row.state != PartyState.DECLINED:
        raise WrongState(_("This organisation takes part already, or is asked to."))
    if row is None:
        row = Party(thread_id=thread.id, organisation_id=organisation_id)
        session().add(row)
    row.state, row.proposed_by_id, row.since = PartyState.PROPOSED, party.organisation_id, now()
    session().flush()
    # What was consented to before it declined, or was refused, does not count again.
    session().execute(delete(PartyConsent).where(_consents(thread, organisation_id)))
    record(actor, "thread.invited", thread.id, invited=organisation_id)
    consent(actor, thread, party, organisation_id)
    return row


def consent(actor: Actor, thread: Thread, party: Party, organisation_id: str) -> None:
    """Agree that a proposed organisation is let in; with the last founder's word it is asked.

    Raises Forbidden, and WrongState for one that nobody proposed.
    """
    require(policy.let_in(actor, party))
    proposed = _proposed(thread, organisation_id)
    held = select(PartyConsent.by_organisation_id).where(_consents(thread, organisation_id))
    agreed = set(session().scalars(scoped(SYSTEM, held)))
    if party.organisation_id in agreed:
        return
    session().add(
        PartyConsent(
            thread_id=thread.id,
            organisation_id=organisation_id,
            by_organisation_id=party.organisation_id,
            person_id=actor.person_id,
            at=now(),
        )
    )
    thread.changed_at = now()
    session().flush()
    record(actor, "thread.consented", thread.id, invited=organisation_id)
    founders = {p.organisation_id for p in active_parties(thread) if p.is_founder}
    waiting = founders - agreed - {party.organisation_id}
    if waiting:
        tell(
            coordinators(waiting), "cooperation.consent", actor, thread.contribution_id,
            thread_id=thread.id, organisation_id=organisation_id,
        )  # fmt: skip
        return
    proposed.state, proposed.since = PartyState.INVITED, now()
    tell(
        coordinators([organisation_id]), "cooperation.invited", actor, thread.contribution_id,
        thread_id=thread.id,
    )  # fmt: skip


def refuse(actor: Actor, thread: Thread, party: Party, organisation_id: str) -> None:
    """Refuse that a proposed organisation is let in, which it is not told of. Forbidden, WrongState."""
    require(policy.let_in(actor, party))
    proposed = _proposed(thread, organisation_id)
    proposed.state, proposed.since = PartyState.DECLINED, now()
    thread.changed_at = now()
    session().flush()
    record(actor, "thread.refused", thread.id, invited=organisation_id)


def answer_invitation(actor: Actor, thread: Thread, party: Party, *, accepts: bool) -> None:
    """Join a thread that one's organisation is invited to, or decline. Raises Forbidden."""
    wait_for_turn(thread)
    _party(thread, party.organisation_id)  # what stands there now that it is our turn
    require(policy.answer_invitation(actor, party))
    party.state, party.since = PartyState.ACTIVE if accepts else PartyState.DECLINED, now()
    thread.changed_at = now()
    session().flush()
    record(actor, "thread.joined" if accepts else "thread.declined", thread.id)
    tell(
        people_of(thread), "cooperation.joined" if accepts else "cooperation.declined", actor,
        thread.contribution_id, thread_id=thread.id, organisation_id=party.organisation_id,
    )  # fmt: skip


def open_with_reason(actor: Actor, thread: Thread, reason: str) -> Opening:
    """Open a thread of others for an hour, with a reason that its parties are told. Forbidden, Invalid."""
    require(policy.open_with_reason(actor))
    check_text("reason", reason, NOTE_LIMIT)
    opening = Opening(
        thread_id=thread.id, person_id=actor.person_id, reason=reason, at=now(), until=now() + OPENED_FOR
    )
    session().add(opening)
    session().flush()
    record(actor, "thread.opened_with_reason", thread.id, opening=opening.id)
    tell(
        people_of(thread), "cooperation.opened", actor, thread.contribution_id, thread_id=thread.id,
        reason=reason,
    )  # fmt: skip
    return opening


def _proposed(thread: Thread, organisation_id: str) -> Party:
    """The party that waits for the founders' word, which one at a time gives."""
    wait_for_turn(thread)
    found = _party(thread, organisation_id)
    if found is None or found.state != PartyState.PROPOSED:
        raise WrongState(_("This organisation is not proposed any more."))
    return found


def _consents(thread: Thread, organisation_id: str) -> ColumnElement[bool]:
    return and_(PartyConsent.thread_id == thread.id, PartyConsent.organisation_id == organisation_id)


def _party(thread: Thread, organisation_id: str) -> Party | None:
    statement = select(Party).where(Party.thread_id == thread.id, Party.organisation_id == organisation_id)
    # Somebody else may have changed it while this request waited for its turn.
    fresh = statement.execution_options(populate_existing=True)
    return session().scalars(scoped(SYSTEM, fresh)).first()
