"""Who has used a lesson, and when its house last said that it still holds."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, new_id
from portal.core.guard import guard

GUARDED = {"guarded": True}


class LessonUse(Base):
    """An organisation used a lesson of another one: once each, which its people can change or withdraw."""

    __tablename__ = "lesson_use"
    __table_args__ = (UniqueConstraint("contribution_id", "organisation_id"), {"info": GUARDED})

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    language: Mapped[str]
    note: Mapped[str] = mapped_column(Text)
    used_on: Mapped[date]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class LessonCheck(Base):
    """The yearly question to a lesson's house: when it was asked, when answered.

    `unconfirmed_since` is set by the clock when nobody has answered in time.
    """

    __tablename__ = "lesson_check"
    __table_args__ = ({"info": GUARDED},)

    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    asked_at: Mapped[datetime | None]
    unconfirmed_since: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    language: Mapped[str] = mapped_column(default="en")
    note: Mapped[str] = mapped_column(Text, default="")


guard(Base.metadata)
