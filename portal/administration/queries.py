"""What the secretariat sees: figures, who belongs where, failed jobs, the audit; never a text or a title."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal.accounts.models import Person, PersonState, SignInSession
from portal.accounts.queries import person_with_address
from portal.administration.numbered import Place, beyond, page_of
from portal.audit.models import AuditEntry
from portal.cooperation import unanswered
from portal.cooperation.unanswered import Figures as Needs
from portal.core.access import Actor
from portal.core.clock import now
from portal.core.db import session
from portal.core.guard import scoped
from portal.core.pages import Page
from portal.editorial.models import Case
from portal.jobs import queries as job_queries
from portal.jobs.models import Job, JobState
from portal.organisations.models import (
    AccessRequest,
    Membership,
    MembershipState,
    ModeratorScope,
    Organisation,
    OrganisationState,
    Role,
    TranslatorScope,
)


@dataclass(frozen=True)
class Figures:
    """The numbers of the first page."""

    organisations: dict[OrganisationState, int]
    people: dict[PersonState, int]
    open_cases: int
    overdue_cases: int
    unclaimed_cases: int
    requests: int
    needs: Needs
    jobs: dict[str, int]


@dataclass(frozen=True)
class Belonging:
    """Where a person belongs: an organisation and the role there."""

    person_id: str
    organisation_id: str
    code: str
    kind: str
    name_en: str
    name_es: str
    name_fr: str
    state: OrganisationState
    role: Role


@dataclass(frozen=True)
class Standing:
    """What the secretariat keeps of a person beside their row."""

    places: list[Belonging]
    scopes: list[tuple[str, str | None]]
    translates: list[str]
    open_sessions: int
    last_seen_at: datetime | None


@dataclass(frozen=True)
class AuditFilters:
    """What the audit is narrowed to: the beginning of a verb, an e-mail address, an object's id."""

    verb: str = ""
    person: str = ""
    object_id: str = ""


@dataclass(frozen=True)
class AuditLine:
    """An entry with the names of who acted and for whom."""

    entry: AuditEntry
    person: Person | None
    organisation_code: str | None


def figures(actor: Actor) -> Figures:
    """How the portal stands, in six statements."""
    moment = now()
    cases = select(
        func.count(),
        func.count(1).filter(Case.due_at < moment),
        func.count(1).filter(Case.claimed_by_id.is_(None)),
    ).where(Case.is_open)
    open_count, overdue, unclaimed = session().execute(scoped(actor, cases)).one()
    organisations = session().execute(select(Organisation.state, func.count()).group_by(Organisation.state))
    people = session().execute(select(Person.state, func.count()).group_by(Person.state))
    return Figures(
        organisations=dict(organisations.all()),
        people=dict(people.all()),
        open_cases=open_count,
        overdue_cases=overdue,
        unclaimed_cases=unclaimed,
        requests=session().scalar(
            select(func.count()).select_from(AccessRequest).where(AccessRequest.answered_at.is_(None))
        )
        or 0,
        needs=unanswered.figures(actor),
        jobs=job_queries.counts(),
    )


def places_of(person_ids: Iterable[str]) -> dict[str, list[Belonging]]:
    """The active memberships of some people, by person."""
    rows = session().execute(
        select(
            Membership.person_id,
            Organisation.id,
            Organisation.code,
            Organisation.kind,
            Organisation.name_en,
            Organisation.name_es,
            Organisation.name_fr,
            Organisation.state,
            Membership.role,
        )
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.person_id.in_(list(person_ids)), Membership.state == MembershipState.ACTIVE)
        .order_by(Membership.joined_at, Organisation.id)
    )
    found: dict[str, list[Belonging]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(Belonging(*row))
    return found


def scopes_of(person_ids: Iterable[str]) -> dict[str, list[tuple[str, str | None]]]:
    """What some people moderate, by person: languages, each with a region or None for all."""
    rows = session().execute(
        select(ModeratorScope.person_id, ModeratorScope.language, ModeratorScope.region_code)
        .where(ModeratorScope.person_id.in_(list(person_ids)))
        .order_by(ModeratorScope.language, ModeratorScope.region_code)
    )
    found: dict[str, list[tuple[str, str | None]]] = {}
    for person_id, language, region in rows:
        found.setdefault(person_id, []).append((language, region))
    return found


def moderator_ids() -> Sequence[str]:
    """The ids of all who moderate anything."""
    return session().scalars(select(ModeratorScope.person_id).distinct()).all()


def standing_of(person: Person, idle: timedelta) -> Standing:
    """Where a person belongs, what they moderate, in how many browsers they are signed in."""
    moment = now()
    count, last_seen = (
        session()
        .execute(
            select(func.count(), func.max(SignInSession.last_seen_at))
            .where(SignInSession.person_id == person.id, SignInSession.revoked_at.is_(None))
            .where(SignInSession.expires_at > moment, SignInSession.last_seen_at > moment - idle)
        )
        .one()
    )
    return Standing(
        places=places_of([person.id]).get(person.id, []),
        scopes=scopes_of([person.id]).get(person.id, []),
        translates=_translates(person.id),
        open_sessions=count,
        last_seen_at=last_seen,
    )


def _translates(person_id: str) -> list[str]:
    statement = select(TranslatorScope.language).where(TranslatorScope.person_id == person_id)
    return list(session().scalars(statement.order_by(TranslatorScope.language)))


def failed_jobs(cursor: str = "") -> Page[Job]:
    """One page of the jobs that wait for a person, newest first."""
    at = Place.parse(cursor)
    statement = beyond(select(Job).where(Job.state == JobState.FAILED), Job.id, at)
    return page_of(session().scalars(statement).all(), at, lambda job: job.id)


def audit(filters: AuditFilters, cursor: str = "") -> Page[AuditLine]:
    """One page of the audit, newest first; an address that nobody has finds nothing."""
    statement = (
        select(AuditEntry, Person, Organisation.code)
        .outerjoin(Person, Person.id == AuditEntry.person_id)
        .outerjoin(Organisation, Organisation.id == AuditEntry.organisation_id)
    )
    if filters.verb:
        statement = statement.where(AuditEntry.verb.startswith(filters.verb, autoescape=True))
    if filters.object_id:
        statement = statement.where(AuditEntry.object_id == filters.object_id)
    if filters.person:
        person = person_with_address(filters.person)
        statement = statement.where(AuditEntry.person_id == (person.id if person is not None else ""))
    at = Place.parse(cursor)
    rows = [AuditLine(*row) for row in session().execute(beyond(statement, AuditEntry.id, at))]
    return page_of(rows, at, lambda line: line.entry.id)
