"""Text to terms: words, folding of accents and case, stop words and stems, one analyser a language.

The order matters and is the same for documents, queries and highlights: words are folded first,
so that stop words and stems see `tambien` whether it was typed with its accent or without.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from threading import Lock
from typing import NamedTuple

import snowballstemmer

from portal.search.stopwords import STOP_WORDS

LANGUAGES = ("en", "es", "fr")
LONGEST_WORD = 40
"""Longer words (hashes, addresses) are cut: nobody searches by their ends, and keys stay small."""

_SNOWBALL = {"en": "english", "es": "spanish", "fr": "french"}

# A word: a letter or digit, then letters, digits and combining accents: a decomposed "é" stays in its word.
REST_OF_WORD = r"(?:[^\W_]|[\u0300-\u036f])*"
WORD = re.compile(rf"[^\W_]{REST_OF_WORD}")

# Letters that Unicode does not decompose and people type without.
_UNDECOMPOSED = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d"}
    | {"\u0131": "i", "ð": "d", "Ð": "d", "þ": "th", "Þ": "th"}
)


# What English has in two spellings is read as one of them; its stemmer would tell them apart.
_IZE = re.compile(r"(?<=[iy])z(?=(?:e[drs]?|ers|ing|able|ations?)$)")
_OTHER_SPELLINGS = {
    other + ending: one + ending
    for other, one in (
        *(("programme", "program"), ("centre", "center"), ("licence", "license"), ("labour", "labor")),
        *(("harbour", "harbor"), ("catalogue", "catalog"), ("defence", "defense")),
    )
    for ending in ("", "s")
}


class Term(NamedTuple):
    """A stem and where it stands, counted in words from the start."""

    stem: str
    position: int


@lru_cache(maxsize=30_000)
def fold(word: str) -> tuple[str, ...]:
    """A word in lower case and without accents.

    Compatibility characters may fall into several words or none ("½" is 1 and 2).
    """
    if word.isascii():
        return (word.lower()[:LONGEST_WORD],)
    plain = unicodedata.normalize("NFKD", word.translate(_UNDECOMPOSED).casefold())
    bare = "".join(c for c in plain if unicodedata.category(c) != "Mn")
    return tuple(part[:LONGEST_WORD] for part in WORD.findall(bare.casefold()))


def words(text: str) -> list[str]:
    """The folded words of a text in their order."""
    return [part for word in WORD.findall(text) for part in fold(word)]


class Analyser:
    """Turns the words of one language into stems."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.stop_words = STOP_WORDS[language]
        self._stemmer = snowballstemmer.stemmer(_SNOWBALL[language])
        # The stemmer keeps its word in itself, so two threads must not meet in it.
        self._lock = Lock()
        self.stem = lru_cache(maxsize=30_000)(self._stem)

    def _stem(self, word: str) -> str | None:
        """The stem of a folded word; None for a stop word."""
        if word in self.stop_words:
            return None
        spelt = _OTHER_SPELLINGS.get(word) or _IZE.sub("s", word) if self.language == "en" else word
        with self._lock:
            stem: str = self._stemmer.stemWord(spelt)
        # A stemmer may leave nothing of a word, or an accent that the folded word did not have.
        return "".join(fold(stem)) or word

    def terms(self, folded: Sequence[str]) -> list[Term]:
        """The stems of folded words; stop words leave a gap in the positions."""
        found = ((self.stem(word), position) for position, word in enumerate(folded))
        return [Term(stem, position) for stem, position in found if stem is not None]


@cache
def analyser(language: str) -> Analyser:
    """The analyser of a language of the portal. Raises ValueError for any other."""
    if language not in LANGUAGES:
        raise ValueError(f"no analyser for the language {language!r}")
    return Analyser(language)
