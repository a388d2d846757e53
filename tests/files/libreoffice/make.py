"""Makes the documents beside this file with LibreOffice: `python -m tests.files.libreoffice.make`, needs soffice.

They are committed, since no machine of the tests has LibreOffice; all words are the portal's own.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from docx import Document
from openpyxl import Workbook
from pptx import Presentation

HERE = Path(__file__).parent
WORDS = {
    "en": ("Release times at the border", "The seizure of undeclared goods fell.", "cabstand"),
    "es": (
        "Tiempos de levante en la frontera",
        "La aprehensión de mercancías no declaradas disminuyó.",
        "cigüeña",
    ),
    "fr": (
        "Délais de mainlevée à la frontière",
        "La saisie de marchandises non déclarées a reculé.",
        "œillet",
    ),
    "ar": ("أوقات الإفراج على الحدود", "انخفض ضبط البضائع غير المصرح بها.", "ميناء"),
}


def _text(language: str, path: Path) -> None:
    title, sentence, word = WORDS[language]
    document = Document()
    document.core_properties.author = "Somebody Secret"
    document.add_heading(title, 1)
    document.add_paragraph(sentence)
    table = document.add_table(rows=2, cols=2)
    for cell, value in zip(
        (c for row in table.rows for c in row.cells), (title, "2026", word, "38 %"), strict=True
    ):
        cell.text = value
    document.save(path)


def _slides(language: str, path: Path) -> None:
    title, sentence, word = WORDS[language]
    show = Presentation()
    show.core_properties.author = "Somebody Secret"
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = title
    slide.placeholders[1].text = f"{sentence}\n{word}"
    show.save(path)


def _sheet(language: str, path: Path) -> None:
    title, sentence, word = WORDS[language]
    book = Workbook()
    book.properties.creator = "Somebody Secret"
    for row in ((title, "2026"), (sentence, 38), (word, "=B2*2")):
        book.active.append(row)
    book.save(path)


def main() -> None:
    """Make every document in every format that LibreOffice writes for it."""
    makers = {
        "docx": (_text, ("docx", "odt", "pdf")),
        "pptx": (_slides, ("pptx", "odp")),
        "xlsx": (_sheet, ("xlsx", "ods")),
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, (make, formats) in makers.items():
            for language in WORDS:
                source = folder / f"{language}.{kind}"
                make(language, source)
                for wanted in formats:
                    subprocess.run(
                        ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile",
                         "--convert-to", wanted, "--outdir", str(HERE), str(source)],
                        check=True, capture_output=True,
                    )  # fmt: skip


if __name__ == "__main__":
    main()
