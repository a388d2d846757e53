"""Packs and what is in them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, new_id
from portal.core.guard import guard

GUARDED = {"guarded": True}


class Subject(StrEnum):
    """What a pack is made of."""

    CONTRIBUTION = "contribution"
    TOPIC = "topic"
    ORGANISATION = "organisation"


class PackState(StrEnum):
    """How far a pack is; one that is ready can be refused later, when something in it went out of sight."""

    WAITING = "waiting"
    READY = "ready"
    EMPTY = "empty"


class Pack(Base):
    """What one person takes away: made under their rights, kept for a day.

    `storage_key` names the bytes; `total` is how many posts it will hold, `done` how many it has,
    `is_cut` whether there were more than a pack takes.
    """

    __tablename__ = "pack"
    __table_args__ = (Index("ix_pack_person", "person_id", "created_at"), {"info": GUARDED})

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    subject: Mapped[Subject]
    key: Mapped[str]
    language: Mapped[str]
    state: Mapped[PackState] = mapped_column(default=PackState.WAITING)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    is_cut: Mapped[bool] = mapped_column(default=False)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    storage_key: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class PackItem(Base):
    """A post that is in a pack: asked for again before anybody gets the bytes."""

    __tablename__ = "pack_item"
    __table_args__ = ({"info": GUARDED},)

    pack_id: Mapped[str] = mapped_column(ForeignKey("pack.id"), primary_key=True)
    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)


guard(Base.metadata)
