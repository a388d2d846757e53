"""What readers open in a language that is not there: counted in memory, written in batches.

A process that is killed loses what it has counted since the last batch: at most half a minute
of one process. No person, no address and no time of day is kept.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from portal.core.access import SYSTEM
from portal.core.clock import now
from portal.core.db import insert_into, session
from portal.core.guard import scoped
from portal.editorial.models import Contribution, Edition
from portal.translating.models import FallbackView

SECONDS = 30.0
MOST = 50
KEPT = timedelta(days=365)
Opened = tuple[str, str]


class ViewCounter:
    """Openings of contributions by language wanted; hands out a batch when it is time to write it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: Counter[Opened] = Counter()
        self._since = clock()

    def note(self, contribution_id: str, language: str) -> Mapping[Opened, int]:
        """Count one; the batch to write now, empty most of the time."""
        with self._lock:
            self._counts[contribution_id, language] += 1
            is_due = len(self._counts) >= MOST or self._clock() - self._since >= SECONDS
        return self.taken() if is_due else {}

    def taken(self) -> Mapping[Opened, int]:
        """All that was counted; counting begins anew."""
        with self._lock:
            counts, self._counts, self._since = self._counts, Counter(), self._clock()
        return counts


def write(opened: Mapping[Opened, int]) -> None:
    """Add to the table what had no published edition in the language wanted; three statements."""
    ids = {contribution_id for contribution_id, _language in opened}
    if not ids:
        return
    live = select(Contribution.id).where(Contribution.id.in_(ids), Contribution.is_live)
    there = select(Edition.contribution_id, Edition.language).where(
        Edition.contribution_id.in_(ids), Edition.published_revision_id.is_not(None)
    )
    found = set(session().scalars(scoped(SYSTEM, live)))
    published = {(c, language) for c, language in session().execute(scoped(SYSTEM, there))}
    day = now().date()
    rows = [
        {"contribution_id": key[0], "language": key[1], "day": day, "views": count}
        for key, count in sorted(opened.items())
        if key[0] in found and key not in published
    ]
    if rows:
        session().execute(_added(), rows)


def sweep() -> None:
    """Forget counts that are older than a year; called by the worker."""
    session().execute(delete(FallbackView).where(FallbackView.day < (now() - KEPT).date()))


def _added() -> Any:
    insert = insert_into(FallbackView)
    key = [FallbackView.contribution_id, FallbackView.language, FallbackView.day]
    return insert.on_conflict_do_update(
        index_elements=key, set_={"views": FallbackView.views + insert.excluded.views}
    )
