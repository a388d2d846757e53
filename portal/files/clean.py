"""A file without what it need not tell: `python -m portal.files.clean FILE MEDIA_TYPE TARGET`, in a child.

Pictures are drawn anew; authors, programs and dates are taken out of documents, and what runs or calls
out by itself. It ends with 0, or says in one word on its standard output why the file is refused.
"""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path
from typing import Any

from portal.files import known
from portal.files.confined import confine
from portal.files.known import Refusal, Refused

PIXELS = 40_000_000
WEBP_PIXELS = 24_000_000  # its decoder holds four copies at a time, which the child's memory has to take
PIECE = 64 * 1024
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org"
_CORE = f"{_OFFICE}/package/2006/metadata/core-properties"
_ODF = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
EMPTY_PARTS = {
    "docProps/core.xml": f'{_XML}<cp:coreProperties xmlns:cp="{_CORE}"/>',
    "docProps/app.xml": f'{_XML}<Properties xmlns="{_OFFICE}/officeDocument/2006/extended-properties"/>',
    "docProps/custom.xml": f'{_XML}<Properties xmlns="{_OFFICE}/officeDocument/2006/custom-properties"/>',
    "meta.xml": f'{_XML}<office:document-meta xmlns:office="{_ODF}" office:version="1.3"/>',
}  # fmt: skip
_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_ACTIONS = ("/OpenAction", "/AA", "/Metadata", "/PieceInfo")
_NAMED = ("/JavaScript", "/EmbeddedFiles")
_RUNS = frozenset({"/JavaScript", "/Launch", "/ImportData", "/SubmitForm"})


def clean(source: Path, media_type: str, target: Path) -> None:
    """Write the cleaned file to `target`; raises Refused."""
    if media_type in known.PICTURES:
        _picture(source, known.PICTURES[media_type], target)
    elif media_type == known.PDF:
        _pdf(source, target)
    else:
        _zip(source, target)


def _picture(source: Path, kind: str, target: Path) -> None:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # we count ourselves, before anything is decoded
    with Image.open(source, formats=[kind]) as opened:
        if opened.width * opened.height > (WEBP_PIXELS if kind == "WEBP" else PIXELS):
            raise Refused(Refusal.PIXELS)
        if kind == "JPEG":
            opened.draft("RGB", opened.size)
        opened.load()
    drawn: Image.Image = opened
    ImageOps.exif_transpose(drawn, in_place=True)
    has_alpha = "transparency" in drawn.info or drawn.mode in {"LA", "PA", "RGBA"}
    wanted = "RGBA" if has_alpha and kind != "JPEG" else "L" if drawn.mode in {"1", "L"} else "RGB"
    if drawn.mode != wanted:
        drawn = drawn.convert(wanted)
    drawn.info = {}
    drawn.save(target, kind, **({"quality": 90} if kind in {"JPEG", "WEBP"} else {}))


def _pdf(source: Path, target: Path) -> None:
    from pypdf import PdfReader, PdfWriter

    reader = PdfReader(source)
    if reader.is_encrypted:
        raise Refused(Refusal.PROTECTED)
    writer = PdfWriter(clone_from=reader)
    writer.metadata = None
    root = writer.root_object
    names = root.get("/Names")
    _without(root, _ACTIONS)
    _without(names.get_object() if names else {}, _NAMED)
    if len(writer.pages) == 0:
        raise Refused(Refusal.BROKEN)
    for page in writer.pages:
        _without(page, _ACTIONS)
        for annotation in page.get("/Annots") or ():
            _without_actions(annotation.get_object())
    with target.open("wb") as out:
        writer.write(out)


def _without(holder: Any, keys: tuple[str, ...]) -> None:
    for key in keys:
        if key in holder:
            del holder[key]


def _without_actions(annotation: Any) -> None:
    _without(annotation, ("/AA",))
    action = annotation.get("/A")
    if action is not None and action.get_object().get("/S") in _RUNS:
        del annotation["/A"]


def _zip(source: Path, target: Path) -> None:
    with source.open("rb") as raw, known.looked_into(raw) as opened, zipfile.ZipFile(target, "w") as made:
        for entry in opened.infolist():
            if entry.is_dir():
                continue
            plain = zipfile.ZipInfo(entry.filename)  # dated 1980, made by nobody
            plain.compress_type = zipfile.ZIP_STORED if entry.filename == "mimetype" else zipfile.ZIP_DEFLATED
            if entry.filename in EMPTY_PARTS:
                made.writestr(plain, EMPTY_PARTS[entry.filename])
            elif entry.filename.endswith(".rels"):
                made.writestr(plain, _relationships(opened.read(entry)))
            else:
                _copy(opened, entry, made, plain)


def _copy(
    opened: zipfile.ZipFile, entry: zipfile.ZipInfo, made: zipfile.ZipFile, plain: zipfile.ZipInfo
) -> None:
    is_xml = entry.filename.endswith((".xml", ".rdf"))
    is_manifest = entry.filename == "META-INF/manifest.xml"
    before = b""
    with opened.open(entry) as part, made.open(plain, "w", force_zip64=entry.file_size > 1 << 31) as out:
        while piece := part.read(PIECE):
            looked_at = (before + piece).replace(b"\x00", b"")  # UTF-16 has the same letters
            if is_xml and _DECLARATION.search(looked_at):
                raise Refused(Refusal.UNSAFE)
            if is_manifest and b"encryption-data" in looked_at:
                raise Refused(Refusal.PROTECTED)
            before = piece[-40:]
            out.write(piece)


def _relationships(content: bytes) -> bytes:
    """Without addresses that a program opens by itself: templates, linked pictures, other workbooks."""
    from xml.etree.ElementTree import register_namespace, tostring

    from defusedxml.ElementTree import fromstring

    root = fromstring(content, forbid_dtd=True)
    register_namespace("", _RELATIONSHIP[1:].partition("}")[0])
    for one in root.iter(_RELATIONSHIP):
        kind = one.get("Type", "").rpartition("/")[2]
        if one.get("TargetMode") == "External" and kind != "hyperlink":
            one.set("Target", "Normal.dotm" if kind == "attachedTemplate" else "removed")
    found: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return found


def main(source: str, media_type: str, target: str) -> int:
    """Clean one file; 0, or 1 with the reason on the standard output."""
    try:
        clean(Path(source), media_type, Path(target))
    except Refused as refused:
        sys.stdout.write(refused.reason.value)
        return 1
    return 0


if __name__ == "__main__":
    confine()
    sys.exit(main(*sys.argv[1:4]))
