"""The query language: words, "phrases", -not, OR, begin* and field:value; text in, a small tree out.

Engines read the tree, never the text. What cannot be understood is a QueryError with a code and
a place, which the page turns into a sentence of the reader's language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from portal.search.analysis import WORD, words

MAX_LENGTH = 200
MAX_CLAUSES = 12
MIN_PREFIX = 3

FIELDS = {
    "org": "organisation",
    "country": "country",
    "topic": "topic",
    "kind": "kind",
    "lang": "language",
    "year": "year",
}
"""What may stand before a colon, and the facet that it narrows."""

EARLIEST_YEAR, LATEST_YEAR = 1990, 2099

_QUOTES = '"“”„«»'
_PARENTHESES = "()[]{}"
# A clause is a quoted text or a run of anything but blanks, parentheses and quotes, perhaps after a
# minus, the name of a field, or both.
_CLAUSE = re.compile(
    rf"(?P<minus>-)?(?:(?P<field>{'|'.join(FIELDS)}):)?"
    rf"(?:[{_QUOTES}](?P<phrase>[^{_QUOTES}]*)(?P<closed>[{_QUOTES}]|$)"
    rf"|(?P<word>[^\s{_QUOTES}{re.escape(_PARENTHESES)}]+)"
    r"|(?(field)(?<=:)|(?!)))",
    re.IGNORECASE,
)
_YEARS = re.compile(r"(\d{4})|(\d{4})?\.\.(\d{4})?")


class ErrorCode(StrEnum):
    """Why a query was refused."""

    TOO_LONG = "too_long"
    TOO_MANY_CLAUSES = "too_many_clauses"
    UNCLOSED_QUOTE = "unclosed_quote"
    PREFIX_TOO_SHORT = "prefix_too_short"
    MISPLACED_STAR = "misplaced_star"
    MISPLACED_OR = "misplaced_or"
    NO_WORDS = "no_words"
    FIELD_WITHOUT_VALUE = "field_without_value"
    NOT_A_YEAR = "not_a_year"
    UNKNOWN_VALUE = "unknown_value"
    AMBIGUOUS_VALUE = "ambiguous_value"


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
    be in the same text, as all of them with `is_loose`. `is_quoted` asks for just these words, so
    that nothing is looked for in their place. With a `language` only texts in it count.
    `weight` is what it is worth in the order of hits, in per cent of a word that was typed, and
    `origin` says what brought it in when nobody typed it: the code of a topic, say.
    """

    words: tuple[str, ...]
    is_prefix: bool = False
    is_loose: bool = False
    is_quoted: bool = False
    language: str | None = None
    weight: int = 100
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """What stands behind the name of a field, as it was typed; all years of a range.

    `facet` is what it narrows. Whoever knows what there is turns it into a filter, or raises
    QueryError with UNKNOWN_VALUE or, where it would be too many things, AMBIGUOUS_VALUE at `position`.
    """

    facet: str
    values: tuple[str, ...]
    position: int
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """Every group of `required` must be met, by any of its clauses; no excluded clause may be.

    Groups of `wanted` need not be met, except that one of them must where nothing is required;
    the more are met, the higher a text stands. `fields` are not for engines, which are given filters.
    """

    required: tuple[tuple[Clause, ...], ...] = ()
    excluded: tuple[Clause, ...] = ()
    fields: tuple[Field, ...] = ()
    wanted: tuple[tuple[Clause, ...], ...] = ()

    @property
    def groups(self) -> tuple[tuple[Clause, ...], ...]:
        """All groups, required or wanted."""
        return self.required + self.wanted

    @property
    def is_empty(self) -> bool:
        """True when no words were asked for, so that everything within the filters is an answer."""
        return not self.groups and not self.excluded

    def of_words(self) -> Query:
        """The query without its fields."""
        return replace(self, fields=())


EMPTY = Query()


@dataclass(frozen=True, slots=True)
class _Item:
    """A clause or a field as it was typed, or the word OR (then neither)."""

    position: int
    clause: Clause | None = None
    is_excluded: bool = False
    field: Field | None = None

    @property
    def is_or(self) -> bool:
        return self.clause is None and self.field is None


def parse(text: str) -> Query:
    """The query that `text` writes; blank text is the empty query. Raises QueryError, nothing else."""
    if len(text) > MAX_LENGTH:
        raise QueryError(ErrorCode.TOO_LONG, MAX_LENGTH)
    items = [item for match in _CLAUSE.finditer(text) if (item := _item(match)) is not None]
    clauses = [item for item in items if not item.is_or]
    if len(clauses) > MAX_CLAUSES:
        raise QueryError(ErrorCode.TOO_MANY_CLAUSES, clauses[MAX_CLAUSES].position)
    query = _tree(items)
    if query == EMPTY and text.strip():
        raise QueryError(ErrorCode.NO_WORDS, 0)
    return query


def places_of_words(text: str) -> list[tuple[int, int]]:
    """Where the whole words that `text` looks for begin and end, for who would put others in their place.

    Fields, exclusions, beginnings of words and OR are none of them.
    """
    found: list[tuple[int, int]] = []
    for match in _CLAUSE.finditer(text):
        name = "word" if match["phrase"] is None else "phrase"
        is_sign = name == "word" and (match["word"] in {"OR", "AND"} or "*" in (match["word"] or ""))
        if not (match["minus"] or match["field"] or is_sign):
            found += [word.span() for word in WORD.finditer(text, *match.span(name))]
    return found


