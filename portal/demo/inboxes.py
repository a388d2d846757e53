"""What people of the demo world were told lately, as the workflow would have told them.

Nothing is mailed: nobody reads the mail of invented people.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from portal.accounts.models import Person
from portal.core.db import new_id
from portal.demo.cast import Cast
from portal.demo.ledger import Ledger
from portal.editorial.models import Case, Contribution, HistoryEntry, Standing
from portal.notifications.models import Notification
from portal.organisations.models import Role

LATELY = timedelta(days=21)
READ_BY = timedelta(days=3)
# Step -> what the author is told, and whether the words of the decision are in it.
AUTHORS = {
    "approve": ("contribution.published", False),
    "request_changes": ("contribution.changes_requested", True),
    "decline": ("contribution.declined", True),
    "propose_edit": ("contribution.edit_proposed", True),
    "clear": ("contribution.cleared", False),
}


def fill(ledger: Ledger, cast: Cast, now: datetime) -> None:
    """Add the notifications of the last three weeks to the ledger; older ones of them are read."""
    owners = {contribution.id: contribution for contribution in ledger.rows(Contribution)}
    for entry in ledger.past:
        if entry.at > now - LATELY:
            _tell_of(entry, owners[entry.contribution_id], ledger, cast, now)
    for case in ledger.rows(Case):
        if case.opened_at > now - LATELY:
            kind = "case.appealed" if case.appeal_of_id else "case.opened"
            _add(ledger, _reviewers(case, cast), kind, case.opened_at, now, case.contribution_id, case.id)


def _tell_of(
    entry: HistoryEntry, contribution: Contribution, ledger: Ledger, cast: Cast, now: datetime
) -> None:
    if entry.step in AUTHORS:
        kind, with_comment = AUTHORS[entry.step]
        params = {"comment": entry.comment} if with_comment else {"language": entry.language}
        if kind == "contribution.published":
            params["comment"] = entry.comment
        _add(ledger, [contribution.author_id], kind, entry.at, now, contribution.id, entry.case_id, params)
    elif entry.to_state == "awaiting_clearance":
        code = _code(contribution.organisation_id, cast)
        members = cast.members[code]
        people = [person.id for role in (Role.APPROVER, Role.COORDINATOR) for person in members[role]]
        params = {"language": entry.language}
        _add(ledger, people, "contribution.awaiting_clearance", entry.at, now, contribution.id, None, params)
    elif entry.step == "unpublish":
        by_moderator = entry.to_state == Standing.UNPUBLISHED
        told = {"comment": entry.comment, "by_moderator": by_moderator}
        _add(
            ledger,
            [contribution.author_id],
            "contribution.unpublished",
            entry.at,
            now,
            contribution.id,
            None,
            told,
        )


def _reviewers(case: Case, cast: Cast) -> list[str]:
    people: list[Person] = cast.moderators.get(case.language, [])
    home = {case.organisation_id}
    return [
        person.id
        for person in people
        if person.acting_organisation_id not in home and person.id != case.excluded_moderator_id
    ]


def _code(organisation_id: str, cast: Cast) -> str:
    return next(code for code, row in cast.organisations.items() if row.id == organisation_id)


def _add(
    ledger: Ledger,
    people: Iterable[str],
    kind: str,
    at: datetime,
    now: datetime,
    contribution_id: str,
    case_id: str | None = None,
    params: dict[str, Any] | None = None,
) -> None:
    event_key = f"{kind}:{new_id()}"
    for person_id in people:
        ledger.add(
            Notification(
                id=new_id(),
                person_id=person_id,
                kind=kind,
                event_key=event_key,
                contribution_id=contribution_id,
                case_id=case_id,
                params=params or {},
                created_at=at,
                read_at=at + timedelta(hours=5) if at < now - READ_BY else None,
            )
        )
