"""The needs that nobody has answered, for the secretariat: of those that it may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from portal.cooperation import policy
from portal.cooperation.models import Circulation, Interest, Progress
from portal.cooperation.queries import STILL_OPEN
from portal.core.access import Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.guard import scoped
from portal.core.pages import Page, cut, keyset
from portal.editorial.models import Contribution, ExchangeTerms, Kind
from portal.editorial.visibility import visible_to

OVERDUE_AFTER = timedelta(days=30)
"""When a need that names no date for answers counts as overdue, after it was published."""


@dataclass(frozen=True)
class Waiting:
    """A need without an answer: by when it wants one, whether that has passed, to how many it was sent."""

    contribution_id: str
    published_at: datetime
    reply_by: date | None
    is_overdue: bool
    sent_count: int


@dataclass(frozen=True)
class Figures:
    """Of the open needs that somebody may read, how many have no answer; of these, how many are overdue."""

    open: int
    unanswered: int
    overdue: int


def figures(actor: Actor) -> Figures:
    """The figures above the list, in one statement. Raises Forbidden for all but the secretariat."""
    require(policy.see_unanswered(actor))
    statement = _open(
        select(
            func.count(),
            func.count(1).filter(~_is_answered()),
            func.count(1).filter(and_(~_is_answered(), _is_overdue())),
        ),
        actor,
    )
    return Figures(*session().execute(scoped(actor, statement)).one())


def unanswered(actor: Actor, cursor: str = "") -> Page[Waiting]:
    """The needs without an answer, the one longest published first. Raises Forbidden."""
    require(policy.see_unanswered(actor))
    sent = select(func.count()).where(Circulation.contribution_id == Contribution.id).scalar_subquery()
    statement = _open(
        select(Contribution.id, Contribution.published_at, ExchangeTerms.reply_by, _is_overdue(), sent), actor
    ).where(~_is_answered())
    statement, at = keyset(statement, Contribution.published_at, Contribution.id, cursor, newest_first=False)
    found = session().execute(scoped(actor, statement))
    rows = [Waiting(id_, published, by, bool(late), count) for id_, published, by, late, count in found]
    return cut(rows, at, lambda row: (row.published_at, row.contribution_id))


def _open(statement: Select[*tuple[Any, ...]], actor: Actor) -> Select[*tuple[Any, ...]]:
    """`statement` over the needs that are not closed and that the actor may read."""
    return (
        statement.select_from(Contribution)
        .outerjoin(ExchangeTerms, ExchangeTerms.contribution_id == Contribution.id)
        .outerjoin(Progress, Progress.contribution_id == Contribution.id)
        .where(Contribution.kind == Kind.NEED, visible_to(actor))
        .where(STILL_OPEN)
    )


def _is_answered() -> ColumnElement[bool]:
    return exists().where(Interest.contribution_id == Contribution.id)


def _is_overdue() -> ColumnElement[bool]:
    today = now().date()
    return or_(
        ExchangeTerms.reply_by < today,
        and_(ExchangeTerms.reply_by.is_(None), Contribution.published_at < now() - OVERDUE_AFTER),
    )
