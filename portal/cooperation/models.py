"""Answers to needs and offers line by line, the private threads they open, agreements and commitments.

What stands in a thread is read by its parties alone: every statement on these tables names for
whom it reads (core.guard).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.cooperation.progress import Outcome, Stage
from portal.core.db import Base, new_id
from portal.core.guard import guard
from portal.editorial.models import Kind

GUARDED = {"guarded": True}


class Answer(StrEnum):
    """What an organisation says to one line."""

    CAN_SUPPORT = "can_support"
    INTERESTED = "interested"
    NOT_NOW = "not_now"
    COVERED = "covered"


ANSWERS: Mapping[Kind, tuple[Answer, ...]] = MappingProxyType(
    {Kind.NEED: tuple(Answer), Kind.OFFER: (Answer.INTERESTED, Answer.NOT_NOW, Answer.COVERED)}
)
"""What can be said to a line: an offer is not supported, it is taken up."""

OPENS_THREAD = frozenset({Answer.CAN_SUPPORT, Answer.INTERESTED})
"""The answers that lead to talks."""


class Progress(Base):
    """How far the cooperation on a published need or offer has come; none yet: it is open.

    `unanswered_since` is set by the clock when the date for answers to a need passed without any.
    """

    __tablename__ = "cooperation_progress"
    __table_args__ = ({"info": GUARDED},)

    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    stage: Mapped[Stage] = mapped_column(default=Stage.OPEN, index=True)
    version: Mapped[int] = mapped_column(default=1)
    circulated_at: Mapped[datetime | None]
    unanswered_since: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]
    outcome_note: Mapped[str] = mapped_column(Text, default="")
    outcome_language: Mapped[str] = mapped_column(default="en")
    changed_at: Mapped[datetime]


class Circulation(Base):
    """An organisation was sent a need or an offer; `reminded_on` is the last day that it was told of it."""

    __tablename__ = "cooperation_circulation"
    __table_args__ = ({"info": GUARDED},)

    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True, index=True)
    at: Mapped[datetime]
    reminded_on: Mapped[date]


class Interest(Base):
    """One organisation's answer to a need or an offer: once each, with a reply to each line it names."""

    __tablename__ = "interest"
    __table_args__ = (UniqueConstraint("contribution_id", "organisation_id"), {"info": GUARDED})

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Reply(Base):
    """What an organisation says to one line. `link` (covered) is an address, here or elsewhere."""

    __tablename__ = "interest_reply"
    __table_args__ = (UniqueConstraint("interest_id", "line_id"), {"info": GUARDED})

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    interest_id: Mapped[str] = mapped_column(ForeignKey("interest.id"))
    line_id: Mapped[str] = mapped_column(ForeignKey("exchange_line.id"), index=True)
    answer: Mapped[Answer]
    note: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str]
    link: Mapped[str] = mapped_column(Text, default="")
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime]


class Thread(Base):
    """Talks on a need or an offer between its house and one that answered, and whom both let in."""

    __tablename__ = "cooperation_thread"
    __table_args__ = ({"info": GUARDED},)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    interest_id: Mapped[str] = mapped_column(ForeignKey("interest.id"), unique=True)
    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), index=True)
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class PartyState(StrEnum):
    """Where an organisation stands in a thread."""

    PROPOSED = "proposed"
    INVITED = "invited"
    ACTIVE = "active"
    DECLINED = "declined"


