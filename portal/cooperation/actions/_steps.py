"""What the writes of cooperation share: the stage, one at a time, whom to tell, what may be typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from portal.audit.version import bump_visibility
from portal.cooperation.models import Party, PartyState, Progress, Thread
from portal.cooperation.progress import Stage, further
from portal.core.access import SYSTEM, Actor
from portal.core.clock import now
from portal.core.db import new_id, session
from portal.core.errors import Invalid
from portal.core.guard import scoped
from portal.core.i18n import LANGUAGES
from portal.editorial.actions._steps import members_with
from portal.editorial.models import Contribution
from portal.notifications.actions import notify
from portal.organisations.models import Role

TEXT_LIMIT = 10_000
NOTE_LIMIT = 2_000


def progress_of(contribution_id: str) -> Progress:
    """The row of a contribution's progress, made when it is the first; others wait on the contribution."""
    wait = select(Contribution.id).where(Contribution.id == contribution_id).with_for_update()
    session().execute(scoped(SYSTEM, wait))
    statement = select(Progress).where(Progress.contribution_id == contribution_id)
    found = session().scalars(scoped(SYSTEM, statement)).first()
    if found is None:
        found = Progress(contribution_id=contribution_id, changed_at=now())
        session().add(found)
        session().flush()
    return found


def go_on(contribution_id: str, step: str) -> Progress:
    """Move the progress of a contribution on by `step`. Raises WrongState for what is closed.

    Its page shows the stage: what is kept of pages is worthless then.
    """
    found = progress_of(contribution_id)
    stage = further(step, found.stage)
    if stage != found.stage:
        found.stage, found.version, found.changed_at = stage, found.version + 1, now()
        bump_visibility()
    return found


def go_on_if_open(contribution_id: str, step: str) -> None:
    """The same for what parties go on with after a need or an offer was closed, which then stays closed."""
    if progress_of(contribution_id).stage != Stage.CLOSED:
        go_on(contribution_id, step)


def wait_for_turn(thread: Thread) -> None:
    """Two who write in one thread at once wait for each other; SQLite lets one write anyway."""
    statement = select(Thread.id).where(Thread.id == thread.id).with_for_update()
    session().execute(scoped(SYSTEM, statement))


def active_parties(thread: Thread) -> list[Party]:
    """The organisations that are in a thread, its founders first."""
    statement = (
        select(Party)
        .where(Party.thread_id == thread.id, Party.state == PartyState.ACTIVE)
        .order_by(Party.is_founder.desc(), Party.since, Party.organisation_id)
    )
    return list(session().scalars(scoped(SYSTEM, statement)))


def coordinators(organisation_ids: Iterable[str]) -> list[str]:
    """The people who coordinate these organisations."""
    return [p for one in dict.fromkeys(organisation_ids) for p in members_with(one, Role.COORDINATOR)]


def people_of(thread: Thread) -> list[str]:
    """All who take part in a thread: contributors and above of its active parties."""
    roles = (Role.CONTRIBUTOR, Role.APPROVER, Role.COORDINATOR)
    found = [
        person for party in active_parties(thread) for person in members_with(party.organisation_id, *roles)
    ]
    return list(dict.fromkeys(found))


def tell(
    people: Iterable[str], kind: str, actor: Actor | None, contribution_id: str, key: str = "", **params: Any
) -> None:
    """Tell people of one event; `key` names it where it may come twice.

    Unless `params` name another one, the organisation of the event is the one that `actor` acts for.
    """
    if actor is not None:
        params.setdefault("organisation_id", actor.organisation_id)
    notify(
        people,
        kind,
        event_key=f"{kind}:{key or new_id()}",
        contribution_id=contribution_id,
        actor=actor,
        **params,
    )


def check_text(field: str, text: str, limit: int = TEXT_LIMIT, *, needed: bool = True) -> None:
    """Raise Invalid at `field` for words that are missing or too many."""
    if needed and not text:
        raise Invalid(field, _("Write something here."))
    if len(text) > limit:
        raise Invalid(field, _("This is too long: at most %(limit)s characters.", limit=limit))


def check_language(language: str) -> None:
    """Raise Invalid unless it is a language of the portal."""
    if language not in LANGUAGES:
        raise Invalid("language", _("Choose the language that you write in."))
