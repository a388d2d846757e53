"""Reads of the moderation queue, each cut to the moderator's scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from portal.accounts.models import Person
from portal.core.access import Actor
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.core.pages import Page, cut, keyset
from portal.discussion.queries import reported_count
from portal.editorial import policy
from portal.editorial.actions._steps import eligible_moderators
from portal.editorial.models import (
    Case,
    CaseNote,
    Contribution,
    ContributionLabel,
    Edition,
    HistoryEntry,
    Kind,
    Revision,
    Standing,
    State,
)
from portal.editorial.terms import Terms
from portal.editorial.texts import About
from portal.editorial.visibility import in_queue_of, visible_to
from portal.organisations.models import Organisation


@dataclass(frozen=True)
class QueueLine:
    """One case in the queue with what a moderator needs to choose it."""

    case: Case
    contribution: Contribution
    organisation: Organisation
    revision: Revision
    reviewer: str | None
    published_number: int | None
    is_overdue: bool
    is_mine: bool
    can_claim: bool


@dataclass(frozen=True)
class Filters:
    """What the queue is narrowed to; "" means all."""

    language: str = ""
    kind: str = ""
    region: str = ""
    assigned: str = ""
    sort: str = "oldest"


def open_count(actor: Actor) -> int:
    """How many cases and reported comments wait in the moderator's scope; what the menu shows."""
    if not actor.is_moderator:
        return 0
    cases = select(func.count()).select_from(Case).where(in_queue_of(actor)).scalar_subquery()
    statement = select(cases + reported_count(actor).scalar_subquery())
    return session().scalar(scoped(actor, statement)) or 0


def comment_count(actor: Actor) -> int:
    """How many reported comments wait in the moderator's scope."""
    return session().scalar(scoped(actor, reported_count(actor))) or 0


def queue(actor: Actor, tab: str, filters: Filters, cursor: str = "") -> Page[QueueLine]:
    """The cases of one tab: `open`, `authors` (with their authors) or `decided` by this moderator."""
    if not actor.is_moderator:
        raise NotFound
    reviewer = aliased(Person)
    current = aliased(Revision)
    statement = (
        select(Case, Contribution, Organisation, Revision, reviewer.name, current.number)
        .join(Contribution, Contribution.id == Case.contribution_id)
        .join(Organisation, Organisation.id == Case.organisation_id)
        .join(Revision, Revision.id == Case.revision_id)
        .join(Edition, Edition.id == Case.edition_id)
        .outerjoin(reviewer, reviewer.id == Case.claimed_by_id)
        .outerjoin(current, current.id == Edition.published_revision_id)
        .where(_tab(actor, tab), *_filtered(actor, filters))
    )
    newest_first = filters.sort == "newest" or tab != "open"
    moment = Case.opened_at if tab == "open" else Case.decided_at
    statement, at = keyset(statement, moment, Case.id, cursor, newest_first=newest_first)
    rows = [_line(actor, *row) for row in session().execute(scoped(actor, statement))]
    return cut(rows, at, lambda line: (_moment(line.case, tab), line.case.id))


@dataclass(frozen=True)
class Backlog:
    """How much waits in the scope: how many, how many overdue, and since when the oldest."""

    count: int
    overdue: int
    oldest: datetime | None
    oldest_id: str | None


def backlog(actor: Actor) -> Backlog:
    """The figures above the queue, in one statement."""
    statement = (
        select(Case.id, Case.opened_at, Case.due_at)
        .where(in_queue_of(actor))
        .order_by(Case.opened_at, Case.id)
    )
    rows = session().execute(scoped(actor, statement)).all()
    late = sum(row.due_at < now() for row in rows)
    first = rows[0] if rows else None
    return Backlog(len(rows), late, first.opened_at if first else None, first.id if first else None)


