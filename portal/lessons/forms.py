"""The forms of a lesson card."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SelectField

from portal.core.forms import LineField, PortalForm, TextField
from portal.core.i18n import LANGUAGES


class UseForm(PortalForm):
    """We used this: when, and how it went."""

    used_on = LineField(_("Used on"))
    note = TextField(_("What you used and how it went"))
    language = SelectField(_("Language that you write in"), choices=LANGUAGES, validate_choice=False)


class HoldsForm(PortalForm):
    """It still holds, with a word about it."""

    note = TextField(_("Note"))
    language = SelectField(_("Language that you write in"), choices=LANGUAGES, validate_choice=False)
