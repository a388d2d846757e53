"""Comparison of two texts, paragraph by paragraph and word by word, for reviewers and histories."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from portal.core.text import paragraphs
from portal.editorial.texts import Text

# Past this many words a paragraph is shown as replaced: word matching grows with the square.
WORD_LIMIT = 1500


@dataclass(frozen=True)
class Piece:
    """Words that stayed ("same"), came ("added") or went ("removed")."""

    op: str
    words: str


@dataclass(frozen=True)
class Block:
    """One paragraph of the comparison: `op` is same, changed, added or removed.

    `part` and `index` are its place in the newer text (in the older one when it was removed).
    """

    op: str
    part: str
    index: int
    old: str
    new: str
    pieces: tuple[Piece, ...] = ()


def compare(old: Text | None, new: Text) -> list[Block]:
    """The blocks of `new` against `old` (None: everything is new), title and summary first."""
    blocks: list[Block] = []
    before = _pieces_of(old) if old is not None else {}
    after = _pieces_of(new)
    for part in dict.fromkeys([*after, *before]):
        if old is None:
            blocks += [Block("added", part, i, "", p) for i, p in enumerate(after.get(part, []))]
        else:
            blocks += compare_paragraphs(part, before.get(part, []), after.get(part, []))
    return blocks


def changed_count(blocks: Sequence[Block]) -> int:
    """How many paragraphs differ."""
    return sum(block.op != "same" for block in blocks)


def folded(blocks: Sequence[Block]) -> Iterator[tuple[bool, list[Block]]]:
    """Runs of blocks: (True, unchanged ones to fold away) or (False, ones to show)."""
    run: list[Block] = []
    same = False
    for block in blocks:
        if run and (block.op == "same") != same:
            yield same and len(run) > 1, run
            run = []
        same = block.op == "same"
        run.append(block)
    if run:
        yield same and len(run) > 1, run


def compare_words(old: str, new: str) -> tuple[Piece, ...]:
    """The words of one paragraph against another."""
    a, b = _words(old), _words(new)
    if len(a) + len(b) > WORD_LIMIT:
        return (Piece("removed", old), Piece("added", new))
    pieces: list[Piece] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if op == "equal":
            pieces.append(Piece("same", "".join(a[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(Piece("removed", "".join(a[i1:i2])))
        if j2 > j1:
            pieces.append(Piece("added", "".join(b[j1:j2])))
    return tuple(pieces)


def compare_paragraphs(part: str, old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """The blocks of one part, of which each element is compared as a whole."""
    blocks: list[Block] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            blocks += [Block("same", part, j, new[j], new[j]) for j in range(j1, j2)]
            continue
        paired = min(i2 - i1, j2 - j1)
        for k in range(paired):
            before, after = old[i1 + k], new[j1 + k]
            blocks.append(Block("changed", part, j1 + k, before, after, compare_words(before, after)))
        blocks += [Block("removed", part, i, old[i], "") for i in range(i1 + paired, i2)]
        blocks += [Block("added", part, j, "", new[j]) for j in range(j1 + paired, j2)]
    return blocks


def _pieces_of(text: Text) -> dict[str, list[str]]:
    found = {"title": [text.title] if text.title else [], "summary": [text.summary] if text.summary else []}
    return found | {name: _lines(value) for name, value in text.parts.items()}


def _lines(markdown: str) -> list[str]:
    # Tables and lists are compared row by row: a changed cell should not mark the whole table.
    lines: list[str] = []
    for paragraph in paragraphs(markdown):
        rows = paragraph.split("\n")
        if all(row.lstrip().startswith("|") for row in rows):
            lines += [row.strip().strip("|").strip() for row in rows if not re.fullmatch(r"[\s|:-]+", row)]
        elif all(re.match(r"\s*([-*+] |\d+[.)] )", row) for row in rows):
            lines += rows
        else:
            lines.append(paragraph)
    return lines


def _words(text: str) -> list[str]:
    return re.findall(r"\w+|\s+|[^\w\s]", text)
