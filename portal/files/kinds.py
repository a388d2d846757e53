"""What a file really is: told from its first bytes and, in a zip, from its table of contents."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from typing import BinaryIO

import filetype

from portal.core.text import one_line
from portal.files.known import (
    ENDINGS,
    OFFICE,
    OPEN_DOCUMENTS,
    PDF,
    PICTURES,
    SMALL,
    Refusal,
    Refused,
    looked_into,
)

HEAD = 8192
NAME_LIMIT = 120
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MACROS = re.compile(r"(^|/)(vbaproject|vbadata|activex|macrosheets|basic|scripts)", re.IGNORECASE)


@dataclass(frozen=True)
class Known:
    """A file whose kind is known: its media type and its name as we keep it."""

    media_type: str
    name: str


def recognise(source: BinaryIO, given_name: str) -> Known:
    """What the file is, by its content; raises Refused for anything else than what its name says.

    `source` has to be seekable and is left at its start.
    """
    source.seek(0)
    head = source.read(HEAD)
    if not head:
        raise Refused(Refusal.EMPTY)
    if head.startswith(_OLD_OFFICE):
        raise Refused(Refusal.PROTECTED)
    media_type = _zipped(source) if head.startswith(b"PK\x03\x04") else _plain(head)
    source.seek(0)
    name = clean_name(given_name, ENDINGS[media_type][0])
    if name.rpartition(".")[2].lower() not in ENDINGS[media_type]:
        raise Refused(Refusal.MISMATCH)
    return Known(media_type, name)


def clean_name(given: str, ending: str = "") -> str:
    """The last part of a path, without control and direction characters, of bearable length."""
    name = one_line(re.split(r"[/\\]", given.replace("\x00", ""))[-1]).strip(". ")
    stem, dot, last = name.rpartition(".")
    if not dot:
        stem, last = name, ending
    stem = stem[:NAME_LIMIT].strip() or "file"
    return f"{stem}.{last[:10]}" if last else stem


def _plain(head: bytes) -> str:
    if head.startswith(b"%PDF-"):
        return PDF
    found = filetype.guess(head)
    mime = str(found.mime) if found is not None else ""
    if mime not in PICTURES:
        raise Refused(Refusal.UNKNOWN)
    return mime


def _zipped(source: BinaryIO) -> str:
    with looked_into(source) as opened:
        names = opened.namelist()
        if any(_MACROS.search(name) for name in names):
            raise Refused(Refusal.MACROS)
        if "mimetype" in names:
            return _open_document(_small(opened, "mimetype"))
        if "[Content_Types].xml" in names:
            return _office(_small(opened, "[Content_Types].xml"))
    raise Refused(Refusal.UNKNOWN)


def _open_document(declared: bytes) -> str:
    media_type = declared.decode("ascii", "replace").strip()
    if media_type not in OPEN_DOCUMENTS:
        raise Refused(Refusal.UNKNOWN)
    return media_type


def _office(declared: bytes) -> str:
    if b"macroEnabled" in declared or b"vbaProject" in declared:
        raise Refused(Refusal.MACROS)
    for media_type in sorted(OFFICE):
        if f'"{media_type}.main+xml"'.encode() in declared:
            return media_type
    raise Refused(Refusal.UNKNOWN)


def _small(opened: zipfile.ZipFile, name: str) -> bytes:
    try:
        with opened.open(name) as part:
            return part.read(SMALL)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, RuntimeError):
        raise Refused(Refusal.BROKEN) from None
    except Exception as error:  # zlib.error has no parent but Exception
        raise Refused(Refusal.BROKEN) from error
