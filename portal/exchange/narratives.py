"""What an activity tells in words, sorted by language, and the names, addresses and documents around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from portal.core.i18n import LANGUAGES
from portal.core.text import one_line, tidy
from portal.exchange.languages import language_of
from portal.exchange.reading import LANGUAGE, Activity, Node

MOST_PARTNERS = 20
MOST_DOCUMENTS = 10
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"'`|\\]{4,500}")
_MAILBOX = re.compile(r"[A-Za-z0-9._-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
# A mailbox is kept where its name says what it is for; one that names a person is not.
_FUNCTIONS = frozenset(
    (
        "aid", "aide", "ayuda", "communication", "comunicacion", "contact", "contacto", "cooperacion",
        "cooperation", "customs", "aduana", "aduanas", "data", "opendata", "datos", "desk", "donnees",
        "douane", "douanes", "enquiries", "enquiry", "feedback", "helpdesk", "iati", "info", "infodesk",
        "information", "mail", "office", "oficina", "partnership", "partnerships", "press", "prensa",
        "programme", "projects", "secretariat", "secretaria", "secretariado", "support", "trade",
        "tradefacilitation", "transparency", "transparence", "transparencia", "web", "webmaster",
    )
)  # fmt: skip
_ROLES = {
    "1": "funding", "2": "accountable", "3": "extending", "4": "implementing",
    "FUNDING": "funding", "ACCOUNTABLE": "accountable", "EXTENDING": "extending",
    "IMPLEMENTING": "implementing",
}  # fmt: skip


@dataclass(frozen=True)
class Document:
    """A document that the source links to; it is not fetched."""

    title: str
    url: str


@dataclass(frozen=True)
class Told:
    """Titles and descriptions by language, and what is the same in every language."""

    titles: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    partners: tuple[tuple[str, str], ...] = ()
    websites: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()
    documents: tuple[Document, ...] = ()

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that can become an edition, the best told first: it becomes the original."""
        told = [code for code in LANGUAGES if self.title_in(code)]
        return tuple(sorted(told, key=lambda code: (code not in self.descriptions, code not in self.titles)))

    def title_in(self, language: str) -> str:
        """Its title; where it only describes itself in that language, the title that it has."""
        if language in self.titles:
            return self.titles[language]
        return next(iter(self.titles.values()), "") if language in self.descriptions else ""

    def words(self) -> Iterator[str]:
        """Every description, whatever its language."""
        for texts in self.descriptions.values():
            yield from texts

    def stored(self) -> dict[str, Any]:
        """Plain values, for the fingerprint."""
        return {**vars(self), "documents": [{**vars(document)} for document in self.documents]}


def told(activity: Activity) -> Told:
    """What an activity tells. Narratives in other languages than ours are left out, but for a lone title."""
    declared = activity.get(LANGUAGE)
    titles: dict[str, str] = {}
    spoken: dict[str, list[str]] = {}
    for node in activity.all("title"):
        for text, language in _narratives(node, declared):
            if line := one_line(text):
                titles.setdefault(language, line)
    for node in activity.all("description"):
        for text, language in _narratives(node, declared):
            if language and (words := _paragraphs(text)) and words not in spoken.get(language, ()):
                spoken.setdefault(language, []).append(words)
    descriptions = {code: tuple(texts) for code, texts in spoken.items()}
    ours = {code: title for code, title in titles.items() if code}
    return Told(
        titles=ours or (titles if descriptions else {}),
        descriptions=descriptions,
        partners=tuple(dict.fromkeys(_partners(activity)))[:MOST_PARTNERS],
        websites=tuple(dict.fromkeys(_websites(activity))),
        mailboxes=tuple(dict.fromkeys(_mailboxes(activity))),
        documents=tuple(_documents(activity))[:MOST_DOCUMENTS],
    )


def _narratives(node: Node, declared: str) -> Iterator[tuple[str, str]]:
    """The words of an element and their language: the nearest declaration counts, unless the words differ."""
    own = node.get(LANGUAGE) or declared
    for told_in in node.all("narrative") or [node]:
        if told_in.text.strip():
            yield told_in.text, language_of(told_in.text, told_in.get(LANGUAGE) or own)


def _paragraphs(text: str) -> str:
    """A description with one blank line between its paragraphs, and none of its other line breaks."""
    pieces = re.split(r"\n[ \t\r]*\n", tidy(text))
    return "\n\n".join(line for piece in pieces if (line := one_line(" ".join(piece.split()))))


def _partners(activity: Activity) -> Iterator[tuple[str, str]]:
    for node in activity.all("participating-org"):
        role = _ROLES.get(node.get("role").upper(), "")
        named = (child.text for child in node.all("narrative") or [node])
        name = next((line for text in named if (line := one_line(text))), "")
        if role and name:
            yield role, name[:200]


def _websites(activity: Activity) -> Iterator[str]:
    contacts = [child for node in activity.all("contact-info") for child in node.all("website")]
    for node in [*activity.all("activity-website"), *contacts]:
        if _ADDRESS.fullmatch(address := one_line(node.text)):
            yield address


def _mailboxes(activity: Activity) -> Iterator[str]:
    for contact in activity.all("contact-info"):
        for node in contact.all("email"):
            address = one_line(node.text)
            name = address.partition("@")[0].lower()
            if _MAILBOX.fullmatch(address) and _FUNCTIONS & set(re.split(r"[._-]", name)):
                yield address


def _documents(activity: Activity) -> Iterator[Document]:
    for node in activity.all("document-link"):
        title = node.first("title")
        named = (title.all("narrative") or [title]) if title is not None else []
        name = next((line for child in named if (line := one_line(child.text))), "")
        if _ADDRESS.fullmatch(node.get("url")):
            yield Document(name[:200] or node.get("url"), node.get("url"))
