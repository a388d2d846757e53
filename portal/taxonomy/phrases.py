"""The phrases that topics are called by, names and synonyms in three languages: compared, found, likened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from portal.core.i18n import LANGUAGES, current_language
from portal.search.analysis import analyser, words
from portal.taxonomy.queries import TopicFacts, taxonomy

ALIKE = 0.3
"""From which share of common letter groups on a phrase is worth naming as like another."""


class Phrase(NamedTuple):
    """A name or a synonym of a topic in one language."""

    language: str
    text: str
    is_name: bool


class Called(NamedTuple):
    """A topic and the phrase through which it was found."""

    topic: TopicFacts
    phrase: Phrase


def phrases_of(topic: TopicFacts) -> Iterator[Phrase]:
    """All that a topic is called, the current language first and in each the name before the synonyms."""
    first = current_language()
    for language in (first, *(code for code in LANGUAGES if code != first)):
        yield Phrase(language, getattr(topic, f"name_{language}"), True)
        for synonym in getattr(topic, f"synonyms_{language}"):
            yield Phrase(language, synonym, False)


@lru_cache(maxsize=8192)
def stems(language: str, text: str) -> tuple[str, ...]:
    """What remains of a phrase when its words are reduced to stems; empty for stop words alone."""
    return tuple(term.stem for term in analyser(language).terms(words(text)))


def topics_called(language: str, phrase: str) -> list[TopicFacts]:
    """The topics with a name or synonym of the same stems in that language."""
    wanted = stems(language, phrase)
    return [
        topic
        for topic in taxonomy().topics.values()
        if any(p.language == language and stems(language, p.text) == wanted for p in phrases_of(topic))
    ]


def topics_beginning(typed: Sequence[str]) -> list[Called]:
    """The topics that have a phrase in which each of the folded words `typed` begins a word; best first.

    A phrase that begins with what was typed is better than one that has it inside, a name better
    than a synonym, the current language better than another; then the order of the data decides.
    """
    found: list[tuple[tuple[bool, int], Called]] = []
    for topic in taxonomy().topics.values():
        ranked = (
            ((not _spaced(phrase.text).startswith(" " + " ".join(typed)), place), Called(topic, phrase))
            for place, phrase in enumerate(phrases_of(topic))
            if begins(phrase.text, typed)
        )
        best = min(ranked, key=lambda pair: pair[0], default=None)
        if best is not None:
            found.append(best)
    found.sort(key=lambda pair: pair[0])
    return [called for _rank, called in found]


def begins(text: str, typed: Sequence[str]) -> bool:
    """True when each of the folded words `typed` begins a word of `text`."""
    spaced = _spaced(text)
    return all(f" {word}" in spaced for word in typed)


def nearest_topics(text: str, count: int = 3) -> list[TopicFacts]:
    """The topics with a phrase most like `text`, by the groups of letters that they share."""
    wanted = _groups(text)
    likeness = {
        topic.code: max(_share(wanted, _groups(phrase.text)) for phrase in phrases_of(topic))
        for topic in taxonomy().topics.values()
    }
    best = sorted(likeness, key=lambda code: -likeness[code])[:count]
    return [taxonomy().topics[code] for code in best if likeness[code] >= ALIKE]


@lru_cache(maxsize=8192)
def _spaced(text: str) -> str:
    """The folded words of a text, each after a space."""
    return "".join(f" {word}" for word in words(text))


@lru_cache(maxsize=8192)
def _groups(text: str) -> frozenset[str]:
    """All groups of three letters of a text, the beginnings of its words among them."""
    spaced = f" {_spaced(text)} "
    return frozenset(spaced[at : at + 3] for at in range(len(spaced) - 2))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of two sets that they have in common (Dice)."""
    return 2 * len(one & other) / (len(one) + len(other))
