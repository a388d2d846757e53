"""What the stages and answers are called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from portal.cooperation.progress import Outcome, Stage

STAGE_NAMES = {
    Stage.OPEN: _("Open"),
    Stage.CIRCULATED: _("Circulated"),
    Stage.ANSWERED: _("Answered"),
    Stage.IN_TALKS: _("In talks"),
    Stage.AGREED: _("Agreed"),
    Stage.UNDER_WAY: _("Under way"),
    Stage.CLOSED: _("Closed"),
}
OUTCOME_NAMES = {
    Outcome.MET: _("Met"),
    Outcome.PARTLY_MET: _("Partly met"),
    Outcome.NOT_MET: _("Not met"),
    Outcome.NO_LONGER_NEEDED: _("No longer needed"),
}
