"""The form of a saved search."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SelectField

from portal.core.forms import LineField, PortalForm
from portal.notifications.choices import Frequency


class SavedSearchForm(PortalForm):
    """What a search is called, and how often its owner is mailed of what it finds."""

    name = LineField(_("Name"))
    frequency = SelectField(_("Mail"), choices=["", *Frequency], validate_choice=False)
