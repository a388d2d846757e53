"""How Alembic reaches the portal's database: on the connection it is given, or on that of the settings."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from portal.config import settings_from
from portal.core import db
from portal.core.migrating import connection_to

PORTAL = Path(db.__file__).parents[1]


def load_tables() -> None:
    """Import every module that may declare tables."""
    for path in sorted([*PORTAL.glob("*/models.py"), PORTAL / "audit" / "version.py"]):
        importlib.import_module(".".join(path.relative_to(PORTAL.parent).with_suffix("").parts))


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own types as what they are in the database: migrations import nothing of the portal."""
    if kind == "type" and isinstance(item, db.UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def migrate(connection: Connection) -> None:
    """Run the migrations that were asked for on `connection`, whose transaction is the caller's."""
    load_tables()
    context.configure(
        connection=connection,
        target_metadata=db.Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with connection_to(settings_from().database_url) as opened:
        migrate(opened)
