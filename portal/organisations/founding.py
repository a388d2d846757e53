"""The first administrator of a new portal, who belongs to the secretariat."""

from __future__ import annotations

from sqlalchemy import select

from portal.accounts.actions import create_person
from portal.accounts.models import Person
from portal.audit.actions import record
from portal.core.access import SYSTEM
from portal.core.clock import now
from portal.core.db import session
from portal.organisations.loading import load_organisations
from portal.organisations.models import Membership, Organisation, OrganisationKind, OrganisationState, Role
from portal.taxonomy.loading import load_taxonomy


def found_administrator(*, email: str, name: str, language: str, password: str) -> Person:
    """Make an administrator who coordinates the secretariat; what the data files hold is loaded first.

    Raises Invalid at `email`, `name`, `language` or `password`.
    """
    load_taxonomy()
    load_organisations()
    secretariat = (
        session()
        .scalars(
            select(Organisation)
            .where(Organisation.kind == OrganisationKind.SECRETARIAT)
            .order_by(Organisation.code)
        )
        .first()
    )
    assert secretariat is not None, "the data files hold a secretariat"
    secretariat.state = OrganisationState.ACTIVE
    person = create_person(
        SYSTEM, email=email, name=name, language=language, password=password, is_administrator=True
    )
    person.acting_organisation_id = secretariat.id
    session().add(
        Membership(
            person_id=person.id, organisation_id=secretariat.id, role=Role.COORDINATOR, joined_at=now()
        )
    )
    record(SYSTEM, "person.administrator_set", person.id, shown=True, value=True)
    return person
