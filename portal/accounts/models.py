"""People, their sessions and their one-time tokens."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, new_id


class PersonState(StrEnum):
    """A suspended person loses access at the next request."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class Person(Base):
    """Somebody with an account; it belongs to the person, not to an organisation."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str] = mapped_column(default="en")
    other_languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    password_hash: Mapped[str | None]
    state: Mapped[PersonState] = mapped_column(default=PersonState.ACTIVE)
    is_administrator: Mapped[bool] = mapped_column(default=False)
    acting_organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    created_at: Mapped[datetime]


class SignInSession(Base):
    """One signed-in browser; the browser holds the token, we hold its SHA-256."""

    __tablename__ = "sign_in_session"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    browser: Mapped[str] = mapped_column(default="")


class PasswordReset(Base):
    """A single-use token to set a new password; void after twenty minutes."""

    __tablename__ = "password_reset"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
