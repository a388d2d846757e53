"""Keep the state of a search index in PostgreSQL."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c5d9e2a71f40"
down_revision = "c52d7be81a06"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; SQLite has no such index."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("CREATE SCHEMA search_index")
    op.create_table(
        "state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("build", sa.Integer(), nullable=False),
        sa.Column("commit", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_state_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_state")),
        schema="search_index",
    )


def downgrade() -> None:
    """Go back; the tables of the index are derived data and go with it."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SCHEMA search_index CASCADE")
