"""Words of public documents are learnt once; a misspelt word is known by one mistake, or two in a long one."""

from __future__ import annotations

import dataclasses
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.core.db import Database, session
from portal.finding import vocabulary
from portal.finding.models import PublicWord
from portal.finding.vocabulary import learn, learning, spellings
from tests.search.builders import document

NEAR_WORDS = st.text("abc", max_size=6)


def known(database: Database) -> set[tuple[str, str]]:
    with database.unit_of_work(write=False):
        return {(word.language, word.folded) for word in session().scalars(select(PublicWord))}


def taught(database: Database, *texts: str, language: str = "es") -> None:
    learn(database, [document(f"e{n}", language=language, title=text) for n, text in enumerate(texts)])


def near(database: Database, *typed: str) -> dict[str, list[tuple[str, str]]]:
    with database.unit_of_work(write=False):
        return {word: sorted(others) for word, others in spellings(typed).items()}


def test_words_that_tell_something_are_learnt_with_their_stems_and_only_from_public_texts(
    database: Database,
) -> None:
    public = document("a", language="es", title="Las Ventanillas", summary="de 2026", text="con VUCE4 y sol")
    hidden = dataclasses.replace(public, title="zanahoria", labels=("members", "org:x"))
    assert list(learning(database, [public, hidden])) == [public, hidden]
    assert known(database) == {("es", "ventanillas"), ("es", "ventanill")}
    learn(database, [public])
    assert len(known(database)) == 2


def test_many_words_are_written_in_pieces_while_documents_pass(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabulary, "_WRITE_AT", 2)
    passing = learning(database, [document("a", title="alpha beta"), document("b", title="gamma")])
    next(passing)
    assert ("en", "alpha") in known(database)
    assert len(list(passing)) == 1
    assert ("en", "gamma") in known(database)


@pytest.mark.parametrize("typed", ["ventanila", "ventanillla", "bentanilla", "vnetanilla", "ventanilal"])
def test_one_mistake_is_mended_wherever_it_is(database: Database, typed: str) -> None:
    taught(database, "ventanilla")
    assert ("es", "ventanilla") in near(database, typed)[typed]


def test_two_mistakes_are_mended_in_long_words_that_begin_right(database: Database) -> None:
    taught(database, "facilitación", "aduana")
    assert near(database, "fasilitasion") == {"fasilitasion": []}
    assert ("es", "facilitacion") in near(database, "facilitasiom")["facilitasiom"]
    assert near(database, "aduamm")["aduamm"] == []
    assert near(database, "aduamma")["aduamma"] == [("es", "aduana")]
    assert near(database, "oduamma")["oduamma"] == []


def test_a_nearer_word_keeps_farther_ones_away_and_short_words_are_left_alone(database: Database) -> None:
    taught(database, "comercio", "comercias")
    assert ("es", "comercias") not in near(database, "comerciio")["comerciio"]
    assert near(database, "sol", "a" * 31, "") == {}


@cache
def distance(one: str, other: str) -> int:
    """The textbook's recursion for mistakes between two words."""
    if not one or not other:
        return len(one) + len(other)
    least = min(
        distance(one[:-1], other) + 1,
        distance(one, other[:-1]) + 1,
        distance(one[:-1], other[:-1]) + (one[-1] != other[-1]),
    )
    if one[-2:] == other[-2:][::-1] and len(one) > 1 and len(other) > 1:
        least = min(least, distance(one[:-2], other[:-2]) + 1)
    return least


@given(NEAR_WORDS, NEAR_WORDS)
def test_distances_are_those_of_the_textbook(one: str, other: str) -> None:
    assert vocabulary._differs_by_two(one, other) == (distance(one, other) <= 2)
    assert (other in vocabulary._one_off(one)) == (distance(one, other) == 1)