def as_clause(clause: Clause) -> str:
    """How one types a clause, but for accents and capitals, which make no difference."""
    if clause.is_quoted:
        return f'"{" ".join(clause.words)}"'
    return "-".join(clause.words) + ("*" if clause.is_prefix else "")


def as_field(facet: str, value: str, is_excluded: bool = False) -> str:
    """How one types that `facet` is to be, or is not to be, `value`."""
    name = next(name for name, narrowed in FIELDS.items() if narrowed == facet)
    unquoted = re.sub(f"[{_QUOTES}]", " ", value)
    return f'{"-" if is_excluded else ""}{name}:"{unquoted}"'


def end_of(text: str, position: int) -> int:
    """Where that ends which begins at `position`: a clause, a field or OR; else the end of the text."""
    match = _CLAUSE.match(text, position)
    return match.end() if match is not None else len(text)


def cut(text: str, position: int) -> str:
    """`text` without the field at `position` and the OR that joined it to a neighbour.

    "" if no word is left; what could be parsed before can be parsed after.
    """
    items = [(match, item) for match in _CLAUSE.finditer(text) if (item := _item(match)) is not None]
    at = next(number for number, (_match, item) in enumerate(items) if item.position == position)
    gone = [at]
    if at + 1 < len(items) and items[at + 1][1].is_or:
        gone = [at, at + 1]
    elif at and items[at - 1][1].is_or:
        gone = [at - 1, at]
    if len(gone) == len(items):
        return ""
    pieces, start = [], 0
    for match in (items[number][0] for number in gone):
        pieces.append(text[start : match.start()].strip())
        start = match.end()
    return " ".join(filter(None, [*pieces, text[start:].strip()]))


def _item(match: re.Match[str]) -> _Item | None:
    position, is_excluded = match.start(), match["minus"] is not None
    if match["phrase"] is not None and not match["closed"]:
        raise QueryError(ErrorCode.UNCLOSED_QUOTE, match.start("phrase") - 1)
    if match["field"] is not None:
        return _Item(position, is_excluded=is_excluded, field=_field(match, is_excluded))
    if match["phrase"] is not None:
        found = tuple(words(match["phrase"]))
        clause = Clause(found, is_quoted=True) if found else None
    elif match["word"] == "OR" and not is_excluded:
        return _Item(position)
    elif match["word"] == "AND":  # what other engines want said goes without saying here
        return None
    else:
        clause = _clause(match["word"] or "", position)
    return None if clause is None else _Item(position, clause, is_excluded)


def _field(match: re.Match[str], is_excluded: bool) -> Field:
    facet = FIELDS[match["field"].lower()]
    value = (match["word"] if match["phrase"] is None else match["phrase"]) or ""
    if not value.strip():
        raise QueryError(ErrorCode.FIELD_WITHOUT_VALUE, match.start())
    values = _years(value, match.start()) if facet == "year" else (value.strip(),)
    return Field(facet, values, match.start(), is_excluded)


def _years(value: str, position: int) -> tuple[str, ...]:
    """The years of `2024`, `2023..2026`, `2023..` or `..2026`."""
    found = _YEARS.fullmatch(value)
    if found is None or value == "..":
        raise QueryError(ErrorCode.NOT_A_YEAR, position)
    first = max(int(found[1] or found[2] or EARLIEST_YEAR), EARLIEST_YEAR)
    last = min(int(found[1] or found[3] or LATEST_YEAR), LATEST_YEAR)
    if first > last:
        raise QueryError(ErrorCode.NOT_A_YEAR, position)
    return tuple(str(year) for year in range(first, last + 1))


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
    """Groups, exclusions and fields; OR binds its two neighbours closer than the blank between others."""
    groups: list[list[Clause]] = []
    excluded: list[Clause] = []
    fields: list[Field] = []
    left: _Item | None = None  # what stands before an OR
    previous: _Item | None = None
    for item in items:
        if item.is_or:
            if previous is None or previous.is_or or previous.is_excluded:
                raise QueryError(ErrorCode.MISPLACED_OR, item.position)
            left = previous
        else:
            if left is not None and not _may_join(left, item):
                raise QueryError(ErrorCode.MISPLACED_OR, item.position)
            if item.field is not None:
                fields.append(item.field)
            elif item.clause is not None and item.is_excluded:
                excluded.append(item.clause)
            elif item.clause is not None and left is not None:
                groups[-1].append(item.clause)
            elif item.clause is not None:
                groups.append([item.clause])
            left = None
        previous = item
    if previous is not None and previous.is_or:
        raise QueryError(ErrorCode.MISPLACED_OR, previous.position)
    # Repeated words cost nothing: the first of each is kept.
    required = dict.fromkeys(tuple(dict.fromkeys(group)) for group in groups)
    return Query(tuple(required), tuple(dict.fromkeys(excluded)), tuple(fields))


def _may_join(left: _Item, right: _Item) -> bool:
    """Whether OR may stand between: wanted clauses, or values of one field, which are either anyway."""
    if right.is_excluded:
        return False
    if left.field is not None and right.field is not None:
        return left.field.facet == right.field.facet
    return left.field is None and right.field is None
