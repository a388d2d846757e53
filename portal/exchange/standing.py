"""How an imported offer stands here: what was edited, what waits for somebody, and what an import may do.

Reasons are kept as codes and said in the reader's language (`reason_words`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal.core.access import SYSTEM
from portal.core.db import session
from portal.core.guard import scoped
from portal.editorial.models import Contribution, Edition, Revision, Standing, State
from portal.editorial.texts import About
from portal.exchange.models import Imported
from portal.exchange.programmes import mark

REPLACEABLE = frozenset({State.PUBLISHED, State.AWAITING_CLEARANCE, State.SUBMITTED})
"""Where an original may stand for an import to write a new version: nobody is at work on it."""


class Reason(StrEnum):
    """Why an import leaves an offer alone."""

    EDITED = "edited"
    NARROWED = "narrowed"
    IN_HAND = "in_hand"
    IN_REVIEW = "in_review"
    JUDGED = "judged"
    TAKEN_DOWN = "taken_down"
    LANGUAGE = "language"


@dataclass(frozen=True)
class Stands:
    """An imported offer with the newest revision of each of its languages."""

    contribution: Contribution
    latest: dict[str, Revision]

    @property
    def original(self) -> Revision:
        """The newest version of the original."""
        return self.latest[self.contribution.original_language]


def stands(contribution_id: str) -> Stands:
    """How it stands now; two statements."""
    statement = select(Contribution).where(Contribution.id == contribution_id)
    contribution = session().scalars(scoped(SYSTEM, statement)).one()
    other = aliased(Revision)
    newest = select(func.max(other.number)).where(other.edition_id == Revision.edition_id).scalar_subquery()
    rows = session().execute(
        scoped(
            SYSTEM,
            select(Edition.language, Revision)
            .join(Revision, Revision.edition_id == Edition.id)
            .where(Edition.contribution_id == contribution_id, Revision.number == newest),
        )
    )
    return Stands(contribution, {row[0]: row[1] for row in rows})


def obstacle(imported: Imported, there: Stands, languages: frozenset[str]) -> Reason | None:
    """Why a change of the source must not be written here now; None where it may.

    `languages` are those of the source's texts.
    """
    contribution, original = there.contribution, there.original
    if contribution.standing != Standing.UP:
        return Reason.TAKEN_DOWN
    if contribution.original_language not in languages:
        return Reason.LANGUAGE
    for language, revision in there.latest.items():
        if language in languages and mark(revision) != imported.written.get(language):
            return Reason.EDITED
    if contribution.audience not in {None, About.of(original).audience}:
        return Reason.NARROWED
    return _in_somebodys_hands(there)


def _in_somebodys_hands(there: Stands) -> Reason | None:
    for language, revision in there.latest.items():
        is_original = language == there.contribution.original_language
        if revision.state in {State.IN_REVIEW, State.EDIT_PROPOSED}:
            return Reason.IN_REVIEW
        if revision.state in {State.CHANGES_REQUESTED, State.DECLINED}:
            return Reason.JUDGED
        if is_original and revision.state not in REPLACEABLE:
            return Reason.IN_HAND
    return None


def reason_words(reason: str) -> str:
    """Why, in a sentence."""
    words = {
        Reason.EDITED: _("The text was edited here; nothing is overwritten."),
        Reason.NARROWED: _("Its audience was narrowed here; nothing is overwritten."),
        Reason.IN_HAND: _("Somebody in the organisation is at work on it."),
        Reason.IN_REVIEW: _("A moderator is reviewing it at present."),
        Reason.JUDGED: _(
            "The moderators asked for changes or declined it; its authors have to answer first."
        ),
        Reason.TAKEN_DOWN: _("It was taken down here."),
        Reason.LANGUAGE: _("The source does not have it any more in the language of the original."),
    }
    return str(words[Reason(reason)])
