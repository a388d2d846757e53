"""Add discussion (comments, their wordings and reports) and lesson cards (uses, yearly questions)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "4b7d90c1e52f"
down_revision = "6e1c2f9a7b35"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "discussion_comment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("contribution_id", sa.String(), nullable=False),
        sa.Column("thread_id", sa.String(), nullable=True),
        sa.Column("author_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_question", sa.Boolean(), nullable=False),
        sa.Column("answer_id", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("form_token", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["discussion_comment.id"],
            name=op.f("fk_discussion_comment_answer_id_discussion_comment"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_discussion_comment_author_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_discussion_comment_contribution_id_contribution"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_discussion_comment_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["discussion_comment.id"],
            name=op.f("fk_discussion_comment_thread_id_discussion_comment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discussion_comment")),
        sa.UniqueConstraint("form_token", name=op.f("uq_discussion_comment_form_token")),
    )
    op.create_index(
        "ix_discussion_comment_thread",
        "discussion_comment",
        ["contribution_id", "thread_id", "created_at", "id"],
    )
    op.create_index("ix_discussion_comment_reported", "discussion_comment", ["reported_at", "id"])
    op.create_index(op.f("ix_discussion_comment_thread_id"), "discussion_comment", ["thread_id"])
    op.create_table(
        "comment_version",
        sa.Column("comment_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["discussion_comment.id"],
            name=op.f("fk_comment_version_comment_id_discussion_comment"),
        ),
        sa.PrimaryKeyConstraint("comment_id", "number", name=op.f("pk_comment_version")),
    )
    op.create_table(
        "comment_report",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("comment_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decision_comment", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["discussion_comment.id"],
            name=op.f("fk_comment_report_comment_id_discussion_comment"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_comment_report_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_comment_report_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_report")),
        sa.UniqueConstraint("comment_id", "person_id", name=op.f("uq_comment_report_comment_id_person_id")),
    )
    op.create_table(
        "lesson_use",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("contribution_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name=op.f("fk_lesson_use_contribution_id_contribution")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_lesson_use_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_lesson_use_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_use")),
        sa.UniqueConstraint(
            "contribution_id", "organisation_id", name=op.f("uq_lesson_use_contribution_id_organisation_id")
        ),
    )
    op.create_table(
        "lesson_check",
        sa.Column("contribution_id", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unconfirmed_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["person.id"], name=op.f("fk_lesson_check_confirmed_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_lesson_check_contribution_id_contribution"),
        ),
        sa.PrimaryKeyConstraint("contribution_id", name=op.f("pk_lesson_check")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("lesson_check")
    op.drop_table("lesson_use")
    op.drop_table("comment_report")
    op.drop_table("comment_version")
    op.drop_table("discussion_comment")
