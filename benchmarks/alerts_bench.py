"""One publication against 5,000 saved searches, against running each of them on the portal's index.

One figure a line. `BENCH_SEARCHES` and `BENCH_POSTS` change the numbers. The baseline is a sample of
the same searches, each run as its owner and narrowed to the same post, times as many as there are.
"""

from __future__ import annotations

import os
import random
import time
from typing import Any

from flask import Flask
from sqlalchemy import delete, event, insert, select

from benchmarks.demo import demo_world
from portal.accounts.models import Person
from portal.alerts import queries
from portal.alerts.models import SavedSearch, SavedSearchHit
from portal.alerts.reading import asked_of, readable
from portal.alerts.telling import tell_owners
from portal.core.clock import now
from portal.core.db import Database, new_id, session
from portal.core.guard import scoped
from portal.demo.load import make_many
from portal.editorial.models import Contribution, Edition, Revision
from portal.notifications.models import Notification
from portal.organisations.actors import actor_with_id
from portal.organisations.models import Membership, MembershipState, Organisation, OrganisationState, Role
from portal.search.analysis import words
from portal.taxonomy.queries import taxonomy
from portal.worker.indexing import Keeper

SEARCHES = int(os.environ.get("BENCH_SEARCHES", "5000"))
POSTS = int(os.environ.get("BENCH_POSTS", "2000"))
EACH = 5
SAMPLE = 100


def main() -> None:
    """Make the posts and the searches, tell, and run a sample of them one by one."""
    with demo_world() as (app, database, _folder):
        make_many(database, POSTS)
        editions = Keeper(app.extensions["portal_index"], database).rebuild("bench")
        with database.unit_of_work():
            people, texts = _people(), _texts()
        payload = _publication(database)
        for title, distinct in (("all different", SEARCHES), ("of 200 kinds", 200)):
            _save(database, people, texts[:distinct])
            taken, statements, told = _told(app, database, payload)
            print(
                f"alerts: {SEARCHES} searches, {title}: {told} owners told in {taken:.2f} s, "
                f"{statements} statements (bar 60 s)"
            )
            alone = _one_by_one(app, database, payload)
            print(
                f"alerts: each run by itself among {editions} editions: {alone:.1f} s, "
                f"telling takes {taken / alone:.3f} of it"
            )


def _people() -> list[str]:
    """Owners in every house."""
    active = select(Organisation.id).where(Organisation.state == OrganisationState.ACTIVE)
    houses = session().scalars(active.order_by(Organisation.id)).all()
    people, moment = [new_id() for _ in range(SEARCHES // EACH)], now()
    session().execute(insert(Person), [
        {"id": p, "email": f"{p}@bench.example", "name": "Owner", "language": "en", "created_at": moment}
        for p in people
    ])  # fmt: skip
    session().execute(insert(Membership), [
        {"id": new_id(), "person_id": p, "organisation_id": houses[i % len(houses)], "role": Role.READER,
         "state": MembershipState.ACTIVE, "joined_at": moment}
        for i, p in enumerate(people)
    ])  # fmt: skip
    return people


def _texts() -> list[str]:
    """Different searches: words of the posts' titles, alone and with a name or a field of the vocabulary."""
    chance = random.Random(4)
    titles = session().scalars(scoped("bench", select(Revision.title).order_by(Revision.id).limit(4000)))
    common = [word for title in titles for word in words(title)]
    topics = list(taxonomy().topics.values())
    countries = list(taxonomy().countries)
    made: dict[str, None] = {}
    while len(made) < SEARCHES:
        one, other = chance.choice(common), chance.choice(common)
        topic = chance.choice(topics)
        shapes = (f"{one} {other}", f"{one} OR {other}", f"{topic.name_es} {one}", f'"{one} {other}"',
                  f"{one} topic:{topic.code}", f"{one} country:{chance.choice(countries)}", one)  # fmt: skip
        made[chance.choice(shapes)[:200]] = None
    return list(made)


def _publication(database: Database) -> dict[str, Any]:
    with database.unit_of_work(write=False):
        statement = (
            select(Contribution, Edition.published_revision_id)
            .join(Edition, Edition.contribution_id == Contribution.id)
            .where(Contribution.is_live, Contribution.audience == "members", Edition.is_original)
            .order_by(Contribution.id)
            .limit(1)
        )
        post, revision = session().execute(scoped("bench", statement)).one()
        return {
            "contribution": post.id, "revision": revision, "language": post.original_language,
            "event": "first", "but": [],
        }  # fmt: skip


def _save(database: Database, people: list[str], texts: list[str]) -> None:
    """As many searches as asked for, in place of those that are there."""
    facts = {"name": "Mine", "language": "en", "chosen": {}, "plain": [], "sort": "relevance",
             "created_at": now()}  # fmt: skip
    with database.unit_of_work():
        for table in (SavedSearchHit, SavedSearch, Notification):
            session().execute(delete(table))
        session().execute(insert(SavedSearch), [
            {**facts, "id": new_id(), "person_id": people[i // EACH], "text": texts[i % len(texts)]}
            for i in range(SEARCHES)
        ])  # fmt: skip


def _told(app: Flask, database: Database, payload: dict[str, Any]) -> tuple[float, int, int]:
    """Seconds, statements, and how many were told."""
    statements: list[int] = []

    def note(*_all: object) -> None:
        statements.append(1)

    event.listen(database.engine, "before_cursor_execute", note)
    began = time.perf_counter()
    tell_owners(app, payload)
    taken = time.perf_counter() - began
    event.remove(database.engine, "before_cursor_execute", note)
    with database.unit_of_work(write=False):
        told = session().query(Notification).filter_by(kind="alert.found").count()
    return taken, len(statements), told


def _one_by_one(app: Flask, database: Database, payload: dict[str, Any]) -> float:
    """Seconds for all searches, from a sample run on the portal's index as their owners."""
    with database.unit_of_work(write=False):
        every = session().scalars(scoped("bench", select(SavedSearch).order_by(SavedSearch.id))).all()
        began = time.perf_counter()
        for saved in random.Random(5).sample(every, SAMPLE):
            owner = actor_with_id(saved.person_id)
            search = readable(asked_of(saved))
            if search is not None:
                among = [payload["contribution"]]
                queries.found(owner, app.extensions["portal_index"], search, ("en",), 1, among)
        return (time.perf_counter() - began) / SAMPLE * SEARCHES


if __name__ == "__main__":
    main()
