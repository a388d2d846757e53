"""A meeting as an iCalendar invitation (RFC 5545, 5546), which calendars take up, move and call off."""

from __future__ import annotations

from email.utils import parseaddr

from icalendar import Calendar, Event, vCalAddress, vText

from portal.cooperation.models import Meeting
from portal.core.access import Actor
from portal.core.clock import now


def method(meeting: Meeting) -> str:
    """What the invitation asks of a calendar."""
    return "REQUEST" if meeting.called_off_at is None else "CANCEL"


def invitation(meeting: Meeting, organiser: str, attendee: Actor, sender: str, host: str, page: str) -> bytes:
    """The invitation of one person, whose address it names; other people's addresses are told to nobody.

    `sender` is the portal's own address, `organiser` the name of the organisation that set the
    date, `page` the address of the thread. The UID is the meeting's for good, SEQUENCE goes up
    with every change, and times are in UTC.
    """
    event = Event()
    event.add("uid", f"{meeting.id}@{host}")
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", now())
    event.add("dtstart", meeting.starts_at)
    event.add("dtend", meeting.ends_at)
    event.add("summary", meeting.title)
    if meeting.place:
        event.add("location", meeting.place)
    event.add("url", page)
    event.add("status", "CONFIRMED" if meeting.called_off_at is None else "CANCELLED")
    event.add("organizer", _address(parseaddr(sender)[1], organiser), encode=False)
    guest = _address(attendee.email, attendee.name)
    guest.params["ROLE"], guest.params["RSVP"] = vText("REQ-PARTICIPANT"), vText("FALSE")
    event.add("attendee", guest, encode=False)
    whole = Calendar()
    whole.add("prodid", "-//Customs Exchange//Cooperation//EN")
    whole.add("version", "2.0")
    whole.add("method", method(meeting))
    whole.add_component(event)
    return bytes(whole.to_ical())


def _address(address: str, name: str) -> vCalAddress:
    found = vCalAddress(f"MAILTO:{address}")
    found.params["CN"] = vText(name)
    return found