@dataclass(frozen=True)
class Review:
    """A case with everything that its page shows."""

    case: Case
    contribution: Contribution
    organisation: Organisation
    author: Person
    revision: Revision
    edition: Edition
    published: Revision | None
    former_round: Revision | None
    former_case: Case | None
    reviewer: str | None
    history: Sequence[tuple[HistoryEntry, str | None]]
    notes: Sequence[CaseNote]
    source: Revision | None

    @property
    def is_partial(self) -> bool:
        """True for a translation that does not claim to follow the original as it is now."""
        return self.source is not None and self.revision.based_on_id != self.source.id

    @property
    def terms(self) -> Terms | None:
        """The terms of a need or an offer, which its original carries."""
        return About.of(self.source or self.revision).terms


def review(actor: Actor, case_id: str) -> Review:
    """The case that `actor` may review, or decided themselves while its text is with the author.

    NotFound otherwise: no role reads by itself (product.md, "Audience").
    """
    statement = _review_statement(actor, case_id)
    row = session().execute(scoped(actor, statement)).first()
    if row is None or actor.person_id in {row[0].excluded_moderator_id, row[0].writer_id}:
        raise NotFound
    (
        case,
        contribution,
        organisation,
        author,
        revision,
        edition,
        current,
        before,
        before_case,
        name,
        origin,
    ) = row
    return Review(
        case, contribution, organisation, author, revision, edition, current, before, before_case, name,
        _history(actor, contribution.id, case.language), _notes(actor, case, before_case), origin,
    )  # fmt: skip


def case(actor: Actor, case_id: str) -> Case:
    """The open case in the moderator's scope that a step is about; NotFound for any other."""
    statement = select(Case).where(Case.id == case_id, in_queue_of(actor))
    found = session().scalars(scoped(actor, statement)).first()
    if found is None or not policy.in_scope(actor, found):
        raise NotFound
    return found


def colleagues(actor: Actor, of: Case) -> Sequence[Person]:
    """The moderators to whom the case may be handed over."""
    ids = [person for person in eligible_moderators(of) if person != actor.person_id]
    return session().scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.name)).all()


def taken_down(actor: Actor) -> Sequence[tuple[Contribution, Organisation, str]]:
    """What moderators took down in the actor's languages, of audiences that the actor belongs to."""
    readable = select(ContributionLabel.contribution_id).where(
        ContributionLabel.label.in_(sorted(actor.labels))
    )
    statement = (
        select(Contribution, Organisation, Revision.title)
        .join(Organisation, Organisation.id == Contribution.organisation_id)
        .join(Edition, and_(Edition.contribution_id == Contribution.id, Edition.is_original))
        .join(Revision, Revision.id == Edition.published_revision_id)
        .where(Contribution.standing == Standing.UNPUBLISHED, Contribution.id.in_(readable))
        .where(Contribution.original_language.in_([s.language for s in actor.scopes]))
        .where(Contribution.organisation_id.not_in(sorted(actor.organisation_ids)))
        .order_by(Contribution.changed_at.desc(), Contribution.id)
        .limit(50)
    )
    return [(c, o, t) for c, o, t in session().execute(scoped(actor, statement))]


def unpublished(actor: Actor, contribution_id: str) -> Contribution:
    """One of `taken_down`; NotFound for any other."""
    found = next((c for c, _o, _t in taken_down(actor) if c.id == contribution_id), None)
    if found is None:
        raise NotFound
    return found


