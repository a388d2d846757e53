"""Answering a need or an offer line by line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from portal.audit.actions import record
from portal.cooperation import policy
from portal.cooperation.actions._steps import (
    ANEW,
    NOTE_LIMIT,
    check_language,
    coordinators,
    go_on,
    progress_of,
    tell,
)
from portal.cooperation.actions.threads import open_between
from portal.cooperation.models import ANSWERS, OPENS_THREAD, Answer, Interest, Reply
from portal.core.access import SYSTEM, Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Invalid, Stale
from portal.core.guard import scoped
from portal.core.text import is_web_address
from portal.editorial.models import Contribution, ExchangeLine

LINK_LIMIT = 500


@dataclass(frozen=True)
class Said:
    """What is said to one line."""

    answer: Answer
    note: str = ""
    link: str = ""


def reply(
    actor: Actor,
    contribution: Contribution,
    said: Mapping[str, Said],
    language: str,
    loaded: str | None = None,
) -> Interest:
    """Answer lines of a need or an offer for the acting organisation, or change what it answered.

    `said` maps ids of lines to answers; a line that is not named, or is answered as before, keeps
    the answer that it has, and its language. `loaded` is the `stamp` of the answer that the page
    showed. To offer support or interest opens a thread with the house that asked. Raises Forbidden,
    Stale when a colleague was faster, and Invalid at `answers` or at a field of a line, `note-<line>`.
    """
    progress = progress_of(contribution.id)
    require(policy.reply(actor, contribution, progress.stage))
    check_language(language)
    if not said:
        raise Invalid("answers", _("Answer at least one line."))
    _check(contribution, said)
    interest = _interest(actor, contribution)
    if loaded is not None and loaded != stamp(interest):
        raise Stale(theirs=interest)
    interest = interest or _begin(actor, contribution)
    is_change, changed = _keep(actor, interest, said, language)
    if not changed:
        return interest
    go_on(progress, "reply")
    record(actor, "need.answered", contribution.id, shown=True, interest=interest.id)
    if any(one.answer in OPENS_THREAD for one in changed):
        open_between(actor, contribution, interest, progress)
    tell(
        {contribution.author_id, *coordinators([contribution.organisation_id])},
        "cooperation.answered",
        actor,
        contribution.id,
        organisation_id=interest.organisation_id,
        is_change=is_change,
    )
    return interest


def stamp(interest: Interest | None) -> str:
    """What tells one state of an organisation's answer from the next; "" while there is none."""
    return interest.changed_at.isoformat() if interest is not None else ""


def _keep(
    actor: Actor, interest: Interest, said: Mapping[str, Said], language: str
) -> tuple[bool, list[Reply]]:
    """Write what is said anew; returns whether anything was said before, and the replies that changed."""
    statement = select(Reply).where(Reply.interest_id == interest.id)
    rows = session().scalars(scoped(SYSTEM, statement), execution_options=ANEW)
    before = {reply.line_id: reply for reply in rows}
    assert actor.person_id is not None  # the policy has asked
    changed: list[Reply] = []
    for line_id, one in said.items():
        row = before.get(line_id)
        if row is not None and Said(row.answer, row.note, row.link) == one:
            continue
        if row is None:
            row = Reply(interest_id=interest.id, line_id=line_id)
            session().add(row)
        row.answer, row.note, row.link = one.answer, one.note, one.link
        row.language, row.person_id, row.changed_at = language, actor.person_id, now()
        changed.append(row)
    if changed:
        interest.person_id, interest.changed_at = actor.person_id, now()
    session().flush()
    return bool(before), changed


def _check(contribution: Contribution, said: Mapping[str, Said]) -> None:
    statement = select(ExchangeLine.id).where(
        ExchangeLine.contribution_id == contribution.id, ExchangeLine.is_current
    )
    if not said.keys() <= set(session().scalars(scoped(SYSTEM, statement))):
        raise Invalid("answers", _("One of these lines is not there any more. Look at the present version."))
    for line_id, one in said.items():
        if one.answer not in ANSWERS[contribution.kind]:
            raise Invalid(f"answer-{line_id}", _("Choose one of the answers."))
        if len(one.note) > NOTE_LIMIT:
            raise Invalid(
                f"note-{line_id}", _("This is too long: at most %(limit)s characters.", limit=NOTE_LIMIT)
            )
        if one.answer == Answer.COVERED and not (one.note or one.link):
            raise Invalid(f"note-{line_id}", _("Say what covers it already, or give its address."))
        if one.link and not (len(one.link) <= LINK_LIMIT and is_web_address(one.link)):
            raise Invalid(f"link-{line_id}", _("Give a whole address that begins with https://."))


def _interest(actor: Actor, contribution: Contribution) -> Interest | None:
    statement = select(Interest).where(
        Interest.contribution_id == contribution.id, Interest.organisation_id == actor.organisation_id
    )
    return session().scalars(scoped(actor, statement), execution_options=ANEW).first()


def _begin(actor: Actor, contribution: Contribution) -> Interest:
    assert actor.organisation_id is not None and actor.person_id is not None  # the policy has asked
    made = Interest(
        contribution_id=contribution.id,
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
        created_at=now(),
        changed_at=now(),
    )
    session().add(made)
    session().flush()
    return made
