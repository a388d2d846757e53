"""Editing names and synonyms; codes and places in the tree stay as the sources have them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.audit.actions import record
from portal.core.access import Actor, require
from portal.core.db import session
from portal.core.errors import Invalid, WrongState
from portal.core.i18n import LANGUAGES
from portal.core.text import one_line
from portal.taxonomy import policy, queries
from portal.taxonomy.models import Country, SynonymEdit, Topic
from portal.taxonomy.phrases import stems, topics_called
from portal.taxonomy.queries import TopicFacts

NAME_LIMIT = 300
SYNONYM_LIMIT = 80
MOST_SYNONYMS = 30
"""As many as a topic may have in a language: a search looks for all of them at once."""


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


def add_synonym(actor: Actor, topic: Topic, language: str, phrase: str) -> list[TopicFacts]:
    """Let a topic be found by another phrase; returns the other topics that are called so, too.

    Raises Forbidden; Invalid at `language` or `phrase`, also for one that the topic has in other forms
    of its words.
    """
    require(policy.extend(actor))
    tidy = _checked_phrase(language, phrase)
    session().refresh(topic, with_for_update=True)
    known = getattr(topic, f"synonyms_{language}")
    if stems(language, tidy) in [stems(language, p) for p in (*known, getattr(topic, f"name_{language}"))]:
        raise Invalid("phrase", _("This topic is called so already."))
    if len(known) >= MOST_SYNONYMS:
        raise Invalid(
            "phrase", _("A topic has at most %(count)s synonyms in a language.", count=MOST_SYNONYMS)
        )
    _decide(actor, topic, language, tidy, [*known, tidy])
    return [other for other in topics_called(language, tidy) if other.code != topic.code]


def remove_synonym(actor: Actor, topic: Topic, language: str, phrase: str) -> None:
    """Let a topic be found by a phrase no more, wherever that came from.

    Raises Forbidden; WrongState for a phrase that is no synonym of it now.
    """
    require(policy.extend(actor))
    session().refresh(topic, with_for_update=True)
    known = getattr(topic, f"synonyms_{language}") if language in LANGUAGES else []
    if phrase not in known:
        raise WrongState(_("This is no synonym of the topic any more."))
    _decide(actor, topic, language, phrase, [other for other in known if other != phrase])


def _decide(actor: Actor, topic: Topic, language: str, phrase: str, left: list[str]) -> None:
    """Write the synonyms that are left, and what was decided, so that loading the data keeps it."""
    added = phrase in left
    session().merge(SynonymEdit(topic_code=topic.code, language=language, phrase=phrase, is_synonym=added))
    setattr(topic, f"synonyms_{language}", left)
    verb = "taxonomy.synonym_added" if added else "taxonomy.synonym_removed"
    record(actor, verb, topic.code, shown=True, language=language, phrase=phrase)
    session().flush()
    queries.forget()


def _checked_phrase(language: str, phrase: str) -> str:
    if language not in LANGUAGES:
        raise Invalid("language", _("Choose one of the three languages."))
    tidy = one_line(phrase)
    if len(tidy) > SYNONYM_LIMIT:
        raise Invalid("phrase", _("A synonym has at most %(count)s characters.", count=SYNONYM_LIMIT))
    if not stems(language, tidy):
        raise Invalid("phrase", _("A synonym needs a word that says something by itself."))
    return tidy


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
