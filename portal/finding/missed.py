"""What members look for in vain: gathered in memory, written in batches, shown when three organisations did.

Kept are the words, the organisation and the day: no person, no time of day, and nothing that looks
like an address or a number of somebody's. A process that is killed loses what it has gathered
since the last batch: at most half a minute of one process.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import delete, func, or_, select

from portal.core.access import SYSTEM, Actor
from portal.core.clock import now
from portal.core.db import insert_into, new_id, session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.core.text import one_line
from portal.finding.models import MissedBy, MissedSearch
from portal.search.analysis import words
from portal.search.query import Query
from portal.taxonomy import policy

SECONDS = 30.0
MOST = 50
KEPT = timedelta(days=365)
ORGANISATIONS = 3
LONGEST = 80
SHOWN = 50
WORDS = 6

# An e-mail address, or a number long enough to be a telephone's, a document's or an account's.
_PERSONAL = re.compile(r"@|\d(?:[\s./()-]*\d){5}")


class Missed(NamedTuple):
    """What was looked for in vain, in which interface language, and from which organisation."""

    folded: str
    written: str
    language: str
    organisation_id: str


class Candidate(NamedTuple):
    """What several organisations looked for in vain."""

    id: str
    written: str
    language: str
    organisations: int


class MissCounter:
    """What was missed since the last batch; hands one out when it is time to write it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._missed: dict[tuple[str, str], Missed] = {}
        self._since = clock()

    def note(self, missed: Missed) -> Sequence[Missed]:
        """Gather one; the batch to write now, empty most of the time."""
        with self._lock:
            self._missed[missed.folded, missed.organisation_id] = missed
            is_due = len(self._missed) >= MOST or self._clock() - self._since >= SECONDS
        return self.taken() if is_due else ()

    def taken(self) -> Sequence[Missed]:
        """All that was gathered; gathering begins anew."""
        with self._lock:
            missed, self._missed, self._since = self._missed, {}, self._clock()
        return list(missed.values())


def worth_keeping(actor: Actor, text: str, query: Query, language: str) -> Missed | None:
    """What to remember of a search that found nothing; None for a visitor's, or what is no phrase.

    Only a few plain words may be a synonym one day: no exclusions, alternatives, beginnings or fields.
    """
    plain = all(len(group) == 1 and not group[0].is_prefix for group in query.required)
    written = one_line(text.strip('"“”„«» '))
    folded = words(written)
    if actor.organisation_id is None or not plain or query.excluded or query.fields:
        return None
    if not 1 <= len(folded) <= WORDS or len(written) > LONGEST or _PERSONAL.search(written):
        return None
    return Missed(" ".join(folded), written, language, actor.organisation_id)


def write(missed: Collection[Missed]) -> None:
    """Add to the tables what was missed; each organisation counts once, with its last day."""
    if not missed:
        return
    first = {one.folded: one for one in sorted(missed, reverse=True)}
    rows = [
        {"id": new_id(), "folded": one.folded, "written": one.written, "language": one.language}
        for one in first.values()
    ]
    session().execute(insert_into(MissedSearch).on_conflict_do_nothing(index_elements=["folded"]), rows)
    known = select(MissedSearch.folded, MissedSearch.id).where(MissedSearch.folded.in_(list(first)))
    ids = {row.folded: row.id for row in session().execute(scoped(SYSTEM, known))}
    insert = insert_into(MissedBy)
    day = now().date()
    session().execute(
        insert.on_conflict_do_update(
            index_elements=["missed_search_id", "organisation_id"], set_={"day": insert.excluded.day}
        ),
        [
            {"missed_search_id": ids[one.folded], "organisation_id": one.organisation_id, "day": day}
            for one in sorted(missed)
        ],
    )


def sweep() -> None:
    """Forget what is older than a year, settled or not; called by the worker."""
    limit = now() - KEPT
    session().execute(delete(MissedBy).where(MissedBy.day < limit.date()))
    left = select(MissedBy.missed_search_id)
    session().execute(
        delete(MissedSearch)
        .where(MissedSearch.id.not_in(left))
        .where(or_(MissedSearch.settled_at.is_(None), MissedSearch.settled_at < limit))
        .execution_options(synchronize_session=False)
    )


def candidates(actor: Actor) -> list[Candidate]:
    """What three organisations or more looked for in vain, most of them first; NotFound for others."""
    if not policy.extend(actor):
        raise NotFound
    count = func.count(MissedBy.organisation_id)
    statement = (
        select(MissedSearch.id, MissedSearch.written, MissedSearch.language, count)
        .join(MissedBy, MissedBy.missed_search_id == MissedSearch.id)
        .where(MissedSearch.settled_at.is_(None))
        .group_by(MissedSearch.id, MissedSearch.written, MissedSearch.language, MissedSearch.folded)
        .having(count >= ORGANISATIONS)
        .order_by(count.desc(), MissedSearch.folded)
        .limit(SHOWN)
    )
    return [Candidate(*row) for row in session().execute(scoped(actor, statement))]


def candidate(actor: Actor, missed_id: str) -> MissedSearch:
    """One of them; NotFound for who may not see them, for one that is settled or has too few."""
    if missed_id not in {one.id for one in candidates(actor)}:
        raise NotFound
    statement = select(MissedSearch).where(MissedSearch.id == missed_id)
    return session().scalars(scoped(actor, statement)).one()
