"""The forms of answering a need or an offer, of sending it round, and of closing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField

from portal.cooperation.actions.replies import Said
from portal.cooperation.models import Answer, Reply
from portal.cooperation.progress import Outcome
from portal.core.errors import Invalid
from portal.core.forms import LineField, NumberField, PortalForm, TextField
from portal.core.i18n import LANGUAGES


class AnswersForm(PortalForm):
    """One answer a line; `answers_form` adds the fields `answer-<line>`, `note-<line>`, `link-<line>`."""

    language = SelectField(_("Language that you write in"), choices=LANGUAGES, validate_choice=False)
    loaded = HiddenField()
    line_ids: tuple[str, ...] = ()

    def said(self) -> dict[str, Said]:
        """What was answered, by line. Raises Invalid for a note to a line without an answer."""
        found: dict[str, Said] = {}
        for line_id in self.line_ids:
            chosen = self[f"answer-{line_id}"].data or ""
            note, link = self[f"note-{line_id}"].data or "", self[f"link-{line_id}"].data or ""
            if chosen in set(Answer):
                found[line_id] = Said(Answer(chosen), note, link)
            elif chosen or note or link:
                raise Invalid(f"answer-{line_id}", gettext("Choose one of the answers."))
        return found

    def fill(self, replies: Mapping[str, Reply]) -> None:
        """Show what was answered before."""
        for line_id in self.line_ids:
            reply = replies.get(line_id)
            if reply is not None:
                self[f"answer-{line_id}"].data = reply.answer.value
                self[f"note-{line_id}"].data, self[f"link-{line_id}"].data = reply.note, reply.link


def answers_form(lines: Iterable[tuple[str, int]], **options: Any) -> AnswersForm:
    """The form for these lines, each an id and the number that it is shown with."""
    fields: dict[str, Any] = {}
    ids: list[str] = []
    for line_id, number in lines:
        ids.append(line_id)
        label = _("Line %(number)s", number=number)
        fields[f"answer-{line_id}"] = RadioField(
            label, choices=[a.value for a in Answer], validate_choice=False
        )
        fields[f"note-{line_id}"] = TextField(label)
        fields[f"link-{line_id}"] = LineField(label)
    made: AnswersForm = type("AnswersForm", (AnswersForm,), {**fields, "line_ids": tuple(ids)})(**options)
    return made


class CirculateForm(PortalForm):
    """Whom to send it to."""

    organisations = SelectMultipleField(_("Organisations"), validate_choice=False)


class CloseForm(PortalForm):
    """How it ended. `version` is that of the stage on the page."""

    outcome = RadioField(_("Outcome"), choices=[o.value for o in Outcome], validate_choice=False)
    note = TextField(_("What came of it"))
    language = SelectField(_("Language that you write in"), choices=LANGUAGES, validate_choice=False)
    version = NumberField()
