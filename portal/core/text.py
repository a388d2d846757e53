"""Markdown to safe HTML and to plain words; the only place where HTML is made from what people typed."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul", "div",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "th": {"scope", "class"},
    "td": {"class"},
    "table": {"class"},
    "div": {"class", "tabindex"},
    "ol": {"start"},
}
_BLOCK_END = re.compile(r"</(?:p|h\d|li|tr|blockquote|pre|td|th)>|<br ?/?>|<hr ?/?>")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


@lru_cache(maxsize=1)
def _renderer() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"html": False, "linkify": True, "typographer": False})
    renderer.enable(["table", "strikethrough", "linkify"]).disable("image")
    return renderer


def to_html(markdown: str) -> Markup:
    """Markdown as HTML that is safe on any page: no images, no raw HTML, http(s) and mail links only.

    Headings start at level 2, since each page has its one level-1 heading.
    """
    html = _renderer().render(markdown)
    html = re.sub(r"<(/?)h([1-6])>", lambda m: f"<{m[1]}h{min(max(int(m[2]), 2), 4)}>", html)
    html = html.replace("<table>", '<div class="cx-table-wrap" tabindex="0"><table class="cx-table">')
    html = html.replace("</table>", "</table></div>").replace("<th>", '<th scope="col">')
    html = re.sub(r'<th style="text-align:right">', '<th scope="col" class="cx-r">', html)
    html = re.sub(r'<td style="text-align:right">', '<td class="cx-r">', html)
    html = re.sub(r'<(th|td) style="[^"]*">', r"<\1>", html)
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(clean)


@lru_cache(maxsize=512)
def to_plain(markdown: str) -> str:
    """The words of a Markdown text, one line a block, without any mark-up."""
    html = _BLOCK_END.sub("\n", _renderer().render(markdown))
    lines = (Markup(line).striptags().strip() for line in html.split("\n"))
    return "\n".join(line for line in lines if line)


def paragraphs(markdown: str) -> list[str]:
    """A Markdown text cut at blank lines: the pieces that comments are pinned to and compared by."""
    return [piece.strip("\n") for piece in re.split(r"\n[ \t]*\n", markdown.strip()) if piece.strip()]


def tidy(value: str) -> str:
    """What was typed, without control and direction characters, in NFC and with one kind of line end."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _CONTROL.sub("", value)).strip()


def one_line(value: str) -> str:
    """`tidy` for titles, names and subjects: blanks folded, no line ends; no-break spaces stay (French)."""
    return re.sub(r"[ \t\n\v\f\u2028\u2029\x85]+", " ", tidy(value))


def whole_number(value: str | None, longest: int = 9) -> int | None:
    """The number that at most `longest` digits say (nine fit every column); None for anything else."""
    return int(value) if value and value.isdecimal() and len(value) <= longest else None


def slug(title: str, limit: int = 60) -> str:
    """A readable tail for an address."""
    ascii_only = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:limit].rstrip("-")


def reading_minutes(words: str) -> int:
    """Minutes to read, at 220 words a minute, at least one."""
    return max(1, round(len(words.split()) / 220))


def is_web_address(address: str) -> bool:
    """True for an http or https address with a host, no name before it, no sign that leaves quotes."""
    if any(ord(letter) < 33 or letter in '<>"\\' for letter in address):
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
