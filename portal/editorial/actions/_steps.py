"""What every step does besides its own: move the state, write the history, tell people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import insert, or_, select, update

from portal.accounts.models import Person, PersonState
from portal.audit.actions import record, record_all
from portal.core.access import SYSTEM, Actor
from portal.core.clock import now
from portal.core.db import new_id, session
from portal.core.errors import Stale
from portal.core.guard import scoped
from portal.editorial.models import Case, Contribution, Edition, HistoryEntry, Revision, State
from portal.editorial.workflow import advance
from portal.notifications.actions import Event, notify_all
from portal.organisations.models import (
    Membership,
    MembershipState,
    ModeratorScope,
    Organisation,
    OrganisationState,
    Role,
)


def move(revision: Revision, step: str) -> State:
    """Advance a revision's state by `step` and return the state before; raises WrongState."""
    return move_all([revision], step)


def move_all(revisions: Sequence[Revision], step: str) -> State:
    """Advance revisions that stand in the same state, in one statement; see `move`."""
    (before,) = {revision.state for revision in revisions}
    target = advance(step, before)
    changed = session().execute(
        update(Revision)
        .where(Revision.id.in_([revision.id for revision in revisions]), Revision.state == before)
        .values(state=target)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != len(revisions):  # type: ignore[attr-defined]
        raise Stale
    for revision in revisions:
        revision.state = target
    return before


def log(
    actor: Actor,
    step: str,
    contribution: Contribution,
    revision: Revision | None,
    before: str,
    *,
    language: str,
    case: Case | None = None,
    comment: str = "",
    as_moderator: bool = False,
    to: str | None = None,
    sync: bool = False,
) -> None:
    """Write one row of history and the audit entry; `sync` when search documents may change."""
    entry = _entry(actor, step, contribution, revision, before, language)
    entry |= {
        "case_id": case.id if case is not None else None,
        "as_moderator": as_moderator,
        "comment": comment,
    }
    if to is not None:
        entry["to_state"] = to
    session().add(HistoryEntry(**entry))
    detail = _detail(entry)
    if case is not None:
        detail["case"] = case.id
    record(actor, f"contribution.{step}", contribution.id, sync=contribution.id if sync else None, **detail)


def log_all(
    actor: Actor, step: str, moved: Iterable[tuple[Contribution, Revision, str]], before: str
) -> None:
    """The same of many texts (contribution, version, language) that made the same step; two statements.

    Only for steps that change no search document.
    """
    rows = [_entry(actor, step, made, revision, before, language) for made, revision, language in moved]
    if rows:
        session().execute(insert(HistoryEntry), rows)
    record_all(actor, f"contribution.{step}", ((row["contribution_id"], _detail(row)) for row in rows))


def _entry(
    actor: Actor, step: str, contribution: Contribution, revision: Revision | None, before: str, language: str
) -> dict[str, Any]:
    return {
        "contribution_id": contribution.id,
        "language": language,
        "revision_id": revision.id if revision is not None else None,
        "revision_number": revision.number if revision is not None else None,
        "step": step,
        "from_state": str(before),
        "to_state": str(revision.state) if revision is not None else "",
        "person_id": actor.person_id,
        "organisation_id": actor.organisation_id,
        "at": now(),
    }


def _detail(entry: dict[str, Any]) -> dict[str, Any]:
    return {"from": entry["from_state"], "to": entry["to_state"]}


def take(case: Case, expected_version: int, **values: Any) -> None:
    """Change an open case if it is still at `expected_version`; Stale when somebody was faster."""
    changed = session().execute(
        update(Case)
        .where(Case.id == case.id, Case.version == expected_version, Case.is_open)
        .values(version=expected_version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Stale
    for name, value in {**values, "version": expected_version + 1}.items():
        setattr(case, name, value)


def edition_of(revision: Revision) -> Edition:
    """The edition that a revision belongs to."""
    return editions_of([revision])[revision.edition_id]


def editions_of(revisions: Sequence[Revision]) -> dict[str, Edition]:
    """The editions that revisions belong to, by id."""
    statement = select(Edition).where(Edition.id.in_({revision.edition_id for revision in revisions}))
    return {edition.id: edition for edition in session().scalars(scoped(SYSTEM, statement))}


def tell(
    people: Iterable[str],
    kind: str,
    actor: Actor,
    contribution: Contribution,
    case: Case | None = None,
    **params: Any,
) -> None:
    """Tell people of one event, once each, never the actor."""
    notify_all([event(people, kind, contribution, case, **params)], actor)


def event(
    people: Iterable[str], kind: str, contribution: Contribution, case: Case | None = None, **params: Any
) -> Event:
    """What `tell` tells, for `notify_all`, which tells of many at once."""
    return Event(
        person_ids=list(people),
        kind=kind,
        event_key=f"{kind}:{new_id()}",
        contribution_id=contribution.id,
        case_id=case.id if case is not None else None,
        params=params,
    )


def members_with(organisation_id: str, *roles: Role) -> list[str]:
    """The ids of active members of an organisation who hold one of `roles`."""
    return members_of([organisation_id], *roles)


def members_of(organisation_ids: Iterable[str], *roles: Role) -> list[str]:
    """The ids of active members of these organisations who hold one of `roles`, each once."""
    found = session().scalars(
        select(Membership.person_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.organisation_id.in_(list(organisation_ids)), Membership.role.in_(roles))
        .where(Membership.state == MembershipState.ACTIVE, Person.state == PersonState.ACTIVE)
    )
    return list(dict.fromkeys(found))


def answerable_for(contribution: Contribution) -> list[str]:
    """Who answers for what a house published: its author while they write for it, else the coordinators."""
    writers = members_with(contribution.organisation_id, Role.CONTRIBUTOR, Role.APPROVER, Role.COORDINATOR)
    if contribution.author_id in writers:
        return [contribution.author_id]
    return members_with(contribution.organisation_id, Role.COORDINATOR)


def eligible_moderators(case: Case) -> list[str]:
    """The ids of people who may review this case: in scope, active, of another organisation."""
    return eligible_for_each([case])[0]


def eligible_for_each(cases: Sequence[Case]) -> list[list[str]]:
    """The same for each of many cases; one statement for all of an organisation and a language."""
    found: dict[tuple[str, str, str | None], list[str]] = {}
    for case in cases:
        scope = (case.organisation_id, case.language, case.region_code)
        if scope not in found:
            found[scope] = _reviewers(*scope)
    return [
        [
            person
            for person in found[case.organisation_id, case.language, case.region_code]
            if person not in {case.excluded_moderator_id, case.writer_id}
        ]
        for case in cases
    ]


def _reviewers(organisation_id: str, language: str, region_code: str | None) -> list[str]:
    insiders = select(Membership.person_id).where(
        Membership.organisation_id == organisation_id, Membership.state == MembershipState.ACTIVE
    )
    belonging = (
        select(Membership.person_id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.state == MembershipState.ACTIVE, Organisation.state == OrganisationState.ACTIVE)
    )
    return list(
        session().scalars(
            select(Person.id)
            .join(ModeratorScope, ModeratorScope.person_id == Person.id)
            .where(Person.state == PersonState.ACTIVE, ModeratorScope.language == language)
            .where(or_(ModeratorScope.region_code.is_(None), ModeratorScope.region_code == region_code))
            .where(Person.id.not_in(insiders), Person.id.in_(belonging))
            .distinct()
        )
    )


def administrators() -> list[str]:
    """The ids of the active administrators."""
    return list(
        session().scalars(
            select(Person.id).where(Person.is_administrator, Person.state == PersonState.ACTIVE)
        )
    )
