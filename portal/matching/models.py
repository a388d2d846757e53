"""What organisations find not relevant among their matches, and which matches they were told of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base
from portal.core.guard import guard

GUARDED = {"guarded": True}


class Dismissal(Base):
    """An organisation finds a match not relevant, whichever of the two it looks from; can be undone."""

    __tablename__ = "match_dismissal"
    __table_args__ = ({"info": GUARDED},)

    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    need_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    offer_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class MatchTold(Base):
    """The coordinators of an organisation were told of a match: there is never a second time."""

    __tablename__ = "match_told"
    __table_args__ = ({"info": GUARDED},)

    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    need_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    offer_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    at: Mapped[datetime]


guard(Base.metadata)
