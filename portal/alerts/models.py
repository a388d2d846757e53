"""Searches that people keep, with the keys of their feeds, and what each has found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, new_id

GUARDED = {"guarded": True}


class SavedSearch(Base):
    """A search as its owner asked it: the text in their `language`, the boxes ticked (`chosen`, by facet).

    `plain` are topics whose other names are not looked for. While it is paused it finds nothing.
    Of its feed the owner holds the token, we hold its SHA-256. What people look for is theirs
    alone: nobody else is shown a row.
    """

    __tablename__ = "saved_search"
    __table_args__ = (Index("ix_saved_search_person_id", "person_id"), {"info": GUARDED})

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str]
    language: Mapped[str]
    text: Mapped[str]
    chosen: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    plain: Mapped[list[str]] = mapped_column(JSON)
    sort: Mapped[str]
    created_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    feed_hash: Mapped[str | None] = mapped_column(unique=True)
    feed_made_at: Mapped[datetime | None]


class SavedSearchHit(Base):
    """A saved search has found an edition and its owner was told: there is never a second time."""

    __tablename__ = "saved_search_hit"
    __table_args__ = ({"info": GUARDED},)

    search_id: Mapped[str] = mapped_column(ForeignKey("saved_search.id"), primary_key=True)
    edition_id: Mapped[str] = mapped_column(ForeignKey("edition.id"), primary_key=True, index=True)
    found_at: Mapped[datetime]
