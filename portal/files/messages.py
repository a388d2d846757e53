"""Why a file is refused and what its kind is called, in the reader's language."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.files.known import Refusal


def refusal(reason: Refusal | None) -> str:
    """One sentence: what is wrong with the file, and what to do about it where something can be done."""
    words = {
        Refusal.UNKNOWN: _(
            "Only PDF, Word, Excel, PowerPoint and OpenDocument files and pictures (JPEG, PNG, GIF, WebP) "
            "can be attached."
        ),
        Refusal.MISMATCH: _("The file is not what its name says. Save it again in the program that made it."),
        Refusal.MACROS: _("The file holds macros or scripts. Save it without them (.docx, .xlsx, .pptx)."),
        Refusal.PROTECTED: _(
            "The file is protected by a password or in a format from before 2007. "
            "Save it as .docx, .xlsx, .pptx or PDF without a password."
        ),
        Refusal.BOMB: _(
            "The file holds far more than its size says. Save it again in the program that made it."
        ),
        Refusal.UNSAFE: _(
            "The file holds instructions that documents do not need. "
            "Save it again in the program that made it."
        ),
        Refusal.BROKEN: _(
            "The file cannot be read; it may be damaged. Save it again in the program that made it."
        ),
        Refusal.PIXELS: _(
            "The picture has too many pixels. Make it smaller: 40 million pixels at most, 24 million in WebP."
        ),
        Refusal.VIRUS: _("The virus scanner has found something in this file."),
        Refusal.EMPTY: _("The file is empty."),
        Refusal.LARGE: _("The file is too large."),
    }
    return words[reason] if reason is not None else ""


def kind_name(media_type: str) -> str:
    """What a kind of file is called."""
    words = {
        "application/pdf": _("PDF"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": _("Word document"),
        "application/vnd.openxmlformats-officedocument.presentationml.presentation": _("PowerPoint slides"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _("Excel workbook"),
        "application/vnd.oasis.opendocument.text": _("OpenDocument text"),
        "application/vnd.oasis.opendocument.presentation": _("OpenDocument slides"),
        "application/vnd.oasis.opendocument.spreadsheet": _("OpenDocument spreadsheet"),
    }
    return str(words.get(media_type) or _("Picture"))
