"""Looking at one file on the local disk: scanner, cleaning, words; knows no database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from portal.files import known
from portal.files.clamd import is_clean
from portal.files.confined import run_confined
from portal.files.known import Refusal
from portal.files.models import TextState


@dataclass(frozen=True)
class Found:
    """What came of it: a refusal, or the cleaned file with its words."""

    reason: Refusal | None
    path: Path
    text: str = ""
    text_state: TextState = TextState.NONE


def inspect(source: Path, media_type: str, folder: Path, scanner: str) -> Found:
    """Scan, clean and read `source`; `folder` takes what is made. Raises ScannerAway."""
    if scanner:
        with source.open("rb") as opened:
            if not is_clean(scanner, opened):
                return Found(Refusal.VIRUS, source)
    cleaned = folder / "cleaned"
    is_well, word = run_confined("portal.files.clean", str(source), media_type, str(cleaned))
    if not is_well:
        return Found(Refusal(word) if word in set(Refusal) else Refusal.BROKEN, source)
    if media_type in known.PICTURES:
        return Found(None, cleaned)
    words = folder / "words"
    is_well, _word = run_confined("portal.files.extract", str(cleaned), media_type, str(words))
    text = words.read_text(encoding="utf-8", errors="ignore") if words.exists() else ""
    return Found(
        None, cleaned, text.replace("\x00", "").strip(), TextState.READ if is_well else TextState.FAILED
    )


def write_down(pieces: Iterable[bytes], target: Path) -> str:
    """Write the pieces to `target`; returns the hex SHA-256 of them."""
    digest = hashlib.sha256()
    with target.open("wb") as out:
        for piece in pieces:
            digest.update(piece)
            out.write(piece)
    return digest.hexdigest()
