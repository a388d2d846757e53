"""What moderators said of the stories: `reviews.toml`, one table a story."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.core.text import one_line, paragraphs, tidy
from portal.editorial.texts import Text

FILE = Path(__file__).parent / "reviews.toml"


@dataclass(frozen=True)
class Note:
    """A comment for the paragraph in which the words `at` stand."""

    at: str
    text: str


@dataclass(frozen=True)
class Review:
    """What is told of a story's review beyond its own file.

    `earlier` turns the text into what was handed in first, for which `asked` requested changes;
    `proposal` turns it into the wording that the moderator proposes; both are pairs of words
    that stand in the text and words to put there. `appeal` is why a decision was contested.
    """

    asked: str = ""
    earlier: tuple[tuple[str, str], ...] = ()
    proposal: tuple[tuple[str, str], ...] = ()
    notes: tuple[Note, ...] = ()
    appeal: str = ""
    by_moderator: bool = False


def read_reviews(path: Path = FILE) -> Mapping[str, Review]:
    """The reviews by the name of their story."""
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        name: Review(
            asked=tidy(told.get("asked", "")),
            earlier=_pairs(told.get("earlier", ())),
            proposal=_pairs(told.get("proposal", ())),
            notes=tuple(Note(note["at"], tidy(note["text"])) for note in told.get("notes", ())),
            appeal=tidy(told.get("appeal", "")),
            by_moderator=told.get("by_moderator", False),
        )
        for name, told in data.items()
    }


def reworded(text: Text, pairs: Iterable[tuple[str, str]]) -> Text:
    """`text` with each pair's first words replaced by its second; ValueError when they do not stand in it."""
    pieces = {"title": text.title, "summary": text.summary, **text.parts}
    for old, new in pairs:
        holders = [name for name, piece in pieces.items() if old in piece]
        if not holders:
            raise ValueError(f"{old!r} does not stand in {text.title!r}")
        pieces[holders[0]] = pieces[holders[0]].replace(old, new, 1)
    title, summary = one_line(pieces.pop("title")), one_line(pieces.pop("summary"))
    return Text(title, summary, {part: tidy(piece) for part, piece in pieces.items()})


def place_in(pieces: Mapping[str, str], note: Note) -> tuple[str, int, str]:
    """Where a note is pinned: (part, paragraph, its words); ValueError when its words are not there."""
    for part, piece in pieces.items():
        for index, paragraph in enumerate(paragraphs(piece)):
            if note.at in paragraph:
                return part, index, paragraph
    raise ValueError(f"{note.at!r} does not stand in {pieces['title']!r}")


def _pairs(told: Iterable[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((old, new) for old, new in told)
