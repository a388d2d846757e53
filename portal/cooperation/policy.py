"""Who may do what in cooperation: pure functions of the actor and the things.

That the actor may read the need or offer, or is in the thread, the query that loads it has settled
(`queries.thread` gives the actor's own party). An organisation's word is its coordinator's:
replies, agreements, commitments (shared/product.md, "People"); its contributors take part in talks.
"""

from __future__ import annotations

from datetime import date

from portal.cooperation.models import Commitment, CommitmentState, Meeting, Party, PartyState
from portal.cooperation.progress import Stage
from portal.core.access import Actor
from portal.editorial.models import EXCHANGE, Contribution


def is_exchange(contribution: Contribution) -> bool:
    """True for a need or an offer that readers see."""
    return contribution.kind in EXCHANGE and contribution.is_live


def reply(actor: Actor, contribution: Contribution, stage: Stage) -> bool:
    """May answer for the acting organisation: its coordinator, on what another organisation posted."""
    if not is_exchange(contribution) or stage == Stage.CLOSED or actor.organisation_id is None:
        return False
    if actor.organisation_id == contribution.organisation_id:
        return False
    return actor.has_role(actor.organisation_id, "coordinator")


def read_answers(actor: Actor, contribution: Contribution) -> bool:
    """May read all answers: the contributors of the house that asked."""
    return actor.has_role(contribution.organisation_id, "contributor")


def circulate(actor: Actor, contribution: Contribution, stage: Stage) -> bool:
    """May have it sent round, again to others too: the coordinator of its house, or the secretariat."""
    if not is_exchange(contribution) or stage == Stage.CLOSED:
        return False
    return actor.is_administrator or actor.has_role(contribution.organisation_id, "coordinator")


def close(actor: Actor, contribution: Contribution, stage: Stage) -> bool:
    """May close it with its outcome: the coordinator of its house."""
    return stage != Stage.CLOSED and _coordinates(actor, contribution)


def reopen(actor: Actor, contribution: Contribution, stage: Stage) -> bool:
    """May open again what was closed: the coordinator of its house."""
    return stage == Stage.CLOSED and _coordinates(actor, contribution)


def see_unanswered(actor: Actor) -> bool:
    """May see which of the needs that they may read nobody has answered: the secretariat."""
    return actor.is_administrator


def take_part(actor: Actor, party: Party) -> bool:
    """May read and write in a thread: contributors of an organisation that is in it."""
    return party.state == PartyState.ACTIVE and actor.has_role(party.organisation_id, "contributor")


def speak_for(actor: Actor, party: Party) -> bool:
    """May bind an organisation in a thread: its coordinator."""
    return party.state == PartyState.ACTIVE and actor.has_role(party.organisation_id, "coordinator")


def let_in(actor: Actor, party: Party) -> bool:
    """May propose that a third organisation is let in, consent or refuse: a coordinator of either founder."""
    return party.is_founder and speak_for(actor, party)


def change_meeting(actor: Actor, party: Party, meeting: Meeting) -> bool:
    """May move a meeting or call it off: those of the organisation that set it, while it stands."""
    if meeting.called_off_at is not None or party.organisation_id != meeting.organisation_id:
        return False
    return take_part(actor, party)


def answer_invitation(actor: Actor, party: Party) -> bool:
    """May accept or decline to join a thread: the coordinator of the invited organisation."""
    return party.state == PartyState.INVITED and actor.has_role(party.organisation_id, "coordinator")


def report_progress(actor: Actor, commitment: Commitment) -> bool:
    """May write a progress note on a commitment: contributors of the organisation that made it."""
    return actor.has_role(commitment.organisation_id, "contributor")


def settle(actor: Actor, commitment: Commitment) -> bool:
    """May say that a commitment is met or dropped: the coordinator of the organisation that made it."""
    if commitment.state != CommitmentState.OPEN:
        return False
    return actor.has_role(commitment.organisation_id, "coordinator")


def open_with_reason(actor: Actor) -> bool:
    """May open a thread of others with a reason, which is logged and shown to its parties."""
    return actor.is_administrator


def is_late(commitment: Commitment, today: date) -> bool:
    """True for a commitment that is open past its date."""
    return commitment.state == CommitmentState.OPEN and commitment.due_on < today


def _coordinates(actor: Actor, contribution: Contribution) -> bool:
    return is_exchange(contribution) and actor.has_role(contribution.organisation_id, "coordinator")
