"""Reading organisations, which everybody may, and their people, which only those who manage them may."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar

from sqlalchemy import exists, func, select

from portal.accounts.models import Person, PersonState
from portal.accounts.sessions import token_hash
from portal.core.access import Actor
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.i18n import localised
from portal.core.pages import Page, cut, keyset
from portal.organisations import policy
from portal.organisations.actors import actor_with_id
from portal.organisations.models import (
    AccessRequest,
    Invitation,
    Membership,
    MembershipState,
    Organisation,
    OrganisationState,
    Role,
)
from portal.taxonomy.queries import in_order

SHOWN_AT_ONCE = 100
_NAMES = (
    Organisation.id,
    Organisation.code,
    Organisation.name_en,
    Organisation.name_es,
    Organisation.name_fr,
)
_NAMED = "named organisations"
Child = TypeVar("Child", Membership, Invitation, AccessRequest)


@dataclass(frozen=True)
class OrganisationChoice:
    """An organisation as a list of choices shows it."""

    id: str
    code: str
    name_en: str
    name_es: str
    name_fr: str


class NamedOrganisation(NamedTuple):
    """An organisation and everything that it is called."""

    id: str
    code: str
    name_en: str
    name_es: str
    name_fr: str
    aliases: list[str]


@dataclass(frozen=True)
class Member:
    """A membership with its person, for those who manage the organisation."""

    membership: Membership
    person: Person


def organisation(organisation_id: str) -> Organisation:
    """An organisation, whatever its state: who belongs to the portal is public. NotFound for no such id."""
    there = found(organisation_id)
    if there is None:
        raise NotFound
    return there


def found(organisation_id: str) -> Organisation | None:
    """The organisation with that id, if there is one."""
    return session().get(Organisation, organisation_id)


def organisation_with_code(code: str) -> Organisation | None:
    """The organisation with that code, in whatever case it is written."""
    return session().scalar(select(Organisation).where(func.lower(Organisation.code) == code.lower()))


def managed(actor: Actor, organisation_id: str) -> Organisation:
    """An organisation whose people the actor may see; NotFound for any other."""
    its = organisation(organisation_id)
    if not policy.manage(actor, its):
        raise NotFound
    return its


def organisations_with(ids: Iterable[str]) -> Sequence[Organisation]:
    """Organisations by their ids, in no order; those that are not there are left out."""
    return session().scalars(select(Organisation).where(Organisation.id.in_(list(ids)))).all()


def organisation_names(ids: Iterable[str]) -> list[str]:
    """Their names in the current language, in the order of `ids`; the id itself where there is none."""
    wanted = list(ids)
    if not wanted:
        return []
    rows = session().execute(
        select(Organisation.id, Organisation.name_en, Organisation.name_es, Organisation.name_fr).where(
            Organisation.id.in_(wanted)
        )
    )
    names = {row.id: localised(row, "name") for row in rows}
    return [names.get(one, one) for one in wanted]


def choosable_organisations() -> list[OrganisationChoice]:
    """The organisations that a text can be meant for, sorted by name in the current language."""
    rows = session().execute(select(*_NAMES).where(Organisation.state != OrganisationState.SUSPENDED))
    choices = {row.id: OrganisationChoice(*row) for row in rows}
    return [choices[one] for one, _name in in_order((o.id, localised(o, "name")) for o in choices.values())]


def named_organisations() -> list[NamedOrganisation]:
    """Every organisation, the suspended ones too, whose texts stay; by code. Read once a unit of work."""
    kept: list[NamedOrganisation] | None = session().info.get(_NAMED)
    if kept is None:
        rows = session().execute(select(*_NAMES, Organisation.aliases).order_by(Organisation.code))
        kept = session().info[_NAMED] = [NamedOrganisation(*row) for row in rows]
    return kept


def members(actor: Actor, organisation_id: str, cursor: str = "") -> Page[Member]:
    """One page of the active members, first come first; NotFound for who may not manage them."""
    managed(actor, organisation_id)
    statement, at = keyset(
        select(Membership, Person)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.organisation_id == organisation_id, Membership.state == MembershipState.ACTIVE),
        Membership.joined_at,
        Membership.id,
        cursor,
        newest_first=False,
    )
    rows = [Member(*row) for row in session().execute(statement)]
    return cut(rows, at, _place)


def writers(actor: Actor, organisation_id: str) -> Sequence[Person]:
    """The members who may be given somebody's drafts, by name; NotFound for who may not manage them."""
    managed(actor, organisation_id)
    return (
        session()
        .scalars(
            select(Person)
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.organisation_id == organisation_id, Membership.state == MembershipState.ACTIVE)
            .where(Membership.role != Role.READER, Person.state == PersonState.ACTIVE)
            .order_by(Person.name, Person.id)
            .limit(SHOWN_AT_ONCE)
        )
        .all()
    )


def membership(actor: Actor, organisation_id: str, membership_id: str) -> Membership:
    """A membership of that organisation; NotFound for one of another, or for who may not manage it."""
    managed(actor, organisation_id)
    return _child(Membership, organisation_id, membership_id)


