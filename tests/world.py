"""A small world for tests: organisations of each kind, people of each kind, and texts in any state.

Plain functions over the real models and actions; each runs inside a unit of work of the caller.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from portal.accounts.models import Person
from portal.core.access import SYSTEM, Actor
from portal.core.clock import now
from portal.core.db import new_id, session
from portal.core.guard import scoped
from portal.editorial import actions
from portal.editorial.models import PARTS, Audience, Case, Contribution, Edition, Kind, Revision, State
from portal.editorial.texts import About, Text, snapshot_digest
from portal.organisations.actors import actor_with_id
from portal.organisations.models import Membership, ModeratorScope, Organisation, OrganisationKind, Role
from portal.taxonomy.models import Country, Region, Topic

PASSWORD = "levante-mainlevee-release-42"
# Made once with the cheapest parameters: tests of passwords hash their own.
PASSWORD_HASH = ""


@dataclass
class World:
    """The ids of what was built, by the names that tests use."""

    organisations: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """The person of that name as they are now."""
        return actor_with_id(self.people[name])

    def label(self, name: str) -> str:
        """The label of an organisation."""
        return f"org:{self.organisations[name]}"


ORGANISATIONS = {
    "thailand": ("THA", OrganisationKind.CUSTOMS, "AP"),
    "fiji": ("FJI", OrganisationKind.CUSTOMS, "AP"),
    "peru": ("PER", OrganisationKind.CUSTOMS, "AMS"),
    "worldbank": ("WB", OrganisationKind.PARTNER, None),
    "jica": ("JICA", OrganisationKind.PARTNER, None),
    "secretariat": ("WCO", OrganisationKind.SECRETARIAT, None),
}
PEOPLE: dict[str, tuple[str, Role]] = {
    "author": ("thailand", Role.CONTRIBUTOR),
    "colleague": ("thailand", Role.CONTRIBUTOR),
    "reader": ("thailand", Role.READER),
    "approver": ("thailand", Role.APPROVER),
    "coordinator": ("thailand", Role.COORDINATOR),
    "fijian": ("fiji", Role.CONTRIBUTOR),
    "peruvian": ("peru", Role.CONTRIBUTOR),
    "partner": ("worldbank", Role.CONTRIBUTOR),
    "named": ("jica", Role.CONTRIBUTOR),
    "moderator": ("secretariat", Role.READER),
    "second moderator": ("fiji", Role.READER),
    "spanish moderator": ("secretariat", Role.READER),
    "administrator": ("secretariat", Role.READER),
}
SCOPES = {"moderator": ["en"], "second moderator": ["en"], "spanish moderator": ["es"]}


def build_world() -> World:
    """Regions, countries, topics, six organisations and thirteen people."""
    world = World()
    _taxonomy()
    for name, (code, kind, region) in ORGANISATIONS.items():
        world.organisations[name] = make_organisation(code, kind, region, name=name.capitalize())
    for name, (organisation, role) in PEOPLE.items():
        world.people[name] = make_person(
            name, world.organisations[organisation], role, scopes=SCOPES.get(name, [])
        )
    session().get_one(Person, world.people["administrator"]).is_administrator = True
    session().flush()
    return world


def make_organisation(
    code: str, kind: OrganisationKind = OrganisationKind.CUSTOMS, region: str | None = None, name: str = ""
) -> str:
    """An active organisation; returns its id."""
    words = name or code
    made = Organisation(
        code=code,
        kind=kind,
        region_code=region,
        name_en=f"{words} Customs",
        name_es=f"Aduanas {words}",
        name_fr=f"Douanes {words}",
        created_at=now(),
    )
    session().add(made)
    session().flush()
    return made.id


def make_person(
    name: str, organisation_id: str | None = None, role: Role = Role.CONTRIBUTOR, scopes: list[str] | None = None,
    language: str = "en",
) -> str:  # fmt: skip
    """A person with the common PASSWORD, a member of the organisation; returns their id."""
    made = Person(
        email=f"{name.replace(' ', '.')}@test.example",
        name=name.title(),
        language=language,
        password_hash=password_hash(),
        created_at=now(),
    )
    session().add(made)
    session().flush()
    if organisation_id is not None:
        join(made.id, organisation_id, role)
    for code in scopes or []:
        session().add(ModeratorScope(person_id=made.id, language=code))
    session().flush()
    return made.id


def join(person_id: str, organisation_id: str, role: Role = Role.READER) -> None:
    """Make a person a member."""
    session().add(
        Membership(person_id=person_id, organisation_id=organisation_id, role=role, joined_at=now())
    )
    session().flush()


def password_hash() -> str:
    """The hash of PASSWORD, made once a process with the cheapest parameters."""
    global PASSWORD_HASH
    if not PASSWORD_HASH:
        from argon2 import PasswordHasher

        PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    return PASSWORD_HASH


def text(words: str = "Single window", kind: Kind = Kind.REFORM_UPDATE, **parts: str) -> Text:
    """A complete text about `words`."""
    return Text(
        title=f"{words}: one submission reaches all agencies",
        summary=f"{words} in two sentences.",
        parts={
            name: parts.get(name, f"The {name} of {words}.\n\nA second paragraph.") for name in PARTS[kind]
        },
    )


def about(audience: Audience = Audience.PUBLIC, organisations: tuple[str, ...] = (), **values: Any) -> About:
    """Metadata with one topic and one country."""
    return About(
        audience,
        organisations,
        values.get("topics", ("TFA-10.4",)),
        values.get("countries", ("TH",)),
        values.get("terms"),
    )


def make_draft(
    world: World,
    author: str = "author",
    words: str = "Single window",
    audience: Audience = Audience.PUBLIC,
    organisations: tuple[str, ...] = (),
    kind: Kind = Kind.REFORM_UPDATE,
    language: str = "en",
    **values: Any,
) -> Contribution:
    """A draft by `author`."""
    return actions.create(
        world.actor(author),
        kind,
        language,
        values.get("text") or text(words, kind),
        about(audience, organisations, **values),
        new_id(),
    )


def make_published(world: World, words: str = "Single window", **values: Any) -> Contribution:
    """A contribution that went the whole way: submitted, claimed, approved."""
    made = make_draft(world, words=words, **values)
    submit(world, made, values.get("author", "author"))
    if latest(made).state == State.SUBMITTED:
        claim(world, made)
        approve(world, made)
    return made


def submit(world: World, made: Contribution, author: str = "author", language: str | None = None) -> Revision:
    """Hand the latest draft in."""
    revision = latest(made, language)
    actions.submit(world.actor(author), made, revision)
    return revision


def moderator_for(case: Case) -> str:
    """A moderator of the world with the language of the case."""
    return {"en": "moderator", "es": "spanish moderator"}[case.language]


def claim(
    world: World, made: Contribution, moderator: str | None = None, language: str | None = None
) -> Case:
    """Take the open case."""
    case = open_case(made, language)
    actions.claim(world.actor(moderator or moderator_for(case)), case, case.version)
    return case


def approve(world: World, made: Contribution, language: str | None = None, **values: Any) -> None:
    """Publish what was claimed."""
    case = open_case(made, language)
    revision = latest(made, language)
    name = next(n for n, i in world.people.items() if i == case.claimed_by_id)
    actions.approve(world.actor(name), case, case.version, snapshot_digest(made, revision), **values)


def translate(
    world: World, made: Contribution, language: str, words: str = "Ventanilla única", *, author: str = "author",
    publish: bool = True,
) -> Revision:  # fmt: skip
    """Write an edition in another language, based on what is published, and publish it."""
    original = published(made)
    revision = actions.save(
        world.actor(author), made, language, text(words, made.kind), None, loaded=None, based_on=original.id
    )
    if publish:
        submit(world, made, author, language)
        claim(world, made, language=language)
        approve(world, made, language)
    return revision


def revise(
    world: World, made: Contribution, words: str, *, author: str = "author", publish: bool = True,
    changes_meaning: bool = True, **metadata: Any,
) -> Revision:  # fmt: skip
    """A next version of the original."""
    last = latest(made)
    revision = actions.save(
        world.actor(author), made, made.original_language, text(words, made.kind),
        about(metadata.pop("audience", made.audience or Audience.PUBLIC), **metadata),
        loaded=(last.id, last.version),
    )  # fmt: skip
    if publish:
        submit(world, made, author)
        claim(world, made)
        approve(world, made, changes_meaning=changes_meaning)
    return revision


def edition(made: Contribution, language: str | None = None) -> Edition:
    """One language of a contribution."""
    wanted = language or made.original_language
    statement = select(Edition).where(Edition.contribution_id == made.id, Edition.language == wanted)
    return session().scalars(scoped(SYSTEM, statement)).one()


def latest(made: Contribution, language: str | None = None) -> Revision:
    """The newest version of a language."""
    statement = (
        select(Revision)
        .where(Revision.edition_id == edition(made, language).id)
        .order_by(Revision.number.desc())
        .limit(1)
    )
    return session().scalars(scoped(SYSTEM, statement)).one()


def published(made: Contribution, language: str | None = None) -> Revision:
    """The version that readers see."""
    wanted = edition(made, language).published_revision_id
    return session().scalars(scoped(SYSTEM, select(Revision).where(Revision.id == wanted))).one()


def open_case(made: Contribution, language: str | None = None) -> Case:
    """The case that is with the moderators."""
    statement = select(Case).where(Case.contribution_id == made.id, Case.is_open)
    if language is not None:
        statement = statement.where(Case.language == language)
    return session().scalars(scoped(SYSTEM, statement)).one()


def _taxonomy() -> None:
    session().add_all(
        Region(code=code, name_en=en, name_es=es, name_fr=fr, position=i)
        for i, (code, en, es, fr) in enumerate(
            (("AP", "Asia and the Pacific", "Asia y el Pacífico", "Asie et Pacifique"),
             ("AMS", "Americas and the Caribbean", "América y el Caribe", "Amériques et Caraïbes"))
        )
    )  # fmt: skip
    session().flush()
    session().add_all(
        Country(iso2=iso2, iso3=iso3, region_code=region, name_en=en, name_es=es, name_fr=fr, source="test")
        for iso2, iso3, region, en, es, fr in (
            ("TH", "THA", "AP", "Thailand", "Tailandia", "Thaïlande"),
            ("FJ", "FJI", "AP", "Fiji", "Fiji", "Fidji"),
            ("PE", "PER", "AMS", "Peru", "Perú", "Pérou"),
        )
    )
    session().add(
        _topic(
            "TFA",
            None,
            "Trade Facilitation Agreement",
            "Acuerdo sobre Facilitación del Comercio",
            "Accord sur la facilitation des échanges",
        )
    )
    session().flush()
    session().add(_topic("TFA-10.4", "TFA", "Single window", "Ventanilla única", "Guichet unique"))
    session().add(
        _topic("TFA-3", "TFA", "Advance rulings", "Resoluciones anticipadas", "Décisions anticipées")
    )
    session().flush()


def _topic(code: str, parent: str | None, en: str, es: str, fr: str) -> Topic:
    return Topic(
        code=code, parent_code=parent, name_en=en, name_es=es, name_fr=fr, synonyms_en=[], synonyms_es=[],
        synonyms_fr=[], position=0, source="test",
    )  # fmt: skip
