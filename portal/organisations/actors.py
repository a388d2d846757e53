"""Building an actor from the database: memberships, moderator's scopes, labels."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from portal.accounts.models import Person, PersonState
from portal.core.access import ANONYMOUS, Actor, MembershipFacts, ScopeFacts
from portal.core.db import session
from portal.core.i18n import language_order
from portal.organisations.labels import labels_of
from portal.organisations.models import (
    Membership,
    MembershipState,
    ModeratorScope,
    Organisation,
    OrganisationState,
)


def actor_of(person: Person | None) -> Actor:
    """The actor that `person` is now; ANONYMOUS for nobody and for a suspended person.

    Only active memberships of active organisations count, so that a suspension takes effect
    at the next request. A person without any keeps no role of the portal either.
    """
    if person is None or person.state != PersonState.ACTIVE:
        return ANONYMOUS
    memberships = _memberships(person.id)
    if not memberships:
        return ANONYMOUS
    acting = person.acting_organisation_id
    if acting not in {m.organisation_id for m in memberships}:
        acting = memberships[0].organisation_id
    scopes = session().execute(
        select(ModeratorScope.language, ModeratorScope.region_code).where(
            ModeratorScope.person_id == person.id
        )
    )
    return Actor(
        person_id=person.id,
        name=person.name,
        email=person.email,
        language=person.language,
        languages=language_order(person.language, tuple(person.other_languages)),
        organisation_id=acting,
        memberships=tuple(memberships),
        scopes=tuple(ScopeFacts(language, region) for language, region in scopes),
        is_administrator=person.is_administrator,
        labels=labels_of(memberships),
    )


def actor_with_id(person_id: str) -> Actor:
    """The actor that the person with this id is now, for the worker and the commands."""
    return actor_of(session().get(Person, person_id))


def _memberships(person_id: str) -> Sequence[MembershipFacts]:
    rows = session().execute(
        select(
            Organisation.id,
            Organisation.kind,
            Membership.role,
            Organisation.code,
            Organisation.name_en,
            Organisation.name_es,
            Organisation.name_fr,
        )
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == person_id, Membership.state == MembershipState.ACTIVE)
        .where(Organisation.state == OrganisationState.ACTIVE)
        .order_by(Membership.joined_at, Organisation.id)
    )
    return [MembershipFacts(*row) for row in rows]
