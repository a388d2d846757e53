"""Tables for spreadsheets: CSV that is made row by row, with no cell that can be taken for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")


def as_csv(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a file with a heading; every cell below it is made harmless."""
    write = csv.writer(_Passing()).writerow
    yield "\N{ZERO WIDTH NO-BREAK SPACE}"  # by which spreadsheets know UTF-8
    yield write(heading)
    for row in rows:
        yield write([harmless(cell) for cell in row])


def harmless(value: str) -> str:
    """A cell of a table that no spreadsheet takes for a formula (security.md T39)."""
    return f"'{value}" if value.lstrip(" \N{NO-BREAK SPACE}")[:1] in _FORMULA else value


def meant(cell: str) -> str:
    """A cell as it was before `harmless`, when a table comes back."""
    return cell[1:] if cell[:1] == "'" and harmless(cell[1:]) == cell else cell


class _Passing:
    """A file that hands back what is written to it, so that a row can be sent at once."""

    def write(self, text: str) -> str:
        return text
