"""Documents that LibreOffice wrote: known by their content, cleaned of their author, read in four scripts."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path

import pytest

from portal.files.inspection import inspect
from portal.files.kinds import recognise
from portal.files.known import PDF, Refused
from portal.files.models import TextState
from tests.files.libreoffice.make import WORDS

FOLDER = Path(__file__).parent / "libreoffice"
KINDS = {".docx", ".odt", ".pdf", ".pptx", ".odp", ".xlsx", ".ods"}
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix in KINDS)


def flat(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_document_of_libreoffice_is_taken_cleaned_and_read(path: Path, tmp_path: Path) -> None:
    content = path.read_bytes()
    known = recognise(io.BytesIO(content), path.name)
    found = inspect(path, known.media_type, tmp_path, "")
    assert (found.reason, found.text_state) == (None, TextState.READ)
    told = flat(found.text)
    language = path.stem
    for words in WORDS[language]:
        if language == "ar" and known.media_type == PDF:
            words = words.split()[-1]  # a PDF holds glyphs in the order of lines; words stay whole
            assert words in told or words[::-1] in told
        else:
            assert words in told
    assert b"Somebody Secret" not in found.path.read_bytes()


@pytest.mark.parametrize("path", FILES[::3], ids=lambda path: path.name)
@pytest.mark.parametrize("part", [0.3, 0.9])
def test_a_document_that_was_cut_off_is_refused_or_read_as_far_as_it_goes(
    path: Path, part: float, tmp_path: Path
) -> None:
    content = path.read_bytes()
    source = tmp_path / f"cut{path.suffix}"
    source.write_bytes(content[: int(len(content) * part)])
    try:
        known = recognise(io.BytesIO(source.read_bytes()), source.name)
    except Refused:
        return
    found = inspect(source, known.media_type, tmp_path, "")
    assert found.reason is not None or found.text_state in set(TextState)


def test_there_are_documents_of_every_kind() -> None:
    assert {path.suffix for path in FILES} == KINDS
    assert {path.stem for path in FILES} == set(WORDS)
