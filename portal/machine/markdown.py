"""Markdown through a translator of plain text: structure, links, code, numbers and agreed terms survive.

Blocks are found with markdown-it; what must not change inside a line is replaced by numbered
signs, which are checked when the line comes back. A line whose signs, structure or numbers did
not survive stays as it was: a translator sees it and translates it by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

Translate = Callable[[Sequence[str]], list[str]]
Protect = Callable[[str], list[tuple[int, int, str]]]

_SIGN = re.compile(r"⟦\s*(\d+)\s*⟧")
_KEPT = re.compile(
    r"(?P<code>`+)(?!`).+?(?<!`)(?P=code)(?!`)"  # code
    r"|\]\([^)\s]*(?:\s+\"[^\"]*\")?\)|\]\[[^\]]*\]"  # the end of a link with its target
    r"|<[^<>\s]+>|https?://[^\s<>()]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # addresses
    r"|\\[!-/:-@\[-`{-~]|&\w+;|&#\w+;"  # escapes
    r"|!?\[(?:\^[^\]]*\])?|\]|\*+|~~|(?<!\w)_+|_+(?!\w)"  # brackets and emphasis
)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[^\W\d_a-z])")
_NUMBER = re.compile(r"\d+(?:[.,:/\u00a0\u202f-]?\d+)*")


@dataclass
class _Segment:
    """A run of text in the source: its place, its signs and what they stand for."""

    text: str
    signs: list[str] = field(default_factory=list)
    masked: str = ""


def translate_markdown(markdown: str, translate: Translate, protect: Protect | None = None) -> str:
    """`markdown` with its text in another language; `protect` finds agreed terms: start, end, replacement."""
    lines = markdown.split("\n")
    places = list(_places(lines))
    segments = [text for *_where, text in places]
    done = dict(zip(segments, translate_segments(segments, translate, protect), strict=True))
    for first, after, start, end, text in reversed(places):
        line = lines[first]
        new = done[text].replace("|", "\\|") if "|" not in text and line.lstrip()[:1] == "|" else done[text]
        lines[first:after] = [line[:start] + new + line[end:]]
    return "\n".join(lines)


def translate_segments(
    segments: Sequence[str], translate: Translate, protect: Protect | None = None
) -> list[str]:
    """Inline Markdown texts in another language, whole or else sentence by sentence.

    Those whose signs were lost even so stay as they were.
    """
    found = _whole(segments, translate, protect)
    split = {s: _SENTENCE.split(s) for s in segments if s not in found and _SENTENCE.search(s)}
    single = _whole([one for many in split.values() for one in many], translate, protect)
    for segment, sentences in split.items():
        together = " ".join(single.get(one, one) for one in sentences)
        if _shape(together) == _shape(segment):
            found[segment] = together
    return [found.get(s, s) for s in segments]


def _whole(segments: Sequence[str], translate: Translate, protect: Protect | None) -> dict[str, str]:
    """Those of the segments that came back as they should, by what they were."""
    found: dict[str, str] = {}
    for keep_numbers in (False, True):
        waiting = [s for s in dict.fromkeys(segments) if s not in found and s.strip()]
        masked = [_masked(s, protect, keep_numbers) for s in waiting]
        worth = [m for m in masked if re.search(r"[^\W\d_]", _SIGN.sub("", m.masked))]
        found.update({m.text: _unmasked(m, m.masked) or m.text for m in masked if m not in worth})
        answers = translate([m.masked for m in worth]) if worth else []
        for segment, answer in zip(worth, answers, strict=True):
            back = _unmasked(segment, answer)
            if back is not None and _survived(segment, back, keep_numbers):
                found[segment.text] = back
    return found


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def _places(lines: list[str]) -> list[tuple[int, int, int, int, str]]:
    """Every run of text: first line, line after, start in the first line, end in it, the text."""
    found: list[tuple[int, int, int, int, str]] = []
    row, reached = -1, 0
    for token in _parser().parse("\n".join(lines)):
        if token.type != "inline" or token.map is None or not token.content.strip():
            continue
        first = token.map[0]
        row, reached = (row, reached) if first == row else (first, 0)
        pieces = token.content.split("\n")
        if len(pieces) > 1 and _is_broken_by_hand(pieces):
            found += _line_by_line(lines, first, pieces)
            continue
        start = lines[first].find(pieces[0], reached)
        if start < 0:
            continue
        reached = start + len(pieces[0])
        after = first + len(pieces)
        found.append((first, after, start, reached, " ".join(p.strip() for p in pieces)))
    return found


def _is_broken_by_hand(pieces: list[str]) -> bool:
    return any(piece.endswith(("  ", "\\")) for piece in pieces[:-1])


def _line_by_line(lines: list[str], first: int, pieces: list[str]) -> list[tuple[int, int, int, int, str]]:
    found = []
    for offset, piece in enumerate(pieces):
        words = piece.rstrip("\\").strip()
        start = lines[first + offset].find(words)
        if words and start >= 0:
            found.append((first + offset, first + offset + 1, start, start + len(words), words))
    return found


def _masked(text: str, protect: Protect | None, keep_numbers: bool) -> _Segment:
    spans = [(m.start(), m.end(), m.group()) for m in _KEPT.finditer(text)]
    spans += [(m.start(), m.end(), m.group()) for m in _SIGN.finditer(text)]
    others = protect(text) if protect is not None else []
    if keep_numbers:
        others = [*others, *((m.start(), m.end(), m.group()) for m in _NUMBER.finditer(text))]
    for span in others:
        if all(span[1] <= start or span[0] >= end for start, end, _kept in spans):
            spans.append(span)
    segment = _Segment(text)
    at = 0
    for start, end, kept in sorted(spans):
        if start < at:
            continue
        segment.masked += text[at:start] + f"⟦{len(segment.signs)}⟧"
        segment.signs.append(kept)
        at = end
    segment.masked += text[at:]
    return segment


def _unmasked(segment: _Segment, answer: str) -> str | None:
    """The answer with what the signs stood for; None when one is missing, doubled or invented."""
    if sorted(int(n) for n in _SIGN.findall(answer)) != list(range(len(segment.signs))):
        return None
    answer = re.sub(r"[ \t\n]+", " ", answer).strip()
    return _SIGN.sub(lambda m: segment.signs[int(m[1])], answer)


def _survived(segment: _Segment, back: str, keep_numbers: bool) -> bool:
    if not back or _shape(back) != _shape(segment.text):
        return False
    return keep_numbers or _numbers(back) == _numbers(segment.text)


def _numbers(text: str) -> list[str]:
    return sorted(_NUMBER.findall(text))


def _shape(text: str) -> list[str]:
    """The mark-up of a line, its targets and its code, without the words and without order."""
    shape: list[str] = []
    for block in _parser().parse(text):
        shape.append(block.type)
        for child in block.children or ():
            shape += _mark(child)
    return sorted(shape)


def _mark(token: Token) -> list[str]:
    if token.type == "text":
        return []
    if token.type == "code_inline":
        return [f"code {token.content}"]
    return [f"{token.type} {token.attrs.get('href', '')}"]
