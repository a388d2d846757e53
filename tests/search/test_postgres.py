"""What is PostgreSQL's own: its queries, limits of time, several writers, rebuilds that fail or are killed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.core.db import Database, session
from portal.search.index import Document, Filters, IndexBusy, IndexUnavailable
from portal.search.postgres_index import PostgresIndex, schema, statement
from portal.search.postgres_index.rows import lexemes
from portal.search.postgres_index.tsquery import Reading, Weighed, reading
from portal.search.query import Clause, Query, parse
from tests.search.builders import LETTERS, Seen, ask, document, fill, found
from tests.search.conftest import postgres_index
from tests.search.test_query import HOSTILE

ROOT = Path(__file__).parents[2]


@pytest.fixture
def index(search_database: Database) -> PostgresIndex:
    """An index of three contributions."""
    made = postgres_index(search_database)
    made.rebuild([document("a", "transit window")])
    fill(made, document("b", "transit guarantee"), document("c", "transit border", "fr"))
    return made


def run(database: Database, sql: str, **parameters: object) -> list[object]:
    """The first column of what a statement gives, after it was committed."""
    with database.engine.begin() as connection:
        result = connection.execute(text(sql), parameters)
        return list(result.scalars()) if result.returns_rows else []


def tables(database: Database) -> list[object]:
    """The names of all tables of the index."""
    return run(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'search_index' ORDER BY 1")


# What the text and the query become


def read(query: Query, language: str) -> Reading:
    """The query as it reads in a language that can meet it."""
    found = reading(query, language)
    assert found is not None
    return found


def test_a_query_reads_differently_in_each_language() -> None:
    query = parse('the "ventanilla de comercio" facilit* -aduanas')
    english, spanish = read(query, "en"), read(query, "es")
    assert english.match == "(('ventanilla' <1> 'de' <1> 'comercio') & '=facilit':* & !'aduana')"
    assert spanish.match == "('the' & ('ventanill' <2> 'comerci') & '=facilit':* & !'aduan')"
    assert spanish.before == (
        "(('^the' & ('^ventanill' & '^comerci' & ('ventanill' <2> 'comerci')) & '^=facilit':*) & !'aduan')",
    )


def test_each_clause_is_weighed_in_its_group_and_counted_in_its_language() -> None:
    typed, other = Clause(("guichet", "unique"), is_loose=True), Clause(("audit",))
    brought = Clause(("single", "window"), language="en", weight=50, origin="TFA-10.4")
    query = Query(((typed, brought), (other,)))
    assert read(query, "en").groups == (
        (
            Weighed("('guichet' | 'uniqu')", "('guichet' & 'uniqu')", 200, "('guichet' & 'uniqu')"),
            Weighed("('singl' | 'window')", "('singl' <1> 'window')", 100, "('singl' & 'window')"),
        ),
        (Weighed("'audit'", None, 100, "'audit'"),),
    )
    assert [len(group) for group in read(query, "fr").groups] == [1, 1]


def test_of_wanted_words_what_has_most_of_them_is_weighed_first() -> None:
    words = ("transit", "rulings", "border")
    query = Query(((Clause(("audit",)),),), wanted=tuple((Clause((word,)),) for word in words))
    english = read(query, "en")
    assert english.match == "'audit'"
    assert english.before == (
        "('audit' & ('transit' & 'rule' & 'border'))",
        "('audit' & (('transit' & 'rule') | ('transit' & 'border') | ('rule' & 'border')))",
        "('audit' & ('^audit' | '^transit' | '^rule' | '^border'))",
    )
    assert read(replace(query, required=()), "en").match == "('transit' | 'rule' | 'border')"
    assert read(parse("-transit"), "en").match == "('*' & !'transit')"
    assert read(parse(""), "en") == Reading("en", "'*'", (), (), False)


def test_lexemes_hold_places_weights_forms_and_what_stands_in_the_title() -> None:
    made, length = lexemes(document("a", "in transit transit", title="Transits", summary="A rule"))
    assert length == 6
    assert set(made.split()) == {
        "'transit':1A,405,406", "'rule':203B", "'=transits'", "'=transit'", "'=rule'", "'^transit'", "'^=transits'",
        "'*'",
    }  # fmt: skip


@pytest.mark.parametrize(
    "word",
    [
        "' | 'secretnames",
        "\\",
        "a\\' | 'secretnames",
        "secretn':*",
        "!transit",
        "'",
        ":*",
        "(",
        "&",
        "%",
        ":p0",
        "$1",
    ],
)
def test_no_word_reaches_out_of_its_quotes(index: PostgresIndex, word: str) -> None:
    fill(index, document("d", "secretnames"))
    for clause in (
        Clause((word,)), Clause((word, word)), Clause((word, word), is_loose=True), Clause((word,), is_prefix=True)
    ):  # fmt: skip
        assert "d" not in found(index, Query(((clause,),)))
        assert len(found(index, Query(((Clause(("transit",)),),), (clause,)))) == 3


@pytest.mark.parametrize(
    "value", ["x') OR true --", "'; DROP SCHEMA search_index CASCADE; --", "\\", ":p0", "{x,y}", '"']
)
def test_no_filter_label_or_id_reaches_out_of_its_quotes(index: PostgresIndex, value: str) -> None:
    assert found(index, "transit", filters=Filters(topic=(value,))) == []
    assert len(found(index, "transit", without=Filters(country=(value,)))) == 3
    assert found(index, "transit", among=[value]) == []
    assert found(index, "transit", labels=(value,)) == []
    assert len(found(index, "transit", languages=(value, "en"))) == 3
    fill(index, document("e", "value", topics=(value,), labels=(value,)))
    assert found(index, "value", labels=(value,), filters=Filters(topic=(value,))) == ["e"]
    assert ask(index, "value", labels=(value,)).facets["topic"] == [(value, 1)]


@pytest.mark.parametrize("asked", HOSTILE)
def test_hostile_queries_are_answered_or_refused(index: PostgresIndex, asked: str) -> None:
    try:
        query = parse(asked)
    except ValueError:
        return
    assert not index.search(query, labels={"public"}, visible=LETTERS).incomplete


def test_what_postgresql_cannot_hold_is_left_out(index: PostgresIndex) -> None:
    chance = random.Random(1)
    many = " ".join(f"{chance.randrange(16**36):x}" for _ in range(50_000))
    labels = ("public", *(f"org:{number:016}" for number in range(400)))
    fill(index, document("d", f"transit {many} elsewhere", title="Largest", labels=labels))
    fill(index, document("e", "tariff " * 40_000 + "elsewhere nowhere"))
    assert "d" in found(index, "transit")
    assert found(index, "largest", labels=("org:0000000000000399",)) == ["d"]
    assert found(index, "elsewhere") == ["e"]
    assert found(index, '"tariff tariff"') == ["e"]


# Nothing but what a viewer may read


def test_it_is_the_condition_on_labels_that_hides(
    index: PostgresIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(index, document("d", "transit", labels=("org:7",)))
    assert "d" not in found(index, "transit")
    monkeypatch.setattr(statement._Maker, "_of_viewer", lambda _self: iter(["true"]))
    assert "d" in found(index, "transit")


def test_it_is_the_comparison_with_sql_that_hides_what_the_index_would_show(index: PostgresIndex) -> None:
    assert sorted(found(index, "transit", visible=Seen(["a", "c"], key=1))) == ["a", "c"]
    answer = ask(index, "transit", visible=Seen(["a", "c"], key=1))
    assert answer.total == sum(count.contributions for count in answer.facets["organisation"]) == 2
    assert index._viewers._kept.popitem()[1].hidden == ("b",)


def test_viewers_that_are_remembered_are_few(index: PostgresIndex) -> None:
    for number in range(200):
        ask(index, "transit", labels=("public", f"org:{number}"))
    assert len(index._viewers._kept) == 128


# Time


def test_an_answer_cut_short_says_so_and_only_leaves_out(search_database: Database) -> None:
    whole = postgres_index(search_database)
    whole.rebuild(document(f"{a}{n}", f"transit x{n}", days=n) for a in "abcdefghij" for n in range(10))
    hurried = PostgresIndex(search_database, budget=0.001)
    answer = ask(hurried, "transit", per_page=200)
    assert answer.incomplete
    assert answer.total == len(answer.hits) == 100
    assert ask(hurried, "x3").hits == ask(whole, "x3").hits


def test_of_many_documents_an_answer_cut_short_has_the_newest(
    search_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement, "MOST_NEWEST", 2)
    index = postgres_index(search_database)
    index.rebuild(document(one, "transit", days=n) for n, one in enumerate("abcdef"))
    hurried = PostgresIndex(search_database, budget=0.001)
    answer = ask(hurried, "transit")
    assert (answer.total, [hit.contribution_id for hit in answer.hits]) == (2, ["f", "e"])
    assert answer.facets["kind"] == [("reform_update", 2)]
    assert ask(hurried, "transit", visible=Seen("abcd", key=2)).hits == ask(index, "transit", among="cd").hits


def test_without_any_time_nothing_is_found_and_the_page_goes_on(
    index: PostgresIndex, search_database: Database
) -> None:
    hurried = PostgresIndex(search_database, budget=0.2)
    ask(hurried, "transit")
    with search_database.engine.connect() as other, search_database.unit_of_work(write=False):
        other.execute(text("LOCK TABLE search_index.document_1 IN ACCESS EXCLUSIVE MODE"))
        answer = ask(hurried, "transit")
        assert (answer.incomplete, answer.total, answer.hits) == (True, 0, ())
        assert set(map(len, answer.facets.values())) == {0}
        assert session().scalar(text("SELECT 1")) == 1
        assert session().scalar(text("SHOW statement_timeout")) == "0"
        other.rollback()
        assert ask(hurried, "transit").total == 3
        assert session().scalar(text("SHOW enable_seqscan")) == "on"


# The order


@pytest.mark.parametrize("sort", ["relevance", "newest", "adopted"])
def test_what_is_not_weighed_follows_and_pages_stay_as_they_are(
    index: PostgresIndex, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement, "MOST_WEIGHED", 4)
    title = {"title": "x1"}
    index.rebuild(
        document(f"{a}{n}", "x1 " * (n % 3 + 1), days=n, **(title if n == 1 else {}))
        for a in "abc"
        for n in range(9)
    )
    whole = found(index, "x1", sort=sort, per_page=100)
    pages = [found(index, "x1", sort=sort, page=page, per_page=5) for page in range(1, 7)]
    assert [one for page in pages for one in page] == whole
    assert len(set(whole)) == 27
    if sort == "relevance":
        assert whole[:3] == ["a1", "b1", "c1"]
        assert whole[3:9] == ["a8", "b8", "c8", "a7", "b7", "c7"]


# Several writers


def test_a_second_writer_waits_and_then_says_that_it_is_busy(
    index: PostgresIndex, search_database: Database
) -> None:
    other = PostgresIndex(search_database, lock_seconds=0.1)
    busy: list[str] = []

    def documents() -> Iterator[Document]:
        yield document("a", "transit")
        for write in (lambda: other.sync("d", [document("d")]), lambda: other.rebuild([])):
            try:
                write()
            except IndexBusy:
                busy.append("busy")
        assert found(other, "transit", sort="newest") == ["a", "b", "c"]

    index.rebuild(documents())
    assert busy == ["busy", "busy"]
    other.sync("d", [document("d", "transit")])
    assert sorted(found(index, "transit")) == ["a", "d"]


def test_writers_and_readers_at_once_lose_nothing(index: PostgresIndex, search_database: Database) -> None:
    faults: list[object] = []

    def write(letter: str) -> None:
        own = PostgresIndex(search_database, lock_seconds=60)
        try:
            for number in range(10):
                own.sync(
                    f"{letter}{number}", [document(f"{letter}{number}", "tariff", topics=(f"T{number}",))]
                )
                if letter == "f" and number == 5:
                    own.rebuild([document(one, "transit") for one in "abc"])
        except Exception as error:
            faults.append(error)

    def read() -> None:
        try:
            while any(one.is_alive() for one in writers):
                if sorted(found(index, "transit")) != ["a", "b", "c"]:
                    faults.append("not all were found")
        except Exception as error:
            faults.append(error)

    writers = [threading.Thread(target=write, args=(letter,)) for letter in "ef"]
    reader = threading.Thread(target=read)
    for thread in (*writers, reader):
        thread.start()
    for thread in (*writers, reader):
        thread.join()
    assert faults == []
    assert {f"f{number}" for number in range(6, 10)} <= set(found(index, "tariff", per_page=100))
    assert len(run(search_database, f"SELECT id FROM {schema.value(schema_state(index).build)}")) < 40


def schema_state(index: PostgresIndex) -> schema.State:
    """Which build is live."""
    state = index.generation()
    assert isinstance(state, schema.State)
    return state


# Builds


def test_a_rebuild_takes_the_place_of_the_former_and_drops_it(
    index: PostgresIndex, search_database: Database
) -> None:
    assert schema_state(index).build == 1
    index.rebuild([document("a", "transit")])
    assert schema_state(index).build == 2
    assert tables(search_database) == [
        "document_2", "document_2_en", "document_2_es", "document_2_fr", "state", "value_2", "value_set_2",
    ]  # fmt: skip


def test_a_build_that_is_still_read_is_dropped_by_the_next_rebuild(
    index: PostgresIndex, search_database: Database
) -> None:
    impatient = PostgresIndex(search_database, lock_seconds=0.1)
    with search_database.unit_of_work(write=False):
        session().execute(text("SELECT count(*) FROM search_index.document_1"))
        impatient.rebuild([document("d", "transit")])
        assert found(index, "transit") == ["d"]
        assert "document_1_en" in tables(search_database)
    impatient.rebuild([document("e", "transit")])
    assert [name for name in tables(search_database) if "_1" in str(name) or "_2" in str(name)] == []


def test_a_search_that_began_with_the_former_build_is_answered_from_the_new_one(
    index: PostgresIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    former, real = [schema_state(index)], schema.live
    index.rebuild([document("d", "transit")])
    monkeypatch.setattr(schema, "live", lambda *given: former.pop() if former else real(*given))
    assert found(index, "transit") == ["d"]
    assert former == []


KILLED = """
import sys
from portal.core.db import Database
from portal.search.postgres_index import PostgresIndex
from tests.search.builders import document
def documents():
    for number in range(1000):
        yield document(f"k{number}", "transit")
    print("half", flush=True)
    sys.stdin.read()
