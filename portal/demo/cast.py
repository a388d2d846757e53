"""The people of the demo world: `people.toml`, their memberships and what they moderate."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from portal.accounts.models import Person, PersonState
from portal.core.db import new_id, session
from portal.demo.trail import House
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

FILE = Path(__file__).parent / "people.toml"


@dataclass(frozen=True)
class SignIn:
    """Somebody of the demo world with what they may do, as printed by `portal demo`."""

    email: str
    name: str
    organisation: str
    role: Role
    moderates: tuple[str, ...] = ()
    translates: tuple[str, ...] = ()
    is_administrator: bool = False


@dataclass
class Cast:
    """Who is there, by organisation's code, and who moderates, by language."""

    organisations: Mapping[str, Organisation]
    members: dict[str, dict[Role, list[Person]]] = field(default_factory=dict)
    moderators: dict[str, list[Person]] = field(default_factory=dict)
    _turns: Iterator[int] = field(default_factory=count)

    def house(self, code: str) -> House:
        """The people who act for an organisation; a role that nobody holds is played by the author.

        Raises KeyError for an organisation without people.
        """
        roles = self.members[code]
        author = next(
            roles[role][0] for role in (Role.CONTRIBUTOR, Role.COORDINATOR, Role.APPROVER) if roles[role]
        )
        coordinator = (roles[Role.COORDINATOR] or [author])[0]
        approver = (roles[Role.APPROVER] or [coordinator])[0]
        return House(self.organisations[code], author, approver, coordinator)

    def moderators_for(self, code: str) -> dict[str, Person]:
        """A moderator of each language who is not of that organisation; where there are several, by turns."""
        turn = next(self._turns)
        home = self.organisations[code].id
        eligible = {
            language: [person for person in people if person.acting_organisation_id != home]
            for language, people in self.moderators.items()
        }
        return {language: people[turn % len(people)] for language, people in eligible.items()}


def read_people(group: str = "people") -> list[dict[str, Any]]:
    """The people as their file lists them: those with an account, or those `asking` for one."""
    people: list[dict[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))[group]
    return people


def sign_ins() -> list[SignIn]:
    """The sign-ins that are printed, in the order of the file."""
    return [
        SignIn(
            told["email"],
            told["name"],
            told["organisation"],
            Role(told.get("role", Role.CONTRIBUTOR)),
            tuple(told.get("moderates", ())),
            tuple(told.get("translates", ())),
            told.get("administrator", False),
        )
        for told in read_people()
        if told.get("announced")
    ]


def engage(organisations: Mapping[str, Organisation], password_hash: str, now: datetime) -> Cast:
    """Write the people with one password for all; raises KeyError for an organisation that is not there."""
    cast = Cast(organisations)
    told = read_people()
    for one in told:
        organisations[one["organisation"]].state = OrganisationState.ACTIVE
    people = [_person(one, organisations, password_hash, now) for one in told]
    session().add_all(people)
    session().flush()
    for person, one in zip(people, told, strict=True):
        _place(cast, person, one)
    session().add_all(_request(one, organisations, now) for one in read_people("asking"))
    session().flush()
    return cast


def _person(
    told: dict[str, Any], organisations: Mapping[str, Organisation], password_hash: str, now: datetime
) -> Person:
    return Person(
        id=new_id(),
        email=told["email"],
        name=told["name"],
        language=told.get("language", "en"),
        other_languages=list(told.get("reads", ())),
        password_hash=password_hash,
        state=PersonState.ACTIVE,
        is_administrator=told.get("administrator", False),
        acting_organisation_id=organisations[told["organisation"]].id,
        created_at=now - timedelta(days=900),
    )


def _request(told: dict[str, Any], organisations: Mapping[str, Organisation], now: datetime) -> AccessRequest:
    return AccessRequest(
        id=new_id(),
        organisation_id=organisations[told["organisation"]].id,
        name=told["name"],
        email=told["email"],
        language=told["language"],
        message=told["message"],
        created_at=now - timedelta(hours=told["hours"]),
    )


def _place(cast: Cast, person: Person, told: dict[str, Any]) -> None:
    role = Role(told.get("role", Role.CONTRIBUTOR))
    places = [
        (told["organisation"], role),
        *((p["organisation"], Role(p["role"])) for p in told.get("also", ())),
    ]
    for order, (code, held) in enumerate(places):
        session().add(
            Membership(
                id=new_id(),
                person_id=person.id,
                organisation_id=cast.organisations[code].id,
                role=held,
                state=MembershipState.ACTIVE,
                joined_at=person.created_at + timedelta(days=order),
            )
        )
    moderates = told.get("moderates", ())
    for language in moderates:
        session().add(ModeratorScope(id=new_id(), person_id=person.id, language=language, region_code=None))
        cast.moderators.setdefault(language, []).append(person)
    translates = told.get("translates", ())
    session().add_all(TranslatorScope(person_id=person.id, language=code) for code in translates)
    roles = cast.members.setdefault(told["organisation"], {role: [] for role in Role})
    # Moderators and translators write for their house like anybody, but the stories are told by others.
    if not moderates and not translates:
        roles[role].append(person)