def _review_statement(actor: Actor, case_id: str) -> Select[*tuple[Any, ...]]:
    """A case with all that `Review` holds but history and notes, in its order."""
    reviewer, former_case = aliased(Person), aliased(Case)
    published, former, source = aliased(Revision), aliased(Revision), aliased(Revision)
    original = aliased(Edition)
    columns = (
        Contribution,
        Organisation,
        Person,
        Revision,
        Edition,
        published,
        former,
        former_case,
        reviewer.name,
        source,
    )
    return (
        select(Case, *columns)
        .join(Contribution, Contribution.id == Case.contribution_id)
        .join(Organisation, Organisation.id == Case.organisation_id)
        .join(Revision, Revision.id == Case.revision_id)
        .join(Edition, Edition.id == Case.edition_id)
        .join(Person, Person.id == Revision.author_id)
        .outerjoin(published, published.id == Edition.published_revision_id)
        .outerjoin(former_case, former_case.id == Case.previous_id)
        .outerjoin(former, former.id == former_case.revision_id)
        .outerjoin(reviewer, reviewer.id == Case.claimed_by_id)
        .outerjoin(original, _original_of(original))
        .outerjoin(source, source.id == original.published_revision_id)
        .where(Case.id == case_id, or_(in_queue_of(actor), _decided_by(actor)))
    )


def _original_of(original: type[Edition]) -> ColumnElement[bool]:
    """The original of a translation under review: whoever judges it reads it, whatever its audience."""
    return and_(original.contribution_id == Case.contribution_id, original.is_original, ~Edition.is_original)


def _tab(actor: Actor, tab: str) -> ColumnElement[bool]:
    if tab == "authors":
        return and_(_decided_by(actor), ~Case.is_open)
    if tab == "decided":
        return and_(
            ~Case.is_open,
            Case.decided_by_id == actor.person_id,
            Case.organisation_id.not_in(sorted(actor.organisation_ids)),
            visible_to(actor),
        )
    return in_queue_of(actor)


def _decided_by(actor: Actor) -> ColumnElement[bool]:
    """Cases that this moderator gave back, while the very version is still with its author."""
    if not actor.is_moderator:
        return false()
    with_author = exists().where(Revision.id == Case.revision_id, Revision.state == State.CHANGES_REQUESTED)
    return and_(
        Case.decided_by_id == actor.person_id,
        Case.decision == "request_changes",
        with_author.correlate(Case),
        Case.organisation_id.not_in(sorted(actor.organisation_ids)),
    )


def _filtered(actor: Actor, filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.language:
        found.append(Case.language == filters.language)
    if filters.kind in set(Kind):
        found.append(Case.kind == Kind(filters.kind))
    if filters.region:
        found.append(Case.region_code == filters.region)
    if filters.assigned == "me":
        found.append(Case.claimed_by_id == actor.person_id)
    if filters.assigned == "nobody":
        found.append(Case.claimed_by_id.is_(None))
    return found


def _line(
    actor: Actor,
    case: Case,
    contribution: Contribution,
    organisation: Organisation,
    revision: Revision,
    reviewer: str | None,
    published_number: int | None,
) -> QueueLine:
    return QueueLine(
        case=case,
        contribution=contribution,
        organisation=organisation,
        revision=revision,
        reviewer=reviewer,
        published_number=published_number,
        is_overdue=case.is_open and case.due_at < now(),
        is_mine=case.claimed_by_id == actor.person_id and case.claimed_by_id is not None,
        can_claim=policy.claim(actor, case, now()) and revision.state != State.EDIT_PROPOSED,
    )


def _moment(case: Case, tab: str) -> datetime:
    return case.opened_at if tab == "open" or case.decided_at is None else case.decided_at


def _history(actor: Actor, contribution_id: str, language: str) -> Sequence[tuple[HistoryEntry, str | None]]:
    statement = (
        select(HistoryEntry, Person.name)
        .outerjoin(Person, Person.id == HistoryEntry.person_id)
        .where(HistoryEntry.contribution_id == contribution_id, HistoryEntry.language == language)
        .order_by(HistoryEntry.id.desc())
        .limit(30)
    )
    return [(entry, name) for entry, name in session().execute(scoped(actor, statement))]


def _notes(actor: Actor, case: Case, former: Case | None) -> Sequence[CaseNote]:
    ids = [case.id] + ([former.id] if former is not None else [])
    statement = select(CaseNote).where(CaseNote.case_id.in_(ids)).order_by(CaseNote.created_at, CaseNote.id)
    return session().scalars(scoped(actor, statement)).all()
