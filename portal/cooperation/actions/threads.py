"""Talking in a thread, letting third organisations in, and opening a thread of others with a reason."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from portal.audit.actions import record
from portal.cooperation import policy
from portal.cooperation.actions._steps import (
    NOTE_LIMIT,
    active_parties,
    check_language,
    check_text,
    coordinators,
    go_on,
    people_of,
    tell,
)
from portal.cooperation.models import (
    Interest,
    Opening,
    Party,
    PartyConsent,
    PartyState,
    Thread,
    ThreadMessage,
    ThreadSeen,
)
from portal.core.access import SYSTEM, Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Invalid, WrongState
from portal.core.guard import scoped
from portal.editorial.models import Contribution
from portal.organisations.actors import labels_of_organisation
from portal.publishing.queries import labels

OPENED_FOR = timedelta(hours=1)
"""How long an administrator who gave a reason may read a thread of others."""


def open_between(actor: Actor, contribution: Contribution, interest: Interest) -> Thread:
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
    go_on(contribution.id, "talk")
    record(actor, "thread.opened", thread.id, contribution=contribution.id)
    return thread


def write(
    actor: Actor, thread: Thread, party: Party, body: str, language: str, form_token: str
) -> ThreadMessage:
    """Write a message for one's organisation; a form sent twice makes one. Forbidden, Invalid."""
    require(policy.take_part(actor, party))
    check_text("body", body)
    check_language(language)
    token = f"{actor.person_id}:{form_token}"
    statement = select(ThreadMessage).where(ThreadMessage.form_token == token)
    found = session().scalars(scoped(actor, statement)).first()
    if found is not None:
        return found
    message = ThreadMessage(
        thread_id=thread.id,
        organisation_id=party.organisation_id,
        person_id=actor.person_id,
        form_token=token,
        language=language,
        body=body,
        at=now(),
    )
    session().add(message)
    thread.changed_at = message.at
    session().flush()
    record(actor, "thread.message", thread.id, message=message.id)
    tell(people_of(thread), "cooperation.message", actor, thread.contribution_id, thread_id=thread.id)
    return message


def see(actor: Actor, thread: Thread, party: Party) -> None:
    """Note that a person has the thread open now: what is there is read. Raises Forbidden."""
    require(policy.take_part(actor, party))
    statement = select(ThreadSeen).where(
        ThreadSeen.thread_id == thread.id, ThreadSeen.person_id == actor.person_id
    )
    row = session().scalars(scoped(actor, statement)).first()
    if row is None:
        row = ThreadSeen(thread_id=thread.id, person_id=actor.person_id)
        session().add(row)
    row.organisation_id, row.seen_at = party.organisation_id, now()
    session().flush()


def invite(actor: Actor, thread: Thread, party: Party, organisation_id: str) -> Party:
    """Propose to let a third organisation in; both founders have to consent before it is asked.

    Raises Forbidden, WrongState for one that is in already or asked, and Invalid for one that may
    not read the need or offer itself.
    """
    require(policy.speak_for(actor, party))
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
    record(actor, "thread.invited", thread.id, invited=organisation_id)
    consent(actor, thread, party, organisation_id)
    return row


def consent(actor: Actor, thread: Thread, party: Party, organisation_id: str) -> None:
    """Agree that a proposed organisation is let in; with the last founder's word it is asked.

    Raises Forbidden, and WrongState for one that nobody proposed.
    """
    require(policy.speak_for(actor, party))
    proposed = _party(thread, organisation_id)
    if proposed is None or proposed.state != PartyState.PROPOSED:
        raise WrongState(_("This organisation is not proposed any more."))
    held = select(PartyConsent.by_organisation_id).where(
        PartyConsent.thread_id == thread.id, PartyConsent.organisation_id == organisation_id
    )
    agreed = set(session().scalars(scoped(SYSTEM, held)))
    if party.organisation_id not in agreed:
        session().add(
            PartyConsent(
                thread_id=thread.id,
                organisation_id=organisation_id,
                by_organisation_id=party.organisation_id,
                person_id=actor.person_id,
                at=now(),
            )
        )
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


def answer_invitation(actor: Actor, thread: Thread, party: Party, *, accepts: bool) -> None:
    """Join a thread that one's organisation is invited to, or decline. Raises Forbidden."""
    require(policy.answer_invitation(actor, party))
    party.state, party.since = PartyState.ACTIVE if accepts else PartyState.DECLINED, now()
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


def _party(thread: Thread, organisation_id: str) -> Party | None:
    statement = select(Party).where(Party.thread_id == thread.id, Party.organisation_id == organisation_id)
    return session().scalars(scoped(SYSTEM, statement)).first()
