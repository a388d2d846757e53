"""`resolve`: the only place that chooses which language of a contribution a reader gets, and says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why this edition is shown (product.md, "Languages")."""

    EXACT = "exact"
    NO_TRANSLATION = "no_translation"
    IN_REVIEW = "translation_in_review"
    OUTDATED = "translation_outdated"


@dataclass(frozen=True)
class EditionFacts:
    """What `resolve` asks of an edition; `is_published` tells text from work in progress."""

    id: str
    language: str
    is_original: bool
    is_published: bool
    is_outdated: bool = False
    in_review: bool = False
    revision_id: str | None = None


@dataclass(frozen=True)
class Resolution:
    """The edition that is shown, the language that was wanted, and why they differ if they do."""

    edition: EditionFacts
    wanted: str
    reason: Reason


def resolve(editions: Sequence[EditionFacts], wanted: str, order: Sequence[str] = ()) -> Resolution | None:
    """Choose among the editions of one contribution: `wanted`, then the reader's `order`, then the original.

    Returns None when nothing is published.
    """
    published = {e.language: e for e in editions if e.is_published}
    if not published:
        return None
    exact = published.get(wanted)
    if exact is not None:
        return Resolution(exact, wanted, Reason.OUTDATED if exact.is_outdated else Reason.EXACT)
    waiting = any(e.language == wanted and e.in_review for e in editions)
    reason = Reason.IN_REVIEW if waiting else Reason.NO_TRANSLATION
    for language in order:
        if language in published:
            return Resolution(published[language], wanted, reason)
    original = next((e for e in published.values() if e.is_original), None)
    return Resolution(original or next(iter(published.values())), wanted, reason)
