"""What we tell one person, in their language: shown in the inbox and sent as a mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Item:
    """One thing of several in a message: a headline that leads to a page, and some lines."""

    title: str
    lines: tuple[str, ...]
    endpoint: str | None
    values: dict[str, Any]


@dataclass(frozen=True)
class Message:
    """A subject, some paragraphs, and a button that leads to the page it is about.

    `endpoint` and `values` name that page (None: there is none); all words are in the
    recipient's language already. `items` follow the paragraphs in a message that gathers several.
    `stop` is the subject of the choice that ends its mail, where that is finer than its group;
    what is not `is_mailed` (it was, when it was told) stands in the inbox alone.
    """

    subject: str
    paragraphs: tuple[str, ...]
    endpoint: str | None
    values: dict[str, Any]
    button: str
    items: tuple[Item, ...] = ()
    stop: str = ""
    is_mailed: bool = True
