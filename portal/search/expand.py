"""What else the typed words are called: the phrases of a thesaurus as alternatives, in all languages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

from portal.search.analysis import LANGUAGES, Term, analyser, words
from portal.search.query import Clause, Query
from portal.search.ranking import THESAURUS

MOST_FOR_A_MATCH = 24
MOST_IN_A_QUERY = 60
"""How many alternatives one matched phrase, and a whole query, may bring: each costs the engine."""


class Entry(NamedTuple):
    """One thing and all that it is called: pairs of a language and a phrase, the most telling first."""

    code: str
    phrases: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Also:
    """What was looked for besides the words `typed` (folded), because `origin` calls it so.

    `origin` is the code of an entry; `phrases` are pairs of a language and a text as it is written.
    """

    origin: str
    typed: str
    phrases: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Expansion:
    """The query to run, and what it looks for that nobody typed."""

    query: Query
    also: tuple[Also, ...] = ()


class _Phrase(NamedTuple):
    language: str
    text: str
    words: tuple[str, ...]
    terms: tuple[Term, ...]
    stems: tuple[str, ...]


class Thesaurus:
    """Entries by what they are called, whatever the inflection, the accents and the common words."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._alternatives: dict[str, tuple[_Phrase, ...]] = {}
        self._codes: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for entry in entries:
            phrases = [p for language, text in entry.phrases if (p := _phrase(language, text)).terms]
            for phrase in phrases:
                codes = self._codes.setdefault((phrase.language, phrase.stems), [])
                if entry.code not in codes:
                    codes.append(entry.code)
            self._alternatives[entry.code] = tuple(_without_longer_forms(phrases))
        self.longest = max((len(stems) for _, stems in self._codes), default=0)

    def codes(self, language: str, stems: tuple[str, ...]) -> Sequence[str]:
        """The entries that a language calls by a phrase of these stems, in the order of the entries."""
        return self._codes.get((language, stems), ())

    def alternatives(self, code: str) -> tuple[_Phrase, ...]:
        """What an entry is called, without the phrases that hold a shorter one of its own."""
        return self._alternatives[code]


class _Match(NamedTuple):
    """Clauses of a run, from the first to the last, that are called so by some entries."""

    first: int
    last: int
    codes: tuple[str, ...]


def expand(query: Query, thesaurus: Thesaurus, plain: Collection[str] = ()) -> Expansion:
    """`query` with the other names of what its words mean, as alternatives to these words.

    The longest phrase wins; where several entries have it, all of them count. Quoted texts,
    beginnings of words and exclusions stay as they were typed, and so does what only the origins
    in `plain` would add.
    """
    groups: list[tuple[Clause, ...]] = []
    also: list[Also] = []
    left = MOST_IN_A_QUERY
    for run in _runs(query.required):
        if _is_row(run[0]):
            expanded, found = _row([clause for (clause,) in run], thesaurus, plain, left)
        else:
            expanded, found = _either(run[0], thesaurus, plain, left)
        groups += expanded
        also += found
        left -= sum(len(one.phrases) for one in found)
    return Expansion(replace(query, required=tuple(groups)), tuple(also))


def _phrase(language: str, text: str) -> _Phrase:
    folded = tuple(words(text))
    terms = tuple(analyser(language).terms(folded))
    return _Phrase(language, text, folded, terms, tuple(term.stem for term in terms))


def _without_longer_forms(phrases: Sequence[_Phrase]) -> Iterator[_Phrase]:
    """The phrases that hold no other one: a text with "single window environment" has "single window"."""
    for number, phrase in enumerate(phrases):
        others = (*phrases[:number], *(p for p in phrases[number + 1 :] if not _holds(p, phrase)))
        if not any(_holds(phrase, other) for other in others):
            yield phrase


def _holds(phrase: _Phrase, other: _Phrase) -> bool:
    """Whether wherever `phrase` stands, `other` does."""
    if phrase.language != other.language:
        return False
    first, there = other.terms[0], set(phrase.terms)
    shifts = [term.position - first.position for term in phrase.terms if term.stem == first.stem]
    return any(
        all(Term(stem, position + shift) in there for stem, position in other.terms) for shift in shifts
    )


def _is_open(clause: Clause) -> bool:
    """Whether other names may stand for the clause."""
    return not (clause.is_quoted or clause.is_prefix or clause.is_loose or clause.language or clause.origin)


