"""What a thesaurus adds to a query, and what it leaves as it was typed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.search.analysis import LANGUAGES, analyser
from portal.search.dictionary import Dictionary
from portal.search.expand import (
    BY_DICTIONARY,
    MOST_FOR_A_MATCH,
    MOST_IN_A_QUERY,
    Also,
    Entry,
    Expansion,
    Thesaurus,
    expand,
    language_of,
)
from portal.search.freedict import make
from portal.search.query import Clause, Query, QueryError, parse
from portal.search.ranking import DICTIONARY, PART, THESAURUS, TYPED
from tests.search.dictionaries import install

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


def as_typed(expansion: Expansion) -> Query:
    """The query of an expansion that brought nothing."""
    assert expansion.also == ()
    return expansion.query


def brought(text: str, *plain: str) -> dict[tuple[str, str], set[str]]:
    """By origin and what was typed, the phrases that are looked for besides."""
    return {(a.origin, a.typed): {t for _, t in a.phrases} for a in expanded(text, *plain).also}


def test_a_phrase_becomes_one_group_of_the_typed_words_and_the_other_names() -> None:
    found = expanded("ventanilla única")
    assert (found.query, found.also) == (
        Query(
            (
                (
                    Clause(("ventanilla", "unica"), is_loose=True, weight=TYPED),
                    Clause(("single", "window"), is_loose=True, language="en", weight=THESAURUS, origin="SW"),
                    Clause(
                        ("guichet", "unique"), is_loose=True, language="fr", weight=THESAURUS, origin="SW"
                    ),
                    Clause(("vuce",), is_loose=True, language="es", weight=THESAURUS, origin="SW"),
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
    assert [(group[0].words, len(group)) for group in found] == [
        (("ventanilla", "unica"), 4),
        (("peru",), 1),
        (("cargas",), 1),
    ]


def test_common_words_of_the_language_of_a_query_are_not_asked_of_others() -> None:
    assert [group[0].words for group in expanded("normas de origen y tránsito").query.required] == [
        ("normas", "origen"),
        ("transito",),
    ]
    assert expanded("normas de origen").also[0].typed == "normas de origen"
    assert as_typed(expanded("de la")) == parse("de la")


def test_one_common_word_of_a_language_that_is_not_the_readers_may_be_a_telling_one() -> None:
    # "car" is common in French alone.
    assert as_typed(expanded("car levies")) == parse("car levies")
    french = expand(parse("car levies"), THESAURUS_OF_ALL, languages=("fr", "en"))
    assert as_typed(french) == parse("levies")


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


def test_acronyms_are_taken_as_they_are_written() -> None:
    mutual = Entry("MRA", (("fr", "reconnaissance mutuelle"), ("fr", "ARM"), ("en", "MRA")))
    arms = Entry("SEC", (("fr", "armes"), ("en", "weapons")))
    thesaurus = Thesaurus([mutual, arms])
    for typed, expected in (("arm", "MRA"), ("MRAs", "MRA"), ("les armes", "SEC")):
        assert [also.origin for also in expand(parse(typed), thesaurus).also] == [expected]


def test_what_adds_nothing_is_left_out() -> None:
    # Wherever "transit corridor" or "single window environment" stands, so do the typed words.
    assert brought("transit") == {("TR", "transit"): {"Paso"}}
    assert brought("vuce") == {("SW", "vuce"): {"Single window", "Ventanilla única", "Guichet unique"}}


@pytest.mark.parametrize(
    "typed", ['"single window"', "«guichet unique»", "tran*", "-transit", "door -transit"]
)
def test_quoted_texts_beginnings_and_exclusions_stay_as_they_were_typed(typed: str) -> None:
    assert as_typed(expanded(typed)) == parse(typed)


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
    assert as_typed(expanded("ventanilla única", "SW")) == parse("ventanilla única")
    assert set(brought("trs", "TIMES")) == {("TRS", "trs")}
    # Without its longest phrase the words are still not read as a shorter one.
    assert brought("transit guarantee", "BOND") == {}


def test_fields_and_exclusions_are_kept() -> None:
    query = parse("transit -customs topic:TFA-11")
    found = expand(query, THESAURUS_OF_ALL).query
    assert (found.excluded, found.fields) == (query.excluded, query.fields)
    assert len(found.required[0]) > 1


def test_an_empty_thesaurus_adds_nothing() -> None:
    assert as_typed(expand(parse("single window"), Thesaurus())) == parse("single window")


def test_phrases_of_common_words_alone_are_passed_over() -> None:
    assert expand(parse("the of"), Thesaurus([Entry("X", (("en", "of the"), ("es", "nada más")))])).also == ()


def test_there_are_bounds_on_what_is_added() -> None:
    names = [
        Entry(f"T{n}", (("en", f"word{n}"), *(("fr", f"mot{n} {i}") for i in range(40)))) for n in range(9)
    ]
    thesaurus = Thesaurus(names)
    assert len(expand(parse("word1"), thesaurus).query.required[0]) == 1 + MOST_FOR_A_MATCH
    many = expand(parse(" ".join(f"word{n}" for n in range(9))), thesaurus).query.required
    assert [len(group) for group in many] == [1 + MOST_IN_A_QUERY // 9] * 9
    (either,) = expand(parse(" OR ".join(f"word{n}" for n in range(9))), thesaurus).query.required
    assert len(either) == 9 + 9 * (MOST_IN_A_QUERY // 9)


# The dictionary


@pytest.fixture(scope="module")
def dictionary(tmp_path_factory: pytest.TempPathFactory) -> Dictionary:
    """The dictionary of the small files."""
    folder = tmp_path_factory.mktemp("dictionary")
    make(install(folder / "dictd"), folder / "found")
    return Dictionary(folder / "found")


def test_what_no_thesaurus_knows_is_looked_up_in_the_dictionary(dictionary: Dictionary) -> None:
    found = expand(parse("transit laboratoires"), THESAURUS_OF_ALL, dictionary=dictionary)
    assert found.also[1] == Also(BY_DICTIONARY, "laboratoires", (("en", "laboratory"), ("es", "laboratorio")))
    assert found.query.required[1][1] == Clause(
        ("laboratory",), is_loose=True, language="en", weight=DICTIONARY, origin=BY_DICTIONARY
    )
    assert DICTIONARY < THESAURUS


def test_the_dictionary_is_below_the_thesaurus(dictionary: Dictionary) -> None:
    customs = expand(parse("customs"), THESAURUS_OF_ALL, dictionary=dictionary)
    assert [also.origin for also in customs.also] == ["CU"]
    plain = expand(parse("customs"), THESAURUS_OF_ALL, ("CU",), dictionary=dictionary)
    assert as_typed(plain) == parse("customs")


def test_a_phrase_of_the_dictionary_is_found_over_its_common_words(dictionary: Dictionary) -> None:
    found = expand(parse("la cadena de frío"), Thesaurus(), dictionary=dictionary)
    assert found.also == (Also(BY_DICTIONARY, "cadena de frio", (("fr", "chaîne du froid"),)),)
    assert found.query.required[0][0] == Clause(("cadena", "frio"), is_loose=True)


def test_translations_can_be_taken_away(dictionary: Dictionary) -> None:
    found = expand(parse("waste"), Thesaurus(), (BY_DICTIONARY,), dictionary=dictionary)
    assert as_typed(found) == parse("waste")


@pytest.mark.parametrize(
    ("typed", "readers", "expected"),
    [
        ("waste", ("es",), "en"),
        ("residuos", ("en",), "es"),
        ("la sauna", ("en",), "es"),
        ("gestion des déchets", ("en",), "fr"),
        ("laboratorio", ("fr",), "es"),
        ("ventanilla unica", ("fr",), "es"),
        ("transit", ("fr", "en"), "fr"),
        ("transit", ("en", "fr"), "en"),
        ("xyz", ("fr",), "fr"),
        ("xyz", ("de",), "en"),
        ('"waste"', ("fr",), "fr"),
    ],
)
def test_the_language_of_a_query_is_that_of_most_of_its_words(
    dictionary: Dictionary, typed: str, readers: tuple[str, ...], expected: str
) -> None:
    assert language_of(parse(typed), THESAURUS_OF_ALL, dictionary, readers) == expected


# What is content with some of the words


def test_a_relaxed_query_wants_every_group_and_requires_what_is_quoted_or_cut() -> None:
    relaxed = expanded('"door" tran* transit xyz -window').relaxed
    assert relaxed is not None
    assert [group[0].words for group in relaxed.query.required] == [("door",), ("tran",)]
    assert [group[0].words for group in relaxed.query.wanted] == [("transit",), ("xyz",)]
    assert relaxed.query.excluded == (Clause(("window",)),)


@pytest.mark.parametrize("typed", ["", "transit", "xyz", '"single window" "door"', "tran* wind*", "-transit"])
def test_where_there_is_but_one_open_word_nothing_is_relaxed(typed: str) -> None:
    assert expanded(typed).relaxed is None


def test_of_a_name_each_word_alone_is_enough_but_counts_less(dictionary: Dictionary) -> None:
    entry = Entry("W", (("en", "waste laboratory"), ("es", "laboratorio de residuos")))
    found = expand(parse("waste laboratory"), Thesaurus([entry]), dictionary=dictionary)
    assert len(found.query.required) == 1
    assert found.relaxed is not None
    (group,) = found.relaxed.query.wanted
    assert group[: len(found.query.required[0])] == found.query.required[0]
    assert Clause(("waste",), weight=PART) in group
    assert (
        Clause(
            ("laboratoire",),
            is_loose=True,
            language="fr",
            weight=DICTIONARY * PART // 100,
            origin=BY_DICTIONARY,
        )
        in group
    )
    assert [also.origin for also in found.also] == ["W"]
    assert [also.typed for also in found.relaxed.also] == ["waste laboratory", "waste", "laboratory"]


@given(st.text(alphabet="transi gua()\"*-ORéñ'’ window", max_size=60))
def test_whatever_is_typed_is_still_looked_for(text: str) -> None:
    try:
        query = parse(text)
    except QueryError:
        return
    found = expand(query, THESAURUS_OF_ALL)
    typed = [word for group in query.required for clause in group for word in clause.words]
    kept = [w for group in found.query.required for c in group if not c.origin for w in c.words]
    assert set(kept) <= set(typed)
    common = {word for word in typed for code in LANGUAGES if analyser(code).stem(word) is None}
    assert set(typed) - set(kept) <= common
    assert replace(found.query, required=()) == replace(query, required=())
    assert sum(len(one.phrases) for one in found.also) <= MOST_IN_A_QUERY
