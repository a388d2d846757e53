"""Keep to whom a need or an offer was sent, and when each was reminded last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "8c41d7e90b52"
down_revision = "3f8c1d70be52"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "cooperation_circulation",
        sa.Column("contribution_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_cooperation_circulation_contribution_id_contribution"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_cooperation_circulation_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint(
            "contribution_id", "organisation_id", name=op.f("pk_cooperation_circulation")
        ),
    )
    op.create_index(
        op.f("ix_cooperation_circulation_organisation_id"), "cooperation_circulation", ["organisation_id"]
    )
    with op.batch_alter_table("cooperation_progress", schema=None) as batch_op:
        batch_op.drop_column("reminded_on")


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("cooperation_progress", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reminded_on", sa.Date(), nullable=True))
    op.drop_index(op.f("ix_cooperation_circulation_organisation_id"), table_name="cooperation_circulation")
    op.drop_table("cooperation_circulation")
