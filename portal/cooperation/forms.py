"""The forms of threads, meetings and agreements."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, SelectField

from portal.cooperation.actions.agreements import MOST_COMMITMENTS, Promise
from portal.cooperation.actions.meetings import When
from portal.cooperation.models import Commitment, Meeting
from portal.core.errors import Invalid
from portal.core.forms import LineField, NumberField, PortalForm, TextField
from portal.core.i18n import LANGUAGES

BLANK_ROWS = 3
"""How many empty rows the form of an agreement offers at once."""
ROWS = range(MOST_COMMITMENTS)
ROW = ("what", "by", "due_on")
# As browsers send a day with its time of day.
MINUTE = "%Y-%m-%dT%H:%M"


class MessageForm(PortalForm):
    """A message with its files."""

    body = TextField(_("Your message"))
    language = SelectField(_("Language that you write in"), choices=LANGUAGES, validate_choice=False)
    file = MultipleFileField(_("Files"))
    form_token = HiddenField()


class InviteForm(PortalForm):
    """A third organisation, by its id."""

    organisation = SelectField(_("Organisation"), validate_choice=False)


class ReasonForm(PortalForm):
    """Why an administrator opens a thread."""

    reason = TextField(_("Reason"))


class MeetingForm(PortalForm):
    """A meeting's date; the times are in UTC."""

    title = LineField(_("What it is about"))
    starts_at = LineField(_("Begins"))
    ends_at = LineField(_("Ends"))
    place = TextField(_("Place or address of the call"))

    def fill(self, meeting: Meeting) -> None:
        """Show what a meeting is now."""
        self.title.data, self.place.data = meeting.title, meeting.place
        self.starts_at.data = meeting.starts_at.strftime(MINUTE)
        self.ends_at.data = meeting.ends_at.strftime(MINUTE)

    def when(self) -> When:
        """What was typed. Raises Invalid for a time that cannot be read."""
        return When(
            self.title.data or "", self.place.data or "", self._moment("starts_at"), self._moment("ends_at")
        )

    def _moment(self, name: str) -> datetime:
        try:
            return datetime.strptime(self[name].data or "", MINUTE).replace(tzinfo=UTC)
        except ValueError:
            raise Invalid(name, gettext("Give a day and a time of day: 2026-11-24T09:30.")) from None


class AgreementForm(PortalForm):
    """What is agreed, and a row for each commitment; the fields of the rows are added below."""

    summary = TextField(_("What you agree on"))
    language = SelectField(_("Language that you write in"), choices=LANGUAGES, validate_choice=False)
    version = NumberField()

    def fill(self, summary: str, language: str, version: int, rows: list[Commitment]) -> None:
        """Show the wording that stands now."""
        self.summary.data, self.language.data, self.version.data = summary, language, version
        for number, row in enumerate(rows):
            self._put(number, (row.what, row.organisation_id, row.due_on.isoformat()))

    def close_ranks(self) -> None:
        """Move the rows that hold something up, so that they are numbered as their commitments are."""
        typed = [values for values in map(self._row, ROWS) if values[0] or values[2]]
        for number in ROWS:
            self._put(number, typed[number] if number < len(typed) else ("", "", ""))

    @property
    def shown(self) -> range:
        """The rows that the page shows: those that are filled, and some to fill."""
        filled = sum(1 for number in ROWS if self[f"what-{number}"].data or self[f"due_on-{number}"].data)
        return range(min(filled + BLANK_ROWS, MOST_COMMITMENTS))

    def promises(self) -> list[Promise]:
        """What was typed, after `close_ranks`. Raises Invalid with every date that cannot be read."""
        found: list[Promise] = []
        errors: dict[str, list[str]] = {}
        for number in ROWS:
            what, by, due_on = self._row(number)
            if not what and not due_on:
                break
            try:
                found.append(Promise(by, what, date.fromisoformat(due_on)))
            except ValueError:
                errors[f"due_on-{number}"] = [gettext("Give the day by which it is done.")]
        if errors:
            raise Invalid.of(errors)
        return found

    def _row(self, number: int) -> tuple[str, str, str]:
        what, by, due_on = (self[f"{name}-{number}"].data or "" for name in ROW)
        return what, by, due_on

    def _put(self, number: int, values: tuple[str, str, str]) -> None:
        for name, value in zip(ROW, values, strict=True):
            self[f"{name}-{number}"].data = value


for _number in ROWS:
    setattr(AgreementForm, f"what-{_number}", TextField(_("What is done")))
    setattr(AgreementForm, f"by-{_number}", SelectField(_("By whom"), validate_choice=False, choices=[]))
    setattr(AgreementForm, f"due_on-{_number}", LineField(_("By when")))


class NoteForm(PortalForm):
    """How a commitment is getting on."""

    text = TextField(_("Progress"))
    language = SelectField(_("Language that you write in"), choices=LANGUAGES, validate_choice=False)


class SettleForm(PortalForm):
    """A remark on a commitment that is met, or why it is dropped."""

    reason = TextField(_("Reason"))
