"""The forms of the secretariat's pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, IntegerField, SelectMultipleField

from portal.core.forms import LineField, PortalForm
from portal.core.i18n import LANGUAGES
from portal.organisations.actions.oversight import OrganisationFacts
from portal.organisations.models import Organisation
from portal.taxonomy.models import Country, Topic


class NamesForm(PortalForm):
    """A name in each language."""

    name_en = LineField(_("Name in English"))
    name_es = LineField(_("Name in Spanish"))
    name_fr = LineField(_("Name in French"))

    def names(self) -> dict[str, str]:
        """What was typed, by language."""
        return {code: self[f"name_{code}"].data or "" for code in LANGUAGES}

    def show_names(self, thing: Country | Topic | Organisation) -> None:
        """Show what is stored."""
        for code in LANGUAGES:
            self[f"name_{code}"].data = getattr(thing, f"name_{code}")


class OrganisationForm(NamesForm):
    """What the secretariat keeps of an organisation; `version` is the one that was on the page."""

    version = IntegerField(default=0)
    code = LineField(_("Code"))
    kind = LineField(_("Type"))
    region_code = LineField(_("Region"))
    countries = SelectMultipleField(_("Countries"), validate_choice=False)
    website = LineField(_("Website"))
    iati_identifier = LineField(_("IATI identifier"))
    aliases = LineField(_("Other acronyms"))

    def fill(self, organisation: Organisation) -> None:
        """Show what is stored."""
        self.show_names(organisation)
        self.version.data = organisation.version
        self.code.data = organisation.code
        self.kind.data = organisation.kind.value
        self.region_code.data = organisation.region_code or ""
        self.countries.data = list(organisation.countries)
        self.website.data = organisation.website
        self.iati_identifier.data = organisation.iati_identifier
        self.aliases.data = ", ".join(organisation.aliases)

    def facts(self) -> OrganisationFacts:
        """What was typed."""
        return OrganisationFacts(
            kind=self.kind.data or "",
            names=self.names(),
            region_code=self.region_code.data or "",
            countries=self.countries.data or (),
            website=self.website.data or "",
            iati_identifier=self.iati_identifier.data or "",
            aliases=(self.aliases.data or "").split(","),
        )


class ScopesForm(PortalForm):
    """What somebody moderates: `en:` for all regions, `en:AP` for one."""

    scopes = SelectMultipleField(_("Languages and regions"), validate_choice=False)

    def chosen(self) -> list[tuple[str, str | None]]:
        """Languages, each with a region or None for all."""
        pairs = (value.partition(":") for value in self.scopes.data or ())
        return [(language, region or None) for language, _colon, region in pairs]


class TranslatesForm(PortalForm):
    """Into which languages somebody translates."""

    translates = SelectMultipleField(_("Languages"), validate_choice=False)


class AdministratorForm(PortalForm):
    """Whether somebody is an administrator of the portal."""

    is_administrator = BooleanField(_("Administrator of the portal"))
