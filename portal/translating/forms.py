"""The form of the desk: the editor's, a field a paragraph, and which version of the original it is of."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField

from portal.core.forms import PortalForm, TextField
from portal.core.text import tidy
from portal.publishing.forms import PART_LABELS, EditorForm


class ParagraphsField(TextField):
    """Text that is sent a paragraph at a time; those that are left for later keep their places."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Put the paragraphs together."""
        if valuelist:
            written = [tidy(str(value)) for value in valuelist]
            self.data = "\n\n".join(written) if any(written) else ""


class TranslationForm(EditorForm):
    """A text in another language; `reviewed` says that a person has read a machine's draft."""

    body = ParagraphsField(PART_LABELS["body"])
    context = ParagraphsField(PART_LABELS["context"])
    tried = ParagraphsField(PART_LABELS["tried"])
    result = ParagraphsField(PART_LABELS["result"])
    advice = ParagraphsField(PART_LABELS["advice"])
    for_whom = ParagraphsField(PART_LABELS["for_whom"])
    source = HiddenField()
    reviewed = BooleanField(_("I have read and corrected this draft"))


class AnswerForm(PortalForm):
    """An answer to a moderator: the reason."""

    comment = TextField(_("Comment"))
