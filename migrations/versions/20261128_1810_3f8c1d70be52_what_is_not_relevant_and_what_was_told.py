"""Keep what is compared of needs and offers at hand, what is not relevant, what was told, what is closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "3f8c1d70be52"
down_revision = "69c263791c13"
branch_labels = None
depends_on = None

COMPARED = ("topics", "countries", "lines")


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("exchange_terms") as table:
        table.add_column(sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
        for name in COMPARED:
            table.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.create_table(
        "match_dismissal",
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("need_id", sa.String(), nullable=False),
        sa.Column("offer_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_match_dismissal_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["need_id"], ["contribution.id"], name=op.f("fk_match_dismissal_need_id_contribution")
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["contribution.id"], name=op.f("fk_match_dismissal_offer_id_contribution")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_match_dismissal_person_id_person")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "need_id", "offer_id", name=op.f("pk_match_dismissal")),
    )
    op.create_table(
        "match_told",
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("need_id", sa.String(), nullable=False),
        sa.Column("offer_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_match_told_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["need_id"], ["contribution.id"], name=op.f("fk_match_told_need_id_contribution")
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["contribution.id"], name=op.f("fk_match_told_offer_id_contribution")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "need_id", "offer_id", name=op.f("pk_match_told")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("match_told")
    op.drop_table("match_dismissal")
    with op.batch_alter_table("exchange_terms") as table:
        for name in COMPARED:
            table.drop_column(name)
        table.drop_column("closed_at")
