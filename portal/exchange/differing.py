"""What differs in the metadata of two versions of an offer, in words for the page of a conflict."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from portal.core.i18n import country_name, day, money
from portal.editorial.terms import NO_TERMS, Terms
from portal.editorial.texts import About
from portal.publishing.terms_form import HELP_NAMES
from portal.taxonomy.queries import region_name, topic_name

Difference = tuple[str, str, str]


def differences(ours: About, theirs: About) -> list[Difference]:
    """The name of each fact that differs, as it stands here and as the source says it."""
    here, there = dict(_facts(ours)), dict(_facts(theirs))
    return [(name, here[name], there[name]) for name in here if here[name] != there[name]]


def _facts(about: About) -> Iterator[tuple[str, str]]:
    terms = about.terms or NO_TERMS
    yield _("Topics"), ", ".join(map(topic_name, about.topics))
    yield _("Countries"), ", ".join(map(country_name, about.countries))
    yield _("Regions"), ", ".join(map(region_name, terms.regions))
    yield _("From"), day(terms.starts_on) if terms.starts_on else ""
    yield _("Until"), day(terms.ends_on) if terms.ends_on else ""
    yield _("Budget"), _budget(terms)
    yield _("Kind of help"), ", ".join(str(HELP_NAMES[line.help]) for line in terms.lines)


def _budget(terms: Terms) -> str:
    amounts = (amount for amount in (terms.least, terms.most) if amount is not None)
    return " – ".join(money(amount, terms.currency) for amount in amounts)
