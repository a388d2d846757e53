"""Contributions, their editions and revisions, cases under review and the append-only history."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, new_id
from portal.core.guard import guard
from portal.editorial.terms import LINES, Category, Help

GUARDED = {"guarded": True}


class Kind(StrEnum):
    """What a contribution is."""

    REFORM_UPDATE = "reform_update"
    LESSON_LEARNED = "lesson_learned"
    NEED = "need"
    OFFER = "offer"


EXCHANGE = frozenset({Kind.NEED, Kind.OFFER})
"""The kinds that have terms: lines, a window, a budget (see `terms`)."""

OTHER_SIDE = {Kind.NEED: Kind.OFFER, Kind.OFFER: Kind.NEED}
"""What each of them is matched with."""


class Audience(StrEnum):
    """Who may read a published contribution (product.md, "Audience")."""

    PUBLIC = "public"
    MEMBERS = "members"
    CUSTOMS = "customs"
    ORGANISATIONS = "organisations"
    OWN = "own"


class State(StrEnum):
    """The states of a revision (product.md, "Editorial workflow"; ADR 0004 for `edit_proposed`)."""

    DRAFT = "draft"
    AWAITING_CLEARANCE = "awaiting_clearance"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    EDIT_PROPOSED = "edit_proposed"
    CHANGES_REQUESTED = "changes_requested"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class Standing(StrEnum):
    """Whether a contribution as a whole is up: taken down by its organisation or by a moderator."""

    UP = "up"
    ARCHIVED = "archived"
    UNPUBLISHED = "unpublished"


PARTS: dict[Kind, tuple[str, ...]] = {
    Kind.REFORM_UPDATE: ("body",),
    Kind.LESSON_LEARNED: ("context", "tried", "result", "advice", "for_whom"),
    Kind.NEED: ("situation", *LINES, "tried", "supported", "brought"),
    Kind.OFFER: ("programme", *LINES, "conditions"),
}
OPTIONAL_PARTS: dict[Kind, frozenset[str]] = {
    Kind.REFORM_UPDATE: frozenset(),
    Kind.LESSON_LEARNED: frozenset(),
    Kind.NEED: frozenset({*LINES, "tried", "supported", "brought"}),
    Kind.OFFER: frozenset({*LINES, "conditions"}),
}
"""The parts that may stay empty; of the lines, one at least is needed (`texts.missing`)."""


class Contribution(Base):
    """What an organisation posts. Its metadata here is what was published last.

    `is_live` is the one fact that lists and search ask for: an original was published and
    nobody took it down. What waits for review keeps its own metadata in its revision.
    """

    __tablename__ = "contribution"
    __table_args__ = (
        Index("ix_contribution_live_changed", "is_live", "changed_at", "id"),
        Index("ix_contribution_published", "published_at", "id"),
        Index("ix_contribution_organisation_changed", "organisation_id", "changed_at"),
        {"info": GUARDED},
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[Kind]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    author_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    original_language: Mapped[str]
    audience: Mapped[Audience | None]
    standing: Mapped[Standing] = mapped_column(default=Standing.UP)
    is_live: Mapped[bool] = mapped_column(default=False)
    form_token: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class ContributionTopic(Base):
    """A topic that a published contribution is filed under."""

    __tablename__ = "contribution_topic"

    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    topic_code: Mapped[str] = mapped_column(ForeignKey("topic.code"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(default=0)


class ContributionCountry(Base):
    """A country that a published contribution is about."""

    __tablename__ = "contribution_country"

    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    country_iso2: Mapped[str] = mapped_column(ForeignKey("country.iso2"), primary_key=True, index=True)


class LessonCredit(Base):
    """A lesson that came out of an agreement names the organisations that it was learned with."""

    __tablename__ = "lesson_credit"
    __table_args__ = ({"info": GUARDED},)

    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)


class ExchangeTerms(Base):
    """The terms of a published need or offer, for matching and for the board (see `terms.Terms`).

    `closed_at` is set while its cooperation is closed: nothing more is looked for. `topics`,
    `countries` and `lines` (help:topic) say once more, with commas between, what its rows in other
    tables say: thousands are compared at once, and each would cost three look-ups.
    """

    __tablename__ = "exchange_terms"
    __table_args__ = ({"info": GUARDED},)

    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    least: Mapped[int | None] = mapped_column(BigInteger)
    most: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str]
    languages: Mapped[list[str]] = mapped_column(JSON)
    regions: Mapped[list[str]] = mapped_column(JSON)
    reply_by: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    topics: Mapped[str] = mapped_column(default="", server_default="")
    countries: Mapped[str] = mapped_column(default="", server_default="")
    lines: Mapped[str] = mapped_column(default="", server_default="")


class ExchangeLine(Base):
    """A line of a published need or offer. One that a later version left out stays for its replies."""

    __tablename__ = "exchange_line"
    __table_args__ = (
        UniqueConstraint("contribution_id", "key"),
        Index("ix_exchange_line_topic", "topic_code", "is_current", "contribution_id"),
        {"info": GUARDED},
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"))
    key: Mapped[str]
    slot: Mapped[int]
    is_current: Mapped[bool] = mapped_column(default=True)
    help: Mapped[Help]
    topic_code: Mapped[str | None] = mapped_column(ForeignKey("topic.code"))
    category: Mapped[Category | None]
    due_on: Mapped[date | None]
    is_definitive: Mapped[bool] = mapped_column(default=False)


EVERYWHERE = ""
"""The place of a need or an offer that names none."""


class ExchangeReach(Base):
    """A topic and a place for which a published need or offer comes into question.

    The topics are its own and those of its current lines. The place is a country that asks or is
    eligible, a WCO region that is eligible, or EVERYWHERE alone. It says once more what other
    tables say: one look-up finds the few that all of a topic would have to be sifted for.
    """

    __tablename__ = "exchange_reach"
    __table_args__ = ({"info": GUARDED},)

    topic_code: Mapped[str] = mapped_column(ForeignKey("topic.code"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True, index=True)


class ContributionLabel(Base):
    """A label that may read a published contribution; `visible_to` compares it with the actor's."""

    __tablename__ = "contribution_label"

    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True, index=True)


