"""Markdown through a translator of plain words: what is not words survives, or the line stays as it was."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.text import to_html
from portal.machine.markdown import translate_markdown, translate_segments


def louder(segments: Sequence[str]) -> list[str]:
    """A translator that writes every word in capitals and leaves signs alone."""
    return [s.upper() for s in segments]


def same(segments: Sequence[str]) -> list[str]:
    return list(segments)


SOURCE = """# The **single window** of Fiji

The port of [Lautoka](https://example.org/a_b?c=1 "Title") opened 3 gates, see `code_x` and <https://wco.org>.
It saves 1,250 hours, write to help@example.org or https://example.org/x_y_z now.

- First item with *emphasis* and ~~gone~~
- Second item
  continued here

> A quotation
> of two lines.

| Port | Days |
|---|---:|
| The big port | 12 |
| a \\| b | 3 |

```
do not translate
```

    nor this

Setext heading
==============

1. One line\x20\x20
   after a break
2. Escaped \\* star &amp; [reference][ref]

[ref]: https://example.org/ref
"""


def test_structure_links_code_and_numbers_survive() -> None:
    found = translate_markdown(SOURCE, louder)
    assert "# THE **SINGLE WINDOW** OF FIJI" in found
    assert '[LAUTOKA](https://example.org/a_b?c=1 "Title")' in found
    assert "`code_x` AND <https://wco.org>. IT SAVES 1,250 HOURS, WRITE TO help@example.org" in found
    assert "https://example.org/x_y_z NOW." in found
    assert "- FIRST ITEM WITH *EMPHASIS* AND ~~GONE~~\n- SECOND ITEM CONTINUED HERE\n" in found
    assert "> A QUOTATION OF TWO LINES.\n" in found
    assert "| THE BIG PORT | 12 |" in found
    assert "```\ndo not translate\n```" in found
    assert "    nor this" in found
    assert "SETEXT HEADING\n====" in found
    assert "1. ONE LINE  \n   AFTER A BREAK\n2. ESCAPED \\* STAR &amp; [REFERENCE][ref]" in found
    assert "[ref]: https://example.org/ref" in found


def test_agreed_terms_are_put_in_and_not_translated() -> None:
    def protect(text: str) -> list[tuple[int, int, str]]:
        return [(m.start(), m.end(), "ventanilla única") for m in re.finditer("single window", text)]

    found = translate_markdown("The **single window** and the single window.", louder, protect)
    assert found == "THE **ventanilla única** AND THE ventanilla única."


def test_a_term_inside_code_or_an_address_is_left_alone() -> None:
    found = translate_segments(
        ["`window` window"], louder, lambda t: [(m.start(), m.end(), "W") for m in re.finditer("window", t)]
    )
    assert found == ["`window` W"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: s.replace("⟦0⟧", ""),
        lambda s: s + "⟦0⟧",
        lambda s: s + "⟦9⟧",
        lambda s: "",
        lambda s: s.replace("⟦0⟧", "x").replace("⟦1⟧", "⟦0⟧").replace("x", "⟦1⟧"),
        lambda s: s + " *more* `code`",
    ],
    ids=["lost", "doubled", "invented", "emptied", "swapped", "more mark-up"],
)
def test_a_line_whose_signs_did_not_survive_stays_as_it_was(spoil) -> None:  # type: ignore[no-untyped-def]
    source = "See [this page](https://example.org/a) today."
    assert translate_segments([source], lambda many: [spoil(s) for s in many]) == [source]


def test_a_machine_that_changes_numbers_gets_them_as_signs() -> None:
    asked: list[str] = []

    def careless(segments: Sequence[str]) -> list[str]:
        asked.extend(segments)
        return [re.sub(r"(?<!⟦)\d+(?!⟧)(?:,\d+)?", "1.000", s).upper() for s in segments]

    assert translate_segments(["Saves 1,250 hours."], careless) == ["SAVES 1,250 HOURS."]
    assert asked == ["Saves 1,250 hours.", "Saves ⟦0⟧ hours."]


def test_where_one_sentence_loses_its_signs_the_others_are_translated() -> None:
    def forgetful(segments: Sequence[str]) -> list[str]:
        return [s.upper().replace("NEAR ⟦0⟧", "NEAR") for s in segments]

    source = "The port is open. It lies near `here` today. All is well."
    expected = "THE PORT IS OPEN. It lies near `here` today. ALL IS WELL."
    assert translate_segments([source], forgetful) == [expected]


def test_what_has_no_words_is_not_sent() -> None:
    def refuse(_segments: Sequence[str]) -> list[str]:
        raise AssertionError("nothing to translate")

    assert translate_markdown("12\n\n- 3\n- `code`\n\n| 1 | 2 |\n|---|---|\n|  | 4 |\n", refuse)
    assert translate_markdown("", refuse) == ""


def test_a_bar_that_the_machine_writes_does_not_break_a_table() -> None:
    found = translate_markdown(
        "| a | b |\n|---|---|\n| word | x |\n", lambda many: [s + "|y" if s == "word" else s for s in many]
    )
    assert "word\\|y" in found


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([*SOURCE.split("\n\n"), "a *b* **c** `d`", "⟦0⟧ typed by hand", "x\\\ny", "\\"]),
        max_size=5,
    )
)
def test_a_machine_that_changes_nothing_changes_nothing_that_readers_see(pieces: list[str]) -> None:
    markdown = "\n\n".join(pieces)

    def seen(text: str) -> str:
        return re.sub(r"\s+", " ", str(to_html(text)))

    assert seen(translate_markdown(markdown, same)) == seen(markdown)
