"""A query tree as PostgreSQL's tsqueries, one reading for each language; strings in, strings out.

Stems are lexemes as they are. Signs that no word can hold tell the other lexemes of a document:
`=transits` is a word as it was written, which prefixes are looked up in; `^transit` a stem, and
`^=transits` a word, of the title; and `*` stands in every document.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

from portal.search.analysis import analyser
from portal.search.query import Clause, Query

EVERYTHING = "*"
WRITTEN = "="
TITLE = "^"

_MOST_LEFT_OUT_OF = 6
"""Among more wanted groups, all but one of them are not asked for apart: that query would be long."""


class Weighed(NamedTuple):
    """What a clause is worth where it stands.

    `words` are weighed where `gate` matches, if there is one; `weight` is in per cent, and the
    documents that `counted` matches say how rare it is.
    """

    words: str
    gate: str | None
    weight: int
    counted: str


class Reading(NamedTuple):
    """A query read as words of one language.

    `match` finds the documents. They are weighed by the best clause of each of the `groups`; those
    that the queries of `before` find, which find no others, come first, one query after the other.
    With `in_part` not all groups need be met.
    """

    language: str
    match: str
    before: tuple[str, ...]
    groups: tuple[tuple[Weighed, ...], ...]
    in_part: bool


class _Met(NamedTuple):
    """What meets a clause anywhere, and in the title; and what it is worth."""

    anywhere: str
    title: str
    weighed: Weighed


_Group = list[_Met]


def quoted(lexeme: str) -> str:
    """A lexeme as tsqueries and tsvectors are given it."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def reading(query: Query, language: str) -> Reading | None:
    """How `query` reads in a language; None when no document in that language can meet it.

    A clause that is all common words there does not count, and a query of nothing else finds nothing.
    """
    required, wanted = (
        [found for group in groups if (found := _group(group, language, is_sure)) is not None]
        for groups, is_sure in ((query.required, True), (query.wanted, False))
    )
    if not all(required) or (query.groups and not required and not any(wanted)):
        return None
    excluded = (_met(clause, language, is_sure=True) for clause in query.excluded)
    without = [f"!{met.anywhere}" for met in excluded if met is not None]
    needed, some = ([_anywhere(group) for group in groups if group] for groups in (required, wanted))
    titles = [_any(met.title for met in group) for group in (*required, *wanted) if group]
    before = [_all(titles)]
    if some:
        before = [_all(some), _any(titles)]
        if 2 < len(some) <= _MOST_LEFT_OUT_OF:
            before.insert(1, _any(map(_all, combinations(some, len(some) - 1))))
        before = [_all([*needed, found]) for found in before]
    match = needed or ([_any(some)] if some else [quoted(EVERYTHING)])
    return Reading(
        language=language,
        match=_all([*match, *without]),
        before=tuple(_all([found, *without]) for found in before) if titles else (),
        groups=tuple(tuple(met.weighed for met in group) for group in (*required, *wanted)),
        in_part=bool(query.wanted),
    )


def _group(group: Sequence[Clause], language: str, is_required: bool) -> _Group | None:
    """What meets a group in a language: nothing if all of it is of others, None if it has no words there."""
    is_sure = is_required and len(group) == 1
    met = [found for clause in group if (found := _met(clause, language, is_sure)) is not None]
    is_of_others = any(clause.language not in (None, language) for clause in group)
    return met if met or is_of_others else None


def _met(clause: Clause, language: str, is_sure: bool) -> _Met | None:
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
        stems = [*stems, *weighed]
        titles.append(f"{quoted(TITLE + WRITTEN + beginning)}:*")
    if not stems:
        return None
    together = anywhere = _all(stems)
    if len(stems) > 1 and not clause.is_prefix and not clause.is_loose:
        gaps = [term.position - before.position for before, term in pairwise(terms)]
        rest = (f"<{gap}> {stem}" for gap, stem in zip(gaps, stems[1:], strict=True))
        anywhere = f"({' '.join([stems[0], *rest])})"
        titles.append(anywhere)
    gate = None if is_sure or len(stems) == 1 else anywhere
    weight = clause.weight * len(weighed)
    return _Met(anywhere, _all(titles), Weighed(_any(weighed), gate, weight, together))


def _anywhere(group: _Group) -> str:
    return _any(met.anywhere for met in group)


def _any(alternatives: Iterable[str]) -> str:
    return _joined(" | ", alternatives)


def _all(parts: Iterable[str]) -> str:
    return _joined(" & ", parts)


def _joined(sign: str, parts: Iterable[str]) -> str:
    """The parts with a sign between them, in parentheses where there are several."""
    given = list(parts)
    return given[0] if len(given) == 1 else f"({sign.join(given)})"
