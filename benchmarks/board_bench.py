"""The board among 50,000 needs and offers: statements of each page, and its time against a small world's.

One figure a line. `BENCH_POSTS` changes the number. The pages are asked for whole, as the coordinator of
the World Bank, and as a visitor.
"""

from __future__ import annotations

import os
import statistics
import time

from flask import Flask
from sqlalchemy import event

from benchmarks.demo import PASSWORD, demo_world
from benchmarks.matching_bench import make
from portal.core.db import Database
from portal.editorial.models import Kind
from tests.http import Browser

POSTS = int(os.environ.get("BENCH_POSTS", "50000"))
ROUNDS = 15
MOST = 12
PAGES = {
    "what waits for a partner": ("coordinator@worldbank.example", "/cooperation"),
    "the list": ("", "/cooperation"),
    "the list, by topic and region": ("", "/cooperation?topic=TFA&region=AP"),
    "the list, what closes soon": ("", "/cooperation?kind=need&closing=90"),
}


def main() -> None:
    """Measure each page among the demo world's posts, then among many."""
    with demo_world() as (app, database, _folder):
        few = {what: _measure(app, database, *page) for what, page in PAGES.items()}
        with database.unit_of_work():
            make(Kind.NEED, POSTS // 5)
            make(Kind.OFFER, POSTS - POSTS // 5)
        for what, page in PAGES.items():
            taken, count = _measure(app, database, *page)
            met = "met" if count <= MOST else "MISSED"
            print(
                f"board: {what} among {POSTS}: {count} statements (bar {MOST}, {met}), "
                f"{1000 * taken:.1f} ms, {taken / few[what][0]:.1f} of it among a dozen"
            )


def _measure(app: Flask, database: Database, email: str, path: str) -> tuple[float, int]:
    """The median of the page's time in seconds, and the statements of its last round."""
    browser = Browser(app)
    if email:
        browser.sign_in(email, PASSWORD)
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")):
            statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    taken = []
    for _ in range(ROUNDS):
        statements.clear()
        began = time.perf_counter()
        assert browser.get(path).status_code == 200
        taken.append(time.perf_counter() - began)
    event.remove(database.engine, "before_cursor_execute", note)
    return statistics.median(taken), len(statements)


if __name__ == "__main__":
    main()
