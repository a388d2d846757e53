"""Building an actor from the database: memberships, moderator's scopes, labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import bindparam, select

from portal.accounts.models import Person, PersonState
from portal.core.access import ANONYMOUS, Actor, MembershipFacts, ScopeFacts
from portal.core.db import connection, session
from portal.core.i18n import language_order
from portal.organisations.labels import labels_of
from portal.organisations.models import (
    Membership,
    MembershipState,
    ModeratorScope,
    Organisation,
    OrganisationState,
    Role,
    TranslatorScope,
)


def actor_of(person: Person | None) -> Actor:
    """The actor that `person` is now; ANONYMOUS for nobody and for a suspended person.

    Only active memberships of active organisations count, so that a suspension takes effect
    at the next request. A person without any keeps no role of the portal either.
    """
    if person is None or person.state != PersonState.ACTIVE:
        return ANONYMOUS
    memberships, scopes, translates = _facts(person.id)
    if not memberships:
        return ANONYMOUS
    acting = person.acting_organisation_id
    if acting not in {m.organisation_id for m in memberships}:
        acting = memberships[0].organisation_id
    return Actor(
        person_id=person.id,
        name=person.name,
        email=person.email,
        language=person.language,
        languages=language_order(person.language, tuple(person.other_languages)),
        organisation_id=acting,
        memberships=tuple(memberships),
        scopes=tuple(scopes),
        translates=tuple(translates),
        is_administrator=person.is_administrator,
        labels=labels_of(memberships),
    )


def actor_with_id(person_id: str) -> Actor:
    """The actor that the person with this id is now, for the worker and the commands."""
    return actor_of(session().get(Person, person_id))


def labels_of_people(person_ids: Sequence[str]) -> dict[str, frozenset[str]]:
    """The labels that each of these people holds now; nobody who is suspended or belongs nowhere.

    The same rule as `actor_of`, for many at once in one statement.
    """
    statement = (
        select(Membership.person_id, Membership.role, *_ORGANISATION)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.person_id.in_(person_ids), Person.state == PersonState.ACTIVE)
        .where(Membership.state == MembershipState.ACTIVE, Organisation.state == OrganisationState.ACTIVE)
    )
    facts: dict[str, list[MembershipFacts]] = defaultdict(list)
    for person_id, role, id_, kind, *names in session().execute(statement):
        facts[person_id].append(MembershipFacts(id_, kind, role, *names))
    return {person_id: labels_of(memberships) for person_id, memberships in facts.items()}


def labels_of_organisation(organisation_id: str) -> frozenset[str]:
    """The labels that every active member of an organisation holds; none unless it is active."""
    statement = select(*_ORGANISATION).where(
        Organisation.id == organisation_id, Organisation.state == OrganisationState.ACTIVE
    )
    row = session().execute(statement).first()
    if row is None:
        return frozenset()
    id_, kind, *names = row
    return labels_of([MembershipFacts(id_, kind, Role.READER, *names)])


def _facts(person_id: str) -> tuple[list[MembershipFacts], list[ScopeFacts], list[str]]:
    """Active memberships of active organisations and the person's scopes, in one statement."""
    rows = connection().execute(_FACTS, {"person": person_id}).all()
    memberships = dict.fromkeys(MembershipFacts(*row[:7]) for row in rows)
    scopes = dict.fromkeys(ScopeFacts(row[7], row[8]) for row in rows if row[7] is not None)
    translates = dict.fromkeys(row[9] for row in rows if row[9] is not None)
    return list(memberships), list(scopes), list(translates)


_ORGANISATION = (
    Organisation.id, Organisation.kind, Organisation.code, Organisation.name_en, Organisation.name_es,
    Organisation.name_fr,
)  # fmt: skip
# Written once: it runs with every request of somebody who is signed in.
_FACTS = (
    select(
        Organisation.id,
        Organisation.kind,
        Membership.role,
        Organisation.code,
        Organisation.name_en,
        Organisation.name_es,
        Organisation.name_fr,
        ModeratorScope.language,
        ModeratorScope.region_code,
        TranslatorScope.language,
    )
    .join(Membership, Membership.organisation_id == Organisation.id)
    .outerjoin(ModeratorScope, ModeratorScope.person_id == Membership.person_id)
    .outerjoin(TranslatorScope, TranslatorScope.person_id == Membership.person_id)
    .where(Membership.person_id == bindparam("person"), Membership.state == MembershipState.ACTIVE)
    .where(Organisation.state == OrganisationState.ACTIVE)
    .order_by(
        Membership.joined_at,
        Organisation.id,
        ModeratorScope.language,
        ModeratorScope.region_code,
        TranslatorScope.language,
    )
)
