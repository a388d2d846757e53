"""Reading IATI activities (1.0x and 2.0x) one after the other, at the same memory whatever the file's size.

The parser is expat itself, because defusedxml's runs in Python alone and at a tenth of the speed.
What defusedxml refuses is refused here too: a document type, which every attack with entities
needs. Of each activity only the elements that `mapping` asks for are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

from flask_babel import gettext as _

from portal.core.errors import Invalid

PIECE = 1 << 16
LARGEST_FILE = 2_000_000_000
MOST_NODES = 5_000
MOST_TEXT = 100_000
LANGUAGE = "http://www.w3.org/XML/1998/namespace lang"

TOP = frozenset(
    (
        "iati-identifier", "reporting-org", "title", "description", "participating-org", "activity-status",
        "activity-date", "contact-info", "activity-scope", "recipient-country", "recipient-region", "sector",
        "policy-marker", "default-aid-type", "budget", "document-link", "activity-website", "transaction",
    )
)  # fmt: skip
_WORDS = frozenset({"narrative"})
INSIDE = {
    "title": _WORDS,
    "description": _WORDS,
    "reporting-org": _WORDS,
    "participating-org": _WORDS,
    "contact-info": frozenset({"email", "website"}),
    "budget": frozenset({"value"}),
    "document-link": frozenset({"title"}),
}
PLACES = frozenset({"recipient-country", "recipient-region", "sector"})
"""What 2.0x lets stand on transactions instead of on the activity."""


@dataclass
class Node:
    """An element: its name, attributes, words and children; of those only what the mapping needs."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def all(self, tag: str) -> list[Node]:
        """The children of that name."""
        return [child for child in self.children if child.tag == tag]

    def first(self, tag: str) -> Node | None:
        """The first child of that name."""
        return next((child for child in self.children if child.tag == tag), None)

    def get(self, attribute: str) -> str:
        """An attribute without blanks around it; "" where there is none."""
        return self.attributes.get(attribute, "").strip()


@dataclass
class Activity(Node):
    """One `iati-activity`. `is_too_large`: it holds more than anybody writes, and was not read to its end."""

    is_too_large: bool = False
    node_count: int = 0


def activities(source: BinaryIO, digest: hashlib._Hash | None = None) -> Iterator[Activity]:
    """Each activity of an IATI file. `digest` is fed with the bytes that are read.

    Raises Invalid, at the field `file`, for what is not IATI 1.0x or 2.0x, is malformed, has a
    document type, or is larger than LARGEST_FILE; what came before it has been handed out.
    """
    reader = _Reader()
    size = 0
    while piece := source.read(PIECE):
        size += len(piece)
        if size > LARGEST_FILE:
            raise Invalid("file", _("The file is larger than %(count)s MB.", count=LARGEST_FILE // 1_000_000))
        if digest is not None:
            digest.update(piece)
        yield from reader.read(piece)
    yield from reader.read(b"", is_last=True)


class _Reader:
    """Makes activities of what expat calls out; below an element that nobody asks for it only counts."""

    def __init__(self) -> None:
        self._ready: list[Activity] = []
        self._stack: list[Node] = []
        self._depth = 0
        self._skipped_from = 0
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._words
        parser.StartDoctypeDeclHandler = _refuse_document_type
        self._parser = parser

    def read(self, piece: bytes, *, is_last: bool = False) -> Iterator[Activity]:
        """Read on: the activities that are whole by now. Raises Invalid, after those before the fault."""
        fault = None
        try:
            self._parser.Parse(piece, is_last)
        except expat.ExpatError as error:
            fault = Invalid("file", _("The XML breaks off or is wrong at line %(line)s.", line=error.lineno))
        ready, self._ready = self._ready, []
        yield from ready
        if fault is not None:
            raise fault

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._skipped_from:
            return
        if self._depth == 1:
            _check_root(tag, attributes)
        elif self._depth == 2 and tag == "iati-activity":
            self._stack = [Activity(tag, attributes)]
        elif not self._keep(tag, attributes):
            self._skipped_from = self._depth

    def _keep(self, tag: str, attributes: dict[str, str]) -> bool:
        """Put an element on the stack; False for one that is passed over with all in it."""
        if self._depth == 2:
            return False
        activity, parent = self._activity, self._stack[-1]
        allowed = TOP if self._depth == 3 else INSIDE.get(parent.tag, frozenset())
        node = Node(tag, attributes)
        if parent.tag == "transaction":
            self._place_once(activity, node)
            return False
        if tag not in allowed or activity.is_too_large:
            return False
        if tag != "transaction":
            activity.node_count += 1
            activity.is_too_large = activity.node_count > MOST_NODES
            parent.children.append(node)
        self._stack.append(node)
        return True

    @staticmethod
    def _place_once(activity: Activity, node: Node) -> None:
        """Keep where a transaction went and what for, once: a programme may have thousands of them."""
        if node.tag not in PLACES:
            return
        node.tag = f"transaction/{node.tag}"
        if not any(node.attributes == other.attributes for other in activity.all(node.tag)):
            activity.node_count += 1
            activity.is_too_large = activity.node_count > MOST_NODES
            activity.children.append(node)

    @property
    def _activity(self) -> Activity:
        root = self._stack[0]
        assert isinstance(root, Activity)
        return root

    def _end(self, _tag: str) -> None:
        if self._skipped_from:
            if self._depth == self._skipped_from:
                self._skipped_from = 0
        elif self._depth == 2:
            self._ready.append(self._activity)
            self._stack = []
        elif self._depth > 2:
            self._stack.pop()
        self._depth -= 1

    def _words(self, words: str) -> None:
        if not self._skipped_from and len(self._stack) > 1:
            node = self._stack[-1]
            node.text += words[: MOST_TEXT - len(node.text)]


def _check_root(tag: str, attributes: dict[str, str]) -> None:
    if tag != "iati-activities":
        raise Invalid("file", _("This is no file of IATI activities."))
    version = attributes.get("version", "").strip()
    if version and not version.startswith(("1.", "2.")):
        raise Invalid("file", _("IATI %(version)s is not known here: 1.0x and 2.0x are.", version=version))


def _refuse_document_type(*_declaration: object) -> None:
    raise Invalid("file", _("The file declares a document type. IATI files have none; it is not read."))
