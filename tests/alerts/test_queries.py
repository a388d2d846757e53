"""Reads of saved searches: each person their own, batches of the rest for the worker."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from portal.alerts import actions, queries
from portal.alerts.models import SavedSearch
from portal.core.access import ANONYMOUS
from portal.core.clock import now
from portal.core.db import Database, session
from portal.core.errors import NotFound
from portal.core.guard import UnscopedQuery
from portal.editorial.models import Audience
from tests import world as w
from tests.alerts.conftest import Saves
from tests.alerts.making import saved
from tests.world import World


def test_each_reads_their_own_the_newest_first(world: World, database: Database, saves: Saves) -> None:
    with time_machine.travel(now() - timedelta(days=1)):
        first = saves("fijian", "window", frequency="weekly")
    second = saves("fijian", "corridor")
    saves("partner", "window")
    with database.unit_of_work(write=False):
        fijian = world.actor("fijian")
        lines = queries.mine(fijian)
        assert [(line.saved.id, line.frequency) for line in lines] == [(second, None), (first, "weekly")]
        assert queries.count(fijian) == 2
        assert queries.titles(fijian) == [(second, "corridor"), (first, "window")]
        assert queries.one(fijian, first).frequency == "weekly"
        assert set(queries.some(fijian, [first, second])) == {first, second}
        for other in (world.actor("partner"), world.actor("administrator"), ANONYMOUS):
            with pytest.raises(NotFound):
                queries.one(other, first)
            assert queries.some(other, [first, second]) == {}
        assert queries.mine(ANONYMOUS) == []


def test_a_read_that_names_no_reader_trips(database: Database, world: World) -> None:
    with database.unit_of_work(write=False), pytest.raises(UnscopedQuery):
        session().scalars(select(SavedSearch)).all()


def test_the_searches_that_run_come_by_people(world: World, database: Database, saves: Saves) -> None:
    ids = {who: [saves(who, "a1"), saves(who, "b1")] for who in ("fijian", "partner", "reader")}
    with database.unit_of_work():
        actions.pause(world.actor("reader"), saved(ids["reader"][0]))
        for search_id in ids["partner"]:
            actions.pause(world.actor("partner"), saved(search_id))
    with database.unit_of_work(write=False):
        found: dict[str, list[str]] = {}
        after = ""
        while some := queries.running(after, 1):
            assert len(some) == 1
            found |= {person: [kept.id for kept in many] for person, many in some.items()}
            after = max(some)
    assert {person: sorted(many) for person, many in found.items()} == {
        world.people["fijian"]: sorted(ids["fijian"]),
        world.people["reader"]: ids["reader"][1:],
    }


def test_what_was_published_lately_is_what_the_reader_may_see(world: World, database: Database) -> None:
    with database.unit_of_work():
        with time_machine.travel(now() - timedelta(days=91)):
            w.make_published(world)
        with time_machine.travel(now() - timedelta(days=89)):
            late = w.make_published(world).id
        members = w.make_published(world, audience=Audience.MEMBERS).id
        w.make_published(world, audience=Audience.OWN)
    with database.unit_of_work(write=False):
        assert set(queries.lately(world.actor("fijian"))) == {late, members}
        assert set(queries.lately(ANONYMOUS)) == {late}
