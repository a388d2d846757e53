"""An original beside its translation: paragraphs with what changed and the agreed terms marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from portal.core.text import paragraphs
from portal.editorial.compare import Block, Piece, compare, compare_paragraphs
from portal.editorial.models import Kind
from portal.editorial.texts import Text
from portal.translating.glossary import Glossary, Term

# A form takes a thousand fields: a part of more paragraphs is written in one field.
MOST_ROWS = 150
FIELD_WIDTH = 40


@dataclass(frozen=True)
class Run:
    """Words that stayed, came or went, and the agreed term that they are, if any."""

    op: str
    words: str
    term: Term | None = None


@dataclass(frozen=True)
class Line:
    """A paragraph of the original, or one row of a table or list: `op` is same, changed, added or removed."""

    op: str
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Row:
    """A paragraph of the original and what is translated of it.

    `op` is same, changed, added or removed, or extra: translated, and nothing of the original.
    `source` is the paragraph as it was typed.
    """

    op: str
    lines: tuple[Line, ...]
    translated: str
    source: str = ""

    @property
    def height(self) -> int:
        """The lines of a field that shows it without scrolling, a little more or less."""
        source = sum(len(run.words) for line in self.lines for run in line.runs)
        return max(2, max(source, len(self.translated)) // FIELD_WIDTH + 1)


@dataclass(frozen=True)
class Side:
    """One piece of a text: its paragraphs side by side, and how many there are on each side."""

    name: str
    rows: tuple[Row, ...]
    source_count: int
    translated_count: int

    @property
    def changed(self) -> int:
        """How many paragraphs of the original changed."""
        return sum(row.op not in {"same", "extra"} for row in self.rows)

    @property
    def differs(self) -> bool:
        """True when something is translated, but not as many paragraphs as the original has."""
        return 0 < self.translated_count != self.source_count

    @property
    def is_whole(self) -> bool:
        """True when it is written in one field, not a paragraph at a time."""
        return len(self.rows) > MOST_ROWS


@dataclass(frozen=True)
class Pair:
    """A paragraph of the original and the one beside it; "" where one side has fewer."""

    part: str
    source: str
    translated: str


def sides(kind: Kind, base: Text | None, source: Text, translated: Text, terms: Glossary) -> list[Side]:
    """Title, summary and parts of `source`, marked against `base`, each paragraph beside its translation."""
    old, new, written = ((t or source).pieces(kind) for t in (base, source, translated))
    return [_side(name, old.get(name, ""), new[name], written.get(name, ""), terms) for name in new]


def pairs(kind: Kind, source: Text, translated: Text) -> list[Pair]:
    """The paragraphs of both texts side by side, for whoever reviews a translation."""
    before, after = source.pieces(kind), translated.pieces(kind)
    return [
        Pair(name, left, right)
        for name in before
        for left, right in zip_longest(paragraphs(before[name]), _cells(after.get(name, "")), fillvalue="")
    ]


def settled(kind: Kind, base: Text | None, source: Text, translated: Text) -> Text:
    """The translation without the emptied places of what has left the original; other gaps stay."""
    old, new = (base or source).pieces(kind), source.pieces(kind)

    def without(name: str, words: str) -> str:
        blocks = compare_paragraphs(name, paragraphs(old.get(name, "")), paragraphs(new.get(name, "")))
        cells = _placed(blocks, _cells(words))
        gone = [block.op == "removed" for block in blocks] + [True] * (len(cells) - len(blocks))
        return "\n\n".join(cell for cell, left in zip(cells, gone, strict=True) if cell or not left)

    parts = {name: without(name, words) if words else "" for name, words in translated.parts.items()}
    return Text(translated.title, translated.summary, parts)


def terms_of(found: list[Side]) -> list[Term]:
    """The agreed terms that stand in the original, each once, sorted by name."""
    lines = (line for side in found for row in side.rows for line in row.lines)
    terms = {run.term for line in lines for run in line.runs if run.term is not None}
    return sorted(terms, key=lambda term: (term.name.casefold(), term.code))


def _side(name: str, old: str, new: str, translated: str, terms: Glossary) -> Side:
    blocks = compare_paragraphs(name, paragraphs(old), paragraphs(new))
    cells = _placed(blocks, _cells(translated))
    rows = [Row(b.op, tuple(_lines(b, terms)), cell, b.new) for b, cell in zip(blocks, cells, strict=False)]
    rows += [Row("extra", (), cell) for cell in cells[len(blocks) :] if cell]
    counts = len(paragraphs(new)), len(paragraphs(translated))
    return Side(name, tuple(rows or [Row("extra", (), "")]), *counts)


def _cells(translated: str) -> list[str]:
    """The paragraphs of a translation, also those that are left for later and stand between the others."""
    return [cell.strip("\n") for cell in re.split(r"\n[ \t]*\n", translated)] if translated else []


def _placed(blocks: Sequence[Block], cells: list[str]) -> list[str]:
    """A cell for each block and then what is left over.

    A draft that was saved here has a cell for each; another translation has one for each
    paragraph of the version that it was made from, or else is taken to follow the present one.
    """
    if len(cells) == len(blocks):
        return cells
    in_base = [block.op != "added" for block in blocks]
    taken = in_base if len(cells) == sum(in_base) else [block.op != "removed" for block in blocks]
    rest = iter(cells)
    return [next(rest, "") if takes else "" for takes in taken] + list(rest)


def _lines(block: Block, terms: Glossary) -> Iterator[Line]:
    """Each row of a table or list by itself: a changed cell should not mark the whole table."""
    old, new = (Text(parts={block.part: words}) for words in (block.old, block.new))
    for line in compare(old, new):
        yield Line(line.op, tuple(_runs(line, terms)))


def _runs(block: Block, terms: Glossary) -> Iterator[Run]:
    whole = block.old if block.op == "removed" else block.new
    pieces = block.pieces or (Piece("same" if block.op == "same" else block.op, whole),)
    for piece in pieces:
        if piece.op == "removed":
            yield Run("removed", piece.words)
            continue
        at = 0
        for found in terms.find(piece.words):
            if found.start > at:
                yield Run(piece.op, piece.words[at : found.start])
            yield Run(piece.op, piece.words[found.start : found.end], found.term)
            at = found.end
        if at < len(piece.words):
            yield Run(piece.op, piece.words[at:])
