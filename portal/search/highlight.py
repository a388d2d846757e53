"""Fragments of texts with what was searched for marked.

The caller passes only texts that the viewer may see; nothing here reads the index.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from portal.search.analysis import REST_OF_WORD, WORD, Term, analyser, fold
from portal.search.query import Clause, Query

FRAGMENT = 200
LONGEST_TEXT = 50_000
"""Characters of a text that are looked at, so that a very long one costs no more than this."""

_MOST_MATCHES = 500
_MOST_WORDS_KNOWN = 20_000
_LEAD = 40
_ELLIPSIS = "…"
_BLANKS = re.compile(r"\s+")
_NO_WORD = re.compile(r"(?!)")


def highlight(query: Query, language: str, text: str, length: int = FRAGMENT) -> Markup:
    """About `length` characters of `text` where most of `query` stands, as safe HTML with <mark>.

    Without a match it is the beginning of the text. Everything else is escaped. `language` is
    that of the text. Raises ValueError for a language that the portal does not have.
    """
    text = text[:LONGEST_TEXT].strip()
    ((matches,), _met) = _finder(query, language).look([text])
    return _fragment(text, matches, length)


def mark(query: Query, language: str, text: str) -> Markup:
    """The whole of a short `text` (a title) as safe HTML, with what `query` asks for in <mark>.

    Raises ValueError for a language that the portal does not have.
    """
    ((matches,), _met) = _finder(query, language).look([text])
    return _marked(text, 0, len(text), matches)


class Seen(NamedTuple):
    """A title and a fragment of a text with what was searched for in <mark>, and what of it stands there."""

    title: Markup
    fragment: Markup
    met: frozenset[Clause]


def look(query: Query, language: str, title: str, text: str, length: int = FRAGMENT) -> Seen:
    """`mark` of the title, `highlight` of the text and `met` of both, in one go."""
    text = text[:LONGEST_TEXT].strip()
    (in_title, in_text), found = _finder(query, language).look([title, text])
    return Seen(_marked(title, 0, len(title), in_title), _fragment(text, in_text, length), found)


def met(query: Query, language: str, *texts: str) -> frozenset[Clause]:
    """The clauses of `query` that these texts of one `language` meet together.

    The caller bounds their length. Raises ValueError for a language that the portal does not have.
    """
    return _finder(query, language).look(texts)[1]


class _Match(NamedTuple):
    start: int
    end: int
    clause: int


class _Role(NamedTuple):
    """What a word is to a query: its stem, the clauses that it is a word of on its own, and itself folded."""

    stem: str
    clauses: tuple[int, ...]
    word: str


_Known = list[tuple[int, int, int, _Role]]
"""The words of a text that are anything to a query: place among all words, start, end, role."""


class _Read(NamedTuple):
    """The words of a text that are anything to a query, and where its phrases stand, by number and start."""

    known: _Known
    phrases: dict[int, dict[int, _Match]]


class _Roles(dict[str, _Role | None]):
    """The roles of words as they are written, worked out on first sight; None for most."""

    def __init__(
        self, words: dict[str, tuple[int, ...]], prefixes: dict[str, int], phrased: set[str], language: str
    ) -> None:
        super().__init__()
        self._words, self._prefixes, self._phrased = words, prefixes, phrased
        self._stem = analyser(language).stem

    def __missing__(self, written: str) -> _Role | None:
        if len(self) > _MOST_WORDS_KNOWN:
            self.clear()
        role = None
        for word in fold(written):
            stem = self._stem(word) or ""
            begun = (number for start, number in self._prefixes.items() if word.startswith(start))
            clauses = (*self._words.get(stem, ()), *begun)
            if clauses or stem in self._phrased:
                role = _Role(stem, clauses, word)
                break
        self[written] = role
        return role


class _Finder:
    """Finds what one query asks for in texts of one language."""

    def __init__(self, query: Query, language: str) -> None:
        words: dict[str, tuple[int, ...]] = {}
        prefixes: dict[str, int] = {}
        self._phrases: list[tuple[list[Term], int]] = []
        self._clauses = [
            (clause, analyser(language).terms(_whole_words(clause)))
            for group in query.groups
            for clause in group
            if clause.language in (None, language)
        ]
        for number, (clause, terms) in enumerate(self._clauses):
            if clause.is_prefix:
                prefixes[clause.words[-1]] = number
            if len(terms) > 1 and not clause.is_prefix and not clause.is_loose:
                self._phrases.append((terms, number))
            else:
                for stem in dict.fromkeys(term.stem for term in terms):
                    words[stem] = (*words.get(stem, ()), number)
        phrased = {term.stem for terms, _ in self._phrases for term in terms}
        self._roles = _Roles(words, prefixes, phrased, language)
        # Phrases need every word counted; without them only words of the right first letter are looked at.
        initials = frozenset(start[0] for start in (*words, *prefixes))
        self._words = WORD if self._phrases else _words_beginning(initials)

    def look(self, texts: Sequence[str]) -> tuple[list[list[_Match]], frozenset[Clause]]:
        """What to mark in each text, in its order and without overlaps, and the clauses they meet together.

        A phrase has to stand in one of them, other words in any; of a clause that is not met nothing is
        marked.
        """
        reads = [self._read(text) for text in texts]
        there = self._met(reads)
        matches = []
        for known, phrases in reads:
            found = {
                start: _Match(start, end, number)
                for _, start, end, role in known
                if (number := next((n for n in role.clauses if n in there), None)) is not None
            }
            for of_phrase in phrases.values():
                found |= of_phrase
            matches.append(sorted(found.values()))
        return matches, frozenset(self._clauses[number][0] for number in there)

    def _read(self, text: str) -> _Read:
        roles = self._roles
        known = [
            (place, word.start(), word.end(), role)
            for place, word in enumerate(self._words.finditer(text))
            if (role := roles[word.group()]) is not None
        ][:_MOST_MATCHES]
        return _Read(known, {n: _phrase_matches(terms, n, known) for terms, n in self._phrases})

    def _met(self, reads: Sequence[_Read]) -> set[int]:
        """The numbers of the clauses that some texts meet together."""
        roles = {role for read in reads for *_, role in read.known}
        stems = {role.stem for role in roles}
        found = {number for read in reads for number, there in read.phrases.items() if there}
        as_phrases = {number for _, number in self._phrases}
        for number, (clause, terms) in enumerate(self._clauses):
            if number in as_phrases:
                continue
            begins = not clause.is_prefix or any(r.word.startswith(clause.words[-1]) for r in roles)
            if begins and (terms or clause.is_prefix) and all(term.stem in stems for term in terms):
                found.add(number)
        return found


def _phrase_matches(terms: list[Term], clause: int, known: _Known) -> dict[int, _Match]:
    """The words of a phrase, wherever they all stand at their distances."""
    by_place = {place: (start, end, role.stem) for place, start, end, role in known}
    found = {}
    for place in by_place:
        places = [place + term.position - terms[0].position for term in terms]
        if all(p in by_place and by_place[p][2] == t.stem for p, t in zip(places, terms, strict=True)):
            for start, end, _ in map(by_place.__getitem__, places):
                found[start] = _Match(start, end, clause)
    return found


def _whole_words(clause: Clause) -> tuple[str, ...]:
    return clause.words[:-1] if clause.is_prefix else clause.words


@lru_cache(maxsize=200)
def _words_beginning(initials: frozenset[str]) -> re.Pattern[str]:
    """A pattern of the words whose folded form begins with one of these letters, or of a few more.

    No stemmer changes a word's first letter, so what else a text says need not be folded at all.
    """
    if not initials <= _spellings().keys():
        return WORD
    letters = "".join(_spellings()[initial] for initial in sorted(initials))
    return re.compile(rf"[{letters}](?<![^\W_].){REST_OF_WORD}") if letters else _NO_WORD


@cache
def _spellings() -> dict[str, str]:
    """The ways to write each Latin letter and digit: capitals, and all accents of Europe."""
    found = {initial: initial for initial in "abcdefghijklmnopqrstuvwxyz0123456789"}
    for code in (*range(0x41, 0x250), *range(0x1E00, 0x1F00)):
        for folded in fold(chr(code))[:1]:
            if folded[0] in found:
                found[folded[0]] += chr(code)
    return found


@lru_cache(maxsize=12)
def _finder(query: Query, language: str) -> _Finder:
    return _Finder(query, language)


def _fragment(text: str, matches: list[_Match], length: int) -> Markup:
    start, end = _window(matches, text, length)
    before, after = _ELLIPSIS if start else "", _ELLIPSIS if end < len(text) else ""
    return Markup(f"{before}{_marked(text, start, end, matches)}{after}")


def _marked(text: str, start: int, end: int, matches: list[_Match]) -> Markup:
    parts, at = [], start
    for first, last in _rows(text, [m for m in matches if start <= m.start and m.end <= end]):
        parts += [_escaped(text[at:first]), f"<mark>{_escaped(text[first:last])}</mark>"]
        at = last
    parts.append(_escaped(text[at:end]))
    return Markup("".join(parts))


def _rows(text: str, matches: list[_Match]) -> list[tuple[int, int]]:
    """From where to where to mark: words with nothing but blanks between them go together."""
    rows: list[tuple[int, int]] = []
    for match in matches:
        if rows and text[rows[-1][1] : match.start].isspace():
            rows[-1] = (rows[-1][0], match.end)
        else:
            rows.append((match.start, match.end))
    return rows


def _escaped(text: str) -> str:
    return str(escape(_BLANKS.sub(" ", text)))


def _window(matches: list[_Match], text: str, length: int) -> tuple[int, int]:
    """Where the fragment begins and ends: with the most clauses, then the most matches, then the first."""
    if not matches:
        return 0, _end(text, 0, 0, length)
    ends = [match.end for match in matches]
    most, best = (0, 0), matches[0]
    for number, match in enumerate(matches):
        last = bisect_right(ends, match.start + length - _LEAD)
        inside = matches[number:last]
        value = (len({m.clause for m in inside}), len(inside))
        if value > most:
            most, best = value, match
        if last == len(matches):
            break  # a later beginning holds no more than this
    start = _start(text, best.start)
    return start, _end(text, start, best.end, length)


def _start(text: str, first: int) -> int:
    """Some words before the first match, at the beginning of a word."""
    if first <= _LEAD:
        return 0
    blank = _BLANKS.search(text, first - _LEAD, first)
    return blank.end() if blank else first


def _end(text: str, start: int, at_least: int, length: int) -> int:
    """`length` further than `start`, at the end of a word, but not before `at_least`."""
    limit = start + length
    if limit >= len(text):
        return len(text)
    blank = max(text.rfind(" ", at_least, limit + 1), text.rfind("\n", at_least, limit + 1))
    return blank if blank > start else limit
