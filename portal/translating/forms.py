"""The form of the desk: the editor's, with the version of the original that it was made from."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField

from portal.core.forms import PortalForm, TextField
from portal.publishing.forms import EditorForm


class TranslationForm(EditorForm):
    """A text in another language; `reviewed` says that a person has read a machine's draft."""

    source = HiddenField()
    reviewed = BooleanField(_("I have read and corrected this draft"))


class AnswerForm(PortalForm):
    """An answer to a moderator: the reason."""

    comment = TextField(_("Comment"))
