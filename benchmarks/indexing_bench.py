"""Writing the index of a portal with 30,000 editions on Whoosh; one figure a line, each beside its baseline.

    python -m benchmarks.indexing_bench [--contributions 17500]

- Full reindex: `portal reindex`, from its start to its end, so with reading the texts from the
  database, against Whoosh's own add_document of the same texts in one process, ready in memory (of
  every fifth of them, times five; Whoosh gains nothing from doing more at once).
- One publication: from the commit of the author's step until it is found, with a worker, while ten
  searches a second run in another process, against the same without them.
- Merge: those searches while a scribe merges large segments, against the same without.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from sqlalchemy import select
from whoosh.analysis import StemmingAnalyzer
from whoosh.fields import ID, TEXT, Schema
from whoosh.index import create_in

from benchmarks.search_bench import Seen, percentile, report
from benchmarks.web_bench import ROOT
from portal.accounts.models import Person
from portal.app import create_app
from portal.config import Settings, settings_from
from portal.core.access import ANONYMOUS
from portal.core.db import Database, new_id, session
from portal.core.guard import scoped
from portal.core.migrating import upgrade
from portal.demo.load import make_many
from portal.demo.loading import load_world
from portal.editorial import actions
from portal.editorial.models import Audience, Contribution, Edition, Kind, Revision, State
from portal.editorial.texts import About, Text
from portal.finding.documents import all_documents, documents_of_many
from portal.finding.queries import search as find
from portal.organisations.actors import actor_of
from portal.search.analysis import LANGUAGES
from portal.search.highlight import highlight, mark
from portal.search.index import NO_FILTERS, Document
from portal.search.query import parse
from portal.search.whoosh_index import WhooshIndex
from portal.worker.loop import SYNC_BATCH

PASSWORD = "bench-Levante-42-mainlevee"
AUTHOR = "contributor@peru.example"
EVERY = 5
PUBLICATIONS = 12
A_SECOND = 10
WINDOW = 10.0
QUERIES = (
    "customs", "single window", "ventanilla única", "guichet unique", "risk management", "transit",
    "authorised economic operator", "despacho", "contrôle", "pre-arrival processing", "border cooperation",
)  # fmt: skip


class Portal:
    """A portal in `folder` with the demo world and `contributions` more, not indexed yet."""

    def __init__(self, folder: Path, contributions: int) -> None:
        url = f"sqlite:///{folder / 'bench.sqlite3'}"
        self.environment = {
            **os.environ, "DATA": str(folder), "DATABASE_URL": url, "RATE_LIMITS": "off",
            "PYTHONWARNINGS": "ignore",
        }  # fmt: skip
        self.settings = Settings(data=folder, database_url=url, secret_key="bench", mail_url="memory:")
        upgrade(url)
        self.database = Database(url)
        self.app = create_app(self.settings, self.database)
        load_world(self.settings, self.database, PASSWORD)
        make_many(self.database, contributions)
        self.index = WhooshIndex(self.settings.index_folder)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """`portal WORDS`."""
        command = [sys.executable, "-m", "portal", *words]
        silence = subprocess.DEVNULL
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=silence, stderr=silence)

    def publish(self, words: str) -> tuple[str, str]:
        """Have an author publish a text for their own organisation; its id and their organisation's."""
        with self.app.app_context(), self.database.unit_of_work():
            author = actor_of(session().scalars(select(Person).where(Person.email == AUTHOR)).one())
            body = f"{words}: one submission reaches all agencies. " * 20
            text = Text(title=words, summary=f"{words} in two sentences.", parts={"body": body})
            about = About(Audience.OWN, (), ("TFA-10.4",), ("PE",))
            made = actions.create(author, Kind.REFORM_UPDATE, "en", text, about, new_id())
            draft = select(Revision).join(Edition, Revision.edition_id == Edition.id)
            revision = (
                session().scalars(scoped(author, draft.where(Edition.contribution_id == made.id))).one()
            )
            actions.submit(author, made, revision)
            assert revision.state == State.PUBLISHED, revision.state
            return made.id, made.organisation_id

    def until_found(self, word: str, contribution_id: str, organisation_id: str) -> None:
        """Wait until those who may see the contribution find it by `word`."""
        seen, generation = Seen((contribution_id,), key=contribution_id), object()
        while True:
            if (newest := self.index.generation()) != generation:
                generation = newest
                if self.index.search(parse(word), labels={f"org:{organisation_id}"}, visible=seen).total:
                    return
            time.sleep(0.01)


def reindex(portal: Portal, folder: Path) -> bool:
    """Compare; true when the bar is met."""
    with portal.database.unit_of_work(write=False):
        documents = list(all_documents())
    number = len(documents)
    began = time.perf_counter()
    _raw_index(folder / "raw", documents[::EVERY])
    baseline = (time.perf_counter() - began) * number / len(documents[::EVERY])
    del documents
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    memory = _until_ended(portal.start("reindex"))
    taken, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / taken
    assert len(portal.index.document_ids()) == number
    is_met = report(f"full reindex of {number} editions", taken, baseline, 1.3, "s")
    print(f"{'  cores that it kept busy':<34} {busy:9.2f}    of {len(os.sched_getaffinity(0))}")
    print(f"{'  memory of all its processes':<34} {memory:9.2f} MB", flush=True)
    return is_met


