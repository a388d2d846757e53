"""The kinds of files that are taken, why others are not, and zips looked into before they are unpacked."""

from __future__ import annotations

import zipfile
from enum import StrEnum
from typing import BinaryIO

# The confined children import this module and the standard library, and nothing else of the portal.
ENTRIES = 10_000
UNPACKED = 300 * 1024 * 1024
RATIO = 200
SMALL = 1024 * 1024  # a ratio is looked at above this size alone: blank sheets pack well

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
ODP = "application/vnd.oasis.opendocument.presentation"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
PDF = "application/pdf"
OPEN_DOCUMENTS = frozenset({ODT, ODP, ODS})
OFFICE = frozenset({WORD, SLIDES, SHEET})
PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}
ENDINGS: dict[str, tuple[str, ...]] = {
    PDF: ("pdf",), WORD: ("docx",), SLIDES: ("pptx",), SHEET: ("xlsx",), ODT: ("odt",), ODP: ("odp",),
    ODS: ("ods",), "image/jpeg": ("jpg", "jpeg"), "image/png": ("png",), "image/gif": ("gif",),
    "image/webp": ("webp",),
}  # fmt: skip


class Refusal(StrEnum):
    """Why a file is not taken; `messages.refusal` says it to people."""

    UNKNOWN = "unknown"
    MISMATCH = "mismatch"
    MACROS = "macros"
    PROTECTED = "protected"
    BOMB = "bomb"
    UNSAFE = "unsafe"
    BROKEN = "broken"
    PIXELS = "pixels"
    VIRUS = "virus"
    EMPTY = "empty"
    LARGE = "large"


class Refused(Exception):
    """A file is not taken, for this reason."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


def looked_into(source: BinaryIO) -> zipfile.ZipFile:
    """The zip, opened, when what it says of itself is bearable; Refused otherwise. Nothing is unpacked."""
    try:
        opened = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        raise Refused(Refusal.BROKEN) from None
    entries = opened.infolist()
    packed = sum(entry.compress_size for entry in entries)
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > ENTRIES or unpacked > UNPACKED:
        raise Refused(Refusal.BOMB)
    if unpacked > SMALL and unpacked > RATIO * max(packed, 1):
        raise Refused(Refusal.BOMB)
    if any(e.file_size > SMALL and e.file_size > RATIO * max(e.compress_size, 1) for e in entries):
        raise Refused(Refusal.BOMB)
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused(Refusal.PROTECTED)
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names) or any(".." in n.split("/") or n.startswith("/") for n in names):
        raise Refused(Refusal.UNSAFE)
    return opened
