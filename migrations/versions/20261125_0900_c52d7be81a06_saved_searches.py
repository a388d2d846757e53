"""Saved searches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c52d7be81a06"
down_revision = "d52e7c0b91f4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "saved_search",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("plain", sa.JSON(), nullable=False),
        sa.Column("sort", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("feed_hash", sa.String(), nullable=True),
        sa.Column("feed_made_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_search_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
        sa.UniqueConstraint("feed_hash", name=op.f("uq_saved_search_feed_hash")),
    )
    op.create_index("ix_saved_search_person_id", "saved_search", ["person_id"])
    op.create_table(
        "saved_search_hit",
        sa.Column("search_id", sa.String(), nullable=False),
        sa.Column("edition_id", sa.String(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_saved_search_hit_edition_id_edition")
        ),
        sa.ForeignKeyConstraint(
            ["search_id"], ["saved_search.id"], name=op.f("fk_saved_search_hit_search_id_saved_search")
        ),
        sa.PrimaryKeyConstraint("search_id", "edition_id", name=op.f("pk_saved_search_hit")),
    )
    op.create_index(op.f("ix_saved_search_hit_edition_id"), "saved_search_hit", ["edition_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_index(op.f("ix_saved_search_hit_edition_id"), table_name="saved_search_hit")
    op.drop_table("saved_search_hit")
    op.drop_index("ix_saved_search_person_id", table_name="saved_search")
    op.drop_table("saved_search")
