"""Where imported offers came from, and what their source says against edits made here."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "8c1f4a7be0d3"
down_revision = "8c41d7e90b52"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "exchange_import",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("started_by_id", sa.String(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_exchange_import_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_exchange_import_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["started_by_id"], ["person.id"], name=op.f("fk_exchange_import_started_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_import")),
    )
    with op.batch_alter_table("exchange_import", schema=None) as batch_op:
        batch_op.create_index(
            "ix_exchange_import_organisation", ["organisation_id", "started_at"], unique=False
        )

    op.create_table(
        "imported_programme",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("contribution_id", sa.String(), nullable=False),
        sa.Column("import_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("written", sa.JSON(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column(
            "presence",
            sa.Enum("listed", "not_open", "removed", name="presence", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("presence_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_imported_programme_contribution_id_contribution"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["exchange_import.id"],
            name=op.f("fk_imported_programme_import_id_exchange_import"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_imported_programme_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_programme")),
        sa.UniqueConstraint("contribution_id", name=op.f("uq_imported_programme_contribution_id")),
        sa.UniqueConstraint(
            "organisation_id", "identifier", name=op.f("uq_imported_programme_organisation_id_identifier")
        ),
    )
    op.create_table(
        "import_conflict",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("imported_id", sa.String(), nullable=False),
        sa.Column("import_id", sa.String(), nullable=False),
        sa.Column("offered", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.String(), nullable=True),
        sa.Column(
            "settlement",
            sa.Enum("keep_ours", "take_theirs", name="settlement", native_enum=False, length=40),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["exchange_import.id"], name=op.f("fk_import_conflict_import_id_exchange_import")
        ),
        sa.ForeignKeyConstraint(
            ["imported_id"],
            ["imported_programme.id"],
            name=op.f("fk_import_conflict_imported_id_imported_programme"),
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["person.id"], name=op.f("fk_import_conflict_settled_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_conflict")),
    )
    with op.batch_alter_table("import_conflict", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_conflict_imported_id"), ["imported_id"], unique=False)
        batch_op.create_index(
            "uq_import_conflict_open",
            ["imported_id"],
            unique=True,
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )


def downgrade() -> None:
    """Go back."""
    op.drop_table("import_conflict")
    op.drop_table("imported_programme")
    op.drop_table("exchange_import")
