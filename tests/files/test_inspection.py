"""What files are, what is taken out of them, and their words; with bad ones of each family."""

from __future__ import annotations

import io
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from portal.files import clean, confined, extract, known
from portal.files.clamd import ScannerAway, is_clean
from portal.files.inspection import Found, inspect
from portal.files.kinds import clean_name, recognise
from portal.files.known import Refusal, Refused
from portal.files.models import TextState
from tests.files import samples as s
from tests.files import servers

GOOD = [
    ("informe.docx", s.docx(s.SPANISH, s.FRENCH, s.ARABIC), known.WORD, [s.SPANISH, s.FRENCH, s.ARABIC, "Celda", "arancelaria", "Cabecera oficial"]),
    ("exposé.pptx", s.pptx(), known.SLIDES, [s.FRENCH + " 1", "Notes de l’orateur"]),
    ("plazos.xlsx", s.xlsx(), known.SHEET, [s.SPANISH, "42", "días", "Zweites", "Tarif"]),
    ("تقرير.odt", s.odt(), known.ODT, [s.ARABIC, "Titre", "et la suite enfin"]),
    ("Plan.PDF", s.pdf(s.SPANISH, "Página dos"), known.PDF, [s.SPANISH, "Página dos"]),
]  # fmt: skip


def looked_at(name: str, content: bytes, folder: Path, scanner: str = "") -> Found:
    """The whole way of one file."""
    source = folder / "in"
    source.write_bytes(content)
    return inspect(source, recognise(io.BytesIO(content), name).media_type, folder, scanner)


def refusal(name: str, content: bytes, folder: Path) -> Refusal | None:
    """Why a file is not taken, at the door or when it is looked at."""
    try:
        return looked_at(name, content, folder).reason
    except Refused as refused:
        return refused.reason


@pytest.mark.parametrize(
    ("name", "content", "media_type", "words"), GOOD, ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_document_is_known_by_its_content_loses_its_author_and_gives_its_words(
    name: str, content: bytes, media_type: str, words: list[str], tmp_path: Path
) -> None:
    assert recognise(io.BytesIO(content), name).media_type == media_type
    found = looked_at(name, content, tmp_path)
    assert (found.reason, found.text_state) == (None, TextState.READ)
    flat = " ".join(found.text.split())
    for one in words:
        assert one in flat, one
    cleaned = found.path.read_bytes()
    assert recognise(io.BytesIO(cleaned), name).media_type == media_type
    for part in ("docProps/core.xml", "meta.xml"):
        if media_type != known.PDF and part in _names(cleaned):
            assert b"Amparo" not in s.member(cleaned, part)
    if media_type == known.PDF:
        reader = PdfReader(io.BytesIO(cleaned))
        assert "Amparo" not in str(reader.metadata)
        assert "/OpenAction" not in reader.trailer["/Root"]


def _names(package: bytes) -> list[str]:
    import zipfile

    return zipfile.ZipFile(io.BytesIO(package)).namelist()


def test_the_libraries_that_offices_use_open_what_was_cleaned(tmp_path: Path) -> None:
    from docx import Document
    from openpyxl import load_workbook
    from pptx import Presentation

    for opener, name, content in ((Document, "a.docx", s.docx(s.FRENCH)), (Presentation, "a.pptx", s.pptx()), (load_workbook, "a.xlsx", s.xlsx())):  # fmt: skip
        opener(io.BytesIO(looked_at(name, content, tmp_path).path.read_bytes()))


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("GIF", "P"),
        ("WEBP", "RGB"),
    ],
)
def test_a_picture_is_drawn_anew_without_what_the_camera_wrote(kind: str, mode: str, tmp_path: Path) -> None:
    content = s.picture(kind, mode=mode)
    found = looked_at(f"foto.{kind.lower()}", content, tmp_path)
    assert (found.reason, found.text_state) == (None, TextState.NONE)
    with Image.open(found.path) as drawn:
        assert (drawn.format, drawn.size, dict(drawn.getexif())) == (kind, (60, 40), {})
    assert b"Amparo" not in found.path.read_bytes()


BOMB = s.zipped({"[Content_Types].xml": f'"{known.WORD}.main+xml"', "word/document.xml": b"\0" * 60_000_000})
MACRO = {"word/vbaProject.bin": b"x"}
ENTITY = '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
REMOTE = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="x/{}" Target="http://127.0.0.1/x" TargetMode="External"/></Relationships>'
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def locked_pdf() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(s.pdf())))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def encrypted_entry() -> bytes:
    content = bytearray(s.docx("x"))
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


