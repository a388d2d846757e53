"""Dates that the parties of a thread meet on; each change is told with a calendar entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _

from portal.audit.actions import record
from portal.cooperation import policy
from portal.cooperation.actions._steps import check_text, people_of, tell
from portal.cooperation.models import Meeting, Party, Thread
from portal.core.access import Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Invalid, WrongState
from portal.editorial.terms import LATEST

TITLE_LIMIT, PLACE_LIMIT = 200, 500
LONGEST = timedelta(days=14)


@dataclass(frozen=True)
class When:
    """What a meeting is about, where it is, and from when to when (aware, UTC)."""

    title: str
    place: str
    starts_at: datetime
    ends_at: datetime


def meet(actor: Actor, thread: Thread, party: Party, when: When) -> Meeting:
    """Set a date; all who take part are told. Raises Forbidden, Invalid."""
    require(policy.take_part(actor, party))
    _check(when)
    meeting = Meeting(thread_id=thread.id, organisation_id=party.organisation_id, person_id=actor.person_id)
    _put(meeting, when)
    session().add(meeting)
    _told(actor, thread, meeting, "cooperation.meeting")
    return meeting


def move(actor: Actor, thread: Thread, party: Party, meeting: Meeting, when: When) -> None:
    """Change a date: the organisation that set it. Raises Forbidden, Invalid, WrongState."""
    _may_change(actor, party, meeting)
    _check(when)
    if when == When(meeting.title, meeting.place, meeting.starts_at, meeting.ends_at):
        return
    _put(meeting, when)
    meeting.sequence += 1
    _told(actor, thread, meeting, "cooperation.meeting_moved")


def call_off(actor: Actor, thread: Thread, party: Party, meeting: Meeting) -> None:
    """Call a meeting off: the organisation that set it. Raises Forbidden, WrongState."""
    _may_change(actor, party, meeting)
    meeting.called_off_at = now()
    meeting.sequence += 1
    _told(actor, thread, meeting, "cooperation.meeting_off")


def _may_change(actor: Actor, party: Party, meeting: Meeting) -> None:
    if meeting.called_off_at is not None:
        raise WrongState(_("This meeting is called off."))
    require(policy.change_meeting(actor, party, meeting))


def _check(when: When) -> None:
    check_text("title", when.title, TITLE_LIMIT)
    check_text("place", when.place, PLACE_LIMIT, needed=False)
    if when.ends_at <= when.starts_at:
        raise Invalid("ends_at", _("The end comes before the beginning."))
    if when.ends_at - when.starts_at > LONGEST:
        raise Invalid("ends_at", _("A meeting lasts two weeks at most."))
    if when.starts_at < now() - timedelta(days=1):
        raise Invalid("starts_at", _("This date has passed."))
    if when.ends_at.date() > LATEST:
        raise Invalid("ends_at", _("Give a date between 2000 and 2099."))


def _put(meeting: Meeting, when: When) -> None:
    meeting.title, meeting.place = when.title, when.place
    meeting.starts_at, meeting.ends_at = when.starts_at, when.ends_at


def _told(actor: Actor, thread: Thread, meeting: Meeting, kind: str) -> None:
    thread.changed_at = now()
    session().flush()
    record(actor, kind.replace("cooperation.", "thread."), thread.id, meeting=meeting.id)
    tell(
        people_of(thread), kind, actor, thread.contribution_id, key=f"{meeting.id}:{meeting.sequence}",
        thread_id=thread.id, meeting_id=meeting.id,
    )  # fmt: skip
