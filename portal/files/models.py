"""Stored files and uploads that are on their way."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, new_id
from portal.core.guard import guard
from portal.files.known import Refusal

GUARDED = {"guarded": True}


class FileState(StrEnum):
    """How far a file is: nothing but a ready one is ever handed out."""

    CHECKING = "checking"
    READY = "ready"
    REFUSED = "refused"


class TextState(StrEnum):
    """Whether the words of a file are known."""

    WAITING = "waiting"
    NONE = "none"
    READ = "read"
    FAILED = "failed"


class StoredFile(Base):
    """One file: `sha256` is that of the bytes that came in, `size` that of the bytes handed out.

    `key` names the bytes in the storage and changes when the cleaned ones take their place.
    `detached_at` is when it was last taken off something.
    """

    __tablename__ = "stored_file"
    __table_args__ = ({"info": GUARDED},)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(unique=True)
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str]
    name: Mapped[str]
    state: Mapped[FileState] = mapped_column(default=FileState.CHECKING)
    reason: Mapped[Refusal | None]
    text: Mapped[str] = mapped_column(Text, default="", deferred=True)
    text_state: Mapped[TextState] = mapped_column(default=TextState.WAITING)
    uploader_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    created_at: Mapped[datetime]
    detached_at: Mapped[datetime | None]


class Upload(Base):
    """A file that comes in pieces: `parts` are the [key, size] of those that have arrived.

    `subject` is for the room that began it: what the file is to be attached to.
    """

    __tablename__ = "upload"
    __table_args__ = (Index("ix_upload_expires_at", "expires_at"), {"info": GUARDED})

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    parts: Mapped[list[Any]] = mapped_column(JSON, default=list)
    subject: Mapped[dict[str, Any]] = mapped_column(JSON)
    uploader_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


guard(Base.metadata)
