"""Paging: keyset cursors for lists, numbers for search results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, TypeVarTuple

from sqlalchemy import ColumnElement, Date, Select, and_, or_

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
PER_PAGE = 20


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list: its items and the cursors to the pages beside it ("" at the ends)."""

    items: Sequence[T]
    previous: str = ""
    next: str = ""


@dataclass(frozen=True)
class Cursor:
    """A place in a list that is sorted by a moment, then by an id."""

    moment: datetime
    id: str
    backwards: bool = False

    def __str__(self) -> str:
        micro = int(self.moment.timestamp() * 1_000_000)
        return f"{'b' if self.backwards else 'f'}{micro:x}.{self.id}"

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """The cursor that `str()` wrote; None for anything else, which shows the first page."""
        head, _, item = text[1:].partition(".")
        if text[:1] not in {"f", "b"} or not item.isalnum() or len(item) > 40:
            return None
        try:
            moment = datetime.fromtimestamp(int(head, 16) / 1_000_000, UTC)
        except (ValueError, OverflowError, OSError):
            return None
        return cls(moment, item, text[0] == "b")


def keyset(
    statement: Select[*Ts],
    moment: ColumnElement[datetime] | Any,
    identifier: ColumnElement[str] | Any,
    cursor: str,
    per_page: int = PER_PAGE,
    newest_first: bool = True,
) -> tuple[Select[*Ts], Cursor | None]:
    """`statement` sorted by (`moment`, `identifier`) and cut to one page and one row after `cursor`.

    `moment` may be a day, too.
    """
    at = Cursor.parse(cursor)
    down = newest_first != (at is not None and at.backwards)
    if at is not None:
        place = at.moment.date() if isinstance(moment.type, Date) else at.moment
        beyond = moment < place if down else moment > place
        beside = identifier < at.id if down else identifier > at.id
        statement = statement.where(or_(beyond, and_(moment == place, beside)))
    order = (moment.desc(), identifier.desc()) if down else (moment.asc(), identifier.asc())
    return statement.order_by(*order).limit(per_page + 1), at


def cut(rows: Sequence[T], at: Cursor | None, place: Any, per_page: int = PER_PAGE) -> Page[T]:
    """The rows that `keyset` found as a page; `place(row)` gives the moment and the id of a row."""
    more = len(rows) > per_page
    items = list(rows[:per_page])
    backwards = at is not None and at.backwards
    if backwards:
        items.reverse()
    has_previous = more if backwards else at is not None
    has_next = True if backwards else more
    if not items:
        return Page(items)
    (first, first_id), (last, last_id) = place(items[0]), place(items[-1])
    return Page(
        items,
        str(Cursor(first, first_id, backwards=True)) if has_previous else "",
        str(Cursor(last, last_id)) if has_next else "",
    )
