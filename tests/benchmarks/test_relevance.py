"""Collections of judged queries: read as they come, refused with a reason, and measured."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import relevance_demo
from benchmarks.relevance import Everything, Way, figures, main, plainly, ranked, slices
from benchmarks.relevance_collection import CollectionError, read
from portal.search.expand import Entry, Thesaurus
from portal.search.query import MAX_CLAUSES, Clause
from portal.search.whoosh_index import WhooshIndex

DOCS = [
    {"id": "1", "group": "w", "language": "en", "title": "Single window", "text": "One filing."},
    {"id": "2", "group": "w", "language": "fr", "title": None, "text": "Guichet unique."},
    {"id": "3", "group": "w", "language": "fr", "title": "Annexe", "text": "Les scellés."},
    {"id": "4", "group": "g", "language": "fr", "text": "Le guichet unique et les banques."},
    {"id": "5", "language": "es", "title": "Drones", "text": ""},
    {"id": "6", "group": "x", "language": "de", "title": "Fenster", "text": "Fenster"},
]
QUERIES = ("q1\ten\tsingle window", "q2\tes\tventanilla única", "q3\tfr\tguichet unique", "q4\ten\tnothing judged",
           "q5\tde\tFenster", "q6\ten\t\"unclosed\tquote -- *")  # fmt: skip
QRELS = ("q1 0 w 2", "q1 0 g 1", "q2 0 w 1", "q2 0 g 2", "q3 0 g 1", "q4 0 g 0", "q5 0 x 1", "q6 0 5 1")


def written(
    folder: Path, docs: list[dict[str, str | None]] = DOCS, queries: tuple[str, ...] = QUERIES,
    qrels: tuple[str, ...] = QRELS,
) -> Path:  # fmt: skip
    """A collection in `folder`."""
    (folder / "docs.jsonl").write_text("\n".join(map(json.dumps, docs)) + "\n\n", encoding="utf-8")
    (folder / "queries.tsv").write_text("\ufeffid\tlanguage\ttext\n" + "\n".join(queries), encoding="utf-8")
    (folder / "qrels.txt").write_text("\n".join(qrels), encoding="utf-8")
    return folder


def test_what_can_be_used_of_a_collection_is_read(tmp_path: Path) -> None:
    collection = read(written(tmp_path))
    assert [query.id for query in collection.queries] == ["q1", "q2", "q3", "q6"]
    assert collection.queries[-1].text == '"unclosed\tquote -- *'
    assert collection.queries[0].grades == {"w": 2, "g": 1}
    assert collection.languages == {"w": {"en", "fr"}, "g": {"fr"}, "5": {"es"}}
    documents = {d.edition_id: d for d in collection.documents()}
    assert documents.keys() == {"w/en", "w/fr", "g/fr", "5/es"}
    assert documents["w/fr"].text == "Guichet unique.\nAnnexe\nLes scellés."
    assert (documents["w/fr"].title, documents["w/fr"].is_original) == ("", False)


def test_across_are_the_queries_that_no_relevant_group_answers_in_their_language(tmp_path: Path) -> None:
    found = {name: [q.id for q in queries] for name, queries in slices(read(written(tmp_path))).items()}
    assert found == {
        "en": ["q1", "q6"],
        "es": ["q2"],
        "fr": ["q3"],
        "within": ["q1", "q3"],
        "across": ["q2", "q6"],
        "all": ["q1", "q2", "q3", "q6"],
    }


@pytest.mark.parametrize("missing", ["docs.jsonl", "queries.tsv", "qrels.txt"])
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    (written(tmp_path) / missing).unlink()
    with pytest.raises(CollectionError, match=missing):
        read(tmp_path)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("docs.jsonl", "{"),
        ("docs.jsonl", '{"language": "en", "text": "without a group"}'),
        ("docs.jsonl", "[1]"),
        ("queries.tsv", "q9 en no tabs"),
        ("qrels.txt", "q1 0 w"),
        ("qrels.txt", "q1 0 w good"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, name: str, line: str) -> None:
    path = written(tmp_path) / name
    path.write_text(path.read_text(encoding="utf-8").rstrip() + f"\n{line}\n", encoding="utf-8")
    with pytest.raises(CollectionError, match=rf"{name}, line \d+"):
        read(tmp_path)


def test_a_collection_without_documents_or_relevant_groups_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="no document"):
        read(written(tmp_path, docs=DOCS[-1:]))
    with pytest.raises(CollectionError, match="relevant"):
        read(written(tmp_path, qrels=("q1 0 w 0",)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("single window", ("single", "window")),
        ('"unclosed quote', ("unclosed", "quote")),
        ("OR the rulings OR", ("rulings",)),
        ('"the of', ("the", "of")),
        ("ab*", ("ab",)),
        ("topic:", ("topic",)),
        ("?!", ()),
        (" ".join(f"w{n}" for n in range(30)), tuple(f"w{n}" for n in range(MAX_CLAUSES))),
        ("kind:lesson drones", ("drones",)),
    ],
)
def test_what_the_query_language_refuses_is_asked_as_plain_words(
    text: str, expected: tuple[str, ...]
) -> None:
    assert plainly(text, "en").required == tuple((Clause((word,)),) for word in expected)


def test_figures_are_means_over_the_queries_of_a_slice(tmp_path: Path) -> None:
    collection = read(written(tmp_path))
    found = {"q1": ["w"], "q2": [], "q3": ["x", "g"], "q6": ["5"]}
    values = {(name, measure): (count, value) for name, measure, count, value in figures(collection, found)}
    assert values["en", "recall@50"] == (2, 0.75)
    assert values["across", "MRR"] == (2, 0.5)
    assert values["fr", "MRR"] == (1, 0.5)


def test_the_thesaurus_leads_across_languages(tmp_path: Path) -> None:
    collection = read(written(tmp_path))
    index = WhooshIndex(tmp_path / "index")
    index.rebuild(collection.documents())
    visible = Everything(tuple(collection.languages))
    names = Thesaurus([Entry("SW", (("es", "ventanilla única"), ("fr", "guichet unique")))])
    query = collection.queries[1]
    assert ranked(index, visible, Way("typed", Thesaurus(), None, True), query) == ([], False)
    groups, _ = ranked(index, visible, Way("thesaurus", names, None, False), query)
    assert sorted(groups) == ["g", "w"]


def test_the_command_prints_one_figure_a_line_and_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["relevance", "--collection", str(written(tmp_path)), "--dictionaries", str(tmp_path / "none")]
    monkeypatch.setattr("sys.argv", asked)
    assert main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("without the dictionary")
    assert lines[1] == "whoosh: 4 documents, 4 queries"
    assert len(lines[2:]) == 4 * 6 * 3
    assert "whoosh     thesaurus, all words across recall@50 0.5000  (2 queries)" in lines
    (tmp_path / "qrels.txt").unlink()
    assert main() == 2
    assert "qrels.txt" in capsys.readouterr().err


def test_the_demo_collection_is_as_large_as_it_has_to_be(tmp_path: Path) -> None:
    collection = read(relevance_demo.write(tmp_path))
    assert len(collection.queries) >= 120
    counts = Counter((query.language, collection.is_across(query)) for query in collection.queries)
    for language in ("en", "es", "fr"):
        assert counts[language, True] >= 20
        assert counts[language, True] + counts[language, False] >= 40
    judged = {group for query in collection.queries for group in query.grades}
    assert judged <= collection.languages.keys()
    assert {grade for query in collection.queries for grade in query.grades.values()} == {1, 2}
