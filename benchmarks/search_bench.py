"""Search at 30,000 editions against Whoosh's own query on the same index; one figure a line.

    python -m benchmarks.search_bench [--contributions 10000]

Ours answers with labels, the set of visible contributions, all facets, grouping by contribution,
and highlights of the 20 hits; the baseline is Whoosh's top 10 of the same words in two fields
(title and text), without any of that. "First time" is each query's first run after opening.

"Expanded" are the same words, each with fifteen alternatives in three languages as the thesaurus
brings them; the baseline looks for the same alternatives in its two fields.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from whoosh import query as raw
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex

from portal.search.analysis import LANGUAGES, analyser, fold
from portal.search.highlight import highlight, mark
from portal.search.index import Document
from portal.search.query import Clause, Query, parse
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


class Asked(NamedTuple):
    """A query, the class of queries that it is of, and the language of its words."""

    name: str
    text: str
    query: Query
    language: str


def asked(world: World) -> list[Asked]:
    """The queries of all classes, in each language."""
    found = []
    for language in LANGUAGES:
        words = world.vocabularies[language].words
        pairs = neighbours(world, language)
        for number in range(4):
            found += [
                (f"{words[number * 2]}", "common word", language),
                (f"{words[100 + number * 90]}", "usual word", language),
                (f"{words[5_000 + number * 3_000]}", "rare word", language),
                (f"{words[3 + number]} {words[30 + number * 40]}", "two words", language),
            ]
        for number in range(2):
            found.append((f'"{" ".join(next(pairs))}"', "phrase", language))
            found.append((f"{words[10 + number * 60][:4]}*", "prefix", language))
    return [Asked(name, text, parse(text), language) for text, name, language in found]


def neighbours(world: World, language: str) -> Iterator[list[str]]:
    """Two words that stand beside each other in titles that begin with a common word."""
    common = set(world.vocabularies[language].words[:50])
    for edition, (title, _) in world.texts.items():
        words = title.split()
        if edition.startswith(language) and words[0] in common:
            yield from (words[place : place + 2] for place in (0, 3))


def expanded(world: World, many: Iterable[Asked]) -> Iterator[Asked]:
    """Each query of whole words with alternatives: in each language two words and three pairs of them."""
    pairs = {language: neighbours(world, language) for language in LANGUAGES}
    chance = random.Random(3)
    for one in many:
        if one.name in {"phrase", "prefix"}:
            continue
        groups = []
        for group in one.query.required:
            names = [
                (language, (word,))
                for language in LANGUAGES
                for word in chance.sample(world.vocabularies[language].words[20:2000], 2)
            ]
            names += [(language, tuple(next(pairs[language]))) for language in LANGUAGES for _ in range(3)]
            groups.append((*group, *(
                Clause(tuple(fold(word)[0] for word in words), is_loose=True, language=language, weight=70,
                       origin="T00")
                for language, words in names
            )))  # fmt: skip
        yield one._replace(query=Query(required=tuple(groups)))


def raw_query(one: Asked) -> Any:
    """Whoosh's query for the same words in the title or the text."""
    return raw.And(
        [raw.Or([_raw_clause(clause, one.language) for clause in group]) for group in one.query.required]
    )


def _raw_clause(clause: Clause, language: str) -> Any:
    terms = analyser(clause.language or language).terms(clause.words)
    stems = [term.stem for term in terms] or list(clause.words)
    if clause.is_prefix:
        return raw.Or([raw.Prefix(field, clause.words[-1]) for field in ("title", "text")])
    if len(stems) > 1 and not clause.is_loose:
        return raw.Or([raw.Phrase(field, stems) for field in ("title", "text")])
    return raw.And([raw.Or([raw.Term(field, stem) for field in ("title", "text")]) for stem in stems])


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that `work` takes."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def ours(index: WhooshIndex, world: World, visible: Seen, one: Asked) -> None:
    """One search page: the answer, and the titles and fragments of its hits marked."""
    query = one.query
    answer = index.search(
        query, labels=LABELS, visible=visible, languages=(one.language, "en", "es", "fr"), sort="relevance"
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
    print(
        f"{'index all editions':<34} {building:9.2f} s   (against raw Whoosh: see indexing_bench)", flush=True
    )
    visible = Seen(tuple(sorted({d.contribution_id for d in documents if not LABELS.isdisjoint(d.labels)})))
    queries = asked(world)
    wider = list(expanded(world, queries))
    fresh = WhooshIndex(folder / "index")
    opening = timed(lambda: ours(fresh, world, visible, queries[0]._replace(query=parse(""))))
    print(f"{'open the index (once a process)':<34} {opening:9.2f} ms", flush=True)
    live = folder / "index" / (folder / "index" / "current").read_text().strip()
    searcher = FileIndex(FileStorage(str(live)), schema(), NAME).searcher()
    met = _searches("search", fresh, searcher, world, visible, queries)
    met += _searches("expanded search", fresh, searcher, world, visible, wider)
    searcher.close()
    met.append(_commits(index, world, visible, documents, queries))
    _memory(folder / "index", [one.text for one in queries])
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


def _searches(
    title: str, index: WhooshIndex, searcher: Any, world: World, visible: Seen, queries: list[Asked]
) -> list[bool]:
    """Compare, turn and turn about, since the machine's own pace changes; true for each bar that is met."""
    once = [timed(lambda one=one: ours(index, world, visible, one)) for one in queries]  # type: ignore[misc]
    base: dict[Asked, list[float]] = {one: [] for one in queries}
    full: dict[Asked, list[float]] = {one: [] for one in queries}
    for _ in range(ROUNDS):
        for one in random.Random(2).sample(queries, len(queries)):
            base[one].append(timed(lambda one=one: searcher.search(raw_query(one), limit=10)))  # type: ignore[misc]
            full[one].append(timed(lambda one=one: ours(index, world, visible, one)))  # type: ignore[misc]
    all_base = [t for times in base.values() for t in times]
    all_full = [t for times in full.values() for t in times]
    met = [
        report(f"{title}, median", statistics.median(all_full), statistics.median(all_base), 2.5),
        report(f"{title}, 95th percentile", percentile(all_full), percentile(all_base), 3),
        report(f"{title}, first time, median", statistics.median(once), statistics.median(all_base), 2.5),
        report(f"{title}, first time, 95th", percentile(once), percentile(all_base), 3),
    ]
    for name in dict.fromkeys(one.name for one in queries):
        mine = [t for one in queries if one.name == name for t in full[one]]
        theirs = [t for one in queries if one.name == name for t in base[one]]
        report(f"  {name}, median", statistics.median(mine), statistics.median(theirs), None)
    return met


def _commits(
    index: WhooshIndex,
    world: World,
    visible: Seen,
    documents: list[Document],
    queries: list[Asked],
) -> bool:
    """A publication: the commit, and the first search after it."""
    writing, reading = [], []
    for number in range(20):
        three = documents[number * 30 : number * 30 + 3]
        one = queries[number]
        writing.append(timed(lambda three=three: index.sync(three[0].contribution_id, three)))  # type: ignore[misc]
        reading.append(timed(lambda one=one: ours(index, world, visible, one)))  # type: ignore[misc]
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
