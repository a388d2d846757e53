"""What every step does besides its own: move the state, write the history, tell people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import or_, select, update

from portal.accounts.models import Person, PersonState
from portal.audit.actions import record
from portal.core.access import SYSTEM, Actor
from portal.core.clock import now
from portal.core.db import new_id, session
from portal.core.errors import Stale
from portal.core.guard import scoped
from portal.editorial.models import Case, Contribution, Edition, HistoryEntry, Revision, State
from portal.editorial.workflow import advance
from portal.notifications.actions import notify
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
    before = revision.state
    target = advance(step, before)
    changed = session().execute(
        update(Revision)
        .where(Revision.id == revision.id, Revision.state == before)
        .values(state=target)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Stale
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
    after = to if to is not None else (str(revision.state) if revision is not None else "")
    session().add(
        HistoryEntry(
            contribution_id=contribution.id,
            language=language,
            revision_id=revision.id if revision is not None else None,
            revision_number=revision.number if revision is not None else None,
            case_id=case.id if case is not None else None,
            step=step,
            from_state=str(before),
            to_state=after,
            person_id=actor.person_id,
            as_moderator=as_moderator,
            organisation_id=actor.organisation_id,
            comment=comment,
            at=now(),
        )
    )
    detail: dict[str, Any] = {"from": str(before), "to": after}
    if case is not None:
        detail["case"] = case.id
    record(actor, f"contribution.{step}", contribution.id, sync=contribution.id if sync else None, **detail)


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
    return session().scalars(scoped(SYSTEM, select(Edition).where(Edition.id == revision.edition_id))).one()


def tell(
    people: Iterable[str],
    kind: str,
    actor: Actor,
    contribution: Contribution,
    case: Case | None = None,
    **params: Any,
) -> None:
    """Tell people of one event, once each, never the actor."""
    notify(
        people,
        kind,
        event_key=f"{kind}:{new_id()}",
        contribution_id=contribution.id,
        case_id=case.id if case is not None else None,
        actor=actor,
        **params,
    )


def members_with(organisation_id: str, *roles: Role) -> list[str]:
    """The ids of active members of an organisation who hold one of `roles`."""
    return list(
        session().scalars(
            select(Membership.person_id)
            .join(Person, Person.id == Membership.person_id)
            .where(Membership.organisation_id == organisation_id, Membership.role.in_(roles))
            .where(Membership.state == MembershipState.ACTIVE, Person.state == PersonState.ACTIVE)
        )
    )


def answerable_for(contribution: Contribution) -> list[str]:
    """Who answers for what a house published: its author while they write for it, else the coordinators."""
    writers = members_with(contribution.organisation_id, Role.CONTRIBUTOR, Role.APPROVER, Role.COORDINATOR)
    if contribution.author_id in writers:
        return [contribution.author_id]
    return members_with(contribution.organisation_id, Role.COORDINATOR)


def eligible_moderators(case: Case) -> list[str]:
    """The ids of people who may review this case: in scope, active, of another organisation."""
    insiders = select(Membership.person_id).where(
        Membership.organisation_id == case.organisation_id, Membership.state == MembershipState.ACTIVE
    )
    belonging = (
        select(Membership.person_id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.state == MembershipState.ACTIVE, Organisation.state == OrganisationState.ACTIVE)
    )
    found = session().scalars(
        select(Person.id)
        .join(ModeratorScope, ModeratorScope.person_id == Person.id)
        .where(Person.state == PersonState.ACTIVE, ModeratorScope.language == case.language)
        .where(or_(ModeratorScope.region_code.is_(None), ModeratorScope.region_code == case.region_code))
        .where(Person.id.not_in(insiders), Person.id.in_(belonging))
        .distinct()
    )
    return [person for person in found if person not in {case.excluded_moderator_id, case.writer_id}]


def administrators() -> list[str]:
    """The ids of the active administrators."""
    return list(
        session().scalars(
            select(Person.id).where(Person.is_administrator, Person.state == PersonState.ACTIVE)
        )
    )
