"""The dictionary: made from FreeDict's files, read where it lies, and never needed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from portal.search import dictionary as dictionaries
from portal.search.dictionary import Dictionary, write
from portal.search.freedict import INSTALLED, MOST, PAIRS, NoDictionaries, make
from tests.search.dictionaries import SMALL, install


@pytest.fixture
def small(tmp_path: Path) -> Dictionary:
    """The dictionary of the small files."""
    make(install(tmp_path / "dictd"), tmp_path / "data" / "dictionary.sqlite3")
    return Dictionary(tmp_path / "data" / "dictionary.sqlite3")


def texts(found: Dictionary, language: str, *words: str) -> set[tuple[str, str]]:
    """What the words are called in other languages."""
    return set(found.translations(language, words))


def test_both_directions_of_every_dictionary_are_read(small: Dictionary) -> None:
    assert texts(small, "en", "warehouse") == {("fr", "hangar")}
    assert texts(small, "fr", "hangar") == {("en", "warehouse")}
    assert texts(small, "es", "residuo") >= {("fr", "déchet")}


def test_what_is_given_both_ways_comes_first(small: Dictionary) -> None:
    assert [text for code, text in small.translations("en", ["waste"]) if code == "fr"] == [
        "déchet",
        "gaspiller",
        "dissiper",
    ]


def test_what_has_no_translation_of_its_own_gets_one_through_the_third_language(small: Dictionary) -> None:
    assert texts(small, "es", "laboratorio") == {("fr", "laboratoire"), ("en", "laboratory")}
    assert texts(small, "en", "laboratory") == {("fr", "laboratoire"), ("es", "laboratorio")}


@pytest.mark.parametrize("word", ["desecho", "desechos"])
def test_inflection_does_not_matter(small: Dictionary, word: str) -> None:
    assert ("en", "waste") in texts(small, "es", word)


def test_a_plural_that_keeps_another_stem_is_found_too(small: Dictionary) -> None:
    assert ("en", "woman") in texts(small, "es", "mujeres")


def test_words_of_one_stem_are_told_apart_where_they_are_written_so(small: Dictionary) -> None:
    assert texts(small, "en", "customs") == {("fr", "douane")}
    assert texts(small, "en", "custom") == {("fr", "coutume"), ("fr", "habitude")}


def test_phrases_are_found_whatever_common_words_they_hold(small: Dictionary) -> None:
    assert texts(small, "fr", "chaine", "froid") == {("es", "cadena de frío")}
    assert texts(small, "es", "cadena", "de", "frio") == {("fr", "chaîne du froid")}


def test_what_is_written_the_same_everywhere_and_what_is_long_is_left_out(small: Dictionary) -> None:
    assert texts(small, "en", "sauna") == set()
    assert texts(small, "fr", "une", "expression", "beaucoup", "trop", "longue") == set()


def test_the_lines_below_a_translation_are_no_translations(small: Dictionary) -> None:
    assert texts(small, "fr", "dechet") == {("en", "waste"), ("es", "residuo"), ("es", "desecho")}


def test_unknown_and_common_words_have_no_translations(small: Dictionary) -> None:
    assert texts(small, "en", "zebra") == set()
    assert texts(small, "en", "the") == set()


def test_so_many_translations_are_kept_of_a_word(tmp_path: Path) -> None:
    many = ", ".join(f"mot{n}" for n in range(9))
    make(install(tmp_path, {"eng-fra": {"word": f"word\n{many}\n"}}), tmp_path / "found")
    assert len(Dictionary(tmp_path / "found").translations("en", ["word"])) == MOST


def test_without_dictionaries_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(NoDictionaries, match="eng-fra"):
        make(tmp_path, tmp_path / "found")
    assert not (tmp_path / "found").exists()


@pytest.mark.parametrize("broken", ["index", "dict.dz"])
def test_a_broken_dictionary_is_named_and_the_former_file_stays(tmp_path: Path, broken: str) -> None:
    make(install(tmp_path / "dictd"), tmp_path / "found")
    (tmp_path / "dictd" / f"freedict-fra-spa.{broken}").write_bytes(b"word\t!\t!\n")
    with pytest.raises(NoDictionaries, match="fra-spa"):
        make(tmp_path / "dictd", tmp_path / "found")
    assert texts(Dictionary(tmp_path / "found"), "en", "warehouse")


def test_without_a_file_there_are_no_translations(tmp_path: Path) -> None:
    assert Dictionary(tmp_path / "none").translations("en", ["waste"]) == ()


def test_a_file_of_another_form_is_not_read(
    small: Dictionary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "text").write_text("no database at all, but long enough to be taken for one" * 20)
    assert Dictionary(tmp_path / "text").translations("en", ["waste"]) == ()
    monkeypatch.setattr(dictionaries, "VERSION", 99)
    path = tmp_path / "data" / "dictionary.sqlite3"
    assert Dictionary(path).translations("en", ["waste"]) == ()


def test_a_new_file_is_noticed(small: Dictionary, tmp_path: Path) -> None:
    assert texts(small, "en", "warehouse") == {("fr", "hangar")}
    path = tmp_path / "data" / "dictionary.sqlite3"
    write(path, {"en~warehous": [("fr", "entrepôt")]})
    os.utime(path, ns=(1, 1))
    assert texts(small, "en", "warehouse") == {("fr", "entrepôt")}
    path.unlink()
    assert texts(small, "en", "warehouse") == set()


def test_the_dictionaries_of_debian_can_be_read(tmp_path: Path) -> None:
    """On the real ones where they are installed, as CI does; else on small ones of the same form."""
    is_installed = (INSTALLED / "freedict-fra-spa.index").is_file()
    assert is_installed or not os.environ.get("CI"), "CI installs dict-freedict-*"
    source = INSTALLED if is_installed else install(tmp_path / "dictd", SMALL)
    count = make(source, tmp_path / "found")
    assert count > (50_000 if is_installed else 10)
    found = Dictionary(tmp_path / "found")
    assert ("fr", "douane") in found.translations("en", ["customs"])
    assert ("es", "desecho") in found.translations("fr", ["dechets"])
    assert {("fr", "déchet"), ("fr", "ordures")} & set(found.translations("es", ["desechos"]))
    assert set(PAIRS) == set(SMALL)
