"""Real files in three languages, made with the libraries that offices' exports are made of, and bad ones."""

from __future__ import annotations

import io
import random
import zipfile

from docx import Document
from openpyxl import Workbook
from PIL import Image
from pptx import Presentation

SPANISH = "Resolución anticipada: el año señalado, corazón de la ventanilla única"
FRENCH = "Décision anticipée : où l’évaluation en douane s’achève à Dakar"
ENGLISH = "Advance ruling on naïve valuation"
ARABIC = "الجمارك العربية"
AUTHOR = "Amparo Secretísima"


def docx(*words: str, author: str = AUTHOR) -> bytes:
    """A Word document: paragraphs, a table with the last words, a header."""
    document = Document()
    document.core_properties.author = author
    document.core_properties.comments = author
    document.sections[0].header.paragraphs[0].text = "Cabecera oficial"
    for one in words or (ENGLISH,):
        document.add_paragraph(one)
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Celda", "arancelaria"
    return _saved(document)


def pptx(words: str = FRENCH) -> bytes:
    """Two slides, the second with notes."""
    slides = Presentation()
    slides.core_properties.author = AUTHOR
    for number in range(2):
        slide = slides.slides.add_slide(slides.slide_layouts[1])
        slide.shapes.title.text = f"{words} {number}"
    slide.notes_slide.notes_text_frame.text = "Notes de l’orateur"
    return _saved(slides)


def xlsx(words: str = SPANISH) -> bytes:
    """A workbook with two sheets."""
    book = Workbook()
    book.properties.creator = AUTHOR
    book.active.title = "Plazos"
    book.active.append([words, 42, None, "días"])
    book.create_sheet("Zweites").append(["Tarif"])
    return _saved(book)


def odt(words: str = ARABIC, extra: dict[str, str] | None = None, mimetype: str = "text") -> bytes:
    """An OpenDocument text as LibreOffice writes them, with its author in meta.xml."""
    office = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    text = 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    parts = {
        "mimetype": f"application/vnd.oasis.opendocument.{mimetype}",
        "content.xml": f"<office:document-content {office} {text}><office:body><office:text><text:h>Titre</text:h>"
        f"<text:p>{words}<text:tab/>et <text:span>la suite</text:span> enfin</text:p></office:text></office:body>"
        "</office:document-content>",
        "meta.xml": f"<office:document-meta {office}>{AUTHOR}</office:document-meta>",
        "META-INF/manifest.xml": "<manifest/>",
        **(extra or {}),
    }
    return zipped(parts)


def pdf(*pages: str, author: str = AUTHOR, extra: str = "") -> bytes:
    """A PDF of the given pages in Helvetica, with an author and a script that runs when it is opened."""
    pages = pages or (SPANISH,)
    kids = " ".join(f"{5 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< /Author ({author}) /Producer (Test) >>",
    ]
    for i, words in enumerate(pages):
        lines = " ".join(f"({_escaped(line)}) Tj T*" for line in words.split("\n"))
        stream = f"BT /F1 11 Tf 50 780 Td 14 TL {lines} ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {6 + 2 * i} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream.encode('cp1252'))} >>\nstream\n{stream}\nendstream")
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    tail = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer << /Size {len(objects) + 1} /Root 1 0 R "
    return out + (tail + f"/Info 4 0 R >>\nstartxref\n{len(out)}\n%%EOF\n{extra}").encode("latin-1")


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB") -> bytes:
    """A picture; a JPEG carries where and by whom it was taken."""
    made = Image.new(mode, size)
    options = {}
    if kind == "JPEG":
        exif = Image.Exif()
        exif[0x013B] = "Amparo Photographer"
        options["exif"] = exif
    return _saved(made, kind, **options)


def zipped(parts: dict[str, str | bytes], level: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", level) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def changed(package: bytes, parts: dict[str, str | bytes]) -> bytes:
    """The zip with some members put in or exchanged."""
    with zipfile.ZipFile(io.BytesIO(package)) as old:
        kept = {name: old.read(name) for name in old.namelist()}
    return zipped({**kept, **parts})


def member(package: bytes, name: str) -> bytes:
    """One member of a zip."""
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        return opened.read(name)


def docx_of(body: str) -> bytes:
    """A Word document with this as its main part."""
    return changed(docx("x"), {"word/document.xml": body})


def noise(size: int) -> bytes:
    """Bytes that do not pack."""
    return random.Random(7).randbytes(size)


def eicar() -> bytes:
    """The harmless string that every scanner finds; put together here so that none finds this file."""
    return b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _saved(made, *words, **options) -> bytes:  # type: ignore[no-untyped-def]
    out = io.BytesIO()
    made.save(out, *words, **options)
    return out.getvalue()
