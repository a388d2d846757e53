"""What messages about cooperation are made of, loaded at once for a whole page of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from portal.cooperation.models import Commitment, Meeting, Party, PartyState
from portal.cooperation.queries import SEATED, taking_part
from portal.core.access import Actor
from portal.core.db import session
from portal.core.guard import scoped
from portal.core.i18n import localised
from portal.notifications.messages import prepares
from portal.notifications.models import Notification
from portal.organisations.models import Organisation


@prepares
def load_at_once(notifications: Sequence[Notification], recipient: Actor) -> None:
    """Load threads that the recipient is in, commitments, meetings and names, in four statements at most."""
    mine = [n for n in notifications if n.kind.startswith("cooperation.")]
    found = kept()
    threads = _ids(mine, "thread_id")
    if threads:
        statement = select(Party).where(Party.thread_id.in_(threads), taking_part(recipient, SEATED))
        for party in session().scalars(scoped(recipient, statement)):
            # Whoever is in it for one organisation reads it, though another of theirs is only asked.
            if found.get(("state", party.thread_id)) != PartyState.ACTIVE:
                found["state", party.thread_id] = party.state
    _load_commitments(_ids(mine, "commitment_id"), recipient)
    meetings = _ids(mine, "meeting_id")
    if meetings:
        wanted = select(Meeting).where(Meeting.id.in_(meetings))
        found.update({("meeting", m.id): m for m in session().scalars(scoped(recipient, wanted))})
    organisations = _ids(mine, "organisation_id")
    if organisations:
        named = select(Organisation).where(Organisation.id.in_(organisations))
        found.update({("organisation", o.id): o for o in session().scalars(named)})
    found.update({("looked at", n.id): True for n in mine})


def state_in(notification: Notification, recipient: Actor) -> PartyState | None:
    """Where the recipient's organisations stand in the thread of a notification; None for outside."""
    state: PartyState | None = _fact("state", "thread_id", notification, recipient)
    return state


def organisation_of(notification: Notification, recipient: Actor) -> str:
    """The name of the organisation that a notification is about, in the current language."""
    found = _fact("organisation", "organisation_id", notification, recipient)
    return localised(found, "name") if found is not None else ""


def meeting_of(notification: Notification, recipient: Actor) -> Meeting | None:
    """The meeting that a notification is about, as it is now."""
    found: Meeting | None = _fact("meeting", "meeting_id", notification, recipient)
    return found


def commitment_of(notification: Notification, recipient: Actor) -> tuple[Commitment, str] | None:
    """The commitment that a notification is about, and the name of who made it."""
    found = _fact("commitment", "commitment_id", notification, recipient)
    return None if found is None else (found[0], localised(found[1], "name"))


def kept() -> dict[Any, Any]:
    """What this unit of work has loaded for messages already."""
    found: dict[Any, Any] = session().info.setdefault("cooperation_messages", {})
    return found


def _fact(what: str, param: str, notification: Notification, recipient: Actor) -> Any:
    if ("looked at", notification.id) not in kept():
        load_at_once([notification], recipient)
    return kept().get((what, notification.params.get(param, "")))


def _ids(notifications: Sequence[Notification], param: str) -> set[str]:
    return {n.params[param] for n in notifications if n.params.get(param)}


def _load_commitments(ids: set[str], recipient: Actor) -> None:
    if not ids:
        return
    statement = (
        select(Commitment, Organisation)
        .join(Organisation, Organisation.id == Commitment.organisation_id)
        .where(Commitment.id.in_(ids))
    )
    for commitment, organisation in session().execute(scoped(recipient, statement)):
        kept()["commitment", commitment.id] = (commitment, organisation)
