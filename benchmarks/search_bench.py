"""Search at 30,000 editions against Whoosh's own query on the same index; one figure a line.

    python -m benchmarks.search_bench [--contributions 10000]

Ours answers with labels, the set of visible contributions, all facets, grouping by contribution,
and highlights of the 20 hits; the baseline is Whoosh's top 10 of the same words in two fields
(title and text), without any of that. "First time" is each query's first run after opening.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from whoosh import query as raw
from whoosh.fields import ID, TEXT, Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex, create_in

from portal.search.analysis import LANGUAGES, analyser
from portal.search.highlight import highlight, mark
from portal.search.index import Document
from portal.search.query import Clause, parse
from portal.search.whoosh_index import WhooshIndex
from portal.search.whoosh_index.schema import schema
from portal.search.whoosh_index.storage import NAME

ROUNDS = 5
VOCABULARY = 20_000
ORGANISATIONS = 30
ENDINGS = {
    "en": ("", "s", "ing", "ed", "ation", "ations", "ly", "ment"),
    "es": ("o", "os", "a", "as", "ación", "aciones", "ando", "mente"),
    "fr": ("e", "es", "ée", "ation", "ations", "ement", "er", "ant"),
}


class Words:
    """A vocabulary of one language, drawn from with Zipf's frequencies."""

    def __init__(self, language: str, random_: random.Random) -> None:
        syllables = [c + v for c in "bcdfglmnprstv" for v in ("a", "e", "i", "o", "u", "an", "or")]
        made: dict[str, None] = {}
        while len(made) < VOCABULARY:
            stem = "".join(random_.choices(syllables, k=random_.choice((1, 2, 2, 3, 3))))
            made[f"{stem}{random_.choice('bdglmnrst')}{random_.choice(ENDINGS[language])}"] = None
        self.words = list(made)
        self._weights = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))
        self._random = random_

    def draw(self, count: int) -> list[str]:
        """So many words as they come in a text."""
        return self._random.choices(self.words, cum_weights=self._weights, k=count)


