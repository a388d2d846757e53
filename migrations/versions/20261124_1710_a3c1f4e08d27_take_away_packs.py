"""Add take-away packs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "a3c1f4e08d27"
down_revision = "7f20c6d1b9a4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "pack",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column(
            "subject",
            sa.Enum("contribution", "topic", "organisation", name="subject", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("waiting", "ready", "empty", name="packstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("is_cut", sa.Boolean(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("storage_key", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pack_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack")),
    )
    op.create_index("ix_pack_person", "pack", ["person_id", "created_at"])
    op.create_index(op.f("ix_pack_expires_at"), "pack", ["expires_at"])
    op.create_table(
        "pack_item",
        sa.Column("pack_id", sa.String(), nullable=False),
        sa.Column("contribution_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name=op.f("fk_pack_item_contribution_id_contribution")
        ),
        sa.ForeignKeyConstraint(["pack_id"], ["pack.id"], name=op.f("fk_pack_item_pack_id_pack")),
        sa.PrimaryKeyConstraint("pack_id", "contribution_id", name=op.f("pk_pack_item")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("pack_item")
    op.drop_index(op.f("ix_pack_expires_at"), table_name="pack")
    op.drop_index("ix_pack_person", table_name="pack")
    op.drop_table("pack")
