"""Keyset paging of rows that are counted up: the audit and the jobs, newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select

from portal.core.pages import PER_PAGE, Page

T = TypeVar("T")
Rows = Select[*tuple[Any, ...]]
LONGEST = 15


@dataclass(frozen=True)
class Place:
    """Where a page begins: beyond `number`, towards older rows or backwards."""

    number: int
    backwards: bool = False

    def __str__(self) -> str:
        return f"{'b' if self.backwards else 'f'}{self.number}"

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """The place that `str()` wrote; None for anything else, which shows the first page."""
        digits = text[1:]
        if text[:1] not in {"b", "f"} or not (digits.isascii() and digits.isdigit()) or len(digits) > LONGEST:
            return None
        return cls(int(digits), text[0] == "b")


def beyond(statement: Rows, number: ColumnElement[int] | Any, at: Place | None) -> Rows:
    """`statement` from `at` on, newest first, cut to one page and one row."""
    if at is None:
        return statement.order_by(number.desc()).limit(PER_PAGE + 1)
    if at.backwards:
        return statement.where(number > at.number).order_by(number.asc()).limit(PER_PAGE + 1)
    return statement.where(number < at.number).order_by(number.desc()).limit(PER_PAGE + 1)


def page_of(rows: Sequence[T], at: Place | None, number: Callable[[T], int]) -> Page[T]:
    """The rows that `beyond` found as a page, newest first."""
    items = list(rows[:PER_PAGE])
    more = len(rows) > PER_PAGE
    backwards = at is not None and at.backwards
    if backwards:
        items.reverse()
    if not items:
        return Page(items)
    has_previous = more if backwards else at is not None
    return Page(
        items,
        str(Place(number(items[0]), backwards=True)) if has_previous else "",
        str(Place(number(items[-1]))) if backwards or more else "",
    )
