"""Reads of lesson cards, each under the rights of the actor who asks: nothing without its lesson."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from portal.core.access import Actor
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.editorial.models import Contribution, Edition, Kind, Revision
from portal.editorial.visibility import visible_to
from portal.lessons.models import LessonCheck, LessonUse
from portal.organisations.models import Organisation

# There are some two hundred organisations, and each can use a lesson once.
MOST_USES = 300


@dataclass(frozen=True)
class Use:
    """What an organisation said of its use of a lesson."""

    use: LessonUse
    organisation: Organisation


@dataclass(frozen=True)
class Standing:
    """Whether a lesson holds, as its house last said; `is_asked` while the question waits."""

    unconfirmed_since: datetime | None = None
    confirmed_at: datetime | None = None
    note: str = ""
    language: str = "en"
    is_asked: bool = False


def lesson(actor: Actor, contribution_id: str) -> Contribution:
    """The lesson that `actor` may read; NotFound for any other, and for what is no lesson."""
    statement = select(Contribution).where(
        Contribution.id == contribution_id, Contribution.kind == Kind.LESSON_LEARNED, visible_to(actor)
    )
    found = session().scalars(scoped(actor, statement)).first()
    if found is None:
        raise NotFound
    return found


def card(actor: Actor, contribution_id: str) -> tuple[Sequence[Use], Standing]:
    """Who has used a lesson, the latest first, and whether it holds, in one statement.

    Nothing where `actor` may not read it. A version that was published after the question has
    answered it.
    """
    used = and_(LessonUse.contribution_id == Contribution.id, LessonUse.withdrawn_at.is_(None))
    statement = (
        select(
            LessonUse,
            Organisation,
            LessonCheck,
            func.coalesce(Revision.published_at, Contribution.published_at),
        )
        .select_from(Contribution)
        .join(Edition, and_(Edition.contribution_id == Contribution.id, Edition.is_original))
        .join(Revision, Revision.id == Edition.published_revision_id)
        .outerjoin(LessonCheck, LessonCheck.contribution_id == Contribution.id)
        .outerjoin(LessonUse, used)
        .outerjoin(Organisation, Organisation.id == LessonUse.organisation_id)
        .where(Contribution.id == contribution_id, visible_to(actor))
        .order_by(LessonUse.used_on.desc(), LessonUse.id)
        .limit(MOST_USES)
    )
    rows = session().execute(scoped(actor, statement)).all()
    found = [Use(use, organisation) for use, organisation, _check, _at in rows if use is not None]
    return found, _standing(*rows[0][2:]) if rows else Standing()


def uses(actor: Actor, contribution_id: str) -> Sequence[Use]:
    """Who has used a lesson, the latest first."""
    return card(actor, contribution_id)[0]


def standing(actor: Actor, contribution_id: str) -> Standing:
    """Whether a lesson holds."""
    return card(actor, contribution_id)[1]


def _standing(check: LessonCheck | None, published: datetime) -> Standing:
    if check is None:
        return Standing()
    said = max(moment for moment in (published, check.confirmed_at) if moment is not None)
    is_asked = check.asked_at is not None and check.asked_at >= said
    is_confirmed = check.confirmed_at is not None and check.confirmed_at >= said
    return Standing(
        unconfirmed_since=check.unconfirmed_since if is_asked else None,
        confirmed_at=check.confirmed_at if is_confirmed else None,
        note=check.note if is_confirmed else "",
        language=check.language,
        is_asked=is_asked,
    )
