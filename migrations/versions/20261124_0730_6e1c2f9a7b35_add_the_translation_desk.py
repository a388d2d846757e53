"""Add the translation desk: translators, machine drafts and the demand of readers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "6e1c2f9a7b35"
down_revision = "939585ab34a1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "translator_scope",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_translator_scope_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "language", name=op.f("pk_translator_scope")),
    )
    op.create_table(
        "fallback_view",
        sa.Column("contribution_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_fallback_view_contribution_id_contribution"),
        ),
        sa.PrimaryKeyConstraint("contribution_id", "language", "day", name=op.f("pk_fallback_view")),
    )
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_machine", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("machine_reviewed_by_id", sa.String(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_revision_machine_reviewed_by_id_person"), "person", ["machine_reviewed_by_id"], ["id"]
        )
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.alter_column("is_machine", existing_type=sa.Boolean(), server_default=None)
    with op.batch_alter_table("review_case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("writer_id", sa.String(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_review_case_writer_id_person"), "person", ["writer_id"], ["id"])


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("review_case", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_review_case_writer_id_person"), type_="foreignkey")
        batch_op.drop_column("writer_id")
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_revision_machine_reviewed_by_id_person"), type_="foreignkey")
        batch_op.drop_column("machine_reviewed_by_id")
        batch_op.drop_column("is_machine")
    op.drop_table("fallback_view")
    op.drop_table("translator_scope")
