"""Reads of discussions, each under the rights of the actor who asks: no comment without its contribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from portal.accounts.models import Person
from portal.core.access import Actor
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.core.pages import Page, cut, keyset
from portal.discussion import policy
from portal.discussion.models import Comment, CommentReport, CommentVersion
from portal.editorial.models import Contribution, Edition, Revision
from portal.editorial.visibility import visible_to
from portal.organisations.models import Organisation

# Replies of one thread on a page of several; the others stand on the thread's own page.
REPLIES = 10
REPORTS = 20


@dataclass(frozen=True)
class Line:
    """A comment with the name of who wrote it and for whom."""

    comment: Comment
    person: str
    organisation: Organisation


@dataclass
class Thread:
    """A comment and its first replies; `reply_count` counts those that are not shown too."""

    root: Line
    reply_count: int
    replies: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Threads:
    """One page of a discussion, and how many comments it has in all (without removed and hidden ones)."""

    page: Page[Thread]
    count: int


@dataclass(frozen=True)
class Found:
    """One comment with its contribution and the region of its writer's organisation."""

    comment: Comment
    contribution: Contribution
    person: str
    organisation: Organisation

    @property
    def region_code(self) -> str | None:
        """The region of the writer's organisation."""
        return self.organisation.region_code


def contribution(actor: Actor, contribution_id: str) -> Contribution:
    """The contribution whose discussion `actor` may read; NotFound for any other."""
    statement = select(Contribution).where(Contribution.id == contribution_id, visible_to(actor))
    found = session().scalars(scoped(actor, statement)).first()
    if found is None:
        raise NotFound
    return found


def threads(actor: Actor, contribution_id: str, cursor: str = "") -> Threads:
    """Twenty threads, the oldest first, each with its first replies, in one statement."""
    begun = (
        select(Comment.id)
        .join(Contribution, Contribution.id == Comment.contribution_id)
        .where(Comment.contribution_id == contribution_id, Comment.thread_id.is_(None), visible_to(actor))
    )
    begun, at = keyset(begun, Comment.created_at, Comment.id, cursor, newest_first=False)
    rows = session().execute(scoped(actor, _first_of_each(contribution_id, begun.cte("roots")))).all()
    found: dict[str, Thread] = {}
    for comment, person, organisation, size, _count in rows:
        line = Line(comment, person, organisation)
        if comment.thread_id is None:
            found[comment.id] = Thread(line, size - 1)
        else:
            found[comment.thread_id].replies.append(line)
    in_order = list(found.values())
    if at is not None and at.backwards:
        in_order.reverse()
    return Threads(cut(in_order, at, lambda thread: _place(thread.root)), rows[0][4] if rows else 0)


def thread(actor: Actor, contribution_id: str, thread_id: str, cursor: str = "") -> tuple[Line, Page[Line]]:
    """One thread with a page of its replies, the oldest first; NotFound for what begins no thread."""
    root = one(actor, contribution_id, thread_id)
    if root.comment.thread_id is not None:
        raise NotFound
    statement = _lines().where(Comment.thread_id == thread_id)
    statement, at = keyset(statement, Comment.created_at, Comment.id, cursor, newest_first=False)
    rows = [Line(*row) for row in session().execute(scoped(actor, statement))]
    return Line(root.comment, root.person, root.organisation), cut(rows, at, _place)


def one(actor: Actor, contribution_id: str, comment_id: str) -> Found:
    """A comment of this contribution; NotFound where `actor` may not read the contribution."""
    statement = _found().where(
        Comment.id == comment_id, Comment.contribution_id == contribution_id, visible_to(actor)
    )
    row = session().execute(scoped(actor, statement)).first()
    if row is None:
        raise NotFound
    return Found(*row)


def wordings(actor: Actor, contribution_id: str, comment_id: str) -> tuple[Found, Sequence[CommentVersion]]:
    """A comment and its former wordings, newest first; NotFound for one that stands no more."""
    found = one(actor, contribution_id, comment_id)
    if not policy.is_standing(found.comment):
        raise NotFound
    statement = (
        select(CommentVersion)
        .where(CommentVersion.comment_id == comment_id)
        .order_by(CommentVersion.number.desc())
        .limit(100)
    )
    return found, session().scalars(scoped(actor, statement)).all()


@dataclass(frozen=True)
class Reported:
    """A reported comment as the moderators' queue shows it: where it stands and what is said of it."""

    comment: Comment
    contribution: Contribution
    person: str
    organisation: Organisation
    title: str
    reports: Sequence[tuple[CommentReport, str]]


