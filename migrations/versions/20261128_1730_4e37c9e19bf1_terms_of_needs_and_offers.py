"""Keep the terms of needs and offers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "4e37c9e19bf1"
down_revision = "c5d9e2a71f40"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "exchange_line",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("contribution_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column(
            "help",
            sa.Enum(
                "expertise",
                "training",
                "equipment",
                "funding",
                "legal_drafting",
                "study_visit",
                name="help",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("topic_code", sa.String(), nullable=True),
        sa.Column(
            "category", sa.Enum("A", "B", "C", name="category", native_enum=False, length=40), nullable=True
        ),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("is_definitive", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_exchange_line_contribution_id_contribution"),
        ),
        sa.ForeignKeyConstraint(
            ["topic_code"], ["topic.code"], name=op.f("fk_exchange_line_topic_code_topic")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_line")),
        sa.UniqueConstraint("contribution_id", "key", name=op.f("uq_exchange_line_contribution_id_key")),
    )
    with op.batch_alter_table("exchange_line", schema=None) as batch_op:
        batch_op.create_index(
            "ix_exchange_line_topic", ["topic_code", "is_current", "contribution_id"], unique=False
        )

    op.create_table(
        "exchange_terms",
        sa.Column("contribution_id", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("least", sa.BigInteger(), nullable=True),
        sa.Column("most", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("reply_by", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_exchange_terms_contribution_id_contribution"),
        ),
        sa.PrimaryKeyConstraint("contribution_id", name=op.f("pk_exchange_terms")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("exchange_terms")
    with op.batch_alter_table("exchange_line", schema=None) as batch_op:
        batch_op.drop_index("ix_exchange_line_topic")

    op.drop_table("exchange_line")
