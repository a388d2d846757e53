"""An original beside its translation: paragraphs with what changed and the agreed terms marked."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from portal.core.text import paragraphs
from portal.editorial.compare import Block, Piece, compare, rows_of
from portal.editorial.models import PARTS, Kind
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
    """One paragraph of the original, or one row of its tables: `op` is same, changed, added or removed."""

    op: str
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Passage:
    """What is translated at one go: a paragraph as typed, its rows as shown, and its translation."""

    source: str
    paragraphs: tuple[Paragraph, ...]
    translated: str


@dataclass(frozen=True)
class Side:
    """One piece of a text: the original's passages, and how many paragraphs there are on each side."""

    name: str
    passages: tuple[Passage, ...]
    source_count: int
    translated_count: int
    changed: int

    @property
    def paragraphs(self) -> list[Paragraph]:
        """The paragraphs of all passages."""
        return [paragraph for passage in self.passages for paragraph in passage.paragraphs]

    @property
    def differs(self) -> bool:
        """True when something is translated, but not as many paragraphs as the original has."""
        return 0 < self.translated_count != self.source_count


@dataclass(frozen=True)
class Pair:
    """A passage of the original and what is written for it; "" where that waits."""

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
            _passages(_cut(kind, name, before[name]), after[name], blocks.get(name, []), terms),
            len(paragraphs(before[name])),
            len(paragraphs(after[name])),
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
        for left, right in _beside(_cut(kind, name, before[name]), after[name])
    ]


def placed(translated: str, count: int) -> list[str]:
    """A translation cut at blank lines into `count` places: "" where one waits, what is over in the last."""
    pieces = [piece.strip("\n") for piece in re.split(r"\n[ \t]*\n", translated)]
    last = count - 1
    return [*(pieces + [""] * count)[:last], "\n\n".join(pieces[last:]).strip("\n")]


def joined(places: Sequence[str]) -> str:
    """The text that was written place by place; an empty one keeps its room for `placed` to find."""
    return "\n\n".join(places).rstrip()


def terms_of(found: list[Side]) -> list[Term]:
    """The agreed terms that stand in the original, each once, sorted by name."""
    terms = {r.term for side in found for p in side.paragraphs for r in p.runs if r.term is not None}
    return sorted(terms, key=lambda term: (term.name.casefold(), term.code))


def _cut(kind: Kind, name: str, text: str) -> list[str]:
    """The passages of a piece of the original: paragraphs of a part; title and summary stay whole."""
    return (paragraphs(text) if name in PARTS[kind] else [text]) or [""]


def _beside(pieces: list[str], translated: str) -> Iterator[tuple[str, str]]:
    """Each passage of the original with its translation."""
    return zip(pieces, placed(translated, len(pieces)), strict=True)


def _passages(
    pieces: list[str], translated: str, blocks: list[Block], terms: Glossary
) -> tuple[Passage, ...]:
    """The blocks of a piece by passage; what was removed stands with what came before it."""
    ends = list(accumulate(len(rows_of(piece)) for piece in pieces)) if len(pieces) > 1 else []
    shown: list[list[Paragraph]] = [[] for _piece in pieces]
    at = 0
    for block in blocks:
        at = at if block.op == "removed" else bisect_right(ends, block.index)
        shown[at].append(Paragraph(block.op, tuple(_runs(block, terms))))
    return tuple(
        Passage(source, tuple(rows), written)
        for (source, written), rows in zip(_beside(pieces, translated), shown, strict=True)
    )


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
