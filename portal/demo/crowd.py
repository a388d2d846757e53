"""Who writes what is made for load: one contributor of each active organisation."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select

from portal.accounts.models import Person, PersonState
from portal.core.clock import now
from portal.core.db import session
from portal.organisations.models import (
    Membership,
    MembershipState,
    Organisation,
    OrganisationState,
    Role,
)

ES = {
    "AR", "BO", "CL", "CO", "CR", "CU", "DO", "EC", "ES", "GQ", "GT", "HN", "MX", "NI", "PA", "PE", "PY",
    "SV", "UY", "VE",
}  # fmt: skip
FR = {
    "BE", "BF", "BI", "BJ", "CD", "CF", "CG", "CI", "CM", "DJ", "DZ", "FR", "GA", "GN", "HT", "KM", "LU",
    "MA", "MG", "ML", "MR", "NE", "SN", "TD", "TG", "TN",
}  # fmt: skip


@dataclass(frozen=True)
class Writer:
    """A contributor, the organisation that they write for and the language they write in."""

    person_id: str
    organisation_id: str
    countries: tuple[str, ...]
    language: str


def writers() -> list[Writer]:
    """One writer of each active organisation, in the order of codes; made where there is none.

    Those who are made have no password: nobody can sign in as them.
    Raises RuntimeError where no organisation is known yet.
    """
    organisations = session().scalars(
        select(Organisation).where(Organisation.state == OrganisationState.ACTIVE).order_by(Organisation.code)
    )
    present = _present()
    found = [_writer(organisation, present.get(organisation.id)) for organisation in organisations]
    if not found:
        raise RuntimeError("no organisations: load the demo world first")
    session().flush()
    return found


def language_of(countries: list[str]) -> str:
    """The portal's language that an organisation of these countries writes in."""
    first = countries[0] if countries else ""
    return "es" if first in ES else "fr" if first in FR else "en"


def _present() -> dict[str, tuple[str, str]]:
    rows = session().execute(
        select(Membership.organisation_id, Person.id, Person.language)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.role == Role.CONTRIBUTOR, Membership.state == MembershipState.ACTIVE)
        .where(Person.acting_organisation_id == Membership.organisation_id)
        .order_by(Person.email.desc())
    )
    return {organisation: (person, language) for organisation, person, language in rows}


def _writer(organisation: Organisation, present: tuple[str, str] | None) -> Writer:
    countries = tuple(organisation.countries)
    if present is not None:
        return Writer(present[0], organisation.id, countries, present[1])
    language = language_of(organisation.countries)
    moment = now()
    host = re.sub(r"[^a-z0-9]", "", organisation.code.lower())
    person = Person(
        id=f"writer{organisation.id[:10]}",
        email=f"records@{host}.example",
        name=f"{organisation.code} records office",
        language=language,
        other_languages=[],
        password_hash=None,
        state=PersonState.ACTIVE,
        acting_organisation_id=organisation.id,
        created_at=moment,
    )
    session().add(person)
    session().flush()
    session().add(
        Membership(
            person_id=person.id, organisation_id=organisation.id, role=Role.CONTRIBUTOR, joined_at=moment
        )
    )
    return Writer(person.id, organisation.id, countries, language)
