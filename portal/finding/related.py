"""More like this: what shares topics and telling words with a post, under the reader's own labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from portal.audit.version import visibility_version
from portal.core.access import Actor
from portal.finding.queries import VisibleNow
from portal.search.analysis import analyser, words
from portal.search.index import Filters, Hit, IndexUnavailable, SearchIndex
from portal.search.query import EMPTY, MAX_CLAUSES, Clause, Query

SHORTEST = 3
"""Letters of a word that may tell what a text is about."""


@dataclass(frozen=True)
class Like:
    """What others are to be like: a post, its topics, and a text of it (title and summary) in a language."""

    contribution_id: str
    topics: tuple[str, ...]
    language: str
    text: str


def more_like(actor: Actor, index: SearchIndex, one: Like, languages: Sequence[str], count: int) -> list[Hit]:
    """Up to `count` other posts that `actor` may see, the likest first; none while there is no index.

    Those of the same topics that share words come first (how much a word tells is judged by the
    engine, among what the actor may see), then the newest of the same topics in any language.
    What has no topic is likened by its words alone.
    """
    found: dict[str, Hit] = {}
    try:
        for query in _queries(one):
            for hit in _hits(actor, index, query, one.topics, languages, count + 1):
                if hit.contribution_id != one.contribution_id:
                    found.setdefault(hit.contribution_id, hit)
            if len(found) >= count:
                break
    except IndexUnavailable:
        return []
    return list(found.values())[:count]


def _queries(one: Like) -> Iterator[Query]:
    clauses = tuple(Clause((word,)) for word in _telling(one.language, one.text))
    if clauses:
        yield Query((clauses,))
    if one.topics:
        yield EMPTY


def _telling(language: str, text: str) -> list[str]:
    """The first words of a text that are more than common ones and numbers, each in one form."""
    stem = analyser(language).stem
    forms: dict[str, str] = {}
    for word in words(text):
        stemmed = stem(word)
        if stemmed is not None and len(word) >= SHORTEST and not word.isdigit():
            forms.setdefault(stemmed, word)
    return list(islice(forms.values(), MAX_CLAUSES))


def _hits(
    actor: Actor,
    index: SearchIndex,
    query: Query,
    topics: tuple[str, ...],
    languages: Sequence[str],
    count: int,
) -> tuple[Hit, ...]:
    return index.search(
        query,
        labels=actor.labels,
        visible=VisibleNow(actor, visibility_version()),
        filters=Filters(topic=topics),
        languages=languages,
        per_page=count,
        with_facets=False,
    ).hits
