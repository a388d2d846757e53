"""Words for load: sentences that follow the demo world's own, so that their counts fall as Zipf found.

Each language has a chain: which word follows which in the stories, in the names and synonyms of the
topics and in the glossary. A walk along it repeats the frequencies of the real texts; names of
invented places give the long tail that a real collection has.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from random import Random

from portal.core.i18n import LANGUAGES
from portal.core.text import to_plain
from portal.demo.stories import Story
from portal.taxonomy.loading import rows_of

TAIL = 60_000
LONGEST = 30
_SYLLABLES = [
    consonant + vowel
    for consonant in (
        "b",
        "d",
        "f",
        "g",
        "j",
        "k",
        "l",
        "m",
        "n",
        "p",
        "r",
        "s",
        "t",
        "v",
        "z",
        "ch",
        "nd",
        "mb",
    )
    for vowel in "aeiou"
]
_AT = {"en": "at", "es": "en", "fr": "à"}


@dataclass(frozen=True)
class Chain:
    """Which words begin a sentence and which follow each; "" ends it. Words repeat as often as found."""

    language: str
    starts: list[str]
    following: dict[str, list[str]]

    def sentence(self, rng: Random) -> str:
        """A sentence of at most LONGEST words."""
        words = [self.starts[int(rng.random() * len(self.starts))]]
        while len(words) < LONGEST:
            choices = self.following[words[-1]]
            word = choices[int(rng.random() * len(choices))]
            if not word:
                break
            words.append(word)
        said = " ".join(words).rstrip(",;:")
        return said[:1].upper() + said[1:]

    def paragraph(self, rng: Random, sentences: int) -> str:
        """Sentences, the last of which names a place."""
        said = [self.sentence(rng) for _ in range(sentences)]
        said[-1] = f"{said[-1]} {_AT[self.language]} {place(rng)}"
        return ". ".join(said) + "."


def place(rng: Random) -> str:
    """An invented name; the n-th of TAIL is n times rarer than the first (Zipf)."""
    rank = int(TAIL ** rng.random())
    syllables = []
    while rank:
        rank, at = divmod(rank, len(_SYLLABLES))
        syllables.append(_SYLLABLES[at])
    name = "".join(syllables)
    return (name if len(syllables) > 1 else name + "ra").capitalize()


def chains(stories: list[Story]) -> dict[str, Chain]:
    """The chain of each language, from the stories and the vocabulary of the field."""
    return {language: _chain(language, _said_in(language, stories)) for language in LANGUAGES}


def terms(language: str) -> dict[str, list[str]]:
    """Topic code -> its name and synonyms in `language`."""
    return {
        row["code"]: [row[language], *filter(None, row[f"synonyms_{language}"].split("|"))]
        for row in rows_of("topics.csv")
    }


def _said_in(language: str, stories: list[Story]) -> list[str]:
    texts = []
    for story in stories:
        edition = story.editions.get(language)
        if edition is not None:
            texts += [edition.text.summary, *map(to_plain, edition.text.parts.values())]
    sentences = [s for text in texts for s in re.split(r"(?<=[.!?])\s+|\n", text)]
    sentences += [row[language] for row in rows_of("glossary.csv")]
    if language == "en":
        sentences += [row["definition_en"] for row in rows_of("glossary.csv")]
    return sentences + [", ".join(names) for names in terms(language).values()]


def _chain(language: str, sentences: list[str]) -> Chain:
    starts: list[str] = []
    following: dict[str, list[str]] = defaultdict(list)
    for sentence in sentences:
        words = re.findall(r"[\w%’'-]+[,;:]?", sentence)
        if len(words) < 3:
            continue
        starts.append(words[0])
        for word, after in zip(words, [*words[1:], ""], strict=True):
            following[word].append(after)
    return Chain(language, starts, dict(following))
