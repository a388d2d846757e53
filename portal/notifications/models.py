"""The notification table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, new_id


class Notification(Base):
    """One thing told to one person once; its words are made when it is read, in their language.

    `kind` names the message, `contribution_id` and `case_id` what it is about, `params` the
    facts in it (no titles: those are looked up under the reader's rights when it is shown).
    """

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("event_key", "person_id"),
        Index("ix_notification_person_created", "person_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    event_key: Mapped[str]
    contribution_id: Mapped[str | None] = mapped_column(ForeignKey("contribution.id"))
    case_id: Mapped[str | None] = mapped_column(ForeignKey("review_case.id"))
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
