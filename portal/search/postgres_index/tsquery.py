"""A query tree as PostgreSQL's tsqueries, one reading for each language; strings in, strings out.

Stems are lexemes as they are. Signs that no word can hold tell the other lexemes of a document:
`=transits` is a word as it was written, which prefixes are looked up in; `^transit` a stem, and
`^=transits` a word, of the title; and `*` stands in every document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count, pairwise
from typing import NamedTuple

from portal.search.analysis import analyser
from portal.search.query import Clause, Query

EVERYTHING = "*"
WRITTEN = "="
TITLE = "^"


class Weighed(NamedTuple):
    """What a clause adds to the order of hits.

    `words` are weighed where `gate` matches, if there is one; `weight` is in per cent, and
    `typed` the number of the typed clause whose rarity counts, if one was typed.
    """

    words: str
    gate: str | None
    weight: int
    typed: int | None


class Reading(NamedTuple):
    """A query read as words of one language.

    `match` finds the documents, and `title` those of them that have it all in the title.
    `weighed` orders them: of each group the clause that weighs most counts, and with `in_part` the
    more groups are met, the more they count. `counted` says by what to count the documents of each
    typed clause.
    """

    language: str
    match: str
    title: str
    weighed: tuple[tuple[Weighed, ...], ...]
    counted: dict[int, str]
    in_part: bool = False


class _Met(NamedTuple):
    """What meets a clause: anywhere, in the title, and in whatever order; and what it weighs."""

    anywhere: str
    title: str
    in_any_order: str
    weighed: Weighed


def quoted(lexeme: str) -> str:
    """A lexeme as tsqueries and tsvectors are given it."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def reading(query: Query, language: str) -> Reading | None:
    """How `query` reads in a language; None when no document in that language can meet it.

    A clause that is all common words there does not count, and a query of nothing else finds nothing.
    """
    counted: dict[int, str] = {}
    numbers = count()
    required = _groups(query.required, numbers, language, counted, is_required=True)
    wanted = _groups(query.wanted, numbers, language, counted, is_required=False)
    if required is None or wanted is None or (query.groups and not required and not wanted):
        return None
    unwanted = [found.anywhere for clause in query.excluded if (found := _met(clause, language))]
    # What is wanted beside what is required only weighs.
    needed = required or ([[one for met in wanted for one in met]] if wanted else [])
    first = [] if needed else [quoted(EVERYTHING)]
    rest = [f"!{found}" for found in unwanted]
    return Reading(
        language,
        " & ".join([*first, *(_any(one.anywhere for one in met) for met in needed), *rest]),
        " & ".join([*first, *(_any(one.title for one in met) for met in needed), *rest]),
        tuple(tuple(one.weighed for one in met) for met in (*required, *wanted)),
        counted,
        in_part=bool(query.wanted),
    )


def _groups(
    groups: Iterable[tuple[Clause, ...]],
    numbers: Iterator[int],
    language: str,
    counted: dict[int, str],
    *,
    is_required: bool,
) -> list[list[_Met]] | None:
    """What meets each group that has words in a language; None when a required one is met in others alone."""
    result = []
    for group in groups:
        met = []
        for clause, typed in _numbered(group, numbers):
            found = _met(clause, language, typed, is_sure=is_required and len(group) == 1)
            if found is not None:
                met.append(found)
                if typed is not None and not clause.origin:
                    counted[typed] = found.in_any_order
        if met:
            result.append(met)
        elif is_required and any(clause.language not in (None, language) for clause in group):
            return None
    return result


def _numbered(group: tuple[Clause, ...], numbers: Iterator[int]) -> Iterator[tuple[Clause, int | None]]:
    """The clauses of a group, with the number of the typed clause that each stands for.

    What a thesaurus brought is as rare as what was typed, whichever language it is in.
    """
    own = {clause: next(numbers) for clause in group if not clause.origin}
    typed = next(iter(own.values()), None)
    return ((clause, own.get(clause, typed)) for clause in group)


def _met(clause: Clause, language: str, typed: int | None = None, is_sure: bool = True) -> _Met | None:
    """What meets a clause in a language; None when it is of another, or all common words in this.

    `is_sure` says that every document found meets it, so that nothing has to be asked before weighing.
    """
    if clause.language not in (None, language):
        return None
    terms = analyser(language).terms(clause.words[:-1] if clause.is_prefix else clause.words)
    stems = [quoted(term.stem) for term in terms]
    titles = [quoted(f"{TITLE}{term.stem}") for term in terms]
    weighed = stems
    if clause.is_prefix:
        beginning = clause.words[-1]
        weighed = [f"{quoted(WRITTEN + beginning)}:*"]
        stems += weighed
        titles.append(f"{quoted(TITLE + WRITTEN + beginning)}:*")
    if not stems:
        return None
    together = " & ".join(stems)
    anywhere = together
    if not clause.is_prefix and not clause.is_loose:
        gaps = [term.position - before.position for before, term in pairwise(terms)]
        anywhere = stems[0] + "".join(f" <{gap}> {stem}" for gap, stem in zip(gaps, stems[1:], strict=True))
        titles += [f"({anywhere})"] if gaps else []
    gate = None if is_sure or len(stems) == 1 else anywhere
    weight = clause.weight * len(weighed)
    return _Met(
        f"({anywhere})",
        f"({' & '.join(titles)})",
        together,
        Weighed(" | ".join(weighed), gate, weight, typed),
    )


def _any(alternatives: Iterable[str]) -> str:
    return f"({' | '.join(alternatives)})"
