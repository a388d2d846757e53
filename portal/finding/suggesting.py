"""Suggestions while somebody types: topics, organisations, countries, titles, as the reader may see them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import literal, select, union

from portal.audit.version import visibility_version
from portal.core.access import Actor
from portal.core.db import kept_of_database, session
from portal.core.guard import scoped
from portal.core.i18n import LANGUAGES, current_language, language_order, localised
from portal.editorial.models import Contribution, ContributionCountry, ContributionTopic, Edition, Revision
from portal.editorial.visibility import visible_to
from portal.finding.queries import VisibleNow
from portal.organisations import directory
from portal.search.analysis import analyser, words
from portal.search.index import Hit, IndexUnavailable, SearchIndex
from portal.search.query import MIN_PREFIX, Clause, Query
from portal.taxonomy.phrases import begins, topics_beginning
from portal.taxonomy.queries import in_order, taxonomy

SHORTEST = 2
"""Letters that are enough to suggest something; titles need MIN_PREFIX."""

WORDS = 8
LOOKED_AT = 100
"""Texts found whose titles are looked at: the words may stand anywhere in a text."""

_VIEWERS = 128
T = TypeVar("T")


class Suggested(StrEnum):
    """What may be suggested, in the order in which it is shown."""

    TOPIC = "topic"
    ORGANISATION = "organisation"
    COUNTRY = "country"
    CONTRIBUTION = "contribution"


MOST = {
    Suggested.TOPIC: 4,
    Suggested.ORGANISATION: 3,
    Suggested.COUNTRY: 2,
    Suggested.CONTRIBUTION: 5,
}


@dataclass(frozen=True)
class Through:
    """The other name or the synonym by which something was found."""

    text: str
    language: str


@dataclass(frozen=True)
class Suggestion:
    """One thing to go to: `key` is its id or code, `language` that of `text`, `code` an acronym beside it."""

    kind: Suggested
    key: str
    text: str
    language: str
    through: Through | None = None
    code: str = ""


class _Kept:
    """What every letter asks for again, kept while `version` is what anybody may see."""

    def __init__(self, version: int) -> None:
        self.version = version
        self._things: dict[Hashable, Any] = {}

    def of(self, name: str, key: Hashable, read: Callable[[], T]) -> T:
        """What is kept under `name` and `key`, else what `read` finds."""
        found: T | None = self._things.get((name, key))
        if found is None:
            if len(self._things) >= _VIEWERS:
                self._things.clear()
            found = self._things[name, key] = read()
        return found


def _kept_now() -> _Kept:
    """What this process keeps of this database; only for units of work that change nothing."""
    found: _Kept | None = kept_of_database().get("suggestions")
    if found is None or found.version != visibility_version():
        found = kept_of_database()["suggestions"] = _Kept(visibility_version())
    return found


def suggest(actor: Actor, index: SearchIndex, typed: str) -> list[Suggestion]:
    """What `typed` may be about, each of its words the beginning of one; accents and case do not matter.

    Topics and countries are suggested when there is something to read under them, titles in the
    language in which the text is shown. Without an index there are no titles.
    """
    wanted = words(typed)[:WORDS]
    if sum(map(len, wanted)) < SHORTEST:
        return []
    return [*_filed(actor, wanted), *_titles(actor, index, wanted)]


def _filed(actor: Actor, wanted: Sequence[str]) -> Iterator[Suggestion]:
    """Topics, organisations and countries."""
    kept = _kept_now()
    used = kept.of("used", actor.labels, lambda: _used(actor))
    lines = kept.of("directory", current_language(), directory.everything)
    yield from [one for one in _topics(wanted) if (one.kind, one.key) in used][: MOST[Suggested.TOPIC]]
    yield from _organisations(wanted, lines)
    yield from [one for one in _countries(wanted) if (one.kind, one.key) in used][: MOST[Suggested.COUNTRY]]


def _topics(wanted: Sequence[str]) -> list[Suggestion]:
    here = current_language()
    return [
        Suggestion(
            Suggested.TOPIC,
            topic.code,
            localised(topic, "name"),
            here,
            None if phrase.is_name and phrase.language == here else Through(phrase.text, phrase.language),
        )
        for topic, phrase in topics_beginning(wanted)
    ]


def _organisations(wanted: Sequence[str], among: directory.Directory) -> list[Suggestion]:
    """The first of what the directory finds for these words."""
    lines = directory.find(directory.Filters(text=" ".join(wanted)), among=among).lines
    return [
        Suggestion(Suggested.ORGANISATION, line.id, line.name, current_language(), code=line.code)
        for line in lines[: MOST[Suggested.ORGANISATION]]
    ]


def _countries(wanted: Sequence[str]) -> list[Suggestion]:
    """Countries by name, the name in the current language before those in others."""
    found: dict[str, Through | None] = {}
    for language in language_order(current_language()):
        for country in taxonomy().countries.values():
            name = getattr(country, f"name_{language}")
            if country.iso2 not in found and begins(name, wanted):
                found[country.iso2] = None if language == current_language() else Through(name, language)
    names = {code: localised(taxonomy().countries[code], "name") for code in found}
    first = [code for code, _name in in_order(names.items())]
    return [
        Suggestion(Suggested.COUNTRY, code, names[code], current_language(), found[code])
        for code in sorted(first, key=lambda code: found[code] is not None)
    ]


def _used(actor: Actor) -> frozenset[tuple[str, str]]:
    """The codes of topics and countries that stand on something that `actor` may see."""
    statement = union(
        *(
            select(literal(str(kind)), code)
            .join(Contribution, Contribution.id == of)
            .where(visible_to(actor))
            for kind, code, of in (
                (Suggested.TOPIC, ContributionTopic.topic_code, ContributionTopic.contribution_id),
                (Suggested.COUNTRY, ContributionCountry.country_iso2, ContributionCountry.contribution_id),
            )
        )
    )
    return frozenset((kind, code) for kind, code in session().execute(scoped(actor, statement)))


def _titles(actor: Actor, index: SearchIndex, wanted: Sequence[str]) -> Iterator[Suggestion]:
    """Posts with these words in their title, in the order in which the index finds them."""
    hits = _hits(actor, index, wanted)
    if not hits:
        return
    statement = (
        select(Edition.id, Edition.language, Revision.title)
        .join(Revision, Revision.id == Edition.published_revision_id)
        .join(Contribution, Contribution.id == Edition.contribution_id)
        # The contributions are named as well: SQLite begins with all that are live otherwise.
        .where(Contribution.id.in_([hit.contribution_id for hit in hits]))
        .where(Edition.id.in_([hit.edition_id for hit in hits]), visible_to(actor))
    )
    titles = {row[0]: (row[1], row[2]) for row in session().execute(scoped(actor, statement))}
    left = MOST[Suggested.CONTRIBUTION]
    for hit in hits:
        language, title = titles.get(hit.edition_id, ("", ""))
        if left and language in LANGUAGES and _says(title, language, wanted):
            left -= 1
            yield Suggestion(Suggested.CONTRIBUTION, hit.contribution_id, title, language)


def _hits(actor: Actor, index: SearchIndex, wanted: Sequence[str]) -> Sequence[Hit]:
    """Texts with all these words, the last of which may be a beginning."""
    *whole, last = wanted
    groups = [(Clause((word,)),) for word in whole]
    if len(last) >= MIN_PREFIX:
        groups.append((Clause((last,), is_prefix=True),))
    if not groups:
        return ()
    try:
        return index.search(
            Query(tuple(groups)),
            labels=actor.labels,
            visible=VisibleNow(actor, visibility_version()),
            languages=language_order(current_language(), actor.languages),
            per_page=LOOKED_AT,
            with_facets=False,
        ).hits
    except IndexUnavailable:
        return ()


def _says(title: str, language: str, wanted: Sequence[str]) -> bool:
    """True when each word begins a word of the title, or is another form of one."""
    stem = analyser(language).stem
    stems = {stem(word) for word in words(title)}
    return all(begins(title, [word]) or stem(word) in stems for word in wanted)
