"""The query language: words, "phrases", -not, OR and begin*; text in, a small tree out.

Engines read the tree, never the text. What cannot be understood is a QueryError with a code and
a place, which the page turns into a sentence of the reader's language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from portal.search.analysis import words

MAX_LENGTH = 200
MAX_CLAUSES = 12
MIN_PREFIX = 3

_QUOTES = '"“”„«»'
_PARENTHESES = "()[]{}"
# A clause is a quoted text or a run of anything but blanks, parentheses and quotes, perhaps after a minus.
_CLAUSE = re.compile(
    rf"(?P<minus>-)?(?:[{_QUOTES}](?P<phrase>[^{_QUOTES}]*)(?P<closed>[{_QUOTES}]|$)"
    rf"|(?P<word>[^\s{_QUOTES}{re.escape(_PARENTHESES)}]+))"
)


class ErrorCode(StrEnum):
    """Why a query was refused."""

    TOO_LONG = "too_long"
    TOO_MANY_CLAUSES = "too_many_clauses"
    UNCLOSED_QUOTE = "unclosed_quote"
    PREFIX_TOO_SHORT = "prefix_too_short"
    MISPLACED_STAR = "misplaced_star"
    MISPLACED_OR = "misplaced_or"
    NO_WORDS = "no_words"


class QueryError(ValueError):
    """A query that the language does not have; `position` counts characters from 0."""

    def __init__(self, code: ErrorCode, position: int) -> None:
        super().__init__(f"{code} at {position}")
        self.code = code
        self.position = position


@dataclass(frozen=True, slots=True)
class Clause:
    """Words in lower case and without accents that stand next to each other in the text.

    With `is_prefix` the last of them is the beginning of a word, and those before it need only
    be in the same text.
    """

    words: tuple[str, ...]
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """Every group must be met, by any of its clauses; no excluded clause may be."""

    required: tuple[tuple[Clause, ...], ...] = ()
    excluded: tuple[Clause, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when nothing was asked, so that everything is an answer."""
        return not self.required and not self.excluded


EMPTY = Query()


@dataclass(frozen=True, slots=True)
class _Item:
    """A clause as it was typed, or the word OR (then without a clause)."""

    position: int
    clause: Clause | None
    is_excluded: bool = False


def parse(text: str) -> Query:
    """The query that `text` writes; blank text is the empty query. Raises QueryError, nothing else."""
    if len(text) > MAX_LENGTH:
        raise QueryError(ErrorCode.TOO_LONG, MAX_LENGTH)
    items = [item for match in _CLAUSE.finditer(text) if (item := _item(match)) is not None]
    clauses = [item for item in items if item.clause is not None]
    if len(clauses) > MAX_CLAUSES:
        raise QueryError(ErrorCode.TOO_MANY_CLAUSES, clauses[MAX_CLAUSES].position)
    query = _tree(items)
    if query.is_empty and text.strip():
        raise QueryError(ErrorCode.NO_WORDS, 0)
    return query


def _item(match: re.Match[str]) -> _Item | None:
    position, is_excluded = match.start(), match["minus"] is not None
    if match["phrase"] is not None:
        if not match["closed"]:
            raise QueryError(ErrorCode.UNCLOSED_QUOTE, position)
        clause = _clause(match["phrase"].replace("*", " "), position)
    elif match["word"] == "OR" and not is_excluded:
        return _Item(position, None)
    elif match["word"] == "AND":  # what other engines want said goes without saying here
        return None
    else:
        clause = _clause(match["word"], position)
    return None if clause is None else _Item(position, clause, is_excluded)


def _clause(text: str, position: int) -> Clause | None:
    """The clause that one piece of text writes; None when there is no letter or digit in it."""
    star = text.find("*")
    found = tuple(words(text))
    if star < 0:
        return Clause(found) if found else None
    if star != len(text) - 1:
        raise QueryError(ErrorCode.MISPLACED_STAR, position)
    if not found or len(found[-1]) < MIN_PREFIX:
        raise QueryError(ErrorCode.PREFIX_TOO_SHORT, position)
    return Clause(found, is_prefix=True)


def _tree(items: list[_Item]) -> Query:
    """Groups and exclusions; OR binds its two neighbours closer than the blank between others."""
    groups: list[list[Clause]] = []
    excluded: list[Clause] = []
    joins = False
    previous: _Item | None = None
    for item in items:
        if item.clause is None:
            if previous is None or previous.clause is None or previous.is_excluded:
                raise QueryError(ErrorCode.MISPLACED_OR, item.position)
            joins = True
        elif item.is_excluded:
            if joins:
                raise QueryError(ErrorCode.MISPLACED_OR, item.position)
            excluded.append(item.clause)
        else:
            if joins:
                groups[-1].append(item.clause)
            else:
                groups.append([item.clause])
            joins = False
        previous = item
    if joins and previous is not None:
        raise QueryError(ErrorCode.MISPLACED_OR, previous.position)
    # Repeated words cost nothing: the first of each is kept.
    required = dict.fromkeys(tuple(dict.fromkeys(group)) for group in groups)
    return Query(tuple(required), tuple(dict.fromkeys(excluded)))
