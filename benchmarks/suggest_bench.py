"""Suggestions at 30,000 editions against whole searches in the same world; one figure a line.

    python -m benchmarks.suggest_bench [--contributions 18000]

A search answers with labels, facets, texts and their highlights, as the search page asks for it; a
suggestion answers for every beginning of the same words, from the third letter on, as they are
typed. "First time" is each one's first run after the index was opened. Both read the database.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from benchmarks.search_bench import percentile, report, timed
from portal.app import create_app
from portal.config import Settings
from portal.core.access import ANONYMOUS, Actor
from portal.core.db import Database, session
from portal.core.guard import scoped
from portal.core.text import to_plain
from portal.editorial.models import Edition
from portal.finding import queries
from portal.finding.suggesting import suggest
from portal.search.highlight import highlight, mark
from portal.search.index import NO_FILTERS
from portal.search.query import parse

ROOT = Path(__file__).parents[1]
ROUNDS = 4
CEILING = 50.0
LANGUAGES = ("en", "es", "fr")
ASKED = (
    "customs", "single window", "guichet unique", "advance rulings", "transit", "aduana", "risk management",
    "thailand", "certificado de origen", "release", "scanner", "perishable goods", "dédouanement",
    "authorised operator",
)  # fmt: skip
MEMBER = Actor(person_id="bench", labels=frozenset({"public", "members", "customs"}))


def beginnings(text: str) -> list[str]:
    """What stands in the field while `text` is typed."""
    return [text[:length] for length in range(3, len(text) + 1) if text[length - 1] != " "]


def search(app: Flask, actor: Actor, text: str) -> None:
    """One search with everything that its page says of the hits."""
    query = parse(text)
    found = queries.search(
        actor, app.extensions["portal_index"], query, NO_FILTERS, "relevance", LANGUAGES, 1
    )
    for hit in found.answer.hits:
        title, body = found.texts[hit.edition_id]
        mark(found.expansion.query, hit.language, title)
        highlight(found.expansion.query, hit.language, to_plain(body))


def answered(client: FlaskClient, typed: str) -> float:
    """Milliseconds of work that the server has with one request, whatever else the machine does."""
    began = time.thread_time()
    answer = client.get("/en/search/suggestions", query_string={"q": typed})
    assert answer.status_code == 200
    return (time.thread_time() - began) * 1000


def measured(app: Flask, database: Database) -> tuple[list[list[float]], list[list[float]]]:
    """Milliseconds of searches and of suggestions, by round, turn and turn about."""
    searches: list[list[float]] = [[] for _ in range(ROUNDS)]
    suggestions: list[list[float]] = [[] for _ in range(ROUNDS)]
    for number in range(ROUNDS):
        for place, text in enumerate(ASKED):
            actor = MEMBER if place % 2 else ANONYMOUS
            for typed in beginnings(text):
                with app.test_request_context(), database.unit_of_work(write=False):
                    suggestions[number].append(
                        timed(lambda a=actor, t=typed: suggest(a, app.extensions["portal_index"], t))  # type: ignore[misc]
                    )
            to_plain.cache_clear()
            with app.test_request_context(), database.unit_of_work(write=False):
                searches[number].append(timed(lambda a=actor, t=text: search(app, a, t)))  # type: ignore[misc]
    return searches, suggestions


def run(contributions: int, folder: Path) -> bool:
    """Make the world, measure, print; true when every bar is met."""
    environment = {**os.environ, "DATA": str(folder), "DEMO_PASSWORD": "bench-Levante-42-mainlevee"}
    for words in (("demo", "--contributions", str(contributions)), ("reindex",)):
        command = [sys.executable, "-W", "ignore", "-m", "portal", *words]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    settings = Settings(
        data=folder, database_url=f"sqlite:///{folder / 'portal.sqlite3'}", secret_key="bench",
        base_url="http://127.0.0.1", mail_url="memory:", rate_limits=False,
    )  # fmt: skip
    database = Database(settings.database_url)
    app = create_app(settings, database)
    with database.unit_of_work(write=False):
        editions = session().scalar(scoped("bench", select(func.count()).select_from(Edition)))
    print(f"suggestions at {editions} editions")
    with app.test_request_context(), database.unit_of_work(write=False):
        search(app, ANONYMOUS, "opening")
        search(app, MEMBER, "opening")
    (first, *rest), (first_typed, *rest_typed) = measured(app, database)
    searches, typed = [t for times in rest for t in times], [t for times in rest_typed for t in times]
    client = app.test_client()
    whole = [answered(client, typed) for text in ASKED for typed in beginnings(text)]
    met = [
        report("suggest, median", statistics.median(typed), statistics.median(searches), 1.5),
        report("suggest, 95th percentile", percentile(typed), percentile(searches), 1.5),
        report("suggest, first time, median", statistics.median(first_typed), statistics.median(first), 1.5),
        report("  server's time, 95th (bar 50 ms)", percentile(whole), CEILING, 1),
    ]
    database.dispose()
    return all(met)


def main() -> int:
    """Run from the command line; 0 when every bar is met."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--contributions", type=int, default=18_000)
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        return 0 if run(arguments.parse_args().contributions, Path(folder)) else 1


if __name__ == "__main__":
    sys.exit(main())
