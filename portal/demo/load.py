"""`make_many`: plausible contributions in numbers, for load; the same ones for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, islice
from random import Random

from sqlalchemy import insert, select

from portal.audit.version import bump_visibility
from portal.core.clock import now
from portal.core.db import Database, session
from portal.core.guard import scoped
from portal.core.i18n import LANGUAGES
from portal.demo.crowd import writers
from portal.demo.making import Batch, Stage, make_one
from portal.demo.stories import read_stories
from portal.demo.words import chains, terms
from portal.editorial.models import Contribution, Edition
from portal.taxonomy.models import Country

BATCH = 400


def make_many(
    database: Database, n: int, seed: int = 1, progress: Callable[[int, int], None] | None = None
) -> int:
    """Make `n` published contributions in batches and return how many were new.

    The demo world has to be loaded. Those that a former run with this seed made are kept, so a
    run that was stopped can go on. The search index is not touched: `portal reindex` follows.
    Raises RuntimeError where there are no organisations.
    """
    with database.unit_of_work():
        stage = _stage()
    rng, done, made = Random(seed), 0, 0
    stream = (make_one(rng, stage) for _ in range(n))
    while chunk := list(islice(stream, BATCH)):
        with database.unit_of_work():
            made += _write(chunk)
        done += len(chunk)
        if progress is not None:
            progress(done, n)
    return made


def _stage() -> Stage:
    countries = {
        country.iso2: {code: getattr(country, f"name_{code}") for code in LANGUAGES}
        for country in session().scalars(select(Country).order_by(Country.iso2))
    }
    people = writers()
    topics = list(terms("en"))
    Random(2012).shuffle(topics)
    return Stage(
        writers=people,
        countries=countries,
        chains=chains(read_stories()),
        terms={language: terms(language) for language in LANGUAGES},
        topics=topics,
        topic_weights=_zipf(len(topics)),
        writer_weights=_zipf(len(people)),
        today=now().replace(hour=0, minute=0, second=0, microsecond=0),
    )


def _zipf(count: int) -> list[float]:
    return list(accumulate(1 / (rank + 2) for rank in range(count)))


def _write(chunk: Sequence[Batch]) -> int:
    ids = [batch.contributions[0]["id"] for batch in chunk]
    known = set(session().scalars(scoped("demo", select(Contribution.id).where(Contribution.id.in_(ids)))))
    new = [batch for batch, id_ in zip(chunk, ids, strict=True) if id_ not in known]
    if not new:
        return 0
    merged = Batch()
    for batch in new:
        merged.take(batch)
    # An edition names its revision and a revision its edition: the first is told last.
    published = [
        {"id": row["id"], "published_revision_id": row.pop("published_revision_id")}
        for row in merged.editions
    ]
    for table, rows in merged.tables():
        if rows:
            session().execute(insert(table), rows)
    session().bulk_update_mappings(Edition.__mapper__, published)
    bump_visibility()
    return len(new)
