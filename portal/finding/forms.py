"""The forms of the thesaurus."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField

from portal.core.forms import LineField, PortalForm


class SynonymForm(PortalForm):
    """A phrase of a topic in a language."""

    phrase = LineField(_("Synonym"))
    language = HiddenField(_("Language"))


class CandidateForm(SynonymForm):
    """The topic that a search without hits becomes a synonym of."""

    topic = HiddenField(_("Topic"))