PostgresIndex(Database(sys.argv[1])).rebuild(documents())
"""


def test_a_killed_rebuild_leaves_nothing_and_lets_the_lock_go(
    index: PostgresIndex, search_database: Database
) -> None:
    before = tables(search_database)
    command = [sys.executable, "-c", KILLED, search_database.url]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "half\n"
        with pytest.raises(IndexBusy):
            PostgresIndex(search_database, lock_seconds=0).sync("d", [])
        writer.send_signal(signal.SIGKILL)
    assert found(index, "transit", sort="newest") == ["a", "b", "c"]
    index.sync("d", [document("d", "transit")])
    assert tables(search_database) == before
    index.rebuild([document("a", "transit")])
    assert found(index, "transit") == ["a"]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("DROP TABLE search_index.document_1", "missing"),
        ("DROP TABLE search_index.state", "missing"),
        ("DROP SCHEMA search_index CASCADE", "missing"),
        ("DELETE FROM search_index.state", "missing"),
        ("UPDATE search_index.state SET version = 0", "old"),
    ],
)
def test_what_is_lost_is_noticed(
    index: PostgresIndex, search_database: Database, damage: str, reason: str
) -> None:
    run(search_database, damage)
    with pytest.raises(IndexUnavailable) as search:
        ask(index, "transit")
    assert search.value.reason == reason
    for act in (index.check, lambda: index.sync("d", [document("d")]), index.document_ids):
        with pytest.raises(IndexUnavailable):
            act()
    assert not index.is_ready()


@pytest.mark.parametrize(
    "damage", ["DROP INDEX search_index.document_1_words_idx", "DROP TABLE search_index.document_1_es"]
)
def test_what_lost_a_part_is_mended_by_a_rebuild(
    index: PostgresIndex, search_database: Database, damage: str
) -> None:
    run(search_database, damage)
    with pytest.raises(IndexUnavailable) as broken:
        index.check()
    assert broken.value.reason == "broken"
    index.rebuild([document("a", "transit")])
    index.check()
    assert found(index, "transit") == ["a"]


def test_other_faults_of_the_database_are_not_hidden(
    index: PostgresIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement, "_WORTH", "nonsense")
    with pytest.raises(DBAPIError):
        ask(index, "transit")
