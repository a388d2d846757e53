"""Add following, feed keys, mail choices and digests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "7f20c6d1b9a4"
down_revision = "bcbd6ed78ace"
branch_labels = None
depends_on = None

KINDS = ("contribution", "organisation", "topic", "country")


def _frequency() -> sa.Enum:
    return sa.Enum("now", "daily", "weekly", "never", name="frequency", native_enum=False, length=40)


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "digest",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_digest_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint("person_id", "day", name=op.f("uq_digest_person_id_day")),
    )
    op.create_table(
        "notification_choice",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("frequency", _frequency(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_notification_choice_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "subject", name=op.f("pk_notification_choice")),
    )
    op.create_table(
        "follow",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("kind", sa.Enum(*KINDS, name="followed", native_enum=False, length=40), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_follow_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow")),
        sa.UniqueConstraint("person_id", "kind", "key", name=op.f("uq_follow_person_id_kind_key")),
    )
    op.create_index("ix_follow_subject", "follow", ["kind", "key", "person_id"])
    op.create_table(
        "feed_key",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_feed_key_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_feed_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_feed_key_token_hash")),
    )
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.add_column(sa.Column("subject", sa.String(), nullable=False, server_default="work"))
        batch_op.add_column(sa.Column("waits", _frequency(), nullable=True))
        batch_op.add_column(sa.Column("digest_id", sa.String(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_notification_digest_id_digest"), "digest", ["digest_id"], ["id"])
        batch_op.create_index(op.f("ix_notification_digest_id"), ["digest_id"])
        batch_op.create_index("ix_notification_waits", ["waits", "created_at"])


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.drop_index("ix_notification_waits")
        batch_op.drop_index(op.f("ix_notification_digest_id"))
        batch_op.drop_constraint(op.f("fk_notification_digest_id_digest"), type_="foreignkey")
        batch_op.drop_column("digest_id")
        batch_op.drop_column("waits")
        batch_op.drop_column("subject")
    op.drop_table("feed_key")
    op.drop_index("ix_follow_subject", table_name="follow")
    op.drop_table("follow")
    op.drop_table("notification_choice")
    op.drop_table("digest")