def reported(actor: Actor, cursor: str = "") -> Page[Reported]:
    """The reported comments that this moderator may decide on, the longest waiting first; 2 statements."""
    statement = (
        _found(Revision.title)
        .join(Edition, and_(Edition.contribution_id == Contribution.id, Edition.is_original))
        .join(Revision, Revision.id == Edition.published_revision_id)
        .where(in_scope(actor))
    )
    statement, at = keyset(statement, Comment.reported_at, Comment.id, cursor, newest_first=False)
    rows = session().execute(scoped(actor, statement)).all()
    said = _reports(actor, [row[0].id for row in rows])
    lines = [Reported(c, of, name, house, t, said.get(c.id, [])) for c, of, name, house, t in rows]
    return cut(lines, at, lambda line: (line.comment.reported_at, line.comment.id))


def reported_count(actor: Actor) -> Select[Any]:
    """How many reported comments wait for this moderator, as a statement to be run with others."""
    return (
        select(func.count())
        .select_from(Comment)
        .join(Contribution, Contribution.id == Comment.contribution_id)
        .join(Organisation, Organisation.id == Comment.organisation_id)
        .where(in_scope(actor))
    )


def reported_comment(actor: Actor, comment_id: str) -> Found:
    """A reported comment in the moderator's scope; NotFound for any other."""
    row = session().execute(scoped(actor, _found().where(Comment.id == comment_id, in_scope(actor)))).first()
    if row is None:
        raise NotFound
    return Found(*row)


def in_scope(actor: Actor) -> ColumnElement[bool]:
    """True for a comment that waits for this moderator: the same as `policy.moderate`, and readable."""
    scopes = [
        Comment.language == s.language
        if s.region is None
        else and_(Comment.language == s.language, Organisation.region_code == s.region)
        for s in actor.scopes
    ]
    return and_(
        Comment.reported_at.is_not(None),
        or_(*scopes) if scopes else Comment.id.is_(None),
        Comment.organisation_id.not_in(sorted(actor.organisation_ids)),
        Comment.author_id != actor.person_id,
        visible_to(actor),
    )


def _first_of_each(contribution_id: str, roots: CTE) -> Select[Any]:
    """Each thread of `roots` with its first replies, its size, and the count of the whole discussion."""
    key = func.coalesce(Comment.thread_id, Comment.id)
    order = (Comment.thread_id.is_not(None), Comment.created_at, Comment.id)
    ranked = (
        select(
            Comment.id,
            func.row_number().over(partition_by=key, order_by=order).label("place"),
            func.count().over(partition_by=key).label("size"),
        )
        .where(Comment.contribution_id == contribution_id, key.in_(select(roots.c.id)))
        .subquery()
    )
    other = aliased(Comment)
    count = (
        select(func.count())
        .select_from(other)
        .where(other.contribution_id == contribution_id)
        .where(other.removed_at.is_(None), other.hidden_at.is_(None))
        .scalar_subquery()
    )
    statement = _lines(ranked.c.size, count).join(ranked, ranked.c.id == Comment.id)
    return statement.where(ranked.c.place <= REPLIES + 1).order_by(*order)


def _lines(*columns: Any) -> Select[Any]:
    return (
        select(Comment, Person.name, Organisation, *columns)
        .join(Person, Person.id == Comment.author_id)
        .join(Organisation, Organisation.id == Comment.organisation_id)
    )


def _found(*columns: Any) -> Select[Any]:
    return (
        select(Comment, Contribution, Person.name, Organisation, *columns)
        .join(Contribution, Contribution.id == Comment.contribution_id)
        .join(Person, Person.id == Comment.author_id)
        .join(Organisation, Organisation.id == Comment.organisation_id)
    )


def _reports(actor: Actor, comment_ids: Sequence[str]) -> dict[str, list[tuple[CommentReport, str]]]:
    statement = (
        select(CommentReport, Person.name)
        .join(Person, Person.id == CommentReport.person_id)
        .where(CommentReport.comment_id.in_(comment_ids), CommentReport.decided_at.is_(None))
        .order_by(CommentReport.at, CommentReport.id)
        .limit(REPORTS * 20)
    )
    found: dict[str, list[tuple[CommentReport, str]]] = {}
    for report, name in session().execute(scoped(actor, statement)):
        found.setdefault(report.comment_id, []).append((report, name))
    return found


def _place(line: Line) -> tuple[datetime, str]:
    return line.comment.created_at, line.comment.id