class World:
    """The contributions, in up to three languages each, with their labels and facets."""

    def __init__(self, contributions: int, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self.vocabularies = {language: Words(language, self._random) for language in LANGUAGES}
        self.texts: dict[str, tuple[str, str]] = {}
        self.contributions = contributions

    def documents(self) -> Iterator[Document]:
        """All documents; their texts are kept for the highlights, as SQL would keep them."""
        chance = self._random
        for number in range(self.contributions):
            organisation = f"org{chance.randrange(ORGANISATIONS):02}"
            shared: dict[str, Any] = {
                "contribution_id": f"c{number:015}",
                "kind": chance.choice(("reform_update", "lesson_learned")),
                "organisation_id": organisation,
                "regions": (chance.choice(("AP", "AMS", "EUR", "ESA", "MENA", "WCA")),),
                "countries": tuple(f"C{chance.randrange(180):03}" for _ in range(chance.choice((1, 1, 2)))),
                "topics": tuple(f"T{int(chance.paretovariate(1)) % 60:02}" for _ in range(3)),
                "published_at": datetime(2012, 1, 1, tzinfo=UTC) + timedelta(hours=chance.randrange(120_000)),
                "labels": chance.choice(
                    (("public",), ("members",), ("customs", f"o:{organisation}"), (f"o:{organisation}",))
                ),
            }
            shared["year"] = shared["published_at"].year
            for language in LANGUAGES:
                yield self._edition(language, shared)

    def _edition(self, language: str, shared: dict[str, Any]) -> Document:
        vocabulary = self.vocabularies[language]
        length = min(600, int(self._random.lognormvariate(4.9, 0.5)))
        title, summary = " ".join(vocabulary.draw(8)), " ".join(vocabulary.draw(25))
        text = " ".join(vocabulary.draw(length))
        edition = f"{language}{shared['contribution_id'][1:]}"
        self.texts[edition] = (title, f"{summary}\n{text}")
        return Document(
            edition_id=edition,
            language=language,
            is_original=language == "en",
            title=title,
            summary=summary,
            text=text,
            **shared,
        )


@dataclass(frozen=True)
class Seen:
    """What the viewer of the benchmark may see: about three fifths of it all."""

    ids: tuple[str, ...]
    key: str = "viewer"

    def load(self) -> tuple[str, ...]:
        """The ids, as SQL would give them."""
        return self.ids


LABELS = frozenset({"public", "members", "customs", "o:org01", "o:org02"})


def asked(world: World) -> dict[str, list[tuple[str, str]]]:
    """The queries by class, each with the language of its words."""
    found: dict[str, list[tuple[str, str]]] = {
        name: [] for name in ("common word", "usual word", "rare word", "two words", "phrase", "prefix")
    }
    for language in LANGUAGES:
        words = world.vocabularies[language].words
        phrases = iter(
            [
                t.split()[i : i + 2]
                for t, _ in world.texts.values()
                for i in (0, 3)
                if t.split()[0] in words[:50]
            ]
        )
        for number in range(4):
            found["common word"].append((words[number * 2], language))
            found["usual word"].append((words[100 + number * 90], language))
            found["rare word"].append((words[5_000 + number * 3_000], language))
            found["two words"].append((f"{words[3 + number]} {words[30 + number * 40]}", language))
        for number in range(2):
            found["phrase"].append((f'"{" ".join(next(phrases))}"', language))
            found["prefix"].append((f"{words[10 + number * 60][:4]}*", language))
    return found


def raw_query(text: str, language: str) -> Any:
    """Whoosh's query for the same words in the title or the text."""
    return raw.And([_raw_clause(group[0], language) for group in parse(text).required])


def _raw_clause(clause: Clause, language: str) -> Any:
    stems = [term.stem for term in analyser(language).terms(clause.words)] or list(clause.words)
    if clause.is_prefix:
        return raw.Or([raw.Prefix(field, clause.words[-1]) for field in ("title", "text")])
    if len(clause.words) > 1:
        return raw.Or([raw.Phrase(field, stems) for field in ("title", "text")])
    return raw.Or([raw.Term(field, stems[0]) for field in ("title", "text")])


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that `work` takes."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def ours(index: WhooshIndex, world: World, visible: Seen, text: str, language: str) -> None:
    """One search page: the answer, and the titles and fragments of its hits marked."""
    query = parse(text)
    answer = index.search(
        query, labels=LABELS, visible=visible, languages=(language, "en", "es", "fr"), sort="relevance"
    )
    for hit in answer.hits:
        title, body = world.texts[hit.edition_id]
        mark(query, hit.language, title)
        highlight(query, hit.language, body)


def report(name: str, value: float, baseline: float, bar: float | None, unit: str = "ms") -> bool:
    """Print one figure with its baseline; true when it is within its bar."""
    ratio = value / baseline
    is_met = bar is None or ratio <= bar
    verdict = "" if bar is None else f"  bar {bar:g}  {'met' if is_met else 'MISSED'}"
    print(
        f"{name:<34} {value:9.2f} {unit}  baseline {baseline:9.2f} {unit}  ratio {ratio:5.2f}{verdict}",
        flush=True,
    )
    return is_met


def percentile(values: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20)[-1]


def run(contributions: int, folder: Path) -> bool:
    """Build, measure, print; true when every bar is met."""
    world = World(contributions)
    documents = list(world.documents())
    index = WhooshIndex(folder / "index")
    building = timed(lambda: index.rebuild(documents)) / 1000
    sample = documents[:3000]
    raw_building = timed(lambda: _raw_index(folder / "raw", sample)) / 1000 * len(documents) / len(sample)
    met = [report("index all editions", building, raw_building, 1.5, "s")]
    visible = Seen(tuple(sorted({d.contribution_id for d in documents if not LABELS.isdisjoint(d.labels)})))
    queries = [(name, text, language) for name, many in asked(world).items() for text, language in many]
    live = folder / "index" / (folder / "index" / "current").read_text().strip()
    met += _searches(WhooshIndex(folder / "index"), world, visible, queries, live)
    met.append(_commits(index, world, visible, documents, queries))
    _memory(folder / "index", [text for _, text, _ in queries])
    return all(met)


def _memory(folder: Path, queries: list[str]) -> None:
    """What a process of its own needs that has searched for everything, beside one that has not."""
    script = (
        "import sys\nfrom pathlib import Path\nfrom benchmarks.search_bench import LABELS, Seen\n"
        "from portal.search.query import parse\nfrom portal.search.whoosh_index import WhooshIndex\n"
        "index = WhooshIndex(Path(sys.argv[1]))\n"
        "for text in sys.argv[2:]:\n"
        "    index.search(parse(text), labels=LABELS, visible=Seen(()))\n"
        "status = Path('/proc/self/status').read_text()\n"
        "print(int(status.split('VmHWM:')[1].split()[0]) / 1024)\n"
    )
    command = [sys.executable, "-c", script, str(folder)]
    idle, used = (
        float(subprocess.run([*command, *asked], check=True, capture_output=True, text=True).stdout)
        for asked in ([], queries)
    )
    report("memory of a searching process", used, idle, None, "MB")


def _raw_index(folder: Path, documents: list[Document]) -> None:
    """Whoosh's own add_document of the same texts with its own English analyser."""
    from whoosh.analysis import StemmingAnalyzer

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


def _searches(
    index: WhooshIndex, world: World, visible: Seen, queries: list[tuple[str, str, str]], live: Path
) -> list[bool]:
    searcher = FileIndex(FileStorage(str(live)), schema(), NAME).searcher()
    opening = timed(lambda: ours(index, world, visible, "", "en"))
    print(f"{'open the index (once a process)':<34} {opening:9.2f} ms", flush=True)
    first = {q: timed(lambda q=q: ours(index, world, visible, q[1], q[2])) for q in queries}  # type: ignore[misc]
    base: dict[tuple[str, str, str], list[float]] = {q: [] for q in queries}
    full: dict[tuple[str, str, str], list[float]] = {q: [] for q in queries}
    for _ in range(ROUNDS):
        for q in random.Random(2).sample(queries, len(queries)):
            base[q].append(timed(lambda q=q: searcher.search(raw_query(q[1], q[2]), limit=10)))  # type: ignore[misc]
            full[q].append(timed(lambda q=q: ours(index, world, visible, q[1], q[2])))  # type: ignore[misc]
    searcher.close()
    all_base = [t for times in base.values() for t in times]
    all_full = [t for times in full.values() for t in times]
    once = list(first.values())
    met = [
        report("search, median", statistics.median(all_full), statistics.median(all_base), 2.5),
        report("search, 95th percentile", percentile(all_full), percentile(all_base), 3),
        report("search, first time, median", statistics.median(once), statistics.median(all_base), 2.5),
        report("search, first time, 95th perc.", percentile(once), percentile(all_base), 3),
    ]
    for name in dict.fromkeys(q[0] for q in queries):
        mine = [t for q in queries if q[0] == name for t in full[q]]
        theirs = [t for q in queries if q[0] == name for t in base[q]]
        report(f"  {name}, median", statistics.median(mine), statistics.median(theirs), None)
    return met


def _commits(
    index: WhooshIndex,
    world: World,
    visible: Seen,
    documents: list[Document],
    queries: list[tuple[str, str, str]],
) -> bool:
    """A publication: the commit, and the first search after it."""
    writing, reading = [], []
    for number in range(20):
        three = documents[number * 30 : number * 30 + 3]
        _, text, language = queries[number]
        writing.append(timed(lambda three=three: index.sync(three[0].contribution_id, three)))  # type: ignore[misc]
        reading.append(timed(lambda t=text, l=language: ours(index, world, visible, t, l)))  # type: ignore[misc] # noqa: E741
    print(f"{'publish three editions, median':<34} {statistics.median(writing):9.2f} ms")
    return report(
        "  publish to found (bar 2000 ms)", statistics.median(writing) + statistics.median(reading), 2000, 1
    )


def main() -> int:
    """Run from the command line; 0 when every bar is met."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--contributions", type=int, default=10_000)
    with tempfile.TemporaryDirectory() as folder:
        return 0 if run(arguments.parse_args().contributions, Path(folder)) else 1


if __name__ == "__main__":
    sys.exit(main())
