"""Add the words of public texts, the searches that found nothing, and the synonyms that moderators decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "d52e7c0b91f4"
down_revision = "a3c1f4e08d27"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "public_word",
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("language", "folded", name=op.f("pk_public_word")),
    )
    op.create_table(
        "missed_search",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("written", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missed_search")),
        sa.UniqueConstraint("folded", name=op.f("uq_missed_search_folded")),
    )
    op.create_table(
        "missed_by",
        sa.Column("missed_search_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["missed_search_id"],
            ["missed_search.id"],
            name=op.f("fk_missed_by_missed_search_id_missed_search"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_missed_by_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("missed_search_id", "organisation_id", name=op.f("pk_missed_by")),
    )
    op.create_index(op.f("ix_missed_by_day"), "missed_by", ["day"])
    op.create_table(
        "synonym_edit",
        sa.Column("topic_code", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("phrase", sa.String(), nullable=False),
        sa.Column("is_synonym", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["topic_code"], ["topic.code"], name=op.f("fk_synonym_edit_topic_code_topic")
        ),
        sa.PrimaryKeyConstraint("topic_code", "language", "phrase", name=op.f("pk_synonym_edit")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("synonym_edit")
    op.drop_index(op.f("ix_missed_by_day"), table_name="missed_by")
    op.drop_table("missed_by")
    op.drop_table("missed_search")
    op.drop_table("public_word")
