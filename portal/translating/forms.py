"""The form of the desk: the editor's, with the version of the original that it was made from."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField

from portal.core.forms import PortalForm, TextField
from portal.core.text import tidy
from portal.publishing.forms import PART_LABELS, EditorForm
from portal.translating.aligning import joined


class PlacesField(TextField):
    """A part that is written passage by passage, each in a box of the field's name."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Put the passages together; one that is empty keeps its room."""
        if valuelist:
            self.data = joined([tidy(str(value)) for value in valuelist])


class TranslationForm(EditorForm):
    """A text in another language; `reviewed` says that a person has read a machine's draft."""

    source = HiddenField()
    reviewed = BooleanField(_("I have read and corrected this draft"))
    body = PlacesField(PART_LABELS["body"])
    context = PlacesField(PART_LABELS["context"])
    tried = PlacesField(PART_LABELS["tried"])
    result = PlacesField(PART_LABELS["result"])
    advice = PlacesField(PART_LABELS["advice"])
    for_whom = PlacesField(PART_LABELS["for_whom"])


class AnswerForm(PortalForm):
    """An answer to a moderator: the reason."""

    comment = TextField(_("Comment"))
