"""Making the dictionary's file from the dictionaries of FreeDict, as Debian's `dict-freedict-*` install them.

Spanish to French is French to Spanish read backwards, and so is every direction besides its own.
A word that has no translation into a language gets those of its translations into the third.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from itertools import chain, zip_longest
from pathlib import Path

from portal.search.analysis import LANGUAGES, words
from portal.search.dictionary import LONGEST_HEADWORD, Translation, key_as_written, key_of_stems, write

INSTALLED = Path("/usr/share/dictd")
PAIRS = {"eng-fra": ("en", "fr"), "fra-eng": ("fr", "en"), "eng-spa": ("en", "es"), "spa-eng": ("es", "en"),
         "fra-spa": ("fr", "es")}  # fmt: skip
MOST = 5
"""Translations kept of a headword in each language: more raised no figure of `benchmarks.relevance`."""

_DIGITS = {c: n for n, c in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")}
_NUMBER = re.compile(r"\d+\.\s+")
_ASIDE = re.compile(r"\([^)]*\)|\s\d+\.$")


class NoDictionaries(Exception):
    """None of the dictionaries is in the folder, or one of them cannot be read; the message says which."""


def make(folder: Path, path: Path) -> int:
    """Write the file at `path` from the dictionaries in `folder`; returns the number of its entries.

    Raises NoDictionaries.
    """
    present = [name for name in PAIRS if (folder / f"freedict-{name}.index").is_file()]
    if not present:
        raise NoDictionaries(f"{folder} has no freedict-*.index of {', '.join(PAIRS)}")
    found = _Pairs()
    for name in present:
        source, target = PAIRS[name]
        for headword, translation in _read(folder, name):
            found.add((source, headword), (target, translation))
    entries = found.entries()
    write(path, entries)
    return len(entries)


class _Pairs:
    """Translations by the key of a headword and by language: how often each was given, and its text."""

    def __init__(self) -> None:
        self._given: dict[str, dict[str, dict[str, tuple[int, str]]]] = {}
        self._written: dict[str, set[str]] = {}

    def add(self, headword: Translation, translation: Translation) -> None:
        """Take a pair, read forwards and backwards, under stems and as it is written."""
        (source, word), (target, text) = headword, translation
        folded, other_folded = words(word), words(text)
        key, other = key_of_stems(source, folded), key_of_stems(target, other_folded)
        # What is written the same needs no translation: it is looked for in all languages.
        if key and other and folded != other_folded:
            self._note(key, key_as_written(source, folded), target, other, text)
            self._note(other, key_as_written(target, other_folded), source, key, word)

    def _note(self, key: str, written: str, target: str, other: str, text: str) -> None:
        self._written.setdefault(key, set()).add(written)
        for one in (key, written):
            given = self._given.setdefault(one, {}).setdefault(target, {})
            count, first = given.get(other, (0, text))
            given[other] = (count + 1, first)

    def entries(self) -> dict[str, list[Translation]]:
        """The translations to keep, by stems, and also as written where several headwords share them."""
        keys = [
            *self._written,
            *(w for many in self._written.values() if len(many) > 1 for w in sorted(many)),
        ]
        return {key: kept for key in keys if (kept := self._kept(key))}

    def _kept(self, key: str) -> list[Translation]:
        """The translations of a headword that were given most often, the languages by turns."""
        by_language = []
        for target in LANGUAGES:
            if not key.startswith(target):
                given = self._given[key].get(target) or self._through_the_third(key, target)
                texts = sorted(given.values(), key=lambda one: -one[0])[:MOST]
                by_language.append([(target, text) for _, text in texts])
        return [one for one in chain.from_iterable(zip_longest(*by_language)) if one is not None]

    def _through_the_third(self, key: str, target: str) -> dict[str, tuple[int, str]]:
        found: dict[str, tuple[int, str]] = {}
        for middles in self._given[key].values():
            for middle in middles:
                for other, (_, text) in self._given[middle].get(target, {}).items():
                    count, first = found.get(other, (0, text))
                    found[other] = (count + 1, first)
        return found


def _read(folder: Path, name: str) -> Iterator[tuple[str, str]]:
    """The headwords of a dictionary, each with one translation at a time; long ones are left out."""
    index, texts = folder / f"freedict-{name}.index", folder / f"freedict-{name}.dict.dz"
    try:
        data = gzip.decompress(texts.read_bytes())
        for line in index.read_text(encoding="utf-8").splitlines():
            headword, offset, length = line.split("\t")[:3]
            if not headword.startswith("00-") and _is_short(headword):
                start = _number(offset)
                for translation in _translations(data[start : start + _number(length)].decode()):
                    yield headword, translation
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise NoDictionaries(f"{index}: {error!r}") from error


def _translations(entry: str) -> Iterator[str]:
    """The translations in an entry: the lines with numbers, or else the one below the headword."""
    lines = entry.splitlines()[1:]
    numbered = [_NUMBER.sub("", line, count=1) for line in lines if _NUMBER.match(line)]
    for line in numbered or lines[:1]:
        yield from filter(_is_short, (_ASIDE.sub("", text).strip() for text in line.split(",")))


def _is_short(text: str) -> bool:
    return 0 < len(words(text)) <= LONGEST_HEADWORD


def _number(digits: str) -> int:
    """A number as dictd's indexes write it, in the digits of base64."""
    value = 0
    for digit in digits:
        value = value * 64 + _DIGITS[digit]
    return value
