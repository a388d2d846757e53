"""All writes to cooperation, by what they are about."""

from portal.cooperation.actions.agreements import agree, begin_lesson, note, propose, settle
from portal.cooperation.actions.closing import circulate, close, reopen
from portal.cooperation.actions.meetings import call_off, meet, move
from portal.cooperation.actions.reminders import remind
from portal.cooperation.actions.replies import reply
from portal.cooperation.actions.threads import (
    answer_invitation,
    consent,
    invite,
    open_with_reason,
    refuse,
    see,
)
from portal.cooperation.actions.writing import write

__all__ = [
    "agree",
    "answer_invitation",
    "begin_lesson",
    "call_off",
    "circulate",
    "close",
    "consent",
    "invite",
    "meet",
    "move",
    "note",
    "open_with_reason",
    "propose",
    "refuse",
    "remind",
    "reopen",
    "reply",
    "see",
    "settle",
    "write",
]
