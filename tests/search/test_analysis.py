"""Folding, stop words and stems, which documents, queries and highlights share."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.search.analysis import LANGUAGES, LONGEST_WORD, Analyser, analyser, fold, words
from portal.search.stopwords import STOP_WORDS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Órgano ÓRGANO organo", ["organo"] * 3),
        ("l'École d\u2019été", ["l", "ecole", "d", "ete"]),
        ("cœur Æsir ø Łódź Straße", ["coeur", "aesir", "o", "lodz", "strasse"]),
        ("e\u0301cole", ["ecole"]),
        ("TFA-10.4 snake_case", ["tfa", "10", "4", "snake", "case"]),
        ("\uff11\uff12 ﬁn ½", ["12", "fin", "1", "2"]),
        ("海关 таможня", ["海关", "таможня"]),
        ("\ud800 \x00 — …", []),
    ],
)
def test_words_are_folded(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_very_long_word_is_cut() -> None:
    assert words("x" * 1000) == ["x" * LONGEST_WORD]


@pytest.mark.parametrize("language", LANGUAGES)
def test_stop_words_are_written_as_words_are_folded(language: str) -> None:
    assert [word for word in STOP_WORDS[language] if fold(word) != (word,)] == []


@pytest.mark.parametrize(
    ("language", "text"),
    [("es", "También él está más allá"), ("fr", "où été même déjà très à"), ("en", "Don't it's THE")],
)
def test_stop_words_go_with_or_without_their_accents(language: str, text: str) -> None:
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    assert analyser(language).terms(words(text)) == analyser(language).terms(words(bare))


def test_stop_words_leave_their_place() -> None:
    assert [tuple(t) for t in analyser("es").terms(words("ventanilla de comercio"))] == [
        ("ventanill", 0),
        ("comerci", 2),
    ]


@pytest.mark.parametrize("word", ["ague", "agué", "argue", "gue", "güe", "ío", "ndo"])
def test_words_that_break_other_stemmers_have_a_stem(word: str) -> None:
    for language in LANGUAGES:
        assert analyser(language).terms(words(word))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("authorized", "authorised"),
        ("authorizations", "authorisation"),
        ("harmonizing", "harmonise"),
        ("analyze", "analyse"),
        ("program", "programmes"),
        ("center", "centre"),
        ("licences", "licensed"),
    ],
)
def test_english_spellings_of_one_word_have_one_stem(one: str, other: str) -> None:
    assert analyser("en").stem(one) == analyser("en").stem(other)
    assert analyser("en").stem("author") != analyser("en").stem(one)


def test_other_languages_keep_their_spelling() -> None:
    assert analyser("fr").stem("centre") != analyser("fr").stem("center")


def test_what_is_exported_again_is_not_just_exported() -> None:
    assert [term.stem for term in analyser("en").terms(words("re-export"))] == ["re", "export"]


def test_another_language_has_no_analyser() -> None:
    with pytest.raises(ValueError, match="'de'"):
        analyser("de")


@given(st.text())
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    once = words(text)
    assert words(" ".join(once)) == once


@given(st.sampled_from(LANGUAGES), st.text(st.characters(categories=["L", "N", "M"])))
def test_every_word_has_a_stem_that_can_be_stored(language: str, text: str) -> None:
    for stem, _ in analyser(language).terms(words(text)):
        assert stem
        stem.encode()


def test_threads_do_not_mix_up_their_stems() -> None:
    many = [
        f"{start}{end}"
        for start in "bcdfglmnprst"
        for end in ("aciones", "ando", "amente", "iendo", "idades") * 20
    ]
    expected = [Analyser("es").stem(word) for word in many]
    shared = Analyser("es")
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(shared.stem, many)) == expected