def open_invitations(actor: Actor, organisation_id: str) -> Sequence[Invitation]:
    """The invitations that can still be accepted, newest first; NotFound for who may not manage them."""
    managed(actor, organisation_id)
    return (
        session()
        .scalars(
            select(Invitation)
            .where(Invitation.organisation_id == organisation_id)
            .where(
                Invitation.used_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > now()
            )
            .order_by(Invitation.created_at.desc(), Invitation.id)
            .limit(SHOWN_AT_ONCE)
        )
        .all()
    )


def invitation(actor: Actor, organisation_id: str, invitation_id: str) -> Invitation:
    """An invitation of that organisation; NotFound for one of another, or for who may not manage it."""
    managed(actor, organisation_id)
    return _child(Invitation, organisation_id, invitation_id)


def open_requests(actor: Actor, organisation_id: str) -> Sequence[AccessRequest]:
    """The requests to join that nobody has answered, oldest first; NotFound for who may not manage them."""
    managed(actor, organisation_id)
    return (
        session()
        .scalars(
            select(AccessRequest)
            .where(AccessRequest.organisation_id == organisation_id, AccessRequest.answered_at.is_(None))
            .order_by(AccessRequest.created_at, AccessRequest.id)
            .limit(SHOWN_AT_ONCE)
        )
        .all()
    )


def access_request(actor: Actor, organisation_id: str, request_id: str) -> AccessRequest:
    """A request to join that organisation; NotFound for one of another, or for who may not manage it."""
    managed(actor, organisation_id)
    return _child(AccessRequest, organisation_id, request_id)


def open_invitation(token: str) -> tuple[Invitation, Organisation]:
    """The invitation that a mailed token stands for, with its organisation.

    NotFound for one that is unknown, used, revoked or too old, and for one whose inviter may not
    invite into that role any more (security.md T19).
    """
    row = (
        session()
        .execute(
            select(Invitation, Organisation)
            .join(Organisation, Organisation.id == Invitation.organisation_id)
            .where(Invitation.token_hash == token_hash(token))
            .where(
                Invitation.used_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > now()
            )
            .execution_options(populate_existing=True)
        )
        .first()
    )
    if row is None:
        raise NotFound
    invited, its = row
    if not policy.invite(actor_with_id(invited.invited_by_id), its, invited.role):
        raise NotFound
    return invited, its


def invitation_to_mail(invitation_id: str) -> tuple[Invitation, Organisation, Person] | None:
    """An invitation that is to be sent, with its organisation and inviter; None for one that is void."""
    row = (
        session()
        .execute(
            select(Invitation, Organisation, Person)
            .join(Organisation, Organisation.id == Invitation.organisation_id)
            .join(Person, Person.id == Invitation.invited_by_id)
            .where(Invitation.id == invitation_id, Invitation.used_at.is_(None))
            .where(Invitation.revoked_at.is_(None), Invitation.expires_at > now())
        )
        .first()
    )
    if row is None:
        return None
    invited, its, inviter = row
    if not policy.invite(actor_with_id(inviter.id), its, invited.role):
        return None
    return invited, its, inviter


def request_to_mail(request_id: str) -> tuple[AccessRequest, Organisation] | None:
    """A request that was declined, with its organisation."""
    row = (
        session()
        .execute(
            select(AccessRequest, Organisation)
            .join(Organisation, Organisation.id == AccessRequest.organisation_id)
            .where(AccessRequest.id == request_id, AccessRequest.accepted.is_(False))
        )
        .first()
    )
    return (row[0], row[1]) if row is not None else None


def is_member(organisation_id: str, email: str) -> bool:
    """True when somebody with that address is an active member."""
    statement = (
        exists()
        .where(Membership.organisation_id == organisation_id, Membership.person_id == Person.id)
        .where(Membership.state == MembershipState.ACTIVE, Person.email == email)
    )
    return bool(session().scalar(select(statement)))


def has_members(organisation_id: str) -> bool:
    """True when anybody is an active member."""
    statement = exists().where(
        Membership.organisation_id == organisation_id, Membership.state == MembershipState.ACTIVE
    )
    return bool(session().scalar(select(statement)))


def told_of_requests(organisation_id: str) -> Sequence[str]:
    """The ids of those who answer requests: the coordinators, where there are none the administrators."""
    coordinators = (
        session()
        .scalars(
            select(Person.id)
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.organisation_id == organisation_id, Membership.state == MembershipState.ACTIVE)
            .where(Membership.role == Role.COORDINATOR, Person.state == PersonState.ACTIVE)
        )
        .all()
    )
    if coordinators:
        return coordinators
    return (
        session()
        .scalars(select(Person.id).where(Person.is_administrator, Person.state == PersonState.ACTIVE))
        .all()
    )


def _child(model: type[Child], organisation_id: str, child_id: str) -> Child:
    # Through its parent: an id of another organisation is one that does not exist (security.md T9).
    child = session().scalar(
        select(model).where(model.id == child_id, model.organisation_id == organisation_id)
    )
    if child is None:
        raise NotFound
    return child


def _place(line: Member) -> tuple[datetime, str]:
    return line.membership.joined_at, line.membership.id
