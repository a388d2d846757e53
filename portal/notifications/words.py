"""The names of what people choose about their mail."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from portal.notifications.actions import DIGEST
from portal.notifications.choices import FOLLOWING, TALK, WORK, Frequency

GROUP_NAMES = {
    WORK: _("Your texts and your tasks"),
    TALK: _("Comments and lessons"),
    FOLLOWING: _("What you follow"),
}
GROUP_HINTS = {
    WORK: _("What becomes of your texts, and what waits for your decision."),
    TALK: _("Comments on your posts, replies, mentions of your organisation, uses of your lessons."),
    FOLLOWING: _("New posts and changes of the organisations, topics, countries and posts that you follow."),
}
SUBJECT_NAMES = {**GROUP_NAMES, DIGEST: _("everything that comes gathered, once a day or a week")}
FREQUENCY_NAMES = {
    Frequency.NOW: _("at once"),
    Frequency.DAILY: _("once a day"),
    Frequency.WEEKLY: _("once a week"),
    Frequency.NEVER: _("never"),
}
