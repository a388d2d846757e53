"""Matches of one need among 50,000 offers, against one indexed lookup that returns as many rows.

One figure a line. `BENCH_OFFERS` changes the number. The offers are spread as programmes are: two in
five name countries, as many are for a region, the rest for everybody; two topics each, two lines. The
lookup reads the rows that are judged by their primary key, with the columns that judging needs and no
more. Then the coverage page.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import event, insert, select

from benchmarks.demo import demo_world
from portal.core.access import Actor
from portal.core.clock import now
from portal.core.db import Base, Database, new_id, session
from portal.core.guard import scoped
from portal.editorial.models import (
    EVERYWHERE,
    Audience,
    Contribution,
    ContributionCountry,
    ContributionLabel,
    ContributionTopic,
    Edition,
    ExchangeLine,
    ExchangeReach,
    ExchangeTerms,
    Kind,
    Revision,
    State,
)
from portal.editorial.terms import Help
from portal.editorial.visibility import visible_to
from portal.matching.coverage import Wanted, grid
from portal.matching.facts import facts, places_for
from portal.matching.figures import figures
from portal.matching.queries import candidates, known, matches, near
from portal.organisations.models import Membership, Organisation, OrganisationKind
from portal.publishing.queries import listed
from portal.taxonomy.queries import Taxonomy, taxonomy

OFFERS = int(os.environ.get("BENCH_OFFERS", "50000"))
NEEDS = OFFERS // 100
ROUNDS = 30
PAGE = 10
PARTNER = Actor(person_id="bench", labels=frozenset({"public", "members"}))


def main() -> None:
    """Make the offers, find the matches of a need, and count the grid."""
    with demo_world() as (_app, database, _folder):
        with database.unit_of_work():
            needs = make(Kind.NEED, NEEDS)
            make(Kind.OFFER, OFFERS)
        for title, is_wide in (
            ("on two measures", False),
            ("on a whole article with all its measures", True),
        ):
            _measure_matches(database, title, _need(database, needs, is_wide))
        _measure_coverage(database)


def _measure_matches(database: Database, title: str, need_id: str) -> None:
    statements: list[int] = []

    def note(*_all: object) -> None:
        statements.append(1)

    event.listen(database.engine, "before_cursor_execute", note)
    with database.unit_of_work(write=False):
        _page(need_id)
    event.remove(database.engine, "before_cursor_execute", note)
    with database.unit_of_work(write=False):
        judged = _judged(need_id)
        fitting = len(matches(PARTNER, need_id).found)
    whole, lookup = _medians(database, lambda: _page(need_id), lambda: _lookup(judged))
    print(
        f"matching: a need {title} among {OFFERS} offers: {len(judged)} judged, {fitting} fit; ranked and "
        f"the first page read in {1000 * whole:.1f} ms, {len(statements)} statements (bar 8)"
    )
    print(
        f"matching: one indexed lookup of {len(judged)} rows: {1000 * lookup:.1f} ms, "
        f"matches take {whole / lookup:.2f} of it (bar 3)"
    )


def _measure_coverage(database: Database) -> None:
    taken, counted = _medians(
        database, lambda: grid(PARTNER, Wanted()), lambda: figures(PARTNER, Wanted()), rounds=3
    )
    print(
        f"matching: coverage of {OFFERS + NEEDS} needs and offers: grid {taken:.2f} s, headline figure "
        f"{counted:.2f} s, kept until something is published"
    )


def _page(need_id: str) -> None:
    """What the page of matches reads: all that fit, and the posts of its first page."""
    found = matches(PARTNER, need_id).found
    listed(PARTNER, [need_id, *(match.known.id for match in found[:PAGE])])


def _judged(need_id: str) -> list[str]:
    one = known(PARTNER, [need_id])[need_id]
    seen = visible_to(PARTNER, among_few=True)
    found = candidates(PARTNER, seen, [Kind.OFFER], near(one.side.topics), places_for(Kind.OFFER, [one.side]))
    return [other.id for other in found]


def _lookup(ids: list[str]) -> None:
    session().execute(scoped("bench", facts().where(Contribution.id.in_(ids)))).all()


def _medians(database: Database, *jobs: Callable[[], Any], rounds: int = ROUNDS) -> list[float]:
    """How long each job takes; they take turns, so that what else the machine does burdens all alike."""
    taken: list[list[float]] = [[] for _job in jobs]
    for _ in range(rounds):
        for job, times in zip(jobs, taken, strict=True):
            with database.unit_of_work(write=False):
                began = time.perf_counter()
                job()
                times.append(time.perf_counter() - began)
    return [statistics.median(times) for times in taken]


def _need(database: Database, needs: list[str], is_wide: bool) -> str:
    """The first need of which a topic has others below it, or none has."""
    parents = {topic.parent_code for topic in _tree(database).topics.values()}
    with database.unit_of_work(write=False):
        found = known(PARTNER, needs)
        return next(id_ for id_ in needs if bool(found[id_].side.topics & parents) == is_wide)


def _tree(database: Database) -> Taxonomy:
    with database.unit_of_work(write=False):
        return taxonomy()


def make(kind: Kind, count: int) -> list[str]:
    """Published needs or offers, with all rows that matching and lists read."""
    chance = random.Random(str(kind))
    wanted = OrganisationKind.CUSTOMS if kind == Kind.NEED else OrganisationKind.PARTNER
    houses = session().execute(
        select(Organisation.id, Membership.person_id)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Organisation.kind == wanted)
        .order_by(Organisation.id)
    ).all()  # fmt: skip
    rows: dict[type[Base], list[dict[str, Any]]] = {}
    ids = []
    for number in range(count):
        house, person = chance.choice(houses)
        made = _rows(kind, number, house, person, chance)
        ids.append(made[Contribution][0]["id"])
        for table, some in made.items():
            rows.setdefault(table, []).extend(some)
    for table, some in rows.items():
        session().execute(insert(table).execution_options(render_nulls=True), some)
        session().flush()
    _publish(rows)
    return ids


def _publish(rows: dict[type[Base], list[dict[str, Any]]]) -> None:
    published = [
        {"id": edition["id"], "published_revision_id": revision["id"]}
        for edition, revision in zip(rows[Edition], rows[Revision], strict=True)
    ]
    session().bulk_update_mappings(Edition.__mapper__, published)


def _rows(
    kind: Kind, number: int, house: str, person: str, chance: random.Random
) -> dict[type[Base], list[dict[str, Any]]]:
    id_, edition, moment = new_id(), new_id(), now() - timedelta(minutes=number)
    tree = taxonomy()
    topics = chance.sample([code for code, topic in tree.topics.items() if topic.parent_code], 2)
    countries, regions = _places(kind, chance)
    helps = chance.sample(list(Help), 2)
    start = date(2026, 1, 1) + timedelta(days=chance.randrange(700))
    about = {"contribution_id": id_}
    return {
        Contribution: [{
            "id": id_, "kind": kind, "organisation_id": house, "author_id": person, "original_language": "en",
            "audience": Audience.PUBLIC, "is_live": True, "created_at": moment, "published_at": moment,
            "changed_at": moment,
        }],
        ContributionTopic: [{**about, "topic_code": code, "position": at} for at, code in enumerate(topics)],
        ContributionCountry: [{**about, "country_iso2": code} for code in countries],
        ContributionLabel: [{**about, "label": "public" if number % 3 else "members"}],
        ExchangeTerms: [{
            **about, "starts_on": start, "ends_on": start + timedelta(days=chance.randrange(400, 900)),
            "currency": "", "languages": chance.sample(["en", "es", "fr"], chance.randint(1, 2)),
            "regions": regions, "topics": ",".join(topics), "countries": ",".join(countries),
            "lines": ",".join(map(":".join, zip(helps, topics, strict=True))),
        }],
        ExchangeReach: [
            {**about, "kind": kind, "topic_code": topic, "place": place}
            for topic in topics
            for place in [*countries, *regions] or [EVERYWHERE]
        ],
        ExchangeLine: [
            {**about, "id": new_id(), "key": new_id(), "slot": slot, "help": help_, "topic_code": topic}
            for slot, (help_, topic) in enumerate(zip(helps, topics, strict=True), 1)
        ],
        Edition: [{**about, "id": edition, "language": "en", "is_original": True}],
        Revision: [{
            "id": new_id(), "edition_id": edition, "number": 1, "state": State.PUBLISHED, "author_id": person,
            "editor_id": person, "title": f"Programme {number}", "summary": "In short.", "parts": {},
            "created_at": moment, "updated_at": moment, "published_at": moment,
        }],
    }  # fmt: skip


def _places(kind: Kind, chance: random.Random) -> tuple[list[str], list[str]]:
    """The countries and the regions that one names."""
    every = sorted(taxonomy().countries)
    if kind == Kind.NEED:
        return [chance.choice(every)], []
    share = chance.random()
    if share < 0.4:
        return chance.sample(every, chance.randint(1, 3)), []
    return ([], [chance.choice(sorted(taxonomy().regions))]) if share < 0.8 else ([], [])


if __name__ == "__main__":
    main()
