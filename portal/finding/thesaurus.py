"""What searches know of other names: the topics as a thesaurus, and the dictionary below it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import cast

from flask import current_app, has_app_context

from portal.core.db import kept_of_database
from portal.search.dictionary import Dictionary
from portal.search.expand import Entry, Thesaurus
from portal.taxonomy.queries import Taxonomy, TopicFacts, taxonomy


def thesaurus() -> Thesaurus:
    """What the topics are called now; made anew only when a name or a synonym has changed."""
    now = taxonomy()
    before: tuple[Taxonomy, tuple[Entry, ...], Thesaurus] | None = kept_of_database().get("thesaurus")
    if before is not None and before[0] is now:
        return before[2]
    entries = tuple(map(_entry, now.topics.values()))
    made = before[2] if before is not None and before[1] == entries else Thesaurus(entries)
    kept_of_database()["thesaurus"] = (now, entries, made)
    return made


def dictionary() -> Dictionary | None:
    """The dictionary of the application; none outside of one."""
    return cast(Dictionary, current_app.extensions["portal_dictionary"]) if has_app_context() else None


def _entry(topic: TopicFacts) -> Entry:
    return Entry(topic.code, tuple(_phrases(topic)))


def _phrases(topic: TopicFacts) -> Iterator[tuple[str, str]]:
    """The names, then the synonyms by turns, so that no language is cut off where there are many."""
    yield from (("en", topic.name_en), ("es", topic.name_es), ("fr", topic.name_fr))
    for en, es, fr in zip_longest(topic.synonyms_en, topic.synonyms_es, topic.synonyms_fr):
        yield from ((code, text) for code, text in (("en", en), ("es", es), ("fr", fr)) if text)