def _is_row(group: tuple[Clause, ...]) -> bool:
    return len(group) == 1 and _is_open(group[0])


def _runs(groups: Iterable[tuple[Clause, ...]]) -> Iterator[list[tuple[Clause, ...]]]:
    """Neighbouring single clauses together, as phrases may reach across them; all other groups alone."""
    for is_row, many in groupby(groups, _is_row):
        if is_row:
            yield list(many)
        else:
            yield from ([group] for group in many)


def _row(
    row: list[Clause], thesaurus: Thesaurus, plain: Collection[str], left: int
) -> tuple[list[tuple[Clause, ...]], list[Also]]:
    """The groups of words that stand next to each other, and what they are called besides."""
    groups: list[tuple[Clause, ...]] = []
    also: list[Also] = []
    place = 0
    for match in _matches(row, thesaurus):
        typed = row[match.first : match.last + 1]
        alternatives, found = _alternatives(typed, match.codes, thesaurus, plain, left)
        left -= len(alternatives)
        if alternatives:
            groups += [(clause,) for clause in row[place : match.first]]
            groups.append((_together(typed), *alternatives))
            also += found
            place = match.last + 1
    return groups + [(clause,) for clause in row[place:]], also


def _either(
    group: tuple[Clause, ...], thesaurus: Thesaurus, plain: Collection[str], left: int
) -> tuple[list[tuple[Clause, ...]], list[Also]]:
    """A group of clauses joined by OR, with the other names of each."""
    added: list[Clause] = []
    also: list[Also] = []
    for clause in filter(_is_open, group):
        for match in _matches([clause], thesaurus):
            alternatives, found = _alternatives([clause], match.codes, thesaurus, plain, left - len(added))
            added += alternatives
            also += found
    return [(*group, *added)], also


def _matches(row: Sequence[Clause], thesaurus: Thesaurus) -> list[_Match]:
    """The phrases of the thesaurus in a row of clauses: the longest, then the first, none overlapping."""
    spans: dict[tuple[int, int], dict[str, None]] = {}
    for language in LANGUAGES:
        for first, last, stems in _spans(row, language, thesaurus.longest):
            for code in thesaurus.codes(language, stems):
                spans.setdefault((first, last), {})[code] = None
    matches: list[_Match] = []
    for first, last in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        if all(last < other.first or other.last < first for other in matches):
            matches.append(_Match(first, last, tuple(spans[first, last])))
    return sorted(matches)


def _spans(row: Sequence[Clause], language: str, longest: int) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """First and last clause, and the stems, of all whole clauses in a row, as words of a language."""
    stems = [[term.stem for term in analyser(language).terms(clause.words)] for clause in row]
    for first, begin in enumerate(stems):
        if not begin:
            continue
        found: tuple[str, ...] = ()
        for last in range(first, len(row)):
            found += tuple(stems[last])
            if len(found) > longest:
                break
            if stems[last]:
                yield first, last, found


def _alternatives(
    typed: Sequence[Clause], codes: Iterable[str], thesaurus: Thesaurus, plain: Collection[str], left: int
) -> tuple[list[Clause], list[Also]]:
    """The clauses that the entries `codes` bring besides what was typed, and how to say so."""
    folded = [word for clause in typed for word in clause.words]
    present = {code: {term.stem for term in analyser(code).terms(folded)} for code in LANGUAGES}
    clauses: dict[tuple[str, tuple[str, ...]], Clause] = {}
    also: list[Also] = []
    for code in codes:
        phrases: list[tuple[str, str]] = []
        for phrase in thesaurus.alternatives(code) if code not in plain else ():
            is_typed = present[phrase.language] and present[phrase.language] <= set(phrase.stems)
            key = (phrase.language, phrase.stems)
            if not is_typed and key not in clauses and len(clauses) < min(left, MOST_FOR_A_MATCH):
                clauses[key] = Clause(phrase.words, language=phrase.language, weight=THESAURUS, origin=code)
                phrases.append((phrase.language, phrase.text))
        if phrases:
            also.append(Also(code, " ".join(folded), tuple(phrases)))
    return list(clauses.values()), also


def _together(typed: Sequence[Clause]) -> Clause:
    """All typed words in one clause, wherever they stand."""
    if len(typed) == 1:
        return typed[0]
    return Clause(tuple(word for clause in typed for word in clause.words), is_loose=True)
