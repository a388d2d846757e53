"""The words of a document: `python -m portal.files.extract FILE MEDIA_TYPE TARGET`, in a child."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from portal.files import known
from portal.files.confined import confine

LIMIT = 1024 * 1024  # characters
CELLS = 200_000

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_T = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_BLANK = {f"{_W}tab", f"{_W}br", f"{_A}br", f"{_T}s", f"{_T}tab", f"{_T}line-break"}
# Members in reading order, and the tag of a paragraph in them.
_MEMBERS = {
    known.WORD: (r"word/(?:header\d*|document|footnotes|endnotes|footer\d*)\.xml", f"{_W}p"),
    known.SLIDES: (r"ppt/(?:slides/slide|notesSlides/notesSlide)\d+\.xml", f"{_A}p"),
}
_WORDS = {f"{_W}t", f"{_A}t"}


def pieces(path: Path, media_type: str) -> Iterator[str]:
    """The text of the document, a paragraph, page or row at a time."""
    if media_type == known.PDF:
        return _pdf(path)
    if media_type == known.SHEET:
        return _sheet(path)
    if media_type in known.OPEN_DOCUMENTS:
        return _open_document(path)
    return _office(path, *_MEMBERS[media_type])


def _pdf(path: Path) -> Iterator[str]:
    from pypdf import PdfReader

    reader = PdfReader(path)
    for page in reader.pages:
        yield page.extract_text()


def _office(path: Path, members: str, paragraph: str) -> Iterator[str]:
    with path.open("rb") as raw, known.looked_into(raw) as opened:
        found = [name for name in opened.namelist() if re.fullmatch(members, name)]
        for name in sorted(found, key=lambda n: ("notes" in n, [int(d) for d in re.findall(r"\d+", n)], n)):
            with opened.open(name) as part:
                yield from _paragraphs(part, {paragraph})


def _open_document(path: Path) -> Iterator[str]:
    with path.open("rb") as raw, known.looked_into(raw) as opened:
        for name in ("content.xml", "styles.xml"):  # headers and footers live among the styles
            if name in opened.namelist():
                with opened.open(name) as part:
                    yield from _paragraphs(part, {f"{_T}p", f"{_T}h"})


def _paragraphs(part: IO[bytes], tags: set[str]) -> Iterator[str]:
    """Each paragraph's words, read as a stream: what has been read is let go."""
    from defusedxml.ElementTree import iterparse

    for _event, element in iterparse(part, events=("end",), forbid_dtd=True):
        if element.tag in tags:
            text = "".join(_words(element)).strip()
            element.clear()
            if text:
                yield text


def _words(element: Any) -> Iterator[str]:
    is_open_document = element.tag.startswith(_T)
    for node in element.iter():
        if node.tag in _BLANK:
            yield " "
        if node.text and (is_open_document or node.tag in _WORDS):
            yield node.text
        if is_open_document and node.tail and node is not element:
            yield node.tail


def _sheet(path: Path) -> Iterator[str]:
    from openpyxl import load_workbook

    count = 0
    with path.open("rb") as raw:
        known.looked_into(raw)
        book = load_workbook(raw, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            yield str(sheet.title)
            for row in sheet.iter_rows(values_only=True):
                cells = [str(value) for value in row if value not in {None, ""}]
                count += max(len(row), 1)
                if cells:
                    yield " ".join(cells)
                if count > CELLS:
                    return


def write(path: Path, media_type: str, target: Path) -> None:
    """Write the words to `target` as they are found, so that a limit met half-way keeps the first half."""
    left = LIMIT
    with target.open("w", encoding="utf-8", errors="ignore", buffering=1) as out:
        for piece in pieces(path, media_type):
            out.write(piece[:left] + "\n")
            left -= len(piece) + 1
            if left <= 0:
                return


if __name__ == "__main__":
    confine()
    write(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
