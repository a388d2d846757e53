"""Programmes as a table (CSV): the columns, and reading a file of them row by row.

The columns are those of the export, so that a file that was taken away can be changed and brought
to another portal. Words of our own vocabulary (topics, regions, kinds of help) are codes.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

from flask_babel import gettext as _

from portal.core.errors import Invalid
from portal.core.i18n import LANGUAGES
from portal.core.tables import meant
from portal.core.text import one_line, tidy, whole_number
from portal.editorial.models import Audience, Kind
from portal.editorial.terms import SLOTS, Help, Line, Terms
from portal.editorial.texts import About, Text
from portal.exchange.mapping import IDENTIFIER_LIMIT
from portal.exchange.programmes import Into, Programme, Refused, Row
from portal.exchange.reading import LARGEST_FILE

NEEDED = frozenset({"identifier", "topics"})
Cells = dict[str, str]


def rows(source: BinaryIO, into: Into, digest: hashlib._Hash) -> Iterator[Row]:
    """Each row of a table in UTF-8, separated by commas or semicolons. Raises Invalid at `file`."""
    text = io.TextIOWrapper(io.BufferedReader(_Hashed(source, digest)), "utf-8-sig", newline="")
    try:
        heading = text.readline(1 << 16)
        separator = ";" if heading.count(";") > heading.count(",") else ","
        columns = [cell.strip().lower() for cell in next(csv.reader([heading], delimiter=separator), [])]
        if not set(columns) >= NEEDED:
            raise Invalid("file", _("The first line has to name the columns identifier and topics."))
        for cells in csv.reader(text, delimiter=separator):
            if any(cells):
                yield programme_of({k: _read(v) for k, v in zip(columns, cells, strict=False)}, into)
    except UnicodeDecodeError as error:
        raise Invalid("file", _("The table is not written in UTF-8.")) from error
    except csv.Error as error:
        raise Invalid("file", _("A cell of the table is too long, or its quotes are wrong.")) from error


def programme_of(cells: Cells, into: Into) -> Row:
    """A row as a programme, or why it is none."""
    identifier = one_line(cells.get("identifier", ""))
    texts = {code: text for code in LANGUAGES if (text := _text(cells, code)).title}
    title = next((text.title for text in texts.values()), "")
    refusal = _refusal(cells, identifier, texts, into)
    if refusal:
        return Refused(identifier, title, refusal)
    try:
        terms = _terms(cells)
    except ValueError as error:
        return Refused(identifier, title, _("“%(value)s” cannot be read.", value=str(error)))
    about = About(Audience.PUBLIC, (), _codes(cells, "topics"), _codes(cells, "countries"), terms)
    kept = {code: [text.title, text.summary, text.parts] for code, text in texts.items()}
    return Programme(identifier, title, texts, about, {"texts": kept, "about": about.stored()})


def _refusal(cells: Cells, identifier: str, texts: dict[str, Text], into: Into) -> str:
    if not identifier or len(identifier) > IDENTIFIER_LIMIT:
        return str(_("It has no identifier, so it could not be known again."))
    if cells.get("kind", "") not in {"", Kind.OFFER}:
        return str(_("It is no offer; needs are written here."))
    if not texts:
        return str(_("It has no title in English, Spanish or French."))
    unknown = set(_codes(cells, "topics")) - into.topics
    if unknown or not _codes(cells, "topics"):
        return str(_("It names no topic, or one that is not known here."))
    return ""


def _text(cells: Cells, language: str) -> Text:
    names = ("programme", "conditions", *(f"line{slot}" for slot in SLOTS))
    parts = {name: words for name in names if (words := cells.get(f"{name}_{language}", ""))}
    summary = one_line(cells.get(f"summary_{language}", ""))
    return Text(one_line(cells.get(f"title_{language}", "")), summary, parts)


def _terms(cells: Cells) -> Terms:
    """The terms; raises ValueError with the cell that cannot be read."""
    slots = [s for s in SLOTS if any(cells.get(f"line{s}_{code}") for code in LANGUAGES)]
    return Terms(
        lines=tuple(_line(cells, slot) for slot in slots),
        starts_on=_day(cells.get("starts_on", "")),
        ends_on=_day(cells.get("ends_on", "")),
        least=_amount(cells.get("least", "")),
        most=_amount(cells.get("most", "")),
        currency=cells.get("currency", "").upper(),
        languages=_codes(cells, "working_languages", upper=False),
        regions=_codes(cells, "regions"),
        reply_by=_day(cells.get("reply_by", "")),
    )


def _line(cells: Cells, slot: int) -> Line:
    kind = cells.get(f"line{slot}_help", "").lower() or Help.EXPERTISE
    if kind not in set(Help):
        raise ValueError(kind)
    return Line(slot, Help(kind), key=f"line{slot}", topic=cells.get(f"line{slot}_topic", "").upper())


def _day(cell: str) -> date | None:
    if not cell:
        return None
    try:
        return date.fromisoformat(cell)
    except ValueError as error:
        raise ValueError(cell) from error


def _amount(cell: str) -> int | None:
    amount = whole_number("".join(cell.split()), longest=12)
    if cell and amount is None:
        raise ValueError(cell)
    return amount


def _codes(cells: Cells, column: str, *, upper: bool = True) -> tuple[str, ...]:
    cell = cells.get(column, "")
    return tuple(dict.fromkeys((cell.upper() if upper else cell.lower()).replace(";", " ").split()))


def _read(cell: str) -> str:
    return meant(tidy(cell))


class _Hashed(io.RawIOBase):
    """A file that feeds a hash while it is read, and refuses to be endless."""

    def __init__(self, source: BinaryIO, digest: hashlib._Hash) -> None:
        self._source, self._digest, self._size = source, digest, 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read on."""
        piece = self._source.read(len(buffer))
        self._size += len(piece)
        if self._size > LARGEST_FILE:
            raise Invalid("file", _("The file is larger than %(count)s MB.", count=LARGEST_FILE // 1_000_000))
        self._digest.update(piece)
        buffer[: len(piece)] = piece
        return len(piece)
