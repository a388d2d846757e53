"""Comments in threads of one level, their former wordings, and what members report about them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, new_id
from portal.core.guard import guard

GUARDED = {"guarded": True}


class Comment(Base):
    """What somebody wrote under a contribution; a reply names the comment that began its thread.

    A removed comment keeps its place and loses its words; a hidden one keeps them for the record.
    `reported_at` is set while a report waits for a moderator. `answer_id` names the reply that the
    house of the contribution marked as the answer to a question.
    """

    __tablename__ = "discussion_comment"
    __table_args__ = (
        Index("ix_discussion_comment_thread", "contribution_id", "thread_id", "created_at", "id"),
        Index("ix_discussion_comment_reported", "reported_at", "id"),
        {"info": GUARDED},
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"))
    thread_id: Mapped[str | None] = mapped_column(ForeignKey("discussion_comment.id"), index=True)
    author_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    language: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    is_question: Mapped[bool] = mapped_column(default=False)
    answer_id: Mapped[str | None] = mapped_column(ForeignKey("discussion_comment.id"))
    version: Mapped[int] = mapped_column(default=1)
    form_token: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]


class CommentVersion(Base):
    """A former wording of a comment."""

    __tablename__ = "comment_version"
    __table_args__ = ({"info": GUARDED},)

    comment_id: Mapped[str] = mapped_column(ForeignKey("discussion_comment.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    language: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]


class CommentReport(Base):
    """A member asks the moderators to look at a comment; once a person and comment."""

    __tablename__ = "comment_report"
    __table_args__ = (UniqueConstraint("comment_id", "person_id"), {"info": GUARDED})

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    comment_id: Mapped[str] = mapped_column(ForeignKey("discussion_comment.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    decision: Mapped[str | None]
    decision_comment: Mapped[str] = mapped_column(Text, default="")
    decided_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]


guard(Base.metadata)
