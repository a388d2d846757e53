"""A programme as a file tells it, ready to become an offer here, and what is refused, with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.editorial.models import Revision
from portal.editorial.texts import About, Text, fingerprint

OWN_MARK = "-CX-"
"""What stands before a post's id in the identifiers that this portal gives."""


@dataclass(frozen=True)
class Programme:
    """One programme: a text in each language, the first of which becomes the original, and its metadata.

    `identifier` is lasting and unique for its publisher. `facts` are what the source said, of which
    `digest` is the fingerprint: words of ours around them do not make a programme another one.
    `places` are the source's own names of regions, kept because they are not those of the WCO.
    """

    identifier: str
    title: str
    texts: dict[str, Text]
    about: About
    facts: dict[str, Any] = field(repr=False)
    places: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """The fingerprint of what was taken from the source."""
        return fingerprint(self.facts)

    @property
    def marks(self) -> dict[str, str]:
        """The fingerprint of each language's text, with the metadata for the original (see `mark`)."""
        original = next(iter(self.texts))
        return {
            language: mark_of(text, self.about if language == original else None)
            for language, text in self.texts.items()
        }

    def offered(self) -> dict[str, Any]:
        """As kept with a conflict, until somebody settles it; `Offered.of` reads it."""
        texts = {code: [text.title, text.summary, text.parts] for code, text in self.texts.items()}
        return {
            "texts": texts,
            "about": self.about.stored(),
            "digest": self.digest,
            "places": list(self.places),
        }


@dataclass(frozen=True)
class Offered:
    """What a source would have written over an edit that was made here."""

    texts: dict[str, Text]
    about: About
    digest: str
    places: tuple[str, ...]

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Offered:
        """What `Programme.offered` gave."""
        texts = {code: Text(title, summary, parts) for code, (title, summary, parts) in kept["texts"].items()}
        about = About.of(Revision(about=kept["about"]))
        return cls(texts, about, kept["digest"], tuple(kept["places"]))


@dataclass(frozen=True)
class Refused:
    """A row that cannot become an offer, and why, in a sentence; `is_over`: it is not open at its source."""

    identifier: str
    title: str
    reason: str
    is_over: bool = False


Row = Programme | Refused


@dataclass(frozen=True)
class Into:
    """What rows are held against: the house that they are imported for, and what is known here.

    `references` are the identifiers that the house reports under; empty: nobody knows them.
    `regions_of` gives each country its WCO region. `level` is the one that is imported of
    programmes and their parts.
    """

    references: frozenset[str]
    topics: frozenset[str]
    regions_of: Mapping[str, str]
    regions: frozenset[str]
    level: int = 1


def mark_of(text: Text, about: About | None) -> str:
    """The fingerprint of what an import wrote in one language, to know it again; `about`: originals only."""
    return fingerprint([text.title, text.summary, text.parts, about.stored() if about else None])


def mark(revision: Revision) -> str:
    """The same of a revision as it stands now."""
    return mark_of(Text.of(revision), About.of(revision) if revision.about is not None else None)
