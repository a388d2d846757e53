"""What every search engine must do, written against the protocol alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from portal.search.index import Document, Filters, IndexUnavailable, SearchIndex
from portal.search.query import EMPTY, Clause, Query
from tests.search.builders import LETTERS, Seen, ask, document, fill, found

# Words


def test_words_are_found_in_title_summary_and_text(index: SearchIndex) -> None:
    fill(
        index,
        document("a", title="Advance rulings"),
        document("b", summary="On advance rulings"),
        document("c", "They ruled in advance: rulings bind."),
        document("d", "Something else"),
    )
    assert sorted(found(index, "advance rulings")) == ["a", "b", "c"]


def test_every_word_must_be_there(index: SearchIndex) -> None:
    fill(index, document("a", "single window"), document("b", "single"))
    assert found(index, "single window") == ["a"]


@pytest.mark.parametrize(
    "asked", ["administración", "ADMINISTRACION", "Administracio\u0301n", "administraciones"]
)
def test_case_accents_and_number_do_not_matter(index: SearchIndex, asked: str) -> None:
    fill(index, document("a", "La Administración de Aduanas", "es"), document("b", "La aduana", "es"))
    assert found(index, asked) == ["a"]


def test_a_text_without_accents_is_found_by_words_with_them(index: SearchIndex) -> None:
    fill(index, document("a", "controle a posteriori des declarations", "fr"))
    assert found(index, "contrôlé déclaration") == ["a"]


@pytest.mark.parametrize(
    ("language", "text", "asked"),
    [
        ("en", "The authority simplifies declarations", "simplified declaration"),
        ("es", "Las aduanas simplifican trámites", "aduana trámite"),
        ("fr", "Les douanes accélèrent les dédouanements", "douane dédouanement"),
    ],
)
def test_words_are_found_in_their_other_forms(
    index: SearchIndex, language: str, text: str, asked: str
) -> None:
    fill(index, document("a", text, language))
    assert found(index, asked) == ["a"]


def test_a_word_may_be_of_any_language(index: SearchIndex) -> None:
    fill(index, document("a", "ventanillas", "es"), document("b", "guichets", "fr"), document("c", "windows"))
    assert found(index, "ventanilla") == ["a"]
    assert found(index, "guichet") == ["b"]
    assert found(index, "window") == ["c"]


def test_common_words_of_a_language_do_not_count_there(index: SearchIndex) -> None:
    fill(index, document("a", "Reforma de aduanas", "es"), document("b", "reform of the customs"))
    assert found(index, "la reforma también de las aduanas") == ["a"]
    assert found(index, "the reform of customs") == ["b"]


def test_nothing_but_common_words_finds_nothing(index: SearchIndex) -> None:
    fill(index, document("a", "the of and"), document("b", "de la", "es"))
    assert found(index, "the of") == []


@pytest.mark.parametrize("asked", ["école", "l'école", "l\u2019ecole", "L'ÉCOLE", "d'école"])
def test_french_elision_does_not_hide_a_word(index: SearchIndex, asked: str) -> None:
    fill(index, document("a", "Ouverture de l\u2019École des douanes", "fr"))
    assert found(index, asked) == ["a"]


# The query language


def test_a_phrase_is_found_in_its_order_alone(index: SearchIndex) -> None:
    fill(
        index,
        document("a", "a single window"),
        document("b", "window single"),
        document("c", "single old window"),
    )
    assert found(index, '"single window"') == ["a"]


def test_a_phrase_keeps_the_places_of_common_words(index: SearchIndex) -> None:
    fill(
        index,
        document("a", "ventanilla única de comercio", "es"),
        document("b", "ventanilla única comercio", "es"),
    )
    assert found(index, '"ventanilla única de comercio"') == ["a"]


def test_a_phrase_does_not_reach_from_the_summary_into_the_text(index: SearchIndex) -> None:
    fill(index, document("a", "window", summary="single"), document("b", "single window"))
    assert found(index, '"single window"') == ["b"]


def test_words_joined_by_a_mark_stand_next_to_each_other(index: SearchIndex) -> None:
    fill(
        index,
        document("a", "a time-release study"),
        document("b", "release of time"),
        document("c", "time release"),
    )
    assert sorted(found(index, "time-release")) == ["a", "c"]


def test_a_minus_excludes(index: SearchIndex) -> None:
    fill(
        index,
        document("a", "single window"),
        document("b", "single door"),
        document("c", "single old window"),
    )
    assert found(index, "single -window") == ["b"]
    assert sorted(found(index, 'single -"single window"')) == ["b", "c"]
    assert found(index, "-window") == ["b"]


def test_or_joins_its_neighbours_only(index: SearchIndex) -> None:
    fill(
        index,
        document("a", "customs reform"),
        document("b", "customs training"),
        document("c", "reform training"),
    )
    assert sorted(found(index, "customs reform OR training")) == ["a", "b"]


def test_a_prefix_finds_every_word_that_begins_so(index: SearchIndex) -> None:
    fill(
        index,
        document("a", "facilitation"),
        document("b", "facilitación", "es"),
        document("c", "facile", "fr"),
        document("d", "a facility"),
        *(document(f"e{n}", "faciliter", "fr") for n in range(4)),
    )
    assert sorted(found(index, "facilit*")) == ["a", "b", "d", "e0", "e1", "e2", "e3"]
    assert sorted(found(index, "FACILITA*")) == ["a", "b"]
    assert sorted(found(index, "l'facilit*")) == ["e0", "e1", "e2", "e3"]


# One hit a contribution, in the reader's language


def trilingual(contribution_id: str, original: str = "en") -> list[Document]:
    """A contribution with the same word in three languages."""
    return [
        document(contribution_id, "transit", code, is_original=code == original)
        for code in ("en", "es", "fr")
    ]


def test_editions_of_a_contribution_are_one_hit_in_the_readers_language(index: SearchIndex) -> None:
    fill(index, *trilingual("a"))
    answer = ask(index, "transit", languages=("fr", "es", "en"))
    assert answer.total == 1
    assert [(h.contribution_id, h.edition_id, h.language) for h in answer.hits] == [("a", "a-fr", "fr")]


def test_only_an_edition_that_matches_is_shown(index: SearchIndex) -> None:
    fill(index, document("a", "tránsito", "es"), document("a", "transit guarantees"))
    assert [h.language for h in ask(index, "guarantee", languages=("es", "en")).hits] == ["en"]


def test_without_a_wanted_language_the_original_is_shown(index: SearchIndex) -> None:
    fill(index, *trilingual("a", original="fr"))
    assert [h.language for h in ask(index, "transit", languages=()).hits] == ["fr"]


def test_without_the_original_another_match_is_shown(index: SearchIndex) -> None:
    fill(index, document("a", "tránsito", "es"), document("a", "nothing"))
    assert [h.language for h in ask(index, "tránsito", languages=("fr",)).hits] == ["es"]


# Filters and facets


def world(index: SearchIndex) -> None:
    """Five contributions that differ in all facets."""
    fill(
        index,
        document("a", "customs", countries=("TH", "LA"), topics=("T1",)),
        document("a", "customs aduana", "es", countries=("TH", "LA"), topics=("T1",)),
        document("b", "customs", kind="lesson_learned", topics=("T1", "T2")),
        document("c", "customs", organisation_id="peru", countries=("PE",), regions=("AMS",), topics=()),
        document("d", "customs", organisation_id="peru", countries=("PE",), regions=("AMS",), days=400),
        document("e", "nothing", organisation_id="fiji", countries=("FJ",)),
    )


def test_filters_take_any_value_of_a_facet_and_all_facets(index: SearchIndex) -> None:
    world(index)
    assert sorted(found(index, "customs", filters=Filters(country=("LA", "PE")))) == ["a", "c", "d"]
    assert found(index, "customs", filters=Filters(country=("LA", "PE"), year=("2025",))) == ["d"]
    assert found(index, "customs", filters=Filters(country=("XX",))) == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(kind=("lesson_learned",)), ["b"]),
        (Filters(organisation=("peru",)), ["c", "d"]),
        (Filters(region=("AMS",)), ["c", "d"]),
        (Filters(country=("LA",)), ["a"]),
        (Filters(topic=("T1",)), ["a", "b"]),
        (Filters(language=("es",)), ["a"]),
        (Filters(year=("2025",)), ["d"]),
    ],
)
def test_each_facet_filters(index: SearchIndex, filters: Filters, expected: list[str]) -> None:
    world(index)
    assert sorted(found(index, "customs", filters=filters)) == expected


def test_a_language_filter_decides_which_edition_is_shown(index: SearchIndex) -> None:
    world(index)
    answer = ask(index, "customs", filters=Filters(language=("es",)), languages=("en",))
    assert [h.edition_id for h in answer.hits] == ["a-es"]


def test_facets_count_contributions_and_leave_out_zeros(index: SearchIndex) -> None:
    world(index)
    facets = ask(index, "customs").facets
    assert facets["kind"] == [("reform_update", 3), ("lesson_learned", 1)]
    assert facets["organisation"] == [("peru", 2), ("thailand", 2)]
    assert facets["language"] == [("en", 4), ("es", 1)]
    assert facets["country"] == [("PE", 2), ("TH", 2), ("LA", 1)]
    assert facets["topic"] == [("T1", 2), ("T2", 1), ("TFA-10.4", 1)]
    assert facets["year"] == [("2024", 3), ("2025", 1)]
    assert facets["region"] == [("AMS", 2), ("AP", 2)]


def test_a_facet_is_counted_under_all_filters_but_its_own(index: SearchIndex) -> None:
    world(index)
    facets = ask(index, "customs", filters=Filters(organisation=("peru",), year=("2024",))).facets
    assert facets["organisation"] == [("thailand", 2), ("peru", 1)]
    assert facets["year"] == [("2024", 1), ("2025", 1)]
    assert facets["country"] == [("PE", 1)]


# Order and pages


def test_an_empty_query_finds_everything_newest_first(index: SearchIndex) -> None:
    fill(index, document("a", days=1), document("b", days=3), document("c", days=2))
    assert found(index) == ["b", "c", "a"]


def test_sort_by_newest_goes_by_date_and_then_by_id(index: SearchIndex) -> None:
    fill(index, document("c", "x1", days=1), document("b", "x1", days=1), document("a", "x1 x1", days=0))
    assert found(index, "x1", sort="newest") == ["b", "c", "a"]


def test_a_title_tells_more_than_a_summary_and_that_more_than_the_text(index: SearchIndex) -> None:
    filler = "reform of the border " * 20
    fill(
        index,
        document("a", f"transit {filler}", days=3),
        document("b", filler, summary="transit", days=2),
        document("c", filler, title="transit", days=1),
    )
    assert found(index, "transit") == ["c", "b", "a"]


def test_a_rare_word_tells_more_than_a_common_one(index: SearchIndex) -> None:
    common = [document(f"b{n}", "customs border", days=n) for n in range(9)]
    fill(index, document("a", "transit border", days=1), *common)
    assert found(index, "customs OR transit")[0] == "a"


def test_equal_hits_are_ordered_by_date_and_then_by_id(index: SearchIndex) -> None:
    fill(index, document("a", "x1"), document("c", "x1", days=1), document("b", "x1", days=1))
    assert found(index, "x1") == ["b", "c", "a"]


@pytest.mark.parametrize("sort", ["relevance", "newest"])
def test_pages_are_disjoint_complete_and_in_the_order_of_the_whole(index: SearchIndex, sort: str) -> None:
    index.rebuild(document(f"{a}{n}", "x1 " * (n % 3 + 1), days=n % 4) for a in "abc" for n in range(9))
    whole = found(index, "x1", sort=sort, per_page=100)
    pages = [found(index, "x1", sort=sort, page=page, per_page=5) for page in range(1, 7)]
    assert [one for page in pages for one in page] == whole
    assert len(whole) == 27
    past = ask(index, "x1", sort=sort, page=9, per_page=5)
    assert (past.total, past.hits) == (27, ())


# Nobody sees what they may not


def guarded(index: SearchIndex) -> None:
    """One contribution that all may read and one for organisation 7."""
    fill(
        index,
        document("a", "transit", topics=("T1",)),
        document("b", "transit secretnames", topics=("T2",), labels=("org:7",), countries=("XX",)),
    )


def test_without_labels_nothing_is_found(index: SearchIndex) -> None:
    guarded(index)
    answer = ask(index, "transit", labels=())
    assert (answer.total, answer.hits, set(map(len, answer.facets.values()))) == (0, (), {0})


def test_labels_and_the_visible_set_must_both_allow(index: SearchIndex) -> None:
    guarded(index)
    assert found(index, "transit") == ["a"]
    assert sorted(found(index, "transit", labels=("public", "org:7"))) == ["a", "b"]
    assert found(index, "transit", labels=("public", "org:7"), visible=Seen(["b"])) == ["b"]
    assert found(index, "transit", visible=Seen(["b"])) == []
    assert found(index, "transit", labels=("org:8",)) == []


def test_a_tightened_audience_holds_before_the_index_knows(index: SearchIndex) -> None:
    guarded(index)
    assert found(index, "transit", visible=Seen(["a"], key=1)) == ["a"]
    answer = ask(index, "transit", visible=Seen([], key=2))
    assert (answer.total, answer.hits, set(map(len, answer.facets.values()))) == (0, (), {0})


def test_the_visible_set_is_loaded_once_for_a_key(index: SearchIndex) -> None:
    guarded(index)
    seen = Seen(["a"], key="v1")
    for _ in range(3):
        assert found(index, "transit", visible=seen) == ["a"]
    assert seen.loads == 1
    index.sync("c", [document("c", "transit")])
    assert found(index, "transit", visible=seen) == ["a"]
    assert seen.loads == 2


@pytest.mark.parametrize(
    "asked", ["secretnames", '"transit secretnames"', "secretn*", "-transit", "secretnames OR x1"]
)
def test_a_word_of_a_hidden_text_finds_nothing(index: SearchIndex, asked: str) -> None:
    guarded(index)
    answer = ask(index, asked)
    assert (answer.total, answer.hits) == (0, ())


@pytest.mark.parametrize(
    "asked", ["", "transit", "transit border", "transit OR customs", "tran*", '"transit border"']
)
def test_hidden_documents_change_nothing_not_even_the_order(index: SearchIndex, asked: str) -> None:
    shown = [document(f"a{n}", "transit " * (n % 3) + "customs border", days=n) for n in range(8)]
    shown.append(document("c", "transit border", title="border", days=20))
    hidden = [
        document(f"b{n}", "transit transit border " * n, "es", labels=("org:7",), organisation_id="x", days=n)
        for n in range(9)
    ]
    index.rebuild(shown)
    before = ask(index, asked, per_page=5)
    index.rebuild([*hidden[:5], *shown, *hidden[5:]])
    assert ask(index, asked, per_page=5) == before
    index.rebuild(
        [
            *shown,
            *(replace(one, labels=("public",), contribution_id=f"zz{one.contribution_id}") for one in hidden),
        ]
    )
    assert ask(index, asked, per_page=5) == before


def test_a_filter_by_a_hidden_value_is_as_one_by_an_unknown_value(index: SearchIndex) -> None:
    guarded(index)
    assert ask(index, "transit", filters=Filters(topic=("T2",))) == ask(
        index, "transit", filters=Filters(topic=("no",))
    )


# Writing


def test_sync_replaces_all_documents_of_a_contribution(index: SearchIndex) -> None:
    fill(index, *trilingual("a"), document("b", "transit"))
    index.sync("a", [document("a", "garantías", "es")])
    assert found(index, "transit") == ["b"]
    assert found(index, "garantía") == ["a"]
    assert index.document_ids() == {"a-es", "b-en"}


def test_sync_may_be_repeated(index: SearchIndex) -> None:
    for _ in range(3):
        fill(index, *trilingual("a"))
    assert ask(index, "transit").total == 1
    assert index.document_ids() == {"a-en", "a-es", "a-fr"}


def test_sync_without_documents_removes(index: SearchIndex) -> None:
    fill(index, *trilingual("a"), document("b", "transit"))
    index.sync("a", [])
    index.sync("never-there", [])
    assert found(index, "transit") == ["b"]
    assert index.document_ids() == {"b-en"}


def test_changed_labels_and_facets_are_taken_over(index: SearchIndex) -> None:
    fill(index, document("a", "transit", labels=("org:7",)))
    fill(index, document("a", "transit", topics=("T9",)))
    answer = ask(index, "transit")
    assert answer.total == 1
    assert answer.facets["topic"] == [("T9", 1)]


def test_several_contributions_are_synced_at_once(index: SearchIndex) -> None:
    fill(index, document("a", "x1"), document("b", "x1"))
    index.sync_many({"a": [], "b": [document("b", "x2")], "c": [document("c", "x1")]})
    assert found(index, "x1") == ["c"]
    assert found(index, "x2") == ["b"]


def test_many_syncs_in_a_row_keep_the_index_right(index: SearchIndex) -> None:
    for number in range(60):
        index.sync(
            f"{'abc'[number % 3]}{number % 7}", [document(f"{'abc'[number % 3]}{number % 7}", f"x{number}")]
        )
    index.sync("a0", [])
    last = {f"{'abc'[n % 3]}{n % 7}": n for n in range(60)}
    last.pop("a0")
    assert index.document_ids() == {f"{one}-en" for one in last}
    assert {n: found(index, f"x{n}") for n in range(60)} == {
        n: [one for one, newest in last.items() if newest == n] for n in range(60)
    }
    index.check()


def test_a_document_of_another_contribution_is_refused(index: SearchIndex) -> None:
    with pytest.raises(ValueError, match="another contribution"):
        index.sync("a", [document("b")])


@pytest.mark.parametrize(
    "fault", [{"language": "de"}, {"published_at": document("a").published_at.replace(tzinfo=None)}]
)
def test_a_document_that_cannot_be_indexed_changes_nothing(
    index: SearchIndex, fault: dict[str, object]
) -> None:
    fill(index, document("a", "transit"))
    with pytest.raises(ValueError, match=r"de|naive"):
        index.sync("a", [replace(document("a", "transport"), **fault)])  # type: ignore[arg-type]
    assert found(index, "transit") == ["a"]
    fill(index, document("a", "transport"))
    assert found(index, "transport") == ["a"]


def test_rebuild_leaves_exactly_what_it_was_given(index: SearchIndex) -> None:
    fill(index, document("a", "transit"), document("b", "transit"))
    assert index.rebuild([document("b", "transit"), document("c", "transit", "fr")]) == 2
    assert sorted(found(index, "transit")) == ["b", "c"]
    assert index.rebuild([]) == 0
    assert found(index) == []


def test_the_live_index_answers_while_another_is_built_and_stays_when_that_fails(index: SearchIndex) -> None:
    fill(index, document("a", "transit"))

    def documents() -> Iterator[Document]:
        yield document("b", "transit")
        assert found(index, "transit") == ["a"]
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        index.rebuild(documents())
    assert found(index, "transit") == ["a"]
    index.sync("c", [document("c", "transit")])
    assert sorted(found(index, "transit")) == ["a", "c"]


def test_an_index_that_was_never_built_says_so(blank: SearchIndex) -> None:
    assert not blank.is_ready()
    with pytest.raises(IndexUnavailable):
        blank.search(EMPTY, labels={"public"}, visible=LETTERS)
    with pytest.raises(IndexUnavailable):
        blank.sync("a", [document("a")])
    with pytest.raises(IndexUnavailable):
        blank.document_ids()
    with pytest.raises(IndexUnavailable):
        blank.check()
    blank.rebuild([document("a", "transit")])
    assert blank.is_ready()
    assert found(blank, "transit") == ["a"]


# What nobody typed: alternatives that a thesaurus brings


def instead(*alternatives: Clause, also: tuple[Clause, ...] = ()) -> Query:
    """A query for any of the alternatives, and for every other clause."""
    return Query((alternatives, *((clause,) for clause in also)))


def test_loose_words_need_only_be_in_the_same_text(index: SearchIndex) -> None:
    fill(index, document("a", "a window for every single trader"), document("b", "a single trader"))
    assert found(index, instead(Clause(("single", "window"), is_loose=True))) == ["a"]
    assert found(index, instead(Clause(("single", "window")))) == []


def test_loose_words_leave_out_what_is_common_in_a_language(index: SearchIndex) -> None:
    fill(index, document("a", "ventanilla única", "es"), document("b", "the la window"))
    assert found(index, instead(Clause(("la", "ventanilla"), is_loose=True))) == ["a"]


def test_a_clause_of_one_language_finds_nothing_in_others(index: SearchIndex) -> None:
    fill(index, document("a", "guichet unique", "fr"), document("b", "guichet unique", "en"))
    assert found(index, instead(Clause(("guichet", "unique"), language="fr"))) == ["a"]
    assert found(index, instead(Clause(("guichets", "uniques"), language="es"))) == []


def test_a_clause_of_one_language_can_be_excluded(index: SearchIndex) -> None:
    fill(index, document("a", "audit", "fr"), document("b", "audit", "en"))
    assert found(index, Query((), (Clause(("audit",), language="fr"),))) == ["b"]


def test_alternatives_in_several_languages_make_one_hit(index: SearchIndex) -> None:
    fill(
        index,
        document("a", "ventanilla única", "es"),
        document("a", "guichet unique", "fr"),
        document("a", "one stop"),
        document("b", "single window"),
        document("c", "window"),
    )
    query = instead(
        Clause(("ventanilla", "unica"), is_loose=True),
        Clause(("guichet", "unique"), language="fr", origin="TFA-10.4"),
        Clause(("single", "window"), language="en", origin="TFA-10.4"),
    )
    answer = ask(index, query, languages=("fr", "en", "es"))
    assert sorted(hit.contribution_id for hit in answer.hits) == ["a", "b"]
    assert next(h for h in answer.hits if h.contribution_id == "a").languages == ("fr", "es")


def test_a_clause_of_little_weight_moves_a_text_down(index: SearchIndex) -> None:
    fill(index, document("a", "manifest"), document("b", "register", days=1), document("c", "nothing"))
    light = instead(Clause(("manifest",)), Clause(("register",), weight=20))
    heavy = instead(Clause(("manifest",), weight=20), Clause(("register",)))
    assert found(index, light) == ["a", "b"]
    assert found(index, heavy) == ["b", "a"]


# Groups that are wanted and not required


def wanted(*words: str, required: tuple[str, ...] = (), excluded: tuple[str, ...] = ()) -> Query:
    """A query that wants some words and requires others."""
    return Query(
        tuple((Clause((word,)),) for word in required),
        tuple(Clause((word,)) for word in excluded),
        wanted=tuple((Clause((word,)),) for word in words),
    )


def test_of_what_is_wanted_one_word_is_enough_and_more_is_better(index: SearchIndex) -> None:
    fill(
        index,
        document("a", "rulings", days=3),
        document("b", "rulings transit border"),
        document("c", "transit border", days=2),
        document("d", "nothing", days=4),
    )
    answer = ask(index, wanted("rulings", "transit", "border"))
    assert [hit.contribution_id for hit in answer.hits] == ["b", "c", "a"]
    assert answer.total == 3
    assert [tuple(count) for count in answer.facets["organisation"]] == [("thailand", 3)]


def test_a_text_with_more_of_what_is_wanted_stands_above_one_that_says_one_thing_loudly(
    index: SearchIndex,
) -> None:
    fill(
        index,
        document("a", title="rulings", days=1),
        document("b", "rulings transit"),
        document("c", "transit"),
    )
    assert found(index, wanted("rulings", "transit"))[0] == "b"


def test_beside_what_is_required_nothing_that_is_wanted_is_needed(index: SearchIndex) -> None:
    fill(
        index,
        document("a", "rulings", days=3),
        document("b", "rulings transit"),
        document("c", "transit", days=2),
    )
    assert found(index, wanted("transit", "border", required=("rulings",))) == ["b", "a"]


def test_what_is_excluded_is_so_whatever_else_is_wanted(index: SearchIndex) -> None:
    fill(index, document("a", "rulings transit"), document("b", "rulings"))
    assert found(index, wanted("rulings", "border", excluded=("transit",))) == ["b"]


def test_wanted_words_that_are_common_in_a_language_find_nothing_there(index: SearchIndex) -> None:
    fill(index, document("a", "la de", "es"), document("b", "la transit", "en"))
    assert found(index, wanted("la")) == ["b"]
    assert found(index, wanted("transit", required=("la",))) == ["b"]


def test_wanted_clauses_of_one_language_are_wanted_there_alone(index: SearchIndex) -> None:
    fill(index, document("a", "guichet", "fr"), document("b", "guichet", "en"), document("c", "window"))
    query = Query(wanted=((Clause(("guichet",), language="fr"),), (Clause(("window",)),)))
    assert sorted(found(index, query)) == ["a", "c"]


# What moves a hit besides the words


@pytest.mark.parametrize("others", [2, 10])
def test_many_names_of_one_thing_do_not_add_up(index: SearchIndex, others: int) -> None:
    names = ("manifest", "register", "docket", "list", "roll", "ledger", "record", "file")
    fill(
        index,
        document("a", " ".join(names), days=1),
        document("b", "border", title="manifest"),
        *(document(f"c{n}", "bond") for n in range(others)),
    )
    alternatives = (Clause((name,), weight=75, origin="T") for name in names)
    assert found(index, instead(Clause(("bond",)), *alternatives))[:2] == ["b", "a"]


def test_the_first_language_of_the_reader_is_preferred_where_the_words_say_the_same(
    index: SearchIndex,
) -> None:
    fill(index, document("a", "drones", "en", days=2), document("b", "drones", "fr"))
    assert found(index, "drones", languages=("fr", "en")) == ["b", "a"]
    assert found(index, "drones", languages=("en", "fr")) == ["a", "b"]
    fill(index, document("c", "drones drones drones", "en", title="drones"))
    assert found(index, "drones", languages=("fr", "en"))[0] == "c"


def old_and_new(index: SearchIndex) -> None:
    """An old text that says a little more about bonds than a new one."""
    fill(
        index,
        document("a", "bonds " + "border " * 30),
        document("b", "bonds " + "border " * 60, days=1500),
    )


def test_what_is_newer_stands_higher_where_the_words_say_nearly_the_same(index: SearchIndex) -> None:
    old_and_new(index)
    assert found(index, "bonds") == ["b", "a"]
    fill(index, document("c", "bonds", title="Bonds"))
    assert found(index, "bonds") == ["c", "b", "a"]


def test_age_is_counted_from_the_newest_that_the_viewer_may_see(index: SearchIndex) -> None:
    old_and_new(index)
    fill(index, document("z", "nothing", labels=("org:7",), days=9000))
    assert found(index, "bonds") == ["b", "a"]
    # With it in sight both are old, and the words alone decide.
    assert found(index, "bonds", labels=("public", "org:7")) == ["a", "b"]


# Without, among, adopted


def test_what_carries_an_unwanted_value_is_left_out_of_hits_and_counts(index: SearchIndex) -> None:
    fill(
        index,
        document("a", "rulings", countries=("TH", "FJ")),
        document("b", "rulings", countries=("FJ",), kind="lesson_learned"),
        document("c", "rulings", countries=("VU",)),
    )
    answer = ask(index, "rulings", without=Filters(country=("TH",), kind=("lesson_learned",)))
    assert [hit.contribution_id for hit in answer.hits] == ["c"]
    assert [tuple(count) for count in answer.facets["country"]] == [("VU", 1)]


def test_an_unwanted_language_leaves_the_other_editions(index: SearchIndex) -> None:
    fill(index, document("a", "audit", "fr"), document("a", "audit", "en"), document("b", "audit", "fr"))
    answer = ask(index, "audit", without=Filters(language=("fr",)))
    assert [(hit.contribution_id, hit.languages) for hit in answer.hits] == [("a", ("en",))]


@pytest.mark.parametrize("text", ["", "rulings"])
def test_only_some_contributions_can_be_asked_about(index: SearchIndex, text: str) -> None:
    fill(index, document("a", "rulings"), document("b", "rulings"), document("c", "rulings"))
    assert sorted(found(index, text, among=["a", "c", "unknown"])) == ["a", "c"]
    assert found(index, text, among=[]) == []
    assert ask(index, text, among=["b"]).total == 1


def test_asking_about_some_shows_nothing_that_is_hidden(index: SearchIndex) -> None:
    fill(index, document("a", "rulings", labels=("org:peru",)), document("b", "rulings"))
    assert found(index, "rulings", among=["a", "b"]) == ["b"]
    assert found(index, "rulings", among=["b"], visible=Seen(["a"])) == []


@pytest.mark.parametrize("text", ["", "rulings"])
def test_the_most_adopted_come_first_then_the_newest(index: SearchIndex, text: str) -> None:
    fill(
        index,
        document("a", "rulings", days=1),
        document("b", "rulings", days=2),
        document("c", "rulings", adoptions=3),
        document("d", "rulings", adoptions=7),
        document("e", "rulings", adoptions=3, days=9),
    )
    assert found(index, text, sort="adopted") == ["d", "e", "c", "b", "a"]
    assert found(index, text, sort="adopted", page=2, per_page=2) == ["c", "b"]


def test_facets_can_be_left_uncounted(index: SearchIndex) -> None:
    fill(index, document("a", "rulings"))
    answer = ask(index, "rulings", with_facets=False)
    assert (answer.total, answer.facets) == (1, {})
