"""What messages about contributions and cases are made of, loaded at once for a whole page of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from portal.core.access import Actor
from portal.core.db import session
from portal.core.guard import scoped
from portal.editorial.models import Case, Contribution, Edition, Revision
from portal.editorial.visibility import visible_to
from portal.notifications.messages import prepares
from portal.notifications.models import Notification


@prepares
def load_at_once(notifications: Sequence[Notification], recipient: Actor) -> None:
    """Load contributions, cases and titles of a whole page of notifications, in five statements."""
    ids = {n.contribution_id for n in notifications if n.contribution_id is not None}
    cases = {n.case_id for n in notifications if n.case_id is not None}
    facts = kept()
    for found in session().scalars(scoped(recipient, select(Contribution).where(Contribution.id.in_(ids)))):
        facts[("contribution", found.id)] = found
    for case in session().scalars(scoped(recipient, select(Case).where(Case.id.in_(cases)))):
        facts[("case", case.id)] = case
    visible = select(Contribution.id).where(Contribution.id.in_(ids), visible_to(recipient))
    facts.update({("visible", found): True for found in session().scalars(scoped(recipient, visible))})
    statement = (
        select(Edition, Revision.id, Revision.title)
        .join(Revision, Revision.edition_id == Edition.id)
        .where(Edition.contribution_id.in_(ids))
        .order_by(Edition.is_original, Revision.number)
    )
    for edition, revision_id, title in session().execute(scoped(recipient, statement)):
        if revision_id == edition.published_revision_id:
            facts[("published", edition.contribution_id, edition.language)] = title
            facts[("outdated", edition.contribution_id, edition.language)] = edition.is_outdated
        facts[("title", edition.contribution_id, edition.language)] = title
        facts[("title", edition.contribution_id, "")] = title
        facts[("revision", revision_id)] = title


def kept() -> dict[Any, Any]:
    """What this unit of work has loaded for messages already."""
    found: dict[Any, Any] = session().info.setdefault("editorial_messages", {})
    return found


def loaded(key: tuple[str, ...], notification: Notification, recipient: Actor) -> Any:
    """One fact that a notification needs, loaded now if need be; None when there is none."""
    if key not in kept():
        load_at_once([notification], recipient)
    return kept().get(key)
