"""An original beside its translation: paragraphs with what changed and the agreed terms marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from portal.core.text import paragraphs
from portal.editorial.compare import Block, Piece, compare
from portal.editorial.models import Kind
from portal.editorial.texts import Text
from portal.translating.glossary import Glossary, Term


@dataclass(frozen=True)
class Run:
    """Words that stayed, came or went, and the agreed term that they are, if any."""

    op: str
    words: str
    term: Term | None = None


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of the original: `op` is same, changed, added or removed."""

    op: str
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Side:
    """One piece of a text: the original's paragraphs, and how many there are on each side."""

    name: str
    paragraphs: tuple[Paragraph, ...]
    source_count: int
    translated_count: int
    changed: int

    @property
    def differs(self) -> bool:
        """True when something is translated, but not as many paragraphs as the original has."""
        return 0 < self.translated_count != self.source_count


@dataclass(frozen=True)
class Pair:
    """A paragraph of the original and the one beside it; "" where one side has fewer."""

    part: str
    source: str
    translated: str


def sides(kind: Kind, base: Text | None, source: Text, translated: Text, terms: Glossary) -> list[Side]:
    """Title, summary and parts of `source`, marked against `base`, for writing `translated` beside them."""
    blocks: dict[str, list[Block]] = {}
    for block in compare(base or source, source):
        blocks.setdefault(block.part, []).append(block)
    before, after = source.pieces(kind), translated.pieces(kind)
    return [
        Side(
            name,
            tuple(Paragraph(b.op, tuple(_runs(b, terms))) for b in blocks.get(name, ())),
            len(paragraphs(before[name])),
            len(paragraphs(after.get(name, ""))),
            sum(b.op != "same" for b in blocks.get(name, ())),
        )
        for name in before
    ]


def pairs(kind: Kind, source: Text, translated: Text) -> list[Pair]:
    """The paragraphs of both texts side by side, for whoever reviews a translation."""
    before, after = source.pieces(kind), translated.pieces(kind)
    return [
        Pair(name, left, right)
        for name in before
        for left, right in zip_longest(
            paragraphs(before[name]), paragraphs(after.get(name, "")), fillvalue=""
        )
    ]


def terms_of(found: list[Side]) -> list[Term]:
    """The agreed terms that stand in the original, each once, sorted by name."""
    terms = {r.term for side in found for p in side.paragraphs for r in p.runs if r.term is not None}
    return sorted(terms, key=lambda term: (term.name.casefold(), term.code))


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
