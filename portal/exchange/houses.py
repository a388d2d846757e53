"""For whom a file is imported, and in whose name: a house and one of the people who write for it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import case, select

from portal.accounts.models import Person, PersonState
from portal.accounts.queries import person_with_address
from portal.core.access import Actor
from portal.core.db import session
from portal.exchange.mapping import references
from portal.exchange.programmes import Into
from portal.organisations.actors import actor_with_id
from portal.organisations.models import Membership, MembershipState, Organisation, Role
from portal.taxonomy.queries import taxonomy

_BY_ROLE = case((Membership.role == Role.COORDINATOR, 0), (Membership.role == Role.APPROVER, 1), else_=2)


def acting(actor: Actor, organisation_id: str) -> Actor:
    """The same person, writing for that organisation."""
    return replace(actor, organisation_id=organisation_id)


def writer_for(organisation_id: str, email: str = "") -> Actor | None:
    """Who an import writes as: the person of that address, else the house's coordinator of longest standing.

    None where there is no such person, or they may not write for the house.
    """
    if email:
        person = person_with_address(email)
        person_id = person.id if person is not None and person.state == PersonState.ACTIVE else None
    else:
        person_id = session().scalar(
            select(Membership.person_id)
            .join(Person, Person.id == Membership.person_id)
            .where(Membership.organisation_id == organisation_id, Membership.role != Role.READER)
            .where(Membership.state == MembershipState.ACTIVE, Person.state == PersonState.ACTIVE)
            .order_by(_BY_ROLE, Membership.joined_at, Membership.id)
            .limit(1)
        )
    actor = acting(actor_with_id(person_id), organisation_id) if person_id is not None else None
    return actor if actor is not None and actor.writes else None


def into(house: Organisation, level: int = 1) -> Into:
    """What the rows of a file for this house are held against."""
    known = taxonomy()
    return Into(
        references=references(house.iati_identifier),
        topics=frozenset(known.topics),
        regions_of={country.iso2: country.region_code for country in known.countries.values()},
        regions=frozenset(known.regions),
        level=level,
    )
