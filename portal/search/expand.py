"""What else the typed words are called: names of a thesaurus and translations, as alternatives to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

from portal.search.analysis import LANGUAGES, analyser, words
from portal.search.dictionary import LONGEST_HEADWORD, Dictionary
from portal.search.query import Clause, Query
from portal.search.ranking import DICTIONARY, PART, THESAURUS

MOST_FOR_A_MATCH = 24
MOST_IN_A_QUERY = 60
"""How many alternatives one phrase, and a whole query, may bring: each costs the engine."""

BY_DICTIONARY = "dictionary"
"""The origin of translations; no topic has this code."""


class Entry(NamedTuple):
    """One thing and all that it is called: pairs of a language and a phrase, the most telling first."""

    code: str
    phrases: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Also:
    """What was looked for besides the words `typed` (folded), because `origin` calls it so.

    `origin` is the code of an entry, or BY_DICTIONARY; `phrases` are pairs of a language and a text
    as it is written.
    """

    origin: str
    typed: str
    phrases: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Expansion:
    """The query to run, and what it looks for that nobody typed.

    `relaxed` is content with some of the words; None where there is but one, or all are in quotes.
    """

    query: Query
    also: tuple[Also, ...] = ()
    relaxed: Expansion | None = None


class _Phrase(NamedTuple):
    language: str
    text: str
    words: tuple[str, ...]
    stems: tuple[str, ...]


class _Told(NamedTuple):
    """A word that is not common in its language, as it is written and its stem."""

    word: str
    stem: str


class Thesaurus:
    """Entries by what they are called, whatever the inflection, the accents and the common words.

    Acronyms have no inflection: CITES has nothing to do with "cita", nor ARM with "armes".
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._names: dict[str, tuple[_Phrase, ...]] = {}
        self._codes: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        self._acronyms: dict[tuple[str, str], list[str]] = {}
        for entry in entries:
            phrases = [p for language, text in entry.phrases if (p := _phrase(language, text)).stems]
            for phrase in phrases:
                if len(phrase.words) == 1 and phrase.text.isupper():
                    codes = self._acronyms.setdefault((phrase.language, phrase.words[0]), [])
                else:
                    codes = self._codes.setdefault((phrase.language, phrase.stems), [])
                if entry.code not in codes:
                    codes.append(entry.code)
            self._names[entry.code] = tuple(_without_longer_forms(phrases))
        self.longest = max((len(stems) for _, stems in self._codes), default=1)

    def codes(self, language: str, told: Sequence[_Told]) -> Sequence[str]:
        """The entries that a language calls by such a phrase, in the order of the entries."""
        if len(told) == 1:
            for word in (told[0].word, told[0].word.removesuffix("s")):
                if found := self._acronyms.get((language, word)):
                    return found
        return self._codes.get((language, tuple(one.stem for one in told)), ())

    def names(self, code: str) -> tuple[_Phrase, ...]:
        """What an entry is called, without the phrases that hold a shorter one of its own."""
        return self._names[code]


class _Group(NamedTuple):
    """A group of the query, and what stands in its place where some of the words are enough."""

    whole: tuple[Clause, ...]
    in_part: tuple[Clause, ...]

    @property
    def is_strict(self) -> bool:
        """Whether it has to be met in any case: in quotes, or cut by *."""
        return any(clause.is_quoted or clause.is_prefix for clause in self.whole)


class _Match(NamedTuple):
    """Clauses of a run, from the first to the last, and what they are called besides, by origin."""

    first: int
    last: int
    names: tuple[tuple[str, tuple[_Phrase, ...]], ...]


