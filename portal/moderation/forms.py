"""The forms of the queue and of the review page."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, SelectField

from portal.core.forms import LineField, NumberField, PortalForm, TextField
from portal.editorial.models import PARTS, Kind
from portal.editorial.texts import Text


class DecisionForm(PortalForm):
    """Any step of a moderator: `version` and `snapshot` say what was on the page."""

    version = NumberField(default=0)
    snapshot = HiddenField()
    comment = TextField(_("Comment to the author"))
    changes_meaning = BooleanField(_("This version changes the meaning"))


class HandOverForm(PortalForm):
    """To whom a case is passed on."""

    version = NumberField(default=0)
    to = SelectField(_("Hand over to"), choices=[], validate_choice=False)
    comment = TextField(_("Comment to the author"))


class NoteForm(PortalForm):
    """A comment pinned to a paragraph."""

    part = HiddenField()
    paragraph = NumberField(default=0)
    note = TextField(_("Comment on this paragraph"))


class ProposalForm(DecisionForm):
    """The moderator's wording."""

    title = LineField(_("Title"))
    summary = TextField(_("Summary"))

    def text(self, kind: Kind) -> Text:
        """The proposed text."""
        return Text(
            self.title.data or "",
            self.summary.data or "",
            {name: self[name].data or "" for name in PARTS[kind]},
        )

    def fill(self, text: Text) -> None:
        """Show `text` to be edited."""
        self.title.data, self.summary.data = text.title, text.summary
        for name, value in text.parts.items():
            self[name].data = value


for _part in {part for parts in PARTS.values() for part in parts}:
    setattr(ProposalForm, _part, TextField())
