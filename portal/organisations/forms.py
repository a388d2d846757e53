"""The forms of an organisation's own pages; each names the only fields that it takes (security.md T23)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, IntegerField

from portal.core.forms import LineField, PortalForm, TextField
from portal.core.i18n import LANGUAGES
from portal.organisations.actions import Profile
from portal.organisations.models import Organisation, Role

_CODES = list(LANGUAGES)
_ROLES = [role.value for role in Role]


class ProfileForm(PortalForm):
    """What an organisation says about itself; `version` is the one that was on the page."""

    version = IntegerField(default=0)
    profile_en = TextField(_("Profile in English"))
    profile_es = TextField(_("Profile in Spanish"))
    profile_fr = TextField(_("Profile in French"))
    website = LineField(_("Website"))
    iati_identifier = LineField(_("IATI identifier"))

    def fill(self, organisation: Organisation) -> None:
        """Show what is stored."""
        self.version.data = organisation.version
        for code in LANGUAGES:
            self[f"profile_{code}"].data = getattr(organisation, f"profile_{code}")
        self.website.data = organisation.website
        self.iati_identifier.data = organisation.iati_identifier

    def profile(self) -> Profile:
        """What was typed."""
        return Profile(
            texts={code: self[f"profile_{code}"].data or "" for code in LANGUAGES},
            website=self.website.data or "",
            iati_identifier=self.iati_identifier.data or "",
        )


class InviteForm(PortalForm):
    """Whom to invite, into which role, in which language."""

    email = LineField(_("E-mail address"))
    role = LineField(_("Role"), default=Role.CONTRIBUTOR.value)
    language = LineField(_("Language of the mail"))


class RoleForm(PortalForm):
    """Another role for a member."""

    role = LineField(_("Role"))


class LeaveForm(PortalForm):
    """To whom the drafts of a member who leaves are passed on, if to anybody."""

    heir = LineField()


class AnswerForm(PortalForm):
    """The answer to a request to join."""

    role = LineField(_("Role"), default=Role.READER.value)
    answer = HiddenField()


class ClearanceForm(PortalForm):
    """How texts leave the house."""

    needs_clearance = BooleanField(_("An approver clears every text before it goes to the moderators"))
    author_may_clear = BooleanField(_("An approver may clear what they wrote themselves"))


class RequestForm(PortalForm):
    """A request to join an organisation."""

    organisation = LineField(_("Organisation"))
    name = LineField(_("Your name"))
    email = LineField(_("E-mail address at work"))
    message = TextField(_("What you do there"))
