"""For which topics and places a need or an offer is kept, when it is published and by the migration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool, select

from portal.core.access import SYSTEM
from portal.core.db import Database, session
from portal.core.guard import scoped
from portal.core.migrating import downgrade, upgrade
from portal.editorial.actions.terms import file_terms
from portal.editorial.models import EVERYWHERE, Contribution, ExchangeReach
from portal.editorial.terms import Help, Terms
from portal.editorial.texts import About
from tests import engines
from tests.matching.making import line, need, offer
from tests.world import World, build_world

BEFORE = "8c1f4a7be0d3"


def reach(contribution: Contribution) -> set[tuple[str, str]]:
    """The topics and places that are kept of one."""
    statement = select(ExchangeReach.topic_code, ExchangeReach.place)
    kept = session().execute(
        scoped(SYSTEM, statement.where(ExchangeReach.contribution_id == contribution.id))
    )
    return {(topic, place) for topic, place in kept}


def test_each_topic_is_kept_with_each_place(world: World) -> None:
    asked = need(world, topics=("TFA-3",), lines=(line(topic="TFA-10.4"),), countries=("FJ", "PE"))
    assert reach(asked) == {(topic, place) for topic in ("TFA-3", "TFA-10.4") for place in ("FJ", "PE")}
    assert reach(offer(world, countries=("PE",), regions=("AP",))) == {("TFA-3", "PE"), ("TFA-3", "AP")}
    assert reach(offer(world, countries=())) == {("TFA-3", EVERYWHERE)}


def test_a_later_version_replaces_what_was_kept(world: World) -> None:
    offered = offer(world)
    about = About(topics=("TFA-10.4",), countries=("PE",), terms=Terms(lines=(line(Help.FUNDING),)))
    file_terms(offered, about)
    assert reach(offered) == {("TFA-10.4", "PE")}


@pytest.fixture
def migrated(database_kind: str, tmp_path: Path) -> Iterator[Database]:
    """A database of its own, made by the migrations."""
    for url in engines.bare(database_kind, tmp_path):
        upgrade(url)
        database = Database(url, poolclass=NullPool)
        yield database
        database.dispose()


def test_the_migration_keeps_for_what_is_there_what_publishing_keeps(migrated: Database) -> None:
    with migrated.unit_of_work():
        world = build_world()
        need(world, lines=(line(topic="TFA-10.4"),), countries=("FJ", "PE"))
        need(world, words="Anywhere", countries=())
        offer(world, countries=("PE",), regions=("AP", "AMS"))
        offer(world, words="Everybody", countries=())
    kept = _every(migrated)
    downgrade(migrated.url, BEFORE)
    upgrade(migrated.url)
    assert _every(migrated) == kept != set()


def _every(database: Database) -> set[tuple[str, ...]]:
    table = ExchangeReach
    with database.unit_of_work(write=False):
        columns = select(table.topic_code, table.kind, table.place, table.contribution_id)
        return {tuple(row) for row in session().execute(scoped(SYSTEM, columns))}
