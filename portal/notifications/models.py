"""Notifications, how often their people want them mailed, and the digests that gathered them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, new_id
from portal.notifications.choices import WORK, Frequency


class Notification(Base):
    """One thing told to one person once; its words are made when it is read, in their language.

    `kind` names the message, `contribution_id` and `case_id` what it is about, `params` the
    facts in it (no titles: those are looked up under the reader's rights when it is shown).
    `waits` is set while it waits for a digest, which is `digest_id` from then on.
    """

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("event_key", "person_id"),
        Index("ix_notification_person_created", "person_id", "created_at"),
        Index("ix_notification_waits", "waits", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(default=WORK, server_default=WORK)
    event_key: Mapped[str]
    contribution_id: Mapped[str | None] = mapped_column(ForeignKey("contribution.id"))
    case_id: Mapped[str | None] = mapped_column(ForeignKey("review_case.id"))
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    waits: Mapped[Frequency | None]
    digest_id: Mapped[str | None] = mapped_column(ForeignKey("digest.id"), index=True)


class Choice(Base):
    """How often a person wants to be mailed of a subject; see `choices`."""

    __tablename__ = "notification_choice"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    frequency: Mapped[Frequency]


class Digest(Base):
    """What one person is mailed of one day: there is never a second."""

    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("person_id", "day"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    day: Mapped[date]
    made_at: Mapped[datetime]