class Party(Base):
    """An organisation in a thread. A third one is proposed, invited when all parties consent, then active.

    `is_founder` marks the two that the thread is between, whose consent a third one needs.
    """

    __tablename__ = "cooperation_party"
    __table_args__ = (
        Index("ix_cooperation_party_organisation", "organisation_id", "state"),
        {"info": GUARDED},
    )

    thread_id: Mapped[str] = mapped_column(ForeignKey("cooperation_thread.id"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    state: Mapped[PartyState]
    is_founder: Mapped[bool] = mapped_column(default=False)
    proposed_by_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    since: Mapped[datetime]


class PartyConsent(Base):
    """A party agrees that a third organisation is let in."""

    __tablename__ = "cooperation_party_consent"
    __table_args__ = ({"info": GUARDED},)

    thread_id: Mapped[str] = mapped_column(ForeignKey("cooperation_thread.id"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    by_organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class ThreadMessage(Base):
    """What somebody writes for their organisation in a thread; it is not changed afterwards."""

    __tablename__ = "cooperation_message"
    __table_args__ = (
        Index("ix_cooperation_message_thread", "thread_id", "at", "id"),
        {"info": GUARDED},
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    thread_id: Mapped[str] = mapped_column(ForeignKey("cooperation_thread.id"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    form_token: Mapped[str] = mapped_column(unique=True)
    language: Mapped[str]
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class MessageFile(Base):
    """A stored file that a message carries."""

    __tablename__ = "cooperation_message_file"
    __table_args__ = ({"info": GUARDED},)

    message_id: Mapped[str] = mapped_column(ForeignKey("cooperation_message.id"), primary_key=True)
    stored_file_id: Mapped[str] = mapped_column(ForeignKey("stored_file.id"), primary_key=True, index=True)
    name: Mapped[str]
    position: Mapped[int]


class ThreadSeen(Base):
    """When a person last had a thread open: what came later is unread."""

    __tablename__ = "cooperation_seen"
    __table_args__ = ({"info": GUARDED},)

    thread_id: Mapped[str] = mapped_column(ForeignKey("cooperation_thread.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    seen_at: Mapped[datetime]


class Meeting(Base):
    """A date that the parties of a thread meet on; `sequence` is counted up with every change (RFC 5545)."""

    __tablename__ = "cooperation_meeting"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="ends_later"), {"info": GUARDED})

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    thread_id: Mapped[str] = mapped_column(ForeignKey("cooperation_thread.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    title: Mapped[str]
    place: Mapped[str] = mapped_column(Text, default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    sequence: Mapped[int] = mapped_column(default=0)
    called_off_at: Mapped[datetime | None]


class Agreement(Base):
    """What the parties of a thread agree on; it holds once every active party has agreed."""

    __tablename__ = "agreement"
    __table_args__ = ({"info": GUARDED},)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    thread_id: Mapped[str] = mapped_column(ForeignKey("cooperation_thread.id"), unique=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    language: Mapped[str]
    summary: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    proposed_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
    lesson_id: Mapped[str | None] = mapped_column(ForeignKey("contribution.id"))


class AgreementConsent(Base):
    """A party agrees to a version of an agreement; a changed version asks all of them again."""

    __tablename__ = "agreement_consent"
    __table_args__ = ({"info": GUARDED},)

    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreement.id"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    version: Mapped[int]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class CommitmentState(StrEnum):
    """Whether a commitment was kept; one that is open past its date is late."""

    OPEN = "open"
    MET = "met"
    DROPPED = "dropped"


class Commitment(Base):
    """Who does what by when. `reminded_on` is the day of the last reminder."""

    __tablename__ = "commitment"
    __table_args__ = (
        Index("ix_commitment_organisation_due", "organisation_id", "state", "due_on"),
        Index("ix_commitment_due", "state", "due_on"),
        {"info": GUARDED},
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreement.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    position: Mapped[int]
    what: Mapped[str] = mapped_column(Text)
    language: Mapped[str]
    due_on: Mapped[date]
    state: Mapped[CommitmentState] = mapped_column(default=CommitmentState.OPEN)
    closed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    reminded_on: Mapped[date | None]


class CommitmentNote(Base):
    """A progress note on a commitment."""

    __tablename__ = "commitment_note"
    __table_args__ = ({"info": GUARDED},)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    commitment_id: Mapped[str] = mapped_column(ForeignKey("commitment.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    language: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class Opening(Base):
    """An administrator opened a thread of others, with a reason; shown to its parties, never deleted.

    They may read until `until`.
    """

    __tablename__ = "cooperation_opening"
    __table_args__ = ({"info": GUARDED},)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    thread_id: Mapped[str] = mapped_column(ForeignKey("cooperation_thread.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    until: Mapped[datetime]


guard(Base.metadata)