class Edition(Base):
    """A contribution in one language, with its own chain of revisions."""

    __tablename__ = "edition"
    __table_args__ = (UniqueConstraint("contribution_id", "language"), {"info": GUARDED})

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"))
    language: Mapped[str]
    is_original: Mapped[bool]
    published_revision_id: Mapped[str | None] = mapped_column(
        ForeignKey("revision.id", use_alter=True), index=True
    )
    is_outdated: Mapped[bool] = mapped_column(default=False)


class Revision(Base):
    """A version of an edition: immutable once submitted.

    `parts` maps each name in PARTS to its Markdown. `about` (originals only) holds the metadata
    under review: `audience`, `organisations` (ids), `topics` (codes), `countries` (iso2), and for
    needs and offers their `terms`.
    `files` lists what is attached: each one's `id`, `name`, `title` and `sha256`.
    `version` is the optimistic lock of a draft. `based_on_id` names the original's revision that
    a translation was made from. `is_machine` marks a text that began as a machine's draft, and
    `machine_reviewed_by_id` names the person who read and corrected it.
    """

    __tablename__ = "revision"
    __table_args__ = (
        UniqueConstraint("edition_id", "number"),
        CheckConstraint("number > 0", name="number_positive"),
        Index("ix_revision_state_author", "state", "author_id"),
        {"info": GUARDED},
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    edition_id: Mapped[str] = mapped_column(ForeignKey("edition.id"))
    number: Mapped[int]
    round: Mapped[int] = mapped_column(default=1)
    state: Mapped[State] = mapped_column(default=State.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    author_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    editor_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    parts: Mapped[dict[str, str]] = mapped_column(JSON)
    files: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    about: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    based_on_id: Mapped[str | None] = mapped_column(ForeignKey("revision.id"))
    changes_meaning: Mapped[bool] = mapped_column(default=False)
    is_machine: Mapped[bool] = mapped_column(default=False)
    machine_reviewed_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]

    @property
    def is_unread_machine_draft(self) -> bool:
        """True until a person has read and corrected what a machine wrote."""
        return self.is_machine and self.machine_reviewed_by_id is None


class Attachment(Base):
    """A stored file that a revision carries: the columns of `Revision.files` that queries ask for."""

    __tablename__ = "attachment"
    __table_args__ = ({"info": GUARDED},)

    revision_id: Mapped[str] = mapped_column(ForeignKey("revision.id"), primary_key=True)
    stored_file_id: Mapped[str] = mapped_column(ForeignKey("stored_file.id"), primary_key=True, index=True)
    position: Mapped[int]


class Case(Base):
    """One submission under review; a resubmission or an appeal is a new case that names the last.

    `digest` is the hash of the frozen snapshot. `proposal` holds a moderator's proposed edit
    (`title`, `summary`, `parts`) until the author confirms it. `writer_id` wrote the text and never
    judges it, which matters for translators, who belong to other organisations.
    """

    __tablename__ = "review_case"
    __table_args__ = (
        Index("ix_review_case_open", "is_open", "language", "opened_at"),
        Index("ix_review_case_revision", "revision_id"),
        {"info": GUARDED},
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), index=True)
    edition_id: Mapped[str] = mapped_column(ForeignKey("edition.id"))
    revision_id: Mapped[str] = mapped_column(ForeignKey("revision.id"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[Kind]
    language: Mapped[str]
    region_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    round: Mapped[int] = mapped_column(default=1)
    is_open: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    digest: Mapped[str]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    claim_expires_at: Mapped[datetime | None]
    decision: Mapped[str | None]
    decided_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    decided_at: Mapped[datetime | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    proposal: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    previous_id: Mapped[str | None] = mapped_column(ForeignKey("review_case.id"))
    appeal_of_id: Mapped[str | None] = mapped_column(ForeignKey("review_case.id"), unique=True)
    excluded_moderator_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    writer_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))


class CaseNote(Base):
    """A moderator's comment pinned to a paragraph: `part` and the paragraph's place in it."""

    __tablename__ = "case_note"
    __table_args__ = ({"info": GUARDED},)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("review_case.id"), index=True)
    author_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    part: Mapped[str]
    paragraph: Mapped[int]
    quote: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class HistoryEntry(Base):
    """One transition: who, for which organisation, when, from, to, why. Never changed, never deleted."""

    __tablename__ = "history_entry"
    __table_args__ = ({"info": GUARDED},)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), index=True)
    language: Mapped[str]
    revision_id: Mapped[str | None] = mapped_column(ForeignKey("revision.id"))
    revision_number: Mapped[int | None]
    case_id: Mapped[str | None] = mapped_column(ForeignKey("review_case.id"))
    step: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    as_moderator: Mapped[bool] = mapped_column(default=False)
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    comment: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]


class TranslationRequest(Base):
    """A reader asked for a language; one wish a person and language."""

    __tablename__ = "translation_request"

    contribution_id: Mapped[str] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    at: Mapped[datetime]


guard(Base.metadata)
