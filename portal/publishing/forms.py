"""The forms of the editor and of the steps on a contribution's own page."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
)

from portal.core.forms import LineField, PortalForm, TextField
from portal.core.i18n import LANGUAGES
from portal.core.text import whole_number
from portal.editorial.models import EXCHANGE, PARTS, Audience, Kind, Revision
from portal.editorial.terms import SLOTS
from portal.editorial.texts import About, Text
from portal.publishing.terms_form import TermsForm

AUDIENCES = {
    Audience.PUBLIC: (_("Everyone"), _("On the public web and in search engines.")),
    Audience.MEMBERS: (_("Signed-in members"), _("People from every organisation on the portal.")),
    Audience.CUSTOMS: (
        _("Customs administrations"),
        _("Customs administrations, regional offices and the secretariat."),
    ),
    Audience.ORGANISATIONS: (_("Chosen organisations"), _("Only the organisations you name, and yours.")),
    Audience.OWN: (_("Your organisation only"), _("Not sent to a moderator.")),
}
PART_LABELS = {
    "body": _("Text"),
    "context": _("Context"),
    "tried": _("What was tried"),
    "result": _("Result"),
    "advice": _("Advice"),
    "for_whom": _("For whom"),
    "situation": _("Situation"),
    "supported": _("Already supported by"),
    "brought": _("What we bring ourselves"),
    "programme": _("Programme"),
    "conditions": _("Conditions"),
    **{f"line{slot}": _("Line %(number)s", number=slot) for slot in SLOTS},
}
PART_HELP = {
    "body": _("What changed, what it took, what did not work."),
    "context": _("The situation before: where, since when, how much."),
    "tried": _("What was done, in which order, with whom."),
    "result": _("What came of it, with figures and their dates."),
    "advice": _("What to do, what to avoid, and how to repeat it."),
    "for_whom": _("Which administrations can use this, and under what conditions."),
    "situation": _("What is the problem, since when, and what would be different afterwards."),
    "supported": _("Which partners help with this already, or were asked. Leave it empty if none."),
    "brought": _("Staff, transport, rooms, money: what the administration puts in."),
    "programme": _("What it is, who runs it, and how it has worked so far."),
    "conditions": _("Who can apply, how, and what is expected of them."),
}


class EditorForm(TermsForm):
    """One text of a contribution and, for the original, its metadata.

    `loaded` and `version` name the text that the form was made from; `form_token` names the form
    itself, so that a form posted twice makes one contribution.
    """

    form_token = HiddenField()
    loaded = HiddenField()
    version = HiddenField()
    language = SelectField(_("Language"), choices=list(LANGUAGES))
    title = LineField(_("Title"))
    summary = TextField(_("Summary"))
    body = TextField(PART_LABELS["body"])
    context = TextField(PART_LABELS["context"])
    tried = TextField(PART_LABELS["tried"])
    result = TextField(PART_LABELS["result"])
    advice = TextField(PART_LABELS["advice"])
    for_whom = TextField(PART_LABELS["for_whom"])
    situation = TextField(PART_LABELS["situation"])
    supported = TextField(PART_LABELS["supported"])
    brought = TextField(PART_LABELS["brought"])
    programme = TextField(PART_LABELS["programme"])
    conditions = TextField(PART_LABELS["conditions"])
    topics = SelectMultipleField(_("Topics"), validate_choice=False)
    countries = SelectMultipleField(_("Countries"), validate_choice=False)
    audience = RadioField(_("Who can read it"), choices=[a.value for a in AUDIENCES])
    organisations = SelectMultipleField(_("Organisations"), validate_choice=False)
    changes_meaning = BooleanField(_("This version changes the meaning"))

    def text(self, kind: Kind) -> Text:
        """What was typed, as the text of a `kind`."""
        parts = {name: self[name].data or "" for name in PARTS[kind]}
        return Text(self.title.data or "", self.summary.data or "", parts)

    def about(self, kind: Kind) -> About:
        """What was chosen, as metadata of a `kind`. Raises Invalid for a date or an amount that is none."""
        return About(
            audience=Audience(self.audience.data),
            organisations=_distinct(self.organisations.data),
            topics=_distinct(self.topics.data),
            countries=_distinct(self.countries.data),
            terms=self.terms() if kind in EXCHANGE else None,
        )

    def loaded_from(self) -> tuple[str, int] | None:
        """The id and version of the text that the form was made from."""
        version = whole_number(self.version.data)
        return (str(self.loaded.data), version) if self.loaded.data and version is not None else None

    def fill(self, revision: Revision) -> None:
        """Show a stored revision."""
        self.loaded.data, self.version.data = revision.id, str(revision.version)
        self.title.data, self.summary.data = revision.title, revision.summary
        for name, value in revision.parts.items():
            self[name].data = value
        self.changes_meaning.data = revision.changes_meaning
        if revision.about is not None:
            self.fill_about(About.of(revision))

    def fill_about(self, about: About) -> None:
        """Show stored metadata."""
        self.audience.data = about.audience.value
        self.topics.data, self.countries.data = list(about.topics), list(about.countries)
        self.organisations.data = list(about.organisations)
        if about.terms is not None:
            self.fill_terms(about.terms)


class StepForm(PortalForm):
    """A step on a contribution's own page: in which language, and why."""

    language = HiddenField()
    comment = TextField(_("Comment"))


class NarrowForm(PortalForm):
    """A smaller audience for what is published."""

    audience = SelectField(_("Who can read it"), choices=[a.value for a in AUDIENCES])
    organisations = SelectMultipleField(_("Organisations"), validate_choice=False)


def _distinct(values: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for v in values or () if v))
