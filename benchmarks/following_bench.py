"""Telling 10,000 followers of one publication, against writing 10,000 bare rows with the same driver.

One figure a line. `BENCH_FOLLOWERS` changes the number.
"""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from sqlalchemy import event, insert, select

from benchmarks.demo import demo_world
from portal.accounts.models import Person
from portal.core.clock import now
from portal.core.db import Database, new_id, session
from portal.core.guard import scoped
from portal.editorial.models import Contribution, Edition
from portal.following.models import Follow
from portal.following.telling import tell_followers
from portal.organisations.models import Membership, MembershipState, Organisation, OrganisationState, Role

FOLLOWERS = int(os.environ.get("BENCH_FOLLOWERS", "10000"))


def main() -> None:
    """Make the followers, tell them, and write as many bare rows."""
    with demo_world() as (app, database, folder):
        payload = _followers(database)
        statements = []
        event.listen(database.engine, "before_cursor_execute", lambda *_all: statements.append(1))
        began = time.perf_counter()
        tell_followers(app, payload)
        taken = time.perf_counter() - began
        bare = _bare(folder / "bare.sqlite3")
        print(
            f"following: {FOLLOWERS} followers told in {taken:.2f} s, {len(statements)} statements (bar 60 s)"
        )
        print(f"following: {FOLLOWERS} bare rows written in {bare:.2f} s, {taken / bare:.0f}x")


def _followers(database: Database) -> dict[str, object]:
    with database.unit_of_work():
        post, revision = session().execute(
            scoped(
                "bench",
                select(Contribution, Edition.published_revision_id)
                .join(Edition, Edition.contribution_id == Contribution.id)
                .where(Contribution.is_live, Contribution.audience == "members", Edition.is_original),
            )
        ).first() or (None, None)
        assert post is not None
        houses = (
            session()
            .scalars(select(Organisation.id).where(Organisation.state == OrganisationState.ACTIVE))
            .all()
        )
        people = [new_id() for _ in range(FOLLOWERS)]
        moment = now()
        session().execute(insert(Person), [
            {"id": p, "email": f"{p}@bench.example", "name": "Follower", "language": "en",
             "created_at": moment}
            for p in people
        ])  # fmt: skip
        session().execute(insert(Membership), [
            {"id": new_id(), "person_id": p, "organisation_id": houses[i % len(houses)], "role": Role.READER,
             "state": MembershipState.ACTIVE, "joined_at": moment}
            for i, p in enumerate(people)
        ])  # fmt: skip
        session().execute(insert(Follow), [
            {"id": new_id(), "person_id": p, "kind": "organisation", "key": post.organisation_id,
             "created_at": moment}
            for p in people
        ])  # fmt: skip
        return {
            "contribution": post.id, "revision": revision, "language": post.original_language,
            "event": "first", "but": [],
        }  # fmt: skip


def _bare(path: Path) -> float:
    with sqlite3.connect(path) as connection:
        connection.execute("create table notification (id text primary key, person text, kind text, at text)")
        began = time.perf_counter()
        rows = ((new_id(), new_id(), "follow.published", "2026-11-24") for _ in range(FOLLOWERS))
        connection.executemany("insert into notification values (?, ?, ?, ?)", rows)
        connection.commit()
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