def _raw_index(folder: Path, documents: list[Document]) -> None:
    """Whoosh's own add_document of the texts with its own English analyser."""
    folder.mkdir()
    analysis = StemmingAnalyzer()
    writer = create_in(
        str(folder), Schema(id=ID(stored=True), title=TEXT(analysis), text=TEXT(analysis))
    ).writer()
    for document in documents:
        writer.add_document(
            id=document.edition_id, title=document.title, text=f"{document.summary}\n{document.text}"
        )
    writer.commit()


def _until_ended(process: subprocess.Popen[bytes]) -> float:
    """Wait for it to end well; the most megabytes that it and its children had at a time."""
    most = 0.0
    while process.poll() is None:
        most = max(most, sum(map(_resident, [process.pid, *_children(process.pid)])))
        time.sleep(0.05)
    assert process.returncode == 0
    return most


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return 0.0


class Searches:
    """Searches of a visitor, A_SECOND a second (fewer when one takes longer), in a process of its own."""

    def __init__(self, portal: Portal) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.indexing_bench", "--search", str(portal.settings.data)],
            cwd=ROOT, env=portal.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        self._process.stdout.readline()

    def stop(self) -> list[tuple[float, float]]:
        """When each search began, and how many milliseconds it took."""
        return [(began, taken) for began, taken in json.loads(self._process.communicate()[0])]


def search(folder: Path) -> None:
    """What runs in the process of Searches: until the input ends, then the times are printed."""
    settings = settings_from()
    database, index = Database(settings.database_url), WhooshIndex(folder / "index")
    for asked in QUERIES:  # once each beforehand
        _one_search(database, index, asked)
    stopped = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()
    print("begun", flush=True)
    times = []
    due = time.perf_counter()
    for asked in cycle(QUERIES):
        if stopped.wait(max(0.0, due - time.perf_counter())):
            break
        began = time.perf_counter()
        _one_search(database, index, asked)
        times.append((began, (time.perf_counter() - began) * 1000))
        due = max(due, began) + 1 / A_SECOND
    print(json.dumps(times))


def _one_search(database: Database, index: WhooshIndex, asked: str) -> None:
    """What a search page takes from index and database, with labels, facets and highlights."""
    query = parse(asked)
    with database.unit_of_work(write=False):
        found = find(ANONYMOUS, index, query, NO_FILTERS, "relevance", LANGUAGES, 1)
        for hit in found.answer.hits:
            title, body = found.texts[hit.edition_id]
            mark(query, hit.language, title)
            highlight(query, hit.language, body)


def publications(portal: Portal) -> bool:
    """Compare; true when the bar is met."""
    with working(portal):
        alone = [_publication(portal, f"alone{number}x") for number in range(PUBLICATIONS)]
        searches = Searches(portal)
        among = [_publication(portal, f"among{number}x") for number in range(PUBLICATIONS)]
        searches.stop()
    report("publish to found, median", statistics.median(among), statistics.median(alone), None)
    return report("publish to found, slowest (2 s)", max(among), 2000, 1)


def _publication(portal: Portal, word: str) -> float:
    ids = portal.publish(word)
    began = time.perf_counter()
    portal.until_found(word, *ids)
    return (time.perf_counter() - began) * 1000


@contextmanager
def working(portal: Portal) -> Iterator[None]:
    """With a worker, which has looked through the index and done what was waiting."""
    worker = portal.start("work")
    try:
        portal.until_found("beforehand", *portal.publish("beforehand"))
        yield
    finally:
        worker.terminate()
        worker.wait()


def merges(portal: Portal) -> None:
    """Compare. Contributions are written anew, as when the name of their organisation changes."""
    searches = Searches(portal)
    time.sleep(WINDOW)
    without = [taken for _, taken in searches.stop()]
    searches = Searches(portal)
    batches = _batches(portal)
    while (scribe := portal.index._merges._scribe) is None:
        with portal.database.unit_of_work(write=False):
            batch = documents_of_many(next(batches))
        portal.index.sync_many(batch)
    began = time.perf_counter()
    while not scribe.is_done():
        time.sleep(0.05)
    done = time.perf_counter()
    portal.index.sync_many(batch)
    time.sleep(1)
    times = searches.stop()
    meanwhile = [taken for moment, taken in times if began <= moment < done]
    afterwards = [taken for moment, taken in times if done <= moment]
    print(f"{'merge of eight large segments':<34} {done - began:9.2f} s", flush=True)
    report("  search meanwhile, 95th", percentile(meanwhile), percentile(without), None)
    report("  search when it counts, slowest", max(afterwards), max(without), None)


def _batches(portal: Portal) -> Iterator[list[str]]:
    """The ids of contributions, as many at a time as the worker takes."""
    statement = select(Contribution.id).where(Contribution.is_live).order_by(Contribution.id)
    with portal.database.unit_of_work(write=False):
        ids = session().scalars(scoped("bench", statement)).all()
    return (list(ids[start : start + SYNC_BATCH]) for start in range(0, len(ids), SYNC_BATCH))


def main() -> int:
    """Run from the command line; 0 when every bar is met."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--contributions", type=int, default=17_500)
    arguments.add_argument("--search", type=Path, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.search:
        search(given.search)
        return 0
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        portal = Portal(Path(name), given.contributions)
        met = [reindex(portal, Path(name))]
        met.append(publications(portal))
        merges(portal)
        portal.database.dispose()
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
