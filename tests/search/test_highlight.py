"""Highlights: what is marked, where the fragment is cut, and that it is always safe HTML."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.search.analysis import LANGUAGES
from portal.search.highlight import FRAGMENT, LONGEST_TEXT, highlight, look, mark, met
from portal.search.query import EMPTY, Clause, Query, QueryError, parse


@pytest.mark.parametrize(
    ("query", "language", "text", "expected"),
    [
        ("reform", "en", "The Reforms reformed it", "The <mark>Reforms reformed</mark> it"),
        ("administracion", "es", "La ADMINISTRACIÓN", "La <mark>ADMINISTRACIÓN</mark>"),
        ("école", "fr", "l\u2019Ecole, les écoles", "l\u2019<mark>Ecole</mark>, les <mark>écoles</mark>"),
        ("l'école", "fr", "L'e\u0301cole", "L&#39;<mark>e\u0301cole</mark>"),
        ("facilit*", "en", "facilities, Facilité", "<mark>facilities</mark>, <mark>Facilité</mark>"),
        (
            '"single window"',
            "en",
            "single door, single window",
            "single door, <mark>single window</mark>",
        ),
        (
            '"ventanilla de comercio"',
            "es",
            "ventanilla de comercio",
            "<mark>ventanilla</mark> de <mark>comercio</mark>",
        ),
        ("a OR customs -training", "en", "a customs training", "a <mark>customs</mark> training"),
        ("2024", "en", "in 2024, not 12024", "in <mark>2024</mark>, not 12024"),
        ("таможня", "en", "Таможня", "<mark>Таможня</mark>"),
        ("the", "en", "the end", "the end"),
        ("", "en", "a <b> & c", "a &lt;b&gt; &amp; c"),
        ("script", "en", "<script>x</script>", "&lt;<mark>script</mark>&gt;x&lt;/<mark>script</mark>&gt;"),
        ("amp", "en", "&amp;", "&amp;<mark>amp</mark>;"),
    ],
)
def test_matches_are_marked_and_all_else_escaped(query: str, language: str, text: str, expected: str) -> None:
    assert str(mark(parse(query), language, text)) == expected
    assert str(highlight(parse(query), language, text)) == expected


def test_a_fragment_is_cut_at_words_around_the_first_match() -> None:
    text = f"{'before ' * 60}transit guarantees {'after ' * 60}"
    fragment = str(highlight(parse("transit"), "en", text))
    assert re.fullmatch(r"…(before )+<mark>transit</mark> guarantees( after)+…", fragment)
    assert FRAGMENT - 20 < len(html.unescape(fragment)) < FRAGMENT + 20


def test_a_fragment_is_taken_where_most_of_the_query_stands() -> None:
    text = f"transit {'x ' * 200} transit transit {'x ' * 200} transit of goods under guarantee {'x ' * 200}"
    assert "goods under <mark>guarantee</mark>" in highlight(parse("transit guarantee"), "en", text)


def test_without_a_match_the_fragment_is_the_beginning() -> None:
    fragment = highlight(parse("nothing"), "en", "word " * 100)
    assert fragment.startswith("word word")
    assert fragment.endswith("word…")


def test_a_short_text_is_whole_and_blanks_are_joined() -> None:
    assert highlight(EMPTY, "en", "  one\n\n two\t ") == "one two"


def test_a_match_after_a_long_run_without_blanks_is_kept_whole() -> None:
    fragment = highlight(parse("transit"), "en", f"{'x' * 500} transit{'-y' * 300}")
    assert "<mark>transit</mark>" in fragment
    assert len(fragment) < 2 * FRAGMENT


def test_only_the_beginning_of_a_giant_text_is_looked_at() -> None:
    assert "<mark>" not in highlight(parse("transit"), "en", f"{'x ' * LONGEST_TEXT} transit")


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="'de'"):
        mark(parse("a"), "de", "a")


LOOSE = Clause(("ventanilla", "unica"), is_loose=True)
ENGLISH = Clause(("single", "window"), language="en", origin="TFA-10.4")
SPANISH = Clause(("ventanilla", "de", "comercio"), language="es", origin="TFA-10.4")
EXPANDED = Query(((LOOSE, ENGLISH, SPANISH), (Clause(("aduan",), is_prefix=True),)))


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "Una única ventana, la ventanilla", {LOOSE}),
        ("es", "La ventanilla", set()),
        ("es", "Una ventanilla del comercio", {SPANISH}),
        ("es", "La ventanilla para el comercio", set()),
        ("en", "Single windows", {ENGLISH}),
        ("en", "Windows, single", set()),
        ("es", "Single window", set()),
        ("es", "Las aduanas", {Clause(("aduan",), is_prefix=True)}),
        ("fr", "", set()),
    ],
)
def test_a_clause_is_met_as_the_index_meets_it(language: str, text: str, expected: set[Clause]) -> None:
    assert met(EXPANDED, language, text) == expected


def test_loose_words_may_stand_in_different_texts_but_a_phrase_may_not() -> None:
    assert met(EXPANDED, "es", "La ventanilla", "es única") == {LOOSE}
    assert met(EXPANDED, "en", "Every single", "window") == set()


def test_words_that_several_clauses_share_meet_each_of_them() -> None:
    one, both = Clause(("reform",)), Clause(("reform", "tax"), is_loose=True)
    assert met(Query(((one,), (both,))), "en", "Tax reforms") == {one, both}


def test_of_names_that_are_not_there_whole_nothing_is_marked() -> None:
    name = Clause(("risk", "assessment"), is_loose=True, language="en", origin="TFA-7.4")
    query = Query(((Clause(("riesgo",)), name),))
    assert mark(query, "en", "The assessment") == "The assessment"
    assert (
        mark(query, "en", "The assessment of a risk") == "The <mark>assessment</mark> of a <mark>risk</mark>"
    )
    seen = look(query, "en", "The assessment", "Of a risk.")  # title and text are one
    assert "<mark>" in seen.title
    assert "<mark>" in seen.fragment


def test_common_words_alone_are_never_met() -> None:
    assert met(parse("the"), "en", "The window") == set()


def test_a_look_is_marks_fragment_and_clauses_at_once() -> None:
    query = parse('reform "single window"')
    seen = look(query, "en", "The single window", "A reform of ports.")
    assert seen.title == mark(query, "en", "The single window")
    assert seen.fragment == highlight(query, "en", "A reform of ports.")
    assert seen.met == {clause for (clause,) in query.required}


QUERIES = st.lists(
    st.sampled_from(["b", "<", "amp", "re*", "refor*", '"b c"', "-b", "été", "OR"]), max_size=5
).map(" ".join)
TEXTS = st.one_of(
    st.text(),
    st.lists(st.sampled_from(["b", " c", "<mark>", "&amp;", " ", "été", "reform", "\n"])).map("".join),
)


@given(QUERIES, st.sampled_from(LANGUAGES), TEXTS)
def test_a_highlight_is_the_text_with_nothing_but_marks_added(query: str, language: str, text: str) -> None:
    try:
        asked = parse(query)
    except QueryError:
        return
    whole = str(mark(asked, language, text))
    bare = whole.replace("<mark>", "").replace("</mark>", "")
    assert "<" not in bare
    assert ">" not in bare
    assert html.unescape(bare) == html.unescape(html.escape(re.sub(r"\s+", " ", text)))
    fragment = html.unescape(
        str(highlight(asked, language, text)).replace("<mark>", "").replace("</mark>", "")
    )
    assert fragment.strip("…").strip() in re.sub(r"\s+", " ", text)
