"""What every field of an organisation has to be."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from portal.core.errors import Invalid
from portal.core.i18n import LANGUAGES
from portal.core.text import is_web_address, one_line, tidy
from portal.organisations.models import Role

PROFILE_LIMIT = 6000
LINE_LIMIT = 300


def checked_profile(text: str, field: str) -> str:
    """A profile as it is stored, perhaps empty; raises Invalid at `field` for a very long one."""
    kept = tidy(text)
    if len(kept) > PROFILE_LIMIT:
        raise Invalid(field, _("A profile has at most %(count)s characters.", count=PROFILE_LIMIT))
    return kept


def checked_website(address: str) -> str:
    """A web address as it is stored, perhaps empty; raises Invalid at `website` (security.md T27)."""
    kept = one_line(address)
    if not kept:
        return ""
    if len(kept) > LINE_LIMIT or not is_web_address(kept):
        raise Invalid("website", _("A web address begins with https:// or http://."))
    return kept


def checked_line(text: str, field: str) -> str:
    """One line as it is stored, perhaps empty; raises Invalid at `field` for a very long one."""
    kept = one_line(text)
    if len(kept) > LINE_LIMIT:
        raise Invalid(field, _("At most %(count)s characters fit here.", count=LINE_LIMIT))
    return kept


def checked_role(role: str) -> Role:
    """A role; raises Invalid at `role` for anything else."""
    if role not in set(Role):
        raise Invalid("role", _("Choose one of the roles."))
    return Role(role)


def checked_language(language: str) -> str:
    """A language of the portal; raises Invalid at `language` for anything else."""
    if language not in LANGUAGES:
        raise Invalid("language", _("Choose one of the languages."))
    return language


def checked_among(values: Iterable[str], known: Iterable[str], field: str) -> list[str]:
    """The values without repetition; raises Invalid at `field` for one that is not known."""
    kept = [value for value in dict.fromkeys(values) if value]
    if not set(kept) <= set(known):
        raise Invalid(field, _("Choose from the list."))
    return kept
