"""Imports, the programmes that came in with them, and what the source says against edits made here."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, new_id
from portal.core.guard import guard

GUARDED = {"guarded": True}


class Presence(StrEnum):
    """How a programme stands at its source, as the last import saw it."""

    LISTED = "listed"
    NOT_OPEN = "not_open"
    REMOVED = "removed"


class Settlement(StrEnum):
    """What the house decided about a conflict."""

    KEEP_OURS = "keep_ours"
    TAKE_THEIRS = "take_theirs"


class Import(Base):
    """One reading of a file for an organisation, in the name of one of its people.

    `started_by_id` is the administrator who started it; None: somebody at the server's command
    line. `sha256` is the file's. `counts` has the number of rows by verdict, and is empty until it
    has ended.
    """

    __tablename__ = "exchange_import"
    __table_args__ = (Index("ix_exchange_import_organisation", "organisation_id", "started_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    started_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    file_name: Mapped[str]
    sha256: Mapped[str] = mapped_column(default="")
    is_complete: Mapped[bool]
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Imported(Base):
    """Where an offer came from: the identifier at its source, and what was taken from there last.

    `digest` is the fingerprint of what the source said, `written` that of what was written here in
    each language, by which an edit made here is known. `places` are the source's own regions.
    """

    __tablename__ = "imported_programme"
    __table_args__ = (UniqueConstraint("organisation_id", "identifier"), {"info": GUARDED})

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    identifier: Mapped[str]
    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), unique=True)
    import_id: Mapped[str] = mapped_column(ForeignKey("exchange_import.id"))
    digest: Mapped[str]
    written: Mapped[dict[str, str]] = mapped_column(JSON)
    places: Mapped[list[str]] = mapped_column(JSON)
    presence: Mapped[Presence] = mapped_column(default=Presence.LISTED)
    presence_changed_at: Mapped[datetime | None]
    taken_at: Mapped[datetime]


class ImportConflict(Base):
    """The source changed what was edited here as well; `offered` is what it says (programmes.Offered)."""

    __tablename__ = "import_conflict"
    __table_args__ = (
        Index(
            "uq_import_conflict_open",
            "imported_id",
            unique=True,
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
        {"info": GUARDED},
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    imported_id: Mapped[str] = mapped_column(ForeignKey("imported_programme.id"), index=True)
    import_id: Mapped[str] = mapped_column(ForeignKey("exchange_import.id"))
    offered: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str]
    found_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    settlement: Mapped[Settlement | None]


guard(Base.metadata)