BAD = [
    ("a.pdf", b"", Refusal.EMPTY),
    ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", Refusal.UNKNOWN),
    ("a.pdf", b"<svg onload=alert(1)>", Refusal.UNKNOWN),
    ("a.docx", b"<!doctype html><script>alert(1)</script>", Refusal.UNKNOWN),
    ("a.exe", b"MZ" + b"\0" * 300, Refusal.UNKNOWN),
    ("a.bmp", s.picture("BMP"), Refusal.UNKNOWN),
    ("a.zip", s.zipped({"x.txt": "x"}), Refusal.UNKNOWN),
    ("a.odg", s.odt(mimetype="graphics"), Refusal.UNKNOWN),
    ("a.docx", s.zipped({"[Content_Types].xml": "<Types/>"}), Refusal.UNKNOWN),
    ("a.pdf", s.docx(), Refusal.MISMATCH),
    ("a.docx", s.pdf(), Refusal.MISMATCH),
    ("a.html", s.pdf(), Refusal.MISMATCH),
    ("a.jpg", s.picture("PNG"), Refusal.MISMATCH),
    ("a.docx", s.changed(s.docx(), MACRO), Refusal.MACROS),
    ("a.docx", s.changed(s.docx(), {"[Content_Types].xml": "macroEnabled"}), Refusal.MACROS),
    ("a.odt", s.odt(extra={"Basic/Standard/Module1.xml": "x"}), Refusal.MACROS),
    ("a.doc", OLD, Refusal.PROTECTED),
    ("a.pdf", locked_pdf(), Refusal.PROTECTED),
    ("a.docx", encrypted_entry(), Refusal.PROTECTED),
    ("a.odt", s.odt(extra={"META-INF/manifest.xml": "<x><encryption-data/></x>"}), Refusal.PROTECTED),
    ("a.docx", BOMB, Refusal.BOMB),
    ("a.docx", s.zipped({f"{i}": "" for i in range(10_001)}), Refusal.BOMB),
    ("a.docx", s.changed(s.docx(), {"../../x": "x"}), Refusal.UNSAFE),
    ("a.docx", s.docx_of(ENTITY), Refusal.UNSAFE),
    ("a.docx", s.docx_of(ENTITY).replace(b"", b""), Refusal.UNSAFE),
    ("a.docx", s.changed(s.docx(), {"word/x.xml": ENTITY.encode("utf-16")}), Refusal.UNSAFE),
    ("a.docx", s.docx()[:3000], Refusal.BROKEN),
    ("a.docx", b"PK\x03\x04" + s.noise(4000), Refusal.BROKEN),
    ("a.pdf", b"%PDF-1.4\n" + s.noise(2000), Refusal.BROKEN),
    ("a.png", s.picture("PNG")[:60], Refusal.BROKEN),
    ("a.png", s.picture("PNG", (8000, 5001), "1"), Refusal.PIXELS),
    ("a.webp", s.picture("WEBP", (6000, 4001)), Refusal.PIXELS),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "reason"), BAD, ids=[f"{i} {r}" for i, (_n, _c, r) in enumerate(BAD)]
)
def test_what_is_bad_is_refused_and_says_why(
    name: str, content: bytes, reason: Refusal, tmp_path: Path
) -> None:
    assert refusal(name, content, tmp_path) == reason


@pytest.mark.parametrize(
    ("name", "kind", "size"), [("a.jpg", "JPEG", (7700, 5190)), ("a.webp", "WEBP", (6000, 4000))]
)
def test_the_largest_picture_is_drawn_within_the_memory_of_the_child(
    name: str, kind: str, size: tuple[int, int], tmp_path: Path
) -> None:
    assert refusal(name, s.picture(kind, size), tmp_path) is None


def test_addresses_that_a_program_opens_by_itself_are_taken_out_and_links_stay(tmp_path: Path) -> None:
    rels = "word/_rels/settings.xml.rels"
    for kind, target in (("attachedTemplate", b"Normal.dotm"), ("image", b"removed"), ("hyperlink", b"http://127.0.0.1/x")):  # fmt: skip
        found = looked_at("a.docx", s.changed(s.docx(), {rels: REMOTE.format(kind)}), tmp_path)
        assert found.reason is None
        assert target in s.member(found.path.read_bytes(), rels)


def test_a_polyglot_of_pdf_and_html_is_served_as_a_pdf_alone(tmp_path: Path) -> None:
    found = looked_at("a.pdf", s.pdf(extra="<script>alert(1)</script>"), tmp_path)
    assert found.reason is None
    assert b"<script>" not in found.path.read_bytes()


def test_words_are_cut_at_a_million_characters_and_rows_at_a_limit(tmp_path: Path) -> None:
    many = s.noise(700_000).hex(" ", 8)
    found = looked_at("a.docx", s.docx(many), tmp_path)
    assert found.text_state == TextState.READ
    assert len(found.text) <= extract.LIMIT


