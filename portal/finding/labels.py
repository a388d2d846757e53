"""What facets and their values are called, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.core.i18n import LANGUAGES, country_name, language_name
from portal.editorial.models import Kind
from portal.finding.fields import Meant
from portal.search.query import EARLIEST_YEAR, LATEST_YEAR
from portal.taxonomy.queries import region_name, topic_name

NAMED_AT_MOST = 3
"""How many things a chip names, when one field of a query means several."""


def facet_titles() -> dict[str, str]:
    """The facets in the order in which they are shown, with their titles."""
    return {
        "kind": _("Type"),
        "topic": _("Topic"),
        "region": _("Region"),
        "country": _("Country"),
        "organisation": _("Organisation"),
        "language": _("Available in"),
        "year": _("Year"),
    }


def label(facet: str, value: str, organisations: Mapping[str, str]) -> str:
    """The name of one value; `organisations` has the names of those that may come up, by id."""
    if facet == "kind":
        kinds: dict[str, str] = {
            Kind.REFORM_UPDATE: _("Reform update"),
            Kind.LESSON_LEARNED: _("Lesson learned"),
            Kind.NEED: _("Need"),
            Kind.OFFER: _("Offer"),
        }
        return kinds.get(value, value)
    if facet == "topic":
        return topic_name(value)
    if facet == "region":
        return region_name(value) or value
    if facet == "country":
        return country_name(value)
    if facet == "language":
        return language_name(value).capitalize() if value in LANGUAGES else value
    return organisations.get(value, value) if facet == "organisation" else value


def label_of_field(meant: Meant, organisations: Mapping[str, str]) -> str:
    """What a field of a query narrows to."""
    field = meant.field
    if field.facet == "year":
        name = _years(field.values)
    else:
        names = [label(field.facet, value, organisations) for value in meant.named[:NAMED_AT_MOST]]
        name = ", ".join(names) + (", …" if len(meant.named) > NAMED_AT_MOST else "")
    return _("without %(name)s", name=name) if field.is_excluded else name


def _years(years: tuple[str, ...]) -> str:
    first, last = years[0], years[-1]
    if first == last:
        return first
    if last == str(LATEST_YEAR):
        return str(_("since %(year)s", year=first))
    if first == str(EARLIEST_YEAR):
        return str(_("until %(year)s", year=last))
    return f"{first}\N{EN DASH}{last}"
