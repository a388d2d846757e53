"""Words that were public, to mend what is typed; and what members looked for in vain, without any person."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, new_id
from portal.core.guard import guard


class PublicWord(Base):
    """A word that stood in a public text of a language once; nothing is ever taken away.

    It may since have been withdrawn, so a word is never shown from here: see `meaning`.
    """

    __tablename__ = "public_word"

    language: Mapped[str] = mapped_column(primary_key=True)
    folded: Mapped[str] = mapped_column(primary_key=True)


class MissedSearch(Base):
    """What was looked for and not found: `folded` to count by, `written` as it was typed first.

    `settled_at` says when moderators made a synonym of it or put it aside.
    """

    __tablename__ = "missed_search"
    __table_args__ = ({"info": {"guarded": True}},)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    folded: Mapped[str] = mapped_column(unique=True)
    written: Mapped[str]
    language: Mapped[str]
    settled_at: Mapped[datetime | None]


class MissedBy(Base):
    """An organisation from which it was looked for in vain, and the last day."""

    __tablename__ = "missed_by"

    missed_search_id: Mapped[str] = mapped_column(ForeignKey("missed_search.id"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    day: Mapped[date] = mapped_column(index=True)


guard(Base.metadata)