def expand(
    query: Query,
    thesaurus: Thesaurus,
    plain: Collection[str] = (),
    *,
    dictionary: Dictionary | None = None,
    languages: Sequence[str] = (),
) -> Expansion:
    """`query` with the other names of what its words mean, as alternatives to these words.

    The longest phrase of the thesaurus wins; where several entries have it, all of them count.
    Words that are in none are looked up in the dictionary. Quoted texts, beginnings of words and
    exclusions stay as they were typed, and so does what only the origins in `plain` would add.
    Common words of the language of the query are left out, as no other language has to have them;
    `languages` are those of the reader, who decides where a word is of several.
    """
    known = _known(query, thesaurus, dictionary, languages)
    spoken = max(known, key=known.__getitem__)
    runs = [(run, _rows_of(run)) for run in _runs(query.required)]
    found = [[_matches(row, thesaurus, dictionary, spoken) for row in rows] for _, rows in runs]
    count = sum(len(matches) for many in found for matches in many)
    adding = _Adding(dictionary, spoken, plain, min(MOST_FOR_A_MATCH, MOST_IN_A_QUERY // max(1, count)))
    groups: list[_Group] = []
    for (run, rows), many in zip(runs, found, strict=True):
        groups += adding.row(rows[0], many[0]) if _is_row(run[0]) else [adding.either(run[0], rows, many)]
    # One common word of a language that is not the reader's may be a telling one of another.
    if spoken == next(iter(known)) or known[spoken] > 1:
        groups = _telling(groups, spoken)
    return _expansion(query, groups, adding)


def _expansion(query: Query, groups: Sequence[_Group], adding: _Adding) -> Expansion:
    strict = tuple(group.whole for group in groups if group.is_strict)
    wanted = tuple(group.in_part for group in groups if not group.is_strict)
    relaxed = None
    if wanted and (len(groups) > 1 or wanted[0] != groups[0].whole):
        also = tuple(adding.also + adding.also_in_part)
        relaxed = Expansion(replace(query, required=strict, wanted=wanted), also)
    whole = tuple(group.whole for group in groups)
    return Expansion(replace(query, required=whole), tuple(adding.also), relaxed)


def language_of(
    query: Query, thesaurus: Thesaurus, dictionary: Dictionary | None, languages: Sequence[str]
) -> str:
    """The language with most of the words of `query`, common ones too; of several the reader's first."""
    known = _known(query, thesaurus, dictionary, languages)
    return max(known, key=known.__getitem__)


def _known(
    query: Query, thesaurus: Thesaurus, dictionary: Dictionary | None, languages: Sequence[str]
) -> dict[str, int]:
    """How many of the words each language has, in the order in which the reader wants languages."""
    order = dict.fromkeys((*(code for code in languages if code in LANGUAGES), *LANGUAGES))
    known = dict.fromkeys(order, 0)
    for row in (row for run in _runs(query.required) for row in _rows_of(run)):
        for language in order:
            for word in (word for clause in row for word in clause.words):
                if not _stems([word], language) or (
                    dictionary is not None and dictionary.translations(language, (word,))
                ):
                    known[language] += 1
            for first, last, told in _spans(row, language, thesaurus.longest):
                if thesaurus.codes(language, told):
                    known[language] += last - first + 1
    return known


def _phrase(language: str, text: str) -> _Phrase:
    folded = tuple(words(text))
    return _Phrase(language, text, folded, _stems(folded, language))


def _stems(folded: Sequence[str], language: str) -> tuple[str, ...]:
    return tuple(term.stem for term in analyser(language).terms(folded))


def _without_longer_forms(phrases: Sequence[_Phrase]) -> Iterator[_Phrase]:
    """The phrases that hold no other one: a text with "single window environment" has "single window"."""
    for number, phrase in enumerate(phrases):
        others = (*phrases[:number], *(p for p in phrases[number + 1 :] if not _holds(p, phrase)))
        if not any(_holds(phrase, other) for other in others):
            yield phrase


def _holds(phrase: _Phrase, other: _Phrase) -> bool:
    """Whether wherever all words of `phrase` stand, all of `other` do."""
    return phrase.language == other.language and set(other.stems) <= set(phrase.stems)


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


def _rows_of(run: Sequence[tuple[Clause, ...]]) -> list[list[Clause]]:
    """The clauses of a run that a phrase may reach across: one row, or each open clause beside an OR."""
    if _is_row(run[0]):
        return [[clause for (clause,) in run]]
    return [[clause] for clause in run[0] if _is_open(clause)]


def _matches(
    row: Sequence[Clause], thesaurus: Thesaurus, dictionary: Dictionary | None, spoken: str
) -> list[_Match]:
    """What of a row of clauses the thesaurus calls otherwise, and of the rest the dictionary."""
    matches = _longest(
        _Match(first, last, tuple((code, thesaurus.names(code)) for code in codes))
        for language in LANGUAGES
        for first, last, told in _spans(row, language, thesaurus.longest)
        if (codes := thesaurus.codes(language, told))
    )
    if dictionary is None:
        return matches
    translated = _longest(
        _Match(first, last, ((BY_DICTIONARY, names),))
        for first, last, _ in _spans(row, spoken, LONGEST_HEADWORD)
        if not any(first <= match.last and match.first <= last for match in matches)
        and (names := _translations(row[first : last + 1], dictionary, spoken))
    )
    return sorted(matches + translated)


def _spans(row: Sequence[Clause], language: str, longest: int) -> Iterator[tuple[int, int, list[_Told]]]:
    """First and last clause, and the telling words, of all whole clauses in a row, read in a language."""
    analysed = analyser(language)
    told = [
        [_Told(clause.words[place], stem) for stem, place in analysed.terms(clause.words)] for clause in row
    ]
    for first, begin in enumerate(told):
        if not begin:
            continue
        found: list[_Told] = []
        for last in range(first, len(row)):
            found = found + told[last]
            if len(found) > longest:
                break
            if told[last]:
                yield first, last, found


def _longest(matches: Iterable[_Match]) -> list[_Match]:
    """The longest matches, then the first, none overlapping; what the same words are called, together."""
    spans: dict[tuple[int, int], dict[str, tuple[_Phrase, ...]]] = {}
    for match in matches:
        spans.setdefault((match.first, match.last), {}).update(match.names)
    kept: list[_Match] = []
    for first, last in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        if all(last < other.first or other.last < first for other in kept):
            kept.append(_Match(first, last, tuple(spans[first, last].items())))
    return sorted(kept)


def _translations(typed: Sequence[Clause], dictionary: Dictionary, spoken: str) -> tuple[_Phrase, ...]:
    """What the dictionary says for words of the language of the query, common ones left out."""
    found = dictionary.translations(spoken, _told(typed, spoken))
    return tuple(phrase for language, text in found if (phrase := _phrase(language, text)).stems)


def _told(typed: Sequence[Clause], spoken: str) -> tuple[str, ...]:
    """The words of some clauses without those that are common in a language; all when nothing is left."""
    folded = tuple(word for clause in typed for word in clause.words)
    return tuple(word for word in folded if _stems([word], spoken)) or folded


class _Adding:
    """Puts other names beside what was typed, at most `most` a match, and notes them.

    Those that only stand beside single words of a name, for want of the whole, are in `also_in_part`.
    """

    def __init__(self, dictionary: Dictionary | None, spoken: str, plain: Collection[str], most: int) -> None:
        self._dictionary, self._spoken, self._plain, self._most = dictionary, spoken, plain, most
        self.also: list[Also] = []
        self.also_in_part: list[Also] = []

    def row(self, row: Sequence[Clause], matches: Iterable[_Match]) -> list[_Group]:
        """The groups of words that stand next to each other."""
        groups: list[_Group] = []
        place = 0
        for match in matches:
            typed = row[match.first : match.last + 1]
            if alternatives := self._alternatives(typed, match, self.also, self._most):
                groups += [_Group((clause,), (clause,)) for clause in row[place : match.first]]
                whole = (self._together(typed), *alternatives)
                groups.append(_Group(whole, (*whole, *self._parts(typed))))
                place = match.last + 1
        return groups + [_Group((clause,), (clause,)) for clause in row[place:]]

    def either(
        self, group: tuple[Clause, ...], rows: Iterable[Sequence[Clause]], found: Iterable[Iterable[_Match]]
    ) -> _Group:
        """A group of clauses joined by OR, with the other names of each."""
        added = [
            clause
            for row, matches in zip(rows, found, strict=True)
            for match in matches
            for clause in self._alternatives(row, match, self.also, self._most)
        ]
        return _Group((*group, *added), (*group, *added))

    def _together(self, typed: Sequence[Clause]) -> Clause:
        """All typed words in one clause, wherever they stand."""
        if len(typed) == 1:
            return typed[0]
        return Clause(_told(typed, self._spoken), is_loose=True)

    def _parts(self, typed: Sequence[Clause]) -> Iterator[Clause]:
        """Each of several words alone, and its translations."""
        telling = [clause for clause in typed if _stems(clause.words, self._spoken)]
        for clause in telling if len(telling) > 1 else ():
            yield replace(clause, weight=PART)
            names = self._dictionary and _translations([clause], self._dictionary, self._spoken)
            if names:
                match = _Match(0, 0, ((BY_DICTIONARY, names),))
                most = self._most // len(telling)
                for one in self._alternatives([clause], match, self.also_in_part, most):
                    yield replace(one, weight=one.weight * PART // 100)

    def _alternatives(
        self, typed: Sequence[Clause], match: _Match, also: list[Also], most: int
    ) -> list[Clause]:
        """The other names, wherever their words stand, but for those that hold the typed words themselves."""
        folded = [word for clause in typed for word in clause.words]
        present = {language: set(_stems(folded, language)) for language in LANGUAGES}
        clauses: dict[tuple[str, tuple[str, ...]], Clause] = {}
        for origin, names in match.names:
            phrases: list[tuple[str, str]] = []
            weight = DICTIONARY if origin == BY_DICTIONARY else THESAURUS
            for phrase in names if origin not in self._plain else ():
                there, key = present[phrase.language], (phrase.language, phrase.stems)
                is_new = key not in clauses and not (there and there <= set(phrase.stems))
                if is_new and len(clauses) < most:
                    clauses[key] = Clause(
                        phrase.words, is_loose=True, language=phrase.language, weight=weight, origin=origin
                    )
                    phrases.append((phrase.language, phrase.text))
            if phrases:
                also.append(Also(origin, " ".join(folded), tuple(phrases)))
        return list(clauses.values())


def _telling(groups: list[_Group], spoken: str) -> list[_Group]:
    """The groups without those of nothing but common words of the language; all when nothing is left."""
    told = [g for g in groups if not _is_row(g.whole) or _stems(g.whole[0].words, spoken)]
    return told or groups
