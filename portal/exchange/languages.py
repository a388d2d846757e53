"""Which language a narrative is in: what publishers declare is often wrong, or nothing is declared.

Small words tell; those that two languages share (de, la, que, on) say nothing and are left out.
"""

from __future__ import annotations

import re
from functools import lru_cache

from portal.core.i18n import LANGUAGES
from portal.taxonomy.queries import folded

_TELLING = {
    "en": "the and of for with to will are this that by from its which has been was",
    "es": "el los las del y para una sus al se como por esta este mediante fortalecimiento",
    "fr": "les des du et pour aux dans une au sur ces cette leur par l d qu sont",
    "nl": "het van een voor met zijn wordt naar",
    "pt": "do da dos das em nao uma ao pela",
    "de": "der die das und fur von mit zur zum ist",
}
_WORD = re.compile(r"[^\W\d_]+")
_ENOUGH = 2
_MOST = 2_000


@lru_cache(maxsize=1)
def _by_word() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for language, words in _TELLING.items():
        for word in words.split():
            found.setdefault(word, set()).add(language)
    return {word: frozenset(languages) for word, languages in found.items()}


def guessed(text: str) -> str:
    """The language that the words speak: at least two say so, and twice as many as for any other; else ""."""
    counts = dict.fromkeys(_TELLING, 0)
    by_word = _by_word()
    for word in _WORD.findall(folded(text[:_MOST])):
        for language in by_word.get(word, ()):
            counts[language] += 1
        if word.endswith(("cion", "ciones")):
            counts["es"] += 1
    (first, most), (_second, next_most) = sorted(counts.items(), key=lambda item: -item[1])[:2]
    return first if most >= _ENOUGH and most >= 2 * next_most else ""


def language_of(text: str, declared: str) -> str:
    """`en`, `es` or `fr`; "" for any other language, and for what neither words nor declaration tell."""
    language = guessed(text) or declared.strip()[:2].lower()
    return language if language in LANGUAGES else ""
