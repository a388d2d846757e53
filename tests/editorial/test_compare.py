"""Comparison of texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portal.editorial.compare import WORD_LIMIT, changed_count, compare, compare_words, folded
from portal.editorial.texts import Text


def text(body: str, title: str = "T", summary: str = "S") -> Text:
    return Text(title, summary, {"body": body})


def test_an_unchanged_text_has_no_changed_paragraph() -> None:
    blocks = compare(text("One.\n\nTwo."), text("One.\n\nTwo."))
    assert changed_count(blocks) == 0
    assert [b.new for b in blocks] == ["T", "S", "One.", "Two."]


def test_a_changed_word_is_marked_and_nothing_else() -> None:
    (block,) = [b for b in compare(text("It took 24 hours."), text("It took 21 hours.")) if b.op != "same"]
    assert [(p.op, p.words) for p in block.pieces] == [
        ("same", "It took "),
        ("removed", "24"),
        ("added", "21"),
        ("same", " hours."),
    ]


def test_a_table_is_compared_row_by_row() -> None:
    before = "| a | b |\n|---|---|\n| x | 1 |\n| y | 2 |"
    blocks = compare(text(before), text(before.replace("| 2 |", "| 3 |")))
    assert changed_count(blocks) == 1


def test_paragraphs_that_came_and_went_are_shown_where_they_stand() -> None:
    blocks = compare(text("A\n\nB\n\nC"), text("A\n\nC\n\nD"))
    assert [(b.op, b.new or b.old) for b in blocks if b.part == "body"] == [
        ("same", "A"),
        ("removed", "B"),
        ("same", "C"),
        ("added", "D"),
    ]


def test_without_a_former_text_everything_is_new() -> None:
    assert {b.op for b in compare(None, text("A"))} == {"added"}


def test_unchanged_runs_are_folded_and_single_paragraphs_are_not() -> None:
    blocks = compare(text("A\n\nB\n\nC\n\nold"), text("A\n\nB\n\nC\n\nnew"))
    runs = list(folded(blocks))
    assert runs[0][0] is True
    assert runs[-1][0] is False


def test_a_very_long_paragraph_is_shown_as_replaced() -> None:
    long = "word " * WORD_LIMIT
    assert [p.op for p in compare_words(long, long + "x")] == ["removed", "added"]


@given(st.text(), st.text())
def test_the_pieces_of_a_comparison_give_both_texts_back(old: str, new: str) -> None:
    pieces = compare_words(old, new)
    assert "".join(p.words for p in pieces if p.op != "added") == old
    assert "".join(p.words for p in pieces if p.op != "removed") == new
