"""Editing the names of countries and topics; codes and places in the tree stay as the sources have them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.audit.actions import record
from portal.core.access import Actor, require
from portal.core.db import session
from portal.core.errors import Invalid
from portal.core.i18n import LANGUAGES
from portal.core.text import one_line
from portal.taxonomy import policy, queries
from portal.taxonomy.models import Country, Topic

NAME_LIMIT = 300


def rename_country(actor: Actor, country: Country, names: Mapping[str, str]) -> None:
    """Give a country new names, one in each language. Raises Forbidden, Invalid at `name_<language>`."""
    require(policy.rename(actor))
    _rename(country, names)
    record(actor, "taxonomy.country_renamed", country.iso2, shown=True)
    session().flush()
    queries.forget()


def rename_topic(actor: Actor, topic: Topic, names: Mapping[str, str]) -> None:
    """Give a topic new names, one in each language. Raises Forbidden, Invalid at `name_<language>`."""
    require(policy.rename(actor))
    _rename(topic, names)
    record(actor, "taxonomy.topic_renamed", topic.code, shown=True)
    session().flush()
    queries.forget()


def _rename(thing: Country | Topic, names: Mapping[str, str]) -> None:
    checked = {code: checked_name(names.get(code, ""), f"name_{code}") for code in LANGUAGES}
    for code, name in checked.items():
        setattr(thing, f"name_{code}", name)


def checked_name(name: str, field: str) -> str:
    """A name as it is stored; raises Invalid at `field` for an empty or a very long one."""
    tidy = one_line(name)
    if not tidy:
        raise Invalid(field, _("A name is needed in each of the three languages."))
    if len(tidy) > NAME_LIMIT:
        raise Invalid(field, _("A name has at most %(count)s characters.", count=NAME_LIMIT))
    return tidy
