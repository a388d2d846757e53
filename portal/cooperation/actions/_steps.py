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
from portal.editorial.actions._steps import members_of
from portal.editorial.models import Contribution
from portal.notifications.actions import notify
from portal.organisations.models import Role

TEXT_LIMIT = 10_000
NOTE_LIMIT = 2_000

ANEW = {"populate_existing": True}
"""How a row is read that another may have changed while one waited for one's turn."""


def progress_of(contribution_id: str) -> Progress:
    """The row of a contribution's progress, made when it is the first; others wait on the contribution.

    It is read once it is our turn, whatever the page has read before.
    """
    wait = select(Contribution.id).where(Contribution.id == contribution_id).with_for_update()
    session().execute(scoped(SYSTEM, wait))
    statement = select(Progress).where(Progress.contribution_id == contribution_id)
    found = session().scalars(scoped(SYSTEM, statement), execution_options=ANEW).first()
    if found is None:
        found = Progress(contribution_id=contribution_id, changed_at=now())
        session().add(found)
        session().flush()
    return found


def go_on(progress: Progress, step: str) -> None:
    """Move what `progress_of` gave on by `step`. Raises WrongState for what is closed.

    Its page shows the stage: what is kept of pages is worthless then.
    """
    stage = further(step, progress.stage)
    if stage != progress.stage:
        progress.stage, progress.version, progress.changed_at = stage, progress.version + 1, now()
        bump_visibility()


def go_on_if_open(contribution_id: str, step: str) -> None:
    """The same for what parties go on with after a need or an offer was closed, which then stays closed."""
    progress = progress_of(contribution_id)
    if progress.stage != Stage.CLOSED:
        go_on(progress, step)


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
    return members_of(organisation_ids, Role.COORDINATOR)


def people_of(thread: Thread) -> list[str]:
    """All who take part in a thread: contributors and above of its active parties."""
    parties = [party.organisation_id for party in active_parties(thread)]
    return members_of(parties, Role.CONTRIBUTOR, Role.APPROVER, Role.COORDINATOR)


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
