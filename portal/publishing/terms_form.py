"""The fields of a need's or an offer's terms: eight lines, and what holds for all of them."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField

from portal.core.db import new_id
from portal.core.errors import Invalid
from portal.core.forms import LineField, PortalForm, TextField
from portal.editorial.terms import CURRENCIES, SLOTS, Category, Help, Line, Terms

HELP_NAMES = {
    Help.EXPERTISE: _("Expertise"),
    Help.TRAINING: _("Training"),
    Help.EQUIPMENT: _("Equipment"),
    Help.FUNDING: _("Funding"),
    Help.LEGAL_DRAFTING: _("Legal drafting"),
    Help.STUDY_VISIT: _("Study visit"),
}
CATEGORY_NAMES = {Category.A: _("Category A"), Category.B: _("Category B"), Category.C: _("Category C")}


class TermsForm(PortalForm):
    """Terms as people type them; `terms` reads them. The fields of the lines are added below."""

    starts_on = LineField(_("From"))
    ends_on = LineField(_("Until"))
    reply_by = LineField(_("Answers wanted by"))
    least = LineField(_("Budget from"))
    most = LineField(_("Budget up to"))
    currency = SelectField(_("Currency"), choices=["", *CURRENCIES], validate_choice=False)
    working_languages = SelectMultipleField(_("Working languages"), validate_choice=False)
    regions = SelectMultipleField(_("Regions"), validate_choice=False)

    def terms(self) -> Terms:
        """What was typed. Raises Invalid with every date and amount that cannot be read."""
        errors: dict[str, list[str]] = {}
        found = Terms(
            lines=tuple(self._line(slot, errors) for slot in SLOTS if self[f"line{slot}"].data),
            starts_on=self._day("starts_on", errors),
            ends_on=self._day("ends_on", errors),
            reply_by=self._day("reply_by", errors),
            least=self._amount("least", errors),
            most=self._amount("most", errors),
            currency=self.currency.data or "",
            languages=tuple(dict.fromkeys(self.working_languages.data or ())),
            regions=tuple(dict.fromkeys(self.regions.data or ())),
        )
        if errors:
            raise Invalid.of(errors)
        return found

    def fill_terms(self, terms: Terms) -> None:
        """Show stored terms."""
        for name in ("starts_on", "ends_on", "reply_by"):
            self[name].data = _shown(getattr(terms, name))
        for name in ("least", "most"):
            amount = getattr(terms, name)
            self[name].data = "" if amount is None else str(amount)
        self.currency.data = terms.currency
        self.working_languages.data, self.regions.data = list(terms.languages), list(terms.regions)
        for line in terms.lines:
            start = f"line{line.slot}"
            self[f"{start}_key"].data, self[f"{start}_help"].data = line.key, line.help.value
            self[f"{start}_topic"].data = line.topic
            self[f"{start}_category"].data = line.category.value if line.category else ""
            self[f"{start}_due_on"].data = _shown(line.due_on)
            self[f"{start}_is_definitive"].data = line.is_definitive

    def _line(self, slot: int, errors: dict[str, list[str]]) -> Line:
        start = f"line{slot}"
        help_, category = self[f"{start}_help"].data, self[f"{start}_category"].data
        return Line(
            slot=slot,
            key=self[f"{start}_key"].data or new_id(),
            help=Help(help_) if help_ in set(Help) else Help.EXPERTISE,
            topic=self[f"{start}_topic"].data or "",
            category=Category(category) if category in set(Category) else None,
            due_on=self._day(f"{start}_due_on", errors),
            is_definitive=bool(self[f"{start}_is_definitive"].data),
        )

    def _day(self, name: str, errors: dict[str, list[str]]) -> date | None:
        typed = self[name].data or ""
        try:
            return date.fromisoformat(typed) if typed else None
        except ValueError:
            errors[name] = [gettext("Write the date as year-month-day, such as 2027-03-31.")]
            return None

    def _amount(self, name: str, errors: dict[str, list[str]]) -> int | None:
        typed = "".join((self[name].data or "").split())
        if typed and not (typed.isascii() and typed.isdigit() and len(typed) <= 12):
            errors[name] = [gettext("Write a whole amount in figures, such as 250000.")]
            return None
        return int(typed) if typed else None


def _shown(day: date | None) -> str:
    return day.isoformat() if day is not None else ""


def _add_line(slot: int) -> None:
    start = f"line{slot}"
    fields = {
        start: TextField(_("Line %(number)s", number=slot)),
        f"{start}_key": HiddenField(),
        f"{start}_help": SelectField(
            _("Kind of help"), choices=[h.value for h in Help], validate_choice=False
        ),
        f"{start}_topic": SelectField(_("Topic or measure"), choices=[], validate_choice=False),
        f"{start}_category": SelectField(
            _("Category"), choices=["", *(c.value for c in Category)], validate_choice=False
        ),
        f"{start}_due_on": LineField(_("Date notified")),
        f"{start}_is_definitive": BooleanField(_("The date is definitive")),
    }
    for name, field in fields.items():
        setattr(TermsForm, name, field)


for _slot in SLOTS:
    _add_line(_slot)

TERM_FIELDS = frozenset(name for name in dir(TermsForm) if name.startswith("line") and "_" in name) | {
    "starts_on", "ends_on", "reply_by", "least", "most", "currency", "working_languages", "regions",
}  # fmt: skip
"""The names of all fields but the words of the lines."""
