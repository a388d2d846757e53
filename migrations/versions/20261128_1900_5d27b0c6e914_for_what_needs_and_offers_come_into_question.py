"""Keep for which topics and places needs and offers come into question, so that few are looked through."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "5d27b0c6e914"
down_revision = "8c1f4a7be0d3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    reach = op.create_table(
        "exchange_reach",
        sa.Column("topic_code", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "reform_update",
                "lesson_learned",
                "need",
                "offer",
                name="kind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("contribution_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contribution.id"],
            name=op.f("fk_exchange_reach_contribution_id_contribution"),
        ),
        sa.ForeignKeyConstraint(
            ["topic_code"], ["topic.code"], name=op.f("fk_exchange_reach_topic_code_topic")
        ),
        sa.PrimaryKeyConstraint(
            "topic_code", "kind", "place", "contribution_id", name=op.f("pk_exchange_reach")
        ),
    )
    with op.batch_alter_table("exchange_reach", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_exchange_reach_contribution_id"), ["contribution_id"], unique=False
        )
    op.bulk_insert(reach, _rows())


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("exchange_reach", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exchange_reach_contribution_id"))

    op.drop_table("exchange_reach")


def _rows() -> list[dict[str, str]]:
    """What the terms of needs and offers that are there already say."""
    topics = _sets(
        "SELECT contribution_id, topic_code FROM contribution_topic"
        " UNION SELECT contribution_id, topic_code FROM exchange_line"
        " WHERE is_current AND topic_code IS NOT NULL"
    )
    countries = _sets("SELECT contribution_id, country_iso2 FROM contribution_country")
    terms = op.get_bind().execute(
        sa.text(
            "SELECT contribution.id, contribution.kind, CAST(exchange_terms.regions AS TEXT)"
            " FROM exchange_terms JOIN contribution ON contribution.id = exchange_terms.contribution_id"
        )
    )
    return [
        {"topic_code": topic, "kind": kind, "place": place, "contribution_id": id_}
        for id_, kind, regions in terms
        for topic in topics.get(id_, ())
        for place in {*countries.get(id_, ()), *(json.loads(regions) if kind == "offer" else ())} or {""}
    ]


def _sets(statement: str) -> dict[str, set[str]]:
    """The second column of a statement by the first."""
    found: dict[str, set[str]] = {}
    for id_, code in op.get_bind().execute(sa.text(statement)):
        found.setdefault(id_, set()).add(code)
    return found
