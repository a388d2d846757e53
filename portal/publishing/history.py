"""Where a contribution stands, for its house: history, versions side by side, the steps on offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal.accounts.models import Person
from portal.core.access import Actor
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.core.pages import PER_PAGE
from portal.core.text import whole_number
from portal.editorial import policy
from portal.editorial.compare import Block, compare
from portal.editorial.models import (
    Case,
    CaseNote,
    Contribution,
    Edition,
    HistoryEntry,
    Revision,
    State,
)
from portal.editorial.texts import Text
from portal.editorial.visibility import in_queue_of
from portal.organisations.models import Organisation
from portal.publishing.queries import EditionChain, Whole, chains, get, last_case

SHOWN_CASES = {State.SUBMITTED, State.IN_REVIEW, State.EDIT_PROPOSED, State.CHANGES_REQUESTED, State.DECLINED}


@dataclass(frozen=True)
class HistoryLine:
    """One transition as a page shows it; `person` is None where the reader may not know who it was."""

    entry: HistoryEntry
    person: str | None
    organisation: Organisation | None


def history(actor: Actor, contribution_id: str, before: str = "") -> tuple[Whole, Sequence[HistoryLine]]:
    """The transitions of a contribution, newest first, with the contribution itself.

    For contributors of its organisation; for moderators and administrators who may read it or
    have it in their queue. NotFound for everybody else.
    """
    whole = _with_history(actor, contribution_id)
    statement = (
        select(HistoryEntry, Person.name, Organisation)
        .outerjoin(Person, Person.id == HistoryEntry.person_id)
        .outerjoin(Organisation, Organisation.id == HistoryEntry.organisation_id)
        .where(HistoryEntry.contribution_id == contribution_id)
        .order_by(HistoryEntry.id.desc())
        .limit(PER_PAGE * 2)
    )
    place = whole_number(before)
    if place is not None:
        statement = statement.where(HistoryEntry.id < place)
    rows = session().execute(scoped(actor, statement)).all()
    return whole, [_line(actor, entry, name, organisation) for entry, name, organisation in rows]


def comparison(actor: Actor, contribution_id: str, revision_id: str) -> tuple[Whole, Revision, list[Block]]:
    """One version against the one before it in the same language; NotFound outside the house."""
    whole = get(actor, contribution_id)
    if not whole.works:
        raise NotFound
    statement = (
        select(Revision)
        .join(Edition, Edition.id == Revision.edition_id)
        .where(Edition.contribution_id == contribution_id, Revision.id == revision_id)
    )
    revision = session().scalars(scoped(actor, statement)).first()
    if revision is None:
        raise NotFound
    former = (
        select(Revision)
        .where(Revision.edition_id == revision.edition_id, Revision.number < revision.number)
        .order_by(Revision.number.desc())
        .limit(1)
    )
    older = session().scalars(scoped(actor, former)).first()
    return whole, revision, compare(Text.of(older) if older is not None else None, Text.of(revision))


@dataclass(frozen=True)
class Line:
    """One language of a contribution for its house: the latest version and what may be done with it."""

    language: str
    chain: EditionChain
    can_edit: bool
    steps: tuple[str, ...]


def standing(actor: Actor, whole: Whole) -> dict[str, Any]:
    """What the house sees on the contribution's page: a line a language, the last case, its notes."""
    house = policy.House(whole.organisation.needs_clearance, whole.organisation.author_may_clear)
    lines: list[Line] = []
    case: Case | None = None
    for language, chain in whole.editions.items():
        latest = chain.latest
        assert latest is not None  # an edition begins with its first revision
        found = last_case(actor, latest.id) if latest.state in SHOWN_CASES and case is None else None
        case = case or found
        steps = _steps(actor, whole.contribution, latest, house, found)
        lines.append(
            Line(language, chain, policy.edit(actor, whole.contribution, _as_revision(latest)), steps)
        )
    offered = {
        name
        for name, allowed in (
            ("unpublish", policy.unpublish(actor, whole.contribution)),
            ("restore", policy.restore(actor, whole.contribution)),
            ("narrow", policy.narrow(actor, whole.contribution)),
        )
        if allowed
    }
    return {"lines": lines, "steps": offered, "case": case, "notes": notes(actor, case)}


def notes(actor: Actor, case: Case | None) -> Sequence[CaseNote]:
    """The comments pinned to paragraphs in a case that the caller has loaded under the actor's rights."""
    if case is None:
        return ()
    statement = select(CaseNote).where(CaseNote.case_id == case.id).order_by(CaseNote.created_at, CaseNote.id)
    return session().scalars(scoped(actor, statement)).all()


def _steps(
    actor: Actor, contribution: Contribution, latest: Any, house: policy.House, case: Case | None
) -> tuple[str, ...]:
    revision = _as_revision(latest)
    asked = (
        ("submit", policy.submit(actor, contribution, revision)),
        ("clear", policy.clear(actor, contribution, revision, house)),
        ("send_back", policy.send_back(actor, contribution, revision, house)),
        ("confirm_edit", policy.confirm_edit(actor, contribution, revision)),
        ("refuse_edit", policy.confirm_edit(actor, contribution, revision)),
        ("appeal", policy.appeal(actor, contribution, revision, case)),
        ("withdraw", policy.withdraw(actor, contribution, revision)),
    )
    return tuple(name for name, allowed in asked if allowed)


def _as_revision(facts: Any) -> Revision:
    # Policies ask for state, id and author alone; the facts carry them without the text.
    return Revision(id=facts.id, state=facts.state, author_id=facts.author_id)


def _with_history(actor: Actor, contribution_id: str) -> Whole:
    try:
        whole = get(actor, contribution_id)
    except NotFound:
        return _in_queue(actor, contribution_id)
    if not policy.read_history(actor, whole.contribution):
        raise NotFound
    return whole


def _in_queue(actor: Actor, contribution_id: str) -> Whole:
    statement = (
        select(Contribution, Organisation, Person)
        .join(Case, Case.contribution_id == Contribution.id)
        .join(Organisation, Organisation.id == Contribution.organisation_id)
        .join(Person, Person.id == Contribution.author_id)
        .where(Contribution.id == contribution_id, in_queue_of(actor))
    )
    row = session().execute(scoped(actor, statement)).first()
    if row is None:
        raise NotFound
    contribution, organisation, author = row
    return Whole(contribution, organisation, author, False, False, chains(actor, contribution_id), (), ())


def _line(
    actor: Actor, entry: HistoryEntry, name: str | None, organisation: Organisation | None
) -> HistoryLine:
    hidden = entry.as_moderator and not policy.sees_moderators_names(actor)
    return HistoryLine(entry, None if hidden else name, None if hidden else organisation)
