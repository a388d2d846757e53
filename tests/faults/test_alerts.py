"""Killed while it tells the owners of saved searches, the worker tells all of them, and nobody twice."""

from __future__ import annotations

import signal
from collections import Counter

import pytest
from sqlalchemy import select

from portal.alerts.models import SavedSearchHit
from portal.config import Settings
from portal.core.db import Database, session
from portal.core.guard import scoped
from portal.notifications.models import Notification
from tests.alerts.making import save
from tests.faults.test_kills import let_leases_lapse, letters, waiting
from tests.processes import started, wait_until
from tests.world import build_world, make_published

pytestmark = pytest.mark.timeout(240)
OWNERS = ("fijian", "partner", "reader")


@pytest.mark.parametrize("failpoint", ["owners_told", "after_smtp_accept"])
def test_a_worker_killed_while_it_tells_owners_tells_each_once(
    failpoint: str, settings: Settings, database: Database
) -> None:
    with database.unit_of_work():
        world = build_world()
        for who in OWNERS:
            save(world, who, "window", frequency="now")
        for number in range(2):
            make_published(world, f"Single window {number}")
    with started("work", data=settings.data, url=settings.database_url, FAILPOINT=failpoint) as worker:
        assert worker.wait(30) == -signal.SIGKILL
    assert waiting(database)
    with started("work", data=settings.data, url=settings.database_url):
        let_leases_lapse(database)
        wait_until(lambda: waiting(database) == 0)
    with database.unit_of_work(write=False):
        alerts = session().scalars(select(Notification).where(Notification.kind == "alert.found")).all()
        hits = session().scalars(scoped("test", select(SavedSearchHit))).all()
        expected = {f"{alert.id}.notification" for alert in alerts}
    assert Counter(alert.person_id for alert in alerts) == {world.people[who]: 2 for who in OWNERS}
    assert len(hits) == 2 * len(OWNERS)
    assert expected <= {letter.strip("<>").partition("@")[0] for letter in letters(settings.data)}
