"""Agreed terms: names and synonyms of topics found in a text, with the term to use in another language."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from portal.core.i18n import localised
from portal.taxonomy.queries import Taxonomy, taxonomy


@dataclass(frozen=True)
class Term:
    """An agreed term: the topic's code, its name in the language of the text, and the one to use."""

    code: str
    name: str
    agreed: str


@dataclass(frozen=True)
class Found:
    """A term at a place in a text; `is_name` tells the topic's own name from a synonym."""

    start: int
    end: int
    term: Term
    is_name: bool


class Glossary:
    """The terms of a pair of languages; accents and case do not matter, the longest phrase wins.

    The headings of the taxonomy count by their names alone: their synonyms are words as wide as "customs".
    """

    def __init__(self, topics: Taxonomy, source: str, target: str) -> None:
        self._terms: dict[str, Term] = {}
        for topic in topics.topics.values():
            term = Term(topic.code, localised(topic, "name", source), localised(topic, "name", target))
            synonyms = _synonyms(topic, source) if topic.parent_code is not None else ()
            for phrase in (term.name, *synonyms):
                self._terms.setdefault(_folded(phrase)[0], term)
        phrases = sorted((p for p in self._terms if p), key=lambda p: (-len(p), p))
        joined = "|".join(re.escape(p).replace(r"\ ", r"\s+") for p in phrases)
        self._pattern = re.compile(rf"(?<!\w)({joined})(?:e?s)?(?!\w)") if phrases else None

    def find(self, text: str) -> list[Found]:
        """The terms of `text` from left to right, none inside another."""
        if self._pattern is None:
            return []
        folded, places = _folded(text)
        return [self._found(match, places) for match in self._pattern.finditer(folded)]

    def replacements(self, text: str) -> list[tuple[int, int, str]]:
        """Start, end and the agreed term of each name, as the beginning of the phrase is written.

        A synonym is left to the machine: the official name in its place would say too much.
        """
        return [(f.start, f.end, _like(text[f.start], f.term.agreed)) for f in self.find(text) if f.is_name]

    def _found(self, match: re.Match[str], places: list[int]) -> Found:
        phrase = re.sub(r"\s+", " ", match[1])
        term = self._terms[phrase]
        is_name = phrase == _folded(term.name)[0]
        return Found(places[match.start()], places[match.end() - 1] + 1, term, is_name)


def glossary(source: str, target: str) -> Glossary:
    """The glossary of a pair of languages as the taxonomy is now; made once for each state of it."""
    return _made(taxonomy(), source, target)


@lru_cache(maxsize=24)
def _made(topics: Taxonomy, source: str, target: str) -> Glossary:
    return Glossary(topics, source, target)


def _synonyms(topic: Any, language: str) -> tuple[str, ...]:
    found: tuple[str, ...] = getattr(topic, f"synonyms_{language}")
    return found


def _folded(text: str) -> tuple[str, list[int]]:
    """The text without accents and case, and for each of its letters the place it came from."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        for plain in unicodedata.normalize("NFKD", letter.replace("’", "'").casefold()):
            if not unicodedata.combining(plain):
                letters.append(plain)
                places.append(place)
    return "".join(letters), places


def _like(first: str, words: str) -> str:
    """`words` with a capital or a small letter as `first`; an acronym keeps its capitals."""
    if words[:2].isupper():
        return words
    return (words[:1].upper() if first.isupper() else words[:1].lower()) + words[1:]
