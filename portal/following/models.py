"""What people follow, and the keys of their own feeds."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, new_id


class Followed(StrEnum):
    """What can be followed; earlier ones are named first as the reason why somebody is told."""

    CONTRIBUTION = "contribution"
    ORGANISATION = "organisation"
    TOPIC = "topic"
    COUNTRY = "country"


class Follow(Base):
    """A person follows one thing: `key` is an organisation's or a post's id, a topic's or country's code."""

    __tablename__ = "follow"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "key"),
        Index("ix_follow_subject", "kind", "key", "person_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[Followed]
    key: Mapped[str]
    created_at: Mapped[datetime]


class FeedKey(Base):
    """The key of a person's own feed: they hold the token, we hold its SHA-256."""

    __tablename__ = "feed_key"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