def test_a_document_that_eats_time_or_memory_stops_at_the_limits(tmp_path: Path) -> None:
    paragraph = "<w:p><w:r><w:t>x</w:t></w:r></w:p>"
    body = f'<w:document xmlns:w="{extract._W[1:-1]}"><w:body>{{}}</w:body></w:document>'
    deep = body.format("<w:p>" * 200_000 + "</w:p>" * 200_000)
    wide = body.format(paragraph * 300_000)
    for content in (deep, wide):
        source = tmp_path / "in.docx"
        source.write_bytes(
            s.changed(s.docx("x"), {"word/document.xml": content, "word/pad": s.noise(300_000)})
        )
        began = time.monotonic()
        confined.run_confined("portal.files.extract", str(source), known.WORD, str(tmp_path / "out"))
        assert time.monotonic() - began < confined.SECONDS + 5


def packed_pdf(stream: bytes, filters: str = "/FlateDecode") -> bytes:
    """A PDF of one page, whose content is this stream."""
    plain = s.pdf("")
    head = plain.index(b"6 0 obj\n") + len(b"6 0 obj\n")
    tail = plain.index(b"endobj", head)
    content = f"<< /Length {len(stream)} /Filter {filters} >>\nstream\n".encode() + stream + b"\nendstream\n"
    return plain[:head] + content + plain[tail:]


def test_a_pdf_that_unpacks_without_end_is_kept_without_words(tmp_path: Path) -> None:
    zeros = zlib.compress(bytes(300_000_000), 9)
    for content in (packed_pdf(zeros), packed_pdf(zlib.compress(zeros, 9), "[/FlateDecode /FlateDecode]")):
        began = time.monotonic()
        found = looked_at("a.pdf", content, tmp_path)
        assert (found.reason, found.text_state, found.text) == (None, TextState.FAILED, "")
        assert time.monotonic() - began < 2 * confined.SECONDS


def test_a_pdf_whose_pages_hold_themselves_is_refused(tmp_path: Path) -> None:
    assert refusal("a.pdf", s.pdf().replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]"), tmp_path) == Refusal.BROKEN


def test_a_child_that_does_not_end_is_ended(tmp_path: Path) -> None:
    began = time.monotonic()
    assert confined.run_confined("http.server", "0", seconds=1) == (False, "")
    assert time.monotonic() - began < 5


def test_the_child_has_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY", "levante")
    monkeypatch.setenv("S3_SECRET", "levante")
    _ok, _word = confined.run_confined(
        "portal.files.clean", "/proc/self/environ", "application/pdf", str(tmp_path / "x")
    )
    assert not (tmp_path / "x").exists()


def test_names_are_cleaned() -> None:
    cases = {
        "../../etc/passwd.pdf": "passwd.pdf",
        "C:\\Users\\Amparo\\plan.docx": "plan.docx",
        "a\x00b\u202efdp.exe.pdf": "abfdp.exe.pdf",
        "  .hidden.pdf ": "hidden.pdf",
        "x" * 300 + ".pdf": "x" * 120 + ".pdf",
        "": "file",
        "Año 2026: résumé.pdf": "Año 2026: résumé.pdf",
        "تقرير.odt": "تقرير.odt",
    }
    assert {given: clean_name(given) for given in cases} == cases
    assert clean_name("report", "pdf") == "report.pdf"


def test_what_the_scanner_finds_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    infected = s.changed(s.docx(), {"word/media/x.bin": s.eicar()})
    infected = s.zipped({n: s.member(infected, n) for n in _names(infected)}, 0)
    with servers.clamd() as address:
        assert looked_at("a.docx", infected, tmp_path, address).reason == Refusal.VIRUS
        assert looked_at("a.docx", s.docx(), tmp_path, address).reason is None
    with servers.clamd(str(tmp_path / "clamd.sock")) as address:
        assert not is_clean(address, io.BytesIO(s.eicar()))


def test_a_scanner_that_is_away_or_talks_nonsense_is_asked_again_later(tmp_path: Path) -> None:
    for address in ("127.0.0.1:9", str(tmp_path / "nobody.sock")):
        with pytest.raises(ScannerAway):
            is_clean(address, io.BytesIO(b"x"))
    for says in (b"INSTREAM size limit exceeded. ERROR", b""):
        with servers.clamd(says=says) as address, pytest.raises(ScannerAway):
            is_clean(address, io.BytesIO(b"x"))


def test_in_process_the_children_do_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "a.docx"
    source.write_bytes(s.docx(s.FRENCH))
    assert clean.main(str(source), known.WORD, str(tmp_path / "out")) == 0
    extract.write(tmp_path / "out", known.WORD, tmp_path / "words")
    assert s.FRENCH in (tmp_path / "words").read_text()
    source.write_bytes(s.docx_of(ENTITY))
    assert clean.main(str(source), known.WORD, str(tmp_path / "out")) == 1
    assert capsys.readouterr().out == "unsafe"
