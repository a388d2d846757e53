"""What a thesaurus adds to a query, and what it leaves as it was typed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.search.expand import (
    MOST_FOR_A_MATCH,
    MOST_IN_A_QUERY,
    Also,
    Entry,
    Expansion,
    Thesaurus,
    expand,
)
from portal.search.query import Clause, Query, QueryError, parse
from portal.search.ranking import THESAURUS, TYPED

WINDOW = Entry(
    "SW",
    (
        *(("en", "Single window"), ("es", "Ventanilla única"), ("fr", "Guichet unique")),
        *(("en", "single window environment"), ("es", "VUCE")),
    ),
)
ORIGIN = Entry("ROO", (("en", "Rules of origin"), ("es", "Normas de origen"), ("fr", "Règles d’origine")))
TRANSIT = Entry("TR", (("en", "Transit"), ("es", "Paso"), ("fr", "Transit"), ("en", "transit corridor")))
BOND = Entry("BOND", (("en", "transit guarantee"), ("es", "garantía de tránsito"), ("fr", "caution")))
TRS = Entry("TRS", (("en", "Time Release Study"), ("en", "TRS"), ("fr", "ETNM")))
TIMES = Entry("TIMES", (("en", "Average release times"), ("en", "TRS"), ("es", "plazos de levante")))
CUSTOMS = Entry("CU", (("en", "Customs"), ("es", "aduana"), ("fr", "douane")))
THESAURUS_OF_ALL = Thesaurus([WINDOW, ORIGIN, TRANSIT, BOND, TRS, TIMES, CUSTOMS])


def expanded(text: str, *plain: str) -> Expansion:
    """The expansion of what was typed."""
    return expand(parse(text), THESAURUS_OF_ALL, plain)


def brought(text: str, *plain: str) -> dict[tuple[str, str], set[str]]:
    """By origin and what was typed, the phrases that are looked for besides."""
    return {(a.origin, a.typed): {t for _, t in a.phrases} for a in expanded(text, *plain).also}


def test_a_phrase_becomes_one_group_of_the_typed_words_and_the_other_names() -> None:
    assert expanded("ventanilla única") == Expansion(
        Query(
            (
                (
                    Clause(("ventanilla", "unica"), is_loose=True, weight=TYPED),
                    Clause(("single", "window"), language="en", weight=THESAURUS, origin="SW"),
                    Clause(("guichet", "unique"), language="fr", weight=THESAURUS, origin="SW"),
                    Clause(("vuce",), language="es", weight=THESAURUS, origin="SW"),
                ),
            )
        ),
        (
            Also(
                "SW",
                "ventanilla unica",
                (("en", "Single window"), ("fr", "Guichet unique"), ("es", "VUCE")),
            ),
        ),
    )
    assert THESAURUS < TYPED


@pytest.mark.parametrize(
    "typed",
    ["VENTANILLAS UNICAS", "ventanillas únicas", "guichets uniques", "Single Windows", "single-window"],
)
def test_inflection_accents_and_case_do_not_matter_nor_does_the_language(typed: str) -> None:
    assert [also.origin for also in expanded(typed).also] == ["SW"]


@pytest.mark.parametrize(
    "typed", ["normas de origen", "normas origen", "règles d'origine", "rules of the origin"]
)
def test_common_words_in_a_phrase_do_not_matter(typed: str) -> None:
    assert [also.origin for also in expanded(typed).also] == ["ROO"]


def test_a_phrase_is_found_inside_a_longer_query_and_the_rest_stays() -> None:
    found = expanded("La ventanilla única del Perú para cargas").query.required
    assert [len(group) for group in found] == [1, 4, 1, 1, 1, 1]
    assert [group[0].words for group in found] == [
        ("la",),
        ("ventanilla", "unica"),
        ("del",),
        ("peru",),
        ("para",),
        ("cargas",),
    ]


def test_the_longest_phrase_wins() -> None:
    assert set(brought("transit guarantees")) == {("BOND", "transit guarantees")}
    assert set(brought("transit delays")) == {("TR", "transit")}
    assert set(brought("garantías de tránsito")) == {("BOND", "garantias de transito")}


def test_several_phrases_of_one_query_are_all_expanded() -> None:
    assert set(brought("customs single window transit")) == {
        ("CU", "customs"),
        ("SW", "single window"),
        ("TR", "transit"),
    }


def test_words_that_do_not_stand_together_are_no_phrase() -> None:
    assert brought("single guarantee window") == {}
    assert brought("window single") == {}


def test_a_name_of_several_things_brings_the_other_names_of_all() -> None:
    assert brought("trs") == {
        ("TRS", "trs"): {"Time Release Study", "ETNM"},
        ("TIMES", "trs"): {"Average release times", "plazos de levante"},
    }


def test_what_adds_nothing_is_left_out() -> None:
    # Wherever "transit corridor" or "single window environment" stands, so do the typed words.
    assert brought("transit") == {("TR", "transit"): {"Paso"}}
    assert brought("vuce") == {("SW", "vuce"): {"Single window", "Ventanilla única", "Guichet unique"}}


@pytest.mark.parametrize(
    "typed", ['"single window"', "«guichet unique»", "tran*", "-transit", "door -transit"]
)
def test_quoted_texts_beginnings_and_exclusions_stay_as_they_were_typed(typed: str) -> None:
    assert expanded(typed) == Expansion(parse(typed))


def test_a_phrase_does_not_reach_over_a_quoted_text() -> None:
    assert brought('single "door" window') == {}


def test_a_part_of_words_joined_by_a_mark_is_no_phrase() -> None:
    assert brought("transit-related") == {}
    assert set(brought("transit-guarantee")) == {("BOND", "transit guarantee")}
    assert expanded("transit-guarantee").query.required[0][0] == Clause(("transit", "guarantee"))


def test_alternatives_by_or_are_each_expanded_within_their_group() -> None:
    (group,) = expanded("vuce OR transit").query.required
    assert [clause.words for clause in group[:2]] == [("vuce",), ("transit",)]
    assert {clause.origin for clause in group[2:]} == {"SW", "TR"}
    assert set(brought('vuce OR "transit"')) == {("SW", "vuce")}


def test_what_the_reader_took_away_is_not_looked_for() -> None:
    assert expanded("ventanilla única", "SW") == Expansion(parse("ventanilla única"))
    assert set(brought("trs", "TIMES")) == {("TRS", "trs")}
    # Without its longest phrase the words are still not read as a shorter one.
    assert brought("transit guarantee", "BOND") == {}


def test_fields_and_exclusions_are_kept() -> None:
    query = parse("transit -customs topic:TFA-11")
    found = expand(query, THESAURUS_OF_ALL).query
    assert (found.excluded, found.fields) == (query.excluded, query.fields)
    assert len(found.required[0]) > 1


def test_an_empty_thesaurus_adds_nothing() -> None:
    assert expand(parse("single window"), Thesaurus()) == Expansion(parse("single window"))


def test_phrases_of_common_words_alone_are_passed_over() -> None:
    assert expand(parse("the of"), Thesaurus([Entry("X", (("en", "of the"), ("es", "nada más")))])).also == ()


def test_there_are_bounds_on_what_is_added() -> None:
    names = [
        Entry(f"T{n}", (("en", f"word{n}"), *(("fr", f"mot{n} {i}") for i in range(40)))) for n in range(9)
    ]
    thesaurus = Thesaurus(names)
    one = expand(parse("word1"), thesaurus)
    assert len(one.query.required[0]) == 1 + MOST_FOR_A_MATCH
    many = expand(parse(" ".join(f"word{n}" for n in range(9))), thesaurus)
    assert sum(len(group) - 1 for group in many.query.required) == MOST_IN_A_QUERY
    either = expand(parse(" OR ".join(f"word{n}" for n in range(9))), thesaurus)
    assert sum(len(group) - 9 for group in either.query.required) == MOST_IN_A_QUERY


@given(st.text(alphabet="transi gua()\"*-ORéñ'’ window", max_size=60))
def test_whatever_is_typed_is_still_looked_for_as_it_was(text: str) -> None:
    try:
        query = parse(text)
    except QueryError:
        return
    found = expand(query, THESAURUS_OF_ALL)
    typed = [word for group in query.required for clause in group for word in clause.words]
    kept = [w for group in found.query.required for c in group if not c.origin for w in c.words]
    assert kept == typed
    assert replace(found.query, required=()) == replace(query, required=())
    assert sum(len(one.phrases) for one in found.also) <= MOST_IN_A_QUERY
