"""The tripwire: a guarded table may be read only by a statement that names for whom.

It shows that somebody thought of the reader, not that the filter is right; the leak tests do
that (shared/security.md section 5.2).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Engine, MetaData, event
from sqlalchemy.engine import Connection
from sqlalchemy.sql.base import Executable

S = TypeVar("S", bound=Executable)

_guarded: set[str] = set()


class UnscopedQuery(RuntimeError):
    """A guarded table was read by a statement that names no actor."""


def guard(metadata: MetaData) -> None:
    """Put every table with `info={"guarded": True}` under the tripwire."""
    _guarded.update(t.name for t in metadata.tables.values() if t.info.get("guarded"))
    _names_guarded.cache_clear()


def scoped(who: object, statement: S) -> S:
    """Mark `statement` as made for `who` (an actor, or the name of a system task)."""
    return statement.execution_options(scope=who)


@lru_cache(maxsize=2048)
def _names_guarded(statement: str) -> str | None:
    if not _guarded or not re.match(r"\s*(SELECT|WITH)\b", statement, re.IGNORECASE):
        return None
    pattern = rf"\b(?:FROM|JOIN|,)\s+\"?({'|'.join(sorted(_guarded))})\"?(?![\w.])"
    found = re.search(pattern, statement, re.IGNORECASE)
    return found.group(1) if found else None


def install_tripwire(engine: Engine) -> None:
    """Watch every statement of `engine`."""

    @event.listens_for(engine, "before_cursor_execute")
    def _watch(
        connection: Connection, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool
    ) -> None:
        options = context.execution_options if context is not None else {}
        if options.get("scope") is None and connection.get_execution_options().get("scope") is None:
            table = _names_guarded(statement)
            if table is not None:
                raise UnscopedQuery(
                    f"{table} was read without an actor; wrap the statement in core.guard.scoped(actor, ...)"
                )
