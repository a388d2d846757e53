"""What readers did not find in their language: counts of views a day, without any person."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base
from portal.core.guard import guard


class FallbackView(Base):
    """How often a contribution was opened in a language in which it was not published, on one day."""

    __tablename__ = "fallback_view"
    __table_args__ = ({"info": {"guarded": True}},)

    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    views: Mapped[int] = mapped_column(default=0)


guard(Base.metadata)
