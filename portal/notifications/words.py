"""The names of what people choose about their mail."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from portal.notifications.actions import DIGEST
from portal.notifications.choices import FOLLOW, FOLLOWING, SEARCH, SEARCHES, TALK, WORK, Frequency

GROUP_NAMES = {
    WORK: _("Your texts and your tasks"),
    TALK: _("Comments and lessons"),
    FOLLOWING: _("What you follow"),
    SEARCHES: _("Your saved searches and matches"),
}
GROUP_HINTS = {
    WORK: _("What becomes of your texts, and what waits for your decision."),
    TALK: _("Comments on your posts, replies, mentions of your organisation, uses of your lessons."),
    FOLLOWING: _("New posts and changes of the organisations, topics, countries and posts that you follow."),
    SEARCHES: _(
        "New posts and changes that your saved searches find; for coordinators, new matches of the"
        " needs and offers of their organisation."
    ),
}
_SUBJECT_NAMES = {
    **GROUP_NAMES,
    FOLLOW: GROUP_NAMES[FOLLOWING],
    SEARCH: _("what this saved search finds"),
    DIGEST: _("everything that comes gathered, once a day or a week"),
}
FREQUENCY_NAMES = {
    Frequency.NOW: _("at once"),
    Frequency.DAILY: _("once a day"),
    Frequency.WEEKLY: _("once a week"),
    Frequency.NEVER: _("never"),
}


def subject_name(subject: str) -> str:
    """What mail of a subject is about."""
    kind, colon, _one = subject.partition(":")
    return str(_SUBJECT_NAMES[kind + colon])
