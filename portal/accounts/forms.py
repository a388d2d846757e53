"""The forms of signing in, passwords and the profile."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import Field, HiddenField, PasswordField

from portal.accounts.models import Person
from portal.core.forms import LineField, PortalForm
from portal.core.i18n import LANGUAGES


class SecretForm(PortalForm):
    """A form with passwords, which are never written back into a page."""

    def forget_passwords(self) -> None:
        """Empty the password fields; to be called before the form is shown again."""
        field: Field
        for field in self:
            if isinstance(field, PasswordField):
                field.data = ""


class SignInForm(SecretForm):
    """Address and password; where to go next, and what was typed before the session vanished."""

    email = LineField(_("E-mail address"))
    password = PasswordField(_("Password"))
    next = HiddenField()
    kept = HiddenField()


class ForgotForm(PortalForm):
    """Whose password is lost."""

    email = LineField(_("E-mail address"))


class NewPasswordForm(SecretForm):
    """A password to replace one that is lost."""

    password = PasswordField(_("New password"))


class ChangePasswordForm(SecretForm):
    """A password to replace one that is known."""

    current_password = PasswordField(_("Current password"))
    new_password = PasswordField(_("New password"))


class InvitationForm(SecretForm):
    """The name and the password of a new account."""

    name = LineField(_("Your name"))
    password = PasswordField(_("Password"))


class ProfileForm(PortalForm):
    """What a person says of themselves; `second` and `third` are the other languages that they read."""

    name = LineField(_("Name"))
    language = LineField(_("Language"))
    second = LineField(_("Second language"))
    third = LineField(_("Third language"))

    def fill(self, person: Person) -> None:
        """Show what is stored."""
        self.name.data, self.language.data = person.name, person.language
        others = [*person.other_languages, "", ""]
        self.second.data, self.third.data = others[0], others[1]

    def others(self) -> list[str]:
        """The other languages in their order."""
        return [code for code in (self.second.data, self.third.data) if code in LANGUAGES]
