"""Organisations, memberships, invitations, requests for access, moderators' and translators' scopes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, new_id


class OrganisationKind(StrEnum):
    """What an organisation is; the last two convene the customs administrations."""

    CUSTOMS = "customs_administration"
    PARTNER = "development_partner"
    REGIONAL_OFFICE = "regional_office"
    SECRETARIAT = "secretariat"


class OrganisationState(StrEnum):
    """A suspended organisation's people lose access; what it published stays, marked."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"


class Role(StrEnum):
    """Roles in an organisation; each includes those before it."""

    READER = "reader"
    CONTRIBUTOR = "contributor"
    APPROVER = "approver"
    COORDINATOR = "coordinator"


class MembershipState(StrEnum):
    """An ended membership stays as a record of who wrote for whom."""

    ACTIVE = "active"
    ENDED = "ended"


class Organisation(Base):
    """A customs administration, a partner, a regional office or the secretariat.

    `code` is its acronym, the ISO code of three letters for an administration; `aliases` are what
    else it is looked for by, such as its acronym in other languages; `countries` are ISO alpha-2.
    """

    __tablename__ = "organisation"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[OrganisationKind] = mapped_column(index=True)
    state: Mapped[OrganisationState] = mapped_column(default=OrganisationState.ACTIVE)
    name_en: Mapped[str]
    name_es: Mapped[str]
    name_fr: Mapped[str]
    profile_en: Mapped[str] = mapped_column(Text, default="")
    profile_es: Mapped[str] = mapped_column(Text, default="")
    profile_fr: Mapped[str] = mapped_column(Text, default="")
    region_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"), index=True)
    countries: Mapped[list[str]] = mapped_column(JSON, default=list)
    aliases: Mapped[list[str]] = mapped_column(JSON, default=list)
    website: Mapped[str] = mapped_column(default="")
    iati_identifier: Mapped[str] = mapped_column(default="")
    needs_clearance: Mapped[bool] = mapped_column(default=False)
    author_may_clear: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    source: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]


class Membership(Base):
    """A person's place in an organisation."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("person_id", "organisation_id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[Role]
    state: Mapped[MembershipState] = mapped_column(default=MembershipState.ACTIVE)
    joined_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Invitation(Base):
    """A single-use invitation, bound to an address, an organisation and a role."""

    __tablename__ = "invitation"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True, default=new_id)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    email: Mapped[str]
    role: Mapped[Role]
    language: Mapped[str]
    invited_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class AccessRequest(Base):
    """Somebody without an account asks to join an organisation; its coordinators answer."""

    __tablename__ = "access_request"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str]
    email: Mapped[str]
    language: Mapped[str]
    message: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    accepted: Mapped[bool | None]


class TranslatorScope(Base):
    """A language that a person translates into, whatever organisation a text is of."""

    __tablename__ = "translator_scope"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)


class ModeratorScope(Base):
    """What a moderator may review: a language, in one region or (NULL) in all."""

    __tablename__ = "moderator_scope"
    __table_args__ = (UniqueConstraint("person_id", "language", "region_code"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    language: Mapped[str]
    region_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
