"""Two at a time: whoever comes second is told, and nothing happens twice."""

from __future__ import annotations

import threading

from sqlalchemy import func, select

from portal.core.access import SYSTEM
from portal.core.db import Database, session
from portal.core.errors import PortalError
from portal.core.guard import scoped
from portal.editorial import actions
from portal.editorial.models import Case, Contribution, HistoryEntry
from portal.editorial.texts import snapshot_digest
from tests import world as w
from tests.world import World, build_world

AT_ONCE = 12


def at_once(work) -> list[str]:  # type: ignore[no-untyped-def]
    """Run `work` in AT_ONCE threads that start together; the outcome of each."""
    barrier = threading.Barrier(AT_ONCE)
    outcomes: list[str] = []

    def run() -> None:
        barrier.wait()
        try:
            work()
            outcomes.append("done")
        except PortalError as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=run) for _number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def prepared(database: Database, *, claimed: bool) -> tuple[World, str]:
    with database.unit_of_work():
        world = build_world()
        made = w.make_draft(world)
        w.submit(world, made)
        if claimed:
            w.claim(world, made)
        return world, made.id


def entries(database: Database, contribution_id: str, step: str) -> int:
    with database.unit_of_work(write=False):
        statement = (
            select(func.count())
            .select_from(HistoryEntry)
            .where(HistoryEntry.contribution_id == contribution_id, HistoryEntry.step == step)
        )
        return session().scalar(scoped(SYSTEM, statement)) or 0


def load(contribution_id: str) -> tuple[Contribution, Case]:
    made = (
        session()
        .scalars(scoped(SYSTEM, select(Contribution).where(Contribution.id == contribution_id)))
        .one()
    )
    case = (
        session().scalars(scoped(SYSTEM, select(Case).where(Case.contribution_id == contribution_id))).one()
    )
    return made, case


def test_of_many_claims_at_once_one_succeeds(database: Database) -> None:
    world, contribution_id = prepared(database, claimed=False)

    def claim() -> None:
        with database.unit_of_work():
            _made, case = load(contribution_id)
            actions.claim(world.actor("moderator"), case, 1)

    outcomes = at_once(claim)
    assert outcomes.count("done") == 1
    assert entries(database, contribution_id, "claim") == 1


def test_of_many_approvals_at_once_one_succeeds(database: Database) -> None:
    world, contribution_id = prepared(database, claimed=True)

    def approve() -> None:
        with database.unit_of_work():
            made, case = load(contribution_id)
            digest = snapshot_digest(made, w.latest(made))
            actions.approve(world.actor("moderator"), case, 2, digest)

    outcomes = at_once(approve)
    assert outcomes.count("done") == 1
    assert entries(database, contribution_id, "publish") == 1


def test_approving_and_withdrawing_at_once_leave_one_outcome(database: Database) -> None:
    world, contribution_id = prepared(database, claimed=True)
    turn = iter(range(AT_ONCE))

    def either() -> None:
        with database.unit_of_work():
            made, case = load(contribution_id)
            revision = w.latest(made)
            if next(turn) % 2:
                actions.withdraw(world.actor("author"), made, revision)
            else:
                actions.approve(world.actor("moderator"), case, 2, snapshot_digest(made, revision))

    outcomes = at_once(either)
    assert outcomes.count("done") == 1
    done = entries(database, contribution_id, "publish") + entries(database, contribution_id, "withdraw")
    assert done == 1
