"""What the stages, answers and outcomes are called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from portal.cooperation.models import Answer
from portal.cooperation.progress import Outcome, Stage
from portal.editorial.models import Kind

ANSWER_NAMES = {
    Answer.CAN_SUPPORT: _("Can support"),
    Answer.INTERESTED: _("Interested"),
    Answer.NOT_NOW: _("Not now"),
    Answer.COVERED: _("Already covered"),
}
ANSWER_HINTS = {
    Answer.CAN_SUPPORT: _("We can do this, and open talks about how."),
    Answer.INTERESTED: _("We would like to talk about it."),
    Answer.NOT_NOW: _("We cannot at present. A word on why helps them."),
    Answer.COVERED: _("Somebody does this already: say who, or give the address."),
}
ANSWER_LOOKS = {
    Answer.CAN_SUPPORT: ("ok", "check"),
    Answer.INTERESTED: ("info", "comment"),
    Answer.NOT_NOW: ("idle", "clock"),
    Answer.COVERED: ("warn", "link"),
}
"""The tone and the icon of each answer."""

STAGE_NAMES = {
    Stage.OPEN: _("Open to answers"),
    Stage.CIRCULATED: _("Circulated"),
    Stage.ANSWERED: _("Answered"),
    Stage.IN_TALKS: _("In talks"),
    Stage.AGREED: _("Agreed"),
    Stage.UNDER_WAY: _("Under way"),
    Stage.CLOSED: _("Closed"),
}
OUTCOME_NAMES = {
    Kind.NEED: {
        Outcome.MET: _("The need is met"),
        Outcome.PARTLY_MET: _("The need is met in part"),
        Outcome.NOT_MET: _("The need is not met"),
        Outcome.NO_LONGER_NEEDED: _("It is no longer needed"),
    },
    Kind.OFFER: {
        Outcome.MET: _("The offer is taken up"),
        Outcome.PARTLY_MET: _("The offer is taken up in part"),
        Outcome.NOT_MET: _("Nobody took it up"),
        Outcome.NO_LONGER_NEEDED: _("It is no longer offered"),
    },
}
OUTCOME_TONES = {
    Outcome.MET: "ok",
    Outcome.PARTLY_MET: "warn",
    Outcome.NOT_MET: "bad",
    Outcome.NO_LONGER_NEEDED: "idle",
}
