"""All writes to lesson cards: uses, confirmations, and what the clock asks and marks."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from portal.audit.actions import record
from portal.core.access import SYSTEM, Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Invalid, NotFound
from portal.core.guard import scoped
from portal.core.i18n import LANGUAGES
from portal.editorial.actions._steps import answerable_for
from portal.editorial.models import Contribution, Edition, Kind, Revision
from portal.lessons import policy
from portal.lessons.models import LessonCheck, LessonUse
from portal.notifications.actions import notify

NOTE_LIMIT = 2000
ASK_AFTER = timedelta(days=365)
ANSWER_WITHIN = timedelta(days=30)
EARLIEST = date(1990, 1, 1)
# Lessons that one run of the clock asks about or marks; the next run takes the others.
BATCH = 200


def record_use(actor: Actor, contribution: Contribution, note: str, language: str, used_on: str) -> LessonUse:
    """Say that the acting organisation used a lesson, or change what it said; its house is told once.

    `used_on` is a date as browsers send it (2026-11-24). Raises Forbidden, Invalid.
    """
    require(policy.record_use(actor, contribution))
    _check(note, language)
    if not note:
        raise Invalid("note", _("Say in a few words what you used and how it went."))
    day = _day(used_on)
    _wait_for_turn(contribution)
    found = _use_of(actor, contribution)
    assert actor.person_id is not None and actor.organisation_id is not None  # the policy has asked
    if found is None:
        found = LessonUse(
            contribution_id=contribution.id, organisation_id=actor.organisation_id, created_at=now()
        )
        session().add(found)
    found.person_id, found.note, found.language, found.used_on = actor.person_id, note, language, day
    found.changed_at, found.withdrawn_at = now(), None
    session().flush()
    record(actor, "lesson.used", contribution.id, sync=contribution.id, use=found.id)
    notify(
        answerable_for(contribution),
        "lesson.used",
        event_key=f"lesson.used:{found.id}",
        contribution_id=contribution.id,
        actor=actor,
        organisation_id=actor.organisation_id,
    )
    return found


def withdraw_use(actor: Actor, contribution: Contribution) -> None:
    """Take back what the acting organisation said of a lesson. Forbidden; NotFound when it said nothing."""
    require(policy.record_use(actor, contribution))
    found = _use_of(actor, contribution)
    if found is None or found.withdrawn_at is not None:
        raise NotFound
    found.withdrawn_at = now()
    record(actor, "lesson.use_withdrawn", contribution.id, sync=contribution.id, use=found.id)


def confirm_holds(actor: Actor, contribution: Contribution, note: str, language: str) -> None:
    """Say that a lesson still holds; the next question comes a year later. Forbidden, Invalid."""
    require(policy.confirm_holds(actor, contribution))
    _check(note, language)
    _wait_for_turn(contribution)
    found = _check_of(contribution.id)
    found.confirmed_at, found.confirmed_by_id = now(), actor.person_id
    found.unconfirmed_since, found.note, found.language = None, note, language
    record(actor, "lesson.confirmed", contribution.id, shown=True)


def ask_whether_they_hold() -> None:
    """Ask the houses of lessons once a year, and mark those that were not answered for."""
    moment = now()
    due = _lessons().add_columns(_last_word()).where(_last_word() <= moment - ASK_AFTER)
    not_asked = or_(
        LessonCheck.asked_at.is_(None),
        LessonCheck.asked_at < _last_word(),
        LessonCheck.asked_at <= moment - ASK_AFTER,
    )
    for contribution, said in session().execute(scoped(SYSTEM, due.where(not_asked).limit(BATCH))).all():
        check = _check_of(contribution.id)
        if check.asked_at is None or check.asked_at < said:  # else it is open since the year before
            check.unconfirmed_since = None
        check.asked_at = moment
        record(SYSTEM, "lesson.asked", contribution.id)
        notify(
            answerable_for(contribution),
            "lesson.asked",
            event_key=f"lesson.asked:{contribution.id}:{moment.date()}",
            contribution_id=contribution.id,
        )
    late = (
        _lessons()
        .where(LessonCheck.asked_at <= moment - ANSWER_WITHIN, LessonCheck.asked_at >= _last_word())
        .where(LessonCheck.unconfirmed_since.is_(None))
        .limit(BATCH)
    )
    for contribution in session().scalars(scoped(SYSTEM, late)).all():
        check = _check_of(contribution.id)
        check.unconfirmed_since = check.asked_at
        record(SYSTEM, "lesson.unconfirmed", contribution.id, shown=True)


def _lessons() -> Select[Contribution]:
    """The lessons that readers see, the one longest without a word first."""
    return (
        select(Contribution)
        .join(Edition, and_(Edition.contribution_id == Contribution.id, Edition.is_original))
        .join(Revision, Revision.id == Edition.published_revision_id)
        .outerjoin(LessonCheck, LessonCheck.contribution_id == Contribution.id)
        .where(Contribution.kind == Kind.LESSON_LEARNED, Contribution.is_live)
        .order_by(Revision.published_at, Contribution.id)
    )


def _last_word() -> ColumnElement[object]:
    """When the house last stood for a lesson: its present version, or a confirmation after that."""
    published = func.coalesce(Revision.published_at, Contribution.published_at)
    return case((LessonCheck.confirmed_at > published, LessonCheck.confirmed_at), else_=published)


def _check(note: str, language: str) -> None:
    if len(note) > NOTE_LIMIT:
        raise Invalid("note", _("This is too long: at most %(limit)s characters.", limit=NOTE_LIMIT))
    if language not in LANGUAGES:
        raise Invalid("language", _("Choose the language that you write in."))


def _day(value: str) -> date:
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise Invalid("used_on", _("Give the day as year, month and day: 2026-11-24.")) from None
    if not EARLIEST <= found <= now().date() + timedelta(days=1):  # it may be tomorrow already elsewhere
        raise Invalid("used_on", _("This day cannot be right: it lies ahead, or too far back."))
    return found


def _wait_for_turn(contribution: Contribution) -> None:
    """Two of one organisation who write at once wait for each other; SQLite lets one write anyway."""
    statement = select(Contribution.id).where(Contribution.id == contribution.id).with_for_update()
    session().execute(scoped(SYSTEM, statement))


def _use_of(actor: Actor, contribution: Contribution) -> LessonUse | None:
    statement = select(LessonUse).where(
        LessonUse.contribution_id == contribution.id, LessonUse.organisation_id == actor.organisation_id
    )
    return session().scalars(scoped(actor, statement)).first()


def _check_of(contribution_id: str) -> LessonCheck:
    statement = select(LessonCheck).where(LessonCheck.contribution_id == contribution_id)
    found = session().scalars(scoped(SYSTEM, statement)).first()
    if found is None:
        found = LessonCheck(contribution_id=contribution_id)
        session().add(found)
    return found
