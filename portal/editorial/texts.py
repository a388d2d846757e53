"""What a revision says: its text, its metadata, what is required of them, and their fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Set
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from portal.core.errors import Invalid
from portal.editorial.models import EXCHANGE, OPTIONAL_PARTS, PARTS, Audience, Contribution, Kind, Revision
from portal.editorial.terms import LINE_LIMIT, LINES, Terms, check_terms

TITLE_LIMIT = 200
SUMMARY_LIMIT = 400
PART_LIMIT = 60_000
TOPIC_LIMIT = 4
COUNTRY_LIMIT = 30


@dataclass(frozen=True)
class Text:
    """Title, summary and the parts of a kind, each in Markdown but the first two."""

    title: str = ""
    summary: str = ""
    parts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, revision: Revision) -> Text:
        """The text of a revision."""
        return cls(revision.title, revision.summary, dict(revision.parts))

    def pieces(self, kind: Kind) -> dict[str, str]:
        """Title, summary and the parts of a `kind` by name, in the order of the form.

        A part that is needed is there even where it is empty; one that is not needed only with words.
        """
        parts = {name: self.parts.get(name, "") for name in PARTS[kind]}
        optional = OPTIONAL_PARTS[kind]
        shown = {name: words for name, words in parts.items() if words or name not in optional}
        return {"title": self.title, "summary": self.summary, **shown}


@dataclass(frozen=True)
class About:
    """Who may read it and what it is filed under; `organisations` are ids, for one audience alone.

    Needs and offers have `terms`.
    """

    audience: Audience = Audience.PUBLIC
    organisations: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    terms: Terms | None = None

    @classmethod
    def of(cls, revision: Revision) -> About:
        """The metadata that a revision of an original carries."""
        stored = revision.about or {}
        return cls(
            Audience(stored.get("audience", Audience.PUBLIC)),
            tuple(stored.get("organisations", ())),
            tuple(stored.get("topics", ())),
            tuple(stored.get("countries", ())),
            Terms.of(stored["terms"]) if "terms" in stored else None,
        )

    def stored(self) -> dict[str, Any]:
        """As kept in `Revision.about`."""
        kept = {
            "audience": self.audience,
            "organisations": list(self.organisations) if self.audience == Audience.ORGANISATIONS else [],
            "topics": list(self.topics),
            "countries": list(self.countries),
        }
        return kept if self.terms is None else kept | {"terms": self.terms.stored()}


def check_size(text: Text) -> None:
    """Raise Invalid when a piece is longer than the portal takes; drafts are held to this alone."""
    limits = {"title": (text.title, TITLE_LIMIT), "summary": (text.summary, SUMMARY_LIMIT)}
    limits |= {
        name: (value, LINE_LIMIT if name in LINES else PART_LIMIT) for name, value in text.parts.items()
    }
    for name, (value, limit) in limits.items():
        if len(value) > limit:
            message = _(
                "This text has %(count)s characters; at most %(limit)s can be kept.",
                count=len(value),
                limit=limit,
            )
            raise Invalid(name, message)


def check_about(
    about: About, known_topics: Set[str], known_countries: Set[str], known_regions: Set[str]
) -> None:
    """Raise Invalid for topics and countries that do not exist or are too many, and see `check_terms`."""
    if len(about.topics) > TOPIC_LIMIT:
        raise Invalid("topics", _("Choose at most %(count)s topics.", count=TOPIC_LIMIT))
    if not set(about.topics) <= known_topics:
        raise Invalid("topics", _("One of these topics does not exist. Choose from the list."))
    if len(about.countries) > COUNTRY_LIMIT:
        raise Invalid("countries", _("Choose at most %(count)s countries.", count=COUNTRY_LIMIT))
    if not set(about.countries) <= known_countries:
        raise Invalid("countries", _("One of these countries does not exist. Choose from the list."))
    if about.terms is not None:
        check_terms(about.terms, known_topics, known_regions)


def missing(kind: Kind, text: Text, about: About | None) -> dict[str, str]:
    """What a text still needs before it can be handed in: field -> message, empty when complete."""
    needed: dict[str, str] = {}
    if not text.title:
        needed["title"] = _("Write a title.")
    if not text.summary:
        needed["summary"] = _("Write a summary of one or two sentences.")
    for name in PARTS[kind]:
        if not text.parts.get(name) and name not in OPTIONAL_PARTS[kind]:
            needed[name] = _("Write this part.")
    if kind in EXCHANGE and not any(text.parts.get(name) for name in LINES):
        needed[LINES[0]] = _("Write at least one line: what exactly, how much of it, for how long.")
    if about is not None and not about.topics:
        needed["topics"] = _("Choose at least one topic.")
    if about is not None and about.audience == Audience.ORGANISATIONS and not about.organisations:
        needed["organisations"] = _("Name at least one organisation, or choose another audience.")
    return needed


def check_complete(kind: Kind, text: Text, about: About | None) -> None:
    """Raise Invalid with everything that a text still needs before it can be handed in (see `missing`)."""
    needed = missing(kind, text, about)
    if needed:
        raise Invalid.of({field: [message] for field, message in needed.items()})


def text_hash(revision: Revision) -> str:
    """The fingerprint of the words alone: equal when a change was undone."""
    return fingerprint([revision.title, revision.summary, revision.parts])


def snapshot_digest(contribution: Contribution, revision: Revision) -> str:
    """The fingerprint of all that a moderator judges: words, metadata, present audience and files."""
    judged = [
        revision.id,
        revision.title,
        revision.summary,
        revision.parts,
        revision.about,
        contribution.audience,
    ]
    return fingerprint([*judged, revision.files] if revision.files else judged)


def fingerprint(value: Any) -> str:
    """A short hash of plain values, the same in every process."""
    packed = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(packed.encode("utf-8", "surrogatepass")).hexdigest()[:32]
