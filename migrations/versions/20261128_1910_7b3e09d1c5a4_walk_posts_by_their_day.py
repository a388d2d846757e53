"""Let the newest needs and offers be found without sorting all of them."""

from __future__ import annotations

from alembic import op

revision = "7b3e09d1c5a4"
down_revision = "5d27b0c6e914"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_index("ix_contribution_published", "contribution", ["published_at", "id"])


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_contribution_published", table_name="contribution")
