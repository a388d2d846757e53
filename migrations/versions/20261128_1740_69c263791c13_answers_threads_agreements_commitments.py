"""Keep answers, threads, agreements and commitments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "69c263791c13"
down_revision = "4e37c9e19bf1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "cooperation_progress",
        sa.Column("contribution_id", sa.String(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "open",
                "circulated",
                "answered",
                "in_talks",
                "agreed",
                "under_way",
                "closed",
                name="stage",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("circulated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("unanswered_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "met",
                "partly_met",
                "not_met",
                "no_longer_needed",
                name="outcome",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("outcome_note", sa.Text(), nullable=False),
        sa.Column("outcome_language", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_cooperation_progress_contribution_id_contribution"),
        ),
        sa.PrimaryKeyConstraint("contribution_id", name=op.f("pk_cooperation_progress")),
        info={"guarded": True},
    )
    with op.batch_alter_table("cooperation_progress", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cooperation_progress_stage"), ["stage"], unique=False)

    op.create_table(
        "interest",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("contribution_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name=op.f("fk_interest_contribution_id_contribution")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_interest_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_interest_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest")),
        sa.UniqueConstraint(
            "contribution_id", "organisation_id", name=op.f("uq_interest_contribution_id_organisation_id")
        ),
        info={"guarded": True},
    )
    with op.batch_alter_table("interest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interest_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "lesson_credit",
        sa.Column("contribution_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_lesson_credit_contribution_id_contribution"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_lesson_credit_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("contribution_id", "organisation_id", name=op.f("pk_lesson_credit")),
        info={"guarded": True},
    )
    op.create_table(
        "cooperation_thread",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("interest_id", sa.String(), nullable=False),
        sa.Column("contribution_id", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_cooperation_thread_contribution_id_contribution"),
        ),
        sa.ForeignKeyConstraint(
            ["interest_id"], ["interest.id"], name=op.f("fk_cooperation_thread_interest_id_interest")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cooperation_thread")),
        sa.UniqueConstraint("interest_id", name=op.f("uq_cooperation_thread_interest_id")),
        info={"guarded": True},
    )
    with op.batch_alter_table("cooperation_thread", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_cooperation_thread_contribution_id"), ["contribution_id"], unique=False
        )

    op.create_table(
        "interest_reply",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("interest_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "can_support", "interested", "not_now", "covered", name="answer", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["interest_id"], ["interest.id"], name=op.f("fk_interest_reply_interest_id_interest")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["exchange_line.id"], name=op.f("fk_interest_reply_line_id_exchange_line")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_interest_reply_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest_reply")),
        sa.UniqueConstraint("interest_id", "line_id", name=op.f("uq_interest_reply_interest_id_line_id")),
        info={"guarded": True},
    )
    with op.batch_alter_table("interest_reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interest_reply_line_id"), ["line_id"], unique=False)

    op.create_table(
        "agreement",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("thread_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lesson_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["contribution.id"], name=op.f("fk_agreement_lesson_id_contribution")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_agreement_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["cooperation_thread.id"], name=op.f("fk_agreement_thread_id_cooperation_thread")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("thread_id", name=op.f("uq_agreement_thread_id")),
        info={"guarded": True},
    )
    op.create_table(
        "cooperation_meeting",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("thread_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("called_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_cooperation_meeting_ends_later")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_cooperation_meeting_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_cooperation_meeting_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["cooperation_thread.id"],
            name=op.f("fk_cooperation_meeting_thread_id_cooperation_thread"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cooperation_meeting")),
        info={"guarded": True},
    )
    with op.batch_alter_table("cooperation_meeting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cooperation_meeting_thread_id"), ["thread_id"], unique=False)

    op.create_table(
        "cooperation_message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("thread_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("form_token", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_cooperation_message_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_cooperation_message_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["cooperation_thread.id"],
            name=op.f("fk_cooperation_message_thread_id_cooperation_thread"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cooperation_message")),
        sa.UniqueConstraint("form_token", name=op.f("uq_cooperation_message_form_token")),
        info={"guarded": True},
    )
    with op.batch_alter_table("cooperation_message", schema=None) as batch_op:
        batch_op.create_index("ix_cooperation_message_thread", ["thread_id", "at", "id"], unique=False)

    op.create_table(
        "cooperation_opening",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("thread_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_cooperation_opening_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["cooperation_thread.id"],
            name=op.f("fk_cooperation_opening_thread_id_cooperation_thread"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cooperation_opening")),
        info={"guarded": True},
    )
    with op.batch_alter_table("cooperation_opening", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cooperation_opening_thread_id"), ["thread_id"], unique=False)

    op.create_table(
        "cooperation_party",
        sa.Column("thread_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed", "invited", "active", "declined", name="partystate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("is_founder", sa.Boolean(), nullable=False),
        sa.Column("proposed_by_id", sa.String(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_cooperation_party_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"],
            ["organisation.id"],
            name=op.f("fk_cooperation_party_proposed_by_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["cooperation_thread.id"],
            name=op.f("fk_cooperation_party_thread_id_cooperation_thread"),
        ),
        sa.PrimaryKeyConstraint("thread_id", "organisation_id", name=op.f("pk_cooperation_party")),
        info={"guarded": True},
    )
    with op.batch_alter_table("cooperation_party", schema=None) as batch_op:
        batch_op.create_index("ix_cooperation_party_organisation", ["organisation_id", "state"], unique=False)

    op.create_table(
        "cooperation_party_consent",
        sa.Column("thread_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("by_organisation_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_cooperation_party_consent_by_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_cooperation_party_consent_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_cooperation_party_consent_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["cooperation_thread.id"],
            name=op.f("fk_cooperation_party_consent_thread_id_cooperation_thread"),
        ),
        sa.PrimaryKeyConstraint(
            "thread_id", "organisation_id", "by_organisation_id", name=op.f("pk_cooperation_party_consent")
        ),
        info={"guarded": True},
    )
    op.create_table(
        "cooperation_seen",
        sa.Column("thread_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_cooperation_seen_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_cooperation_seen_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["cooperation_thread.id"],
            name=op.f("fk_cooperation_seen_thread_id_cooperation_thread"),
        ),
        sa.PrimaryKeyConstraint("thread_id", "person_id", name=op.f("pk_cooperation_seen")),
        info={"guarded": True},
    )
    op.create_table(
        "agreement_consent",
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_consent_agreement_id_agreement")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_agreement_consent_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_agreement_consent_person_id_person")
        ),
        sa.PrimaryKeyConstraint("agreement_id", "organisation_id", name=op.f("pk_agreement_consent")),
        info={"guarded": True},
    )
    op.create_table(
        "commitment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "met", "dropped", name="commitmentstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_commitment_agreement_id_agreement")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_commitment_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
        info={"guarded": True},
    )
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_commitment_agreement_id"), ["agreement_id"], unique=False)
        batch_op.create_index("ix_commitment_due", ["state", "due_on"], unique=False)
        batch_op.create_index(
            "ix_commitment_organisation_due", ["organisation_id", "state", "due_on"], unique=False
        )

    op.create_table(
        "cooperation_message_file",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("stored_file_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["cooperation_message.id"],
            name=op.f("fk_cooperation_message_file_message_id_cooperation_message"),
        ),
        sa.ForeignKeyConstraint(
            ["stored_file_id"],
            ["stored_file.id"],
            name=op.f("fk_cooperation_message_file_stored_file_id_stored_file"),
        ),
        sa.PrimaryKeyConstraint("message_id", "stored_file_id", name=op.f("pk_cooperation_message_file")),
        info={"guarded": True},
    )
    with op.batch_alter_table("cooperation_message_file", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_cooperation_message_file_stored_file_id"), ["stored_file_id"], unique=False
        )

    op.create_table(
        "commitment_note",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("commitment_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_commitment_note_commitment_id_commitment")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_commitment_note_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_commitment_note_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_note")),
        info={"guarded": True},
    )
    with op.batch_alter_table("commitment_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_commitment_note_commitment_id"), ["commitment_id"], unique=False)


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("commitment_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_commitment_note_commitment_id"))

    op.drop_table("commitment_note")
    with op.batch_alter_table("cooperation_message_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cooperation_message_file_stored_file_id"))

    op.drop_table("cooperation_message_file")
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.drop_index("ix_commitment_organisation_due")
        batch_op.drop_index("ix_commitment_due")
        batch_op.drop_index(batch_op.f("ix_commitment_agreement_id"))

    op.drop_table("commitment")
    op.drop_table("agreement_consent")
    op.drop_table("cooperation_seen")
    op.drop_table("cooperation_party_consent")
    with op.batch_alter_table("cooperation_party", schema=None) as batch_op:
        batch_op.drop_index("ix_cooperation_party_organisation")

    op.drop_table("cooperation_party")
    with op.batch_alter_table("cooperation_opening", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cooperation_opening_thread_id"))

    op.drop_table("cooperation_opening")
    with op.batch_alter_table("cooperation_message", schema=None) as batch_op:
        batch_op.drop_index("ix_cooperation_message_thread")

    op.drop_table("cooperation_message")
    with op.batch_alter_table("cooperation_meeting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cooperation_meeting_thread_id"))

    op.drop_table("cooperation_meeting")
    op.drop_table("agreement")
    with op.batch_alter_table("interest_reply", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interest_reply_line_id"))

    op.drop_table("interest_reply")
    with op.batch_alter_table("cooperation_thread", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cooperation_thread_contribution_id"))

    op.drop_table("cooperation_thread")
    op.drop_table("lesson_credit")
    with op.batch_alter_table("interest", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interest_organisation_id"))

    op.drop_table("interest")
    with op.batch_alter_table("cooperation_progress", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cooperation_progress_stage"))

    op.drop_table("cooperation_progress")
