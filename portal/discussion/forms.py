"""The forms of a discussion."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, SelectField

from portal.core.forms import PortalForm, TextField
from portal.core.i18n import LANGUAGES


class CommentForm(PortalForm):
    """A comment or a reply, or a new wording of one."""

    text = TextField(_("Your comment"))
    language = SelectField(_("Language that you write in"), choices=LANGUAGES, validate_choice=False)
    is_question = BooleanField(_("This is a question to the authors"))
    reply_to = HiddenField()
    form_token = HiddenField()
    version = HiddenField()


class ReportForm(PortalForm):
    """What is wrong with a comment."""

    reason = TextField(_("Reason"))


class AnswerForm(PortalForm):
    """The reply that answers a question; "" for none."""

    reply = HiddenField()
