"""The number that changes whenever what anybody is shown has changed; caches are keyed by it."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, connection, session


class VisibilityVersion(Base):
    """One row that is counted up in every transaction that changes what anybody may see."""

    __tablename__ = "visibility_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


VERSION = select(VisibilityVersion.value).where(VisibilityVersion.id == 1)


def visibility_version() -> int:
    """The present number, read once a unit of work; 0 in a new database."""
    info = session().info
    if "visibility_version" not in info:
        info["visibility_version"] = connection().scalar(VERSION) or 0
    found: int = info["visibility_version"]
    return found


def note_version(value: int | None) -> None:
    """Keep for this unit of work what a statement for something else has read along (see VERSION)."""
    session().info["visibility_version"] = value or 0


def bump_visibility() -> None:
    """Count the number up in this transaction; two at a time wait for each other on the row."""
    session().info.pop("visibility_version", None)
    changed = session().execute(
        update(VisibilityVersion)
        .where(VisibilityVersion.id == 1)
        .values(value=VisibilityVersion.value + 1)
        .execution_options(synchronize_session=False)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        session().add(VisibilityVersion(id=1, value=1))
        session().flush()
