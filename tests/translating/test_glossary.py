"""Agreed terms in a text, and an original marked beside its translation."""

from __future__ import annotations

from portal.editorial.models import Kind
from portal.editorial.texts import Text
from portal.taxonomy.queries import Taxonomy, TopicFacts
from portal.translating.aligning import pairs, settled, sides, terms_of
from portal.translating.glossary import Glossary, glossary
from tests.world import World


def topic(code: str, en: str, es: str, *synonyms: str) -> TopicFacts:
    return TopicFacts(code, "TFA", en, es, "", synonyms, (), ())


def terms(*topics: TopicFacts) -> Glossary:
    return Glossary(Taxonomy((), {}, {}, {t.code: t for t in topics}), "en", "es")


WINDOW = topic("TFA-10.4", "Single window", "Ventanilla única", "ESW", "trade window")
RULINGS = topic("TFA-3", "Advance rulings", "Resoluciones anticipadas", "rulings")


def found(text: str, *topics: TopicFacts) -> list[tuple[str, str]]:
    return [(text[f.start : f.end], f.term.agreed) for f in terms(*topics or (WINDOW, RULINGS)).find(text)]


def test_names_and_synonyms_are_found_whatever_their_accents_and_case() -> None:
    assert found("The SINGLE wíndow and an ESW.") == [
        ("SINGLE wíndow", "Ventanilla única"),
        ("ESW", "Ventanilla única"),
    ]


def test_the_longest_phrase_wins_and_only_whole_words_count() -> None:
    assert found("Advance rulings help; rulings too; overrulings not.") == [
        ("Advance rulings", "Resoluciones anticipadas"),
        ("rulings", "Resoluciones anticipadas"),
    ]


def test_plurals_and_line_ends_inside_a_phrase_are_taken_along() -> None:
    assert found("Two single\nwindows") == [("single\nwindows", "Ventanilla única")]


def test_the_synonyms_of_a_heading_are_too_wide_to_be_terms() -> None:
    heading = TopicFacts("WCO", None, "WCO instruments", "Instrumentos de la OMA", "", ("customs",), (), ())
    assert found("Customs use WCO instruments", heading) == [("WCO instruments", "Instrumentos de la OMA")]


def test_a_machine_is_given_the_agreed_name_for_a_name_and_keeps_a_synonym() -> None:
    glossed = terms(WINDOW)
    assert glossed.replacements("An ESW is a single window") == [(12, 25, "ventanilla única")]


def test_a_glossary_without_terms_finds_nothing() -> None:
    assert terms().find("single window") == []


def test_the_agreed_term_begins_as_the_phrase_does_and_an_acronym_stays_one() -> None:
    acronym = topic("OEA", "authorised operator", "OEA")
    glossed = terms(WINDOW, acronym)
    assert [r[2] for r in glossed.replacements("Single window, single window, Authorised operator")] == [
        "Ventanilla única",
        "ventanilla única",
        "OEA",
    ]


def test_the_glossary_follows_the_taxonomy_and_is_made_once(world: World) -> None:
    first = glossary("en", "fr")
    assert glossary("en", "fr") is first
    assert [f.term.agreed for f in first.find("A single window")] == ["Guichet unique"]
    assert [f.term.agreed for f in glossary("es", "en").find("la VENTANILLA UNICA")] == ["Single window"]


def text(body: str, title: str = "Title") -> Text:
    return Text(title, "Summary.", {"body": body})


def test_an_original_is_marked_where_it_changed_and_where_terms_stand() -> None:
    old = text("The single window opened in July.\n\nGone.\n\nKept.")
    new = text("The single window opened in August.\n\nKept.\n\nNew single window.")
    marked = sides(Kind.REFORM_UPDATE, old, new, text("Uno."), terms(WINDOW))
    body = marked[2]
    assert [s.name for s in marked] == ["title", "summary", "body"]
    assert (body.source_count, body.translated_count, body.differs) == (3, 1, True)
    assert [row.op for row in body.rows] == ["changed", "removed", "same", "added"]
    (first,) = body.rows[0].lines
    assert [(r.op, r.words) for r in first.runs if r.op != "same"] == [
        ("removed", "July"),
        ("added", "August"),
    ]
    assert [r.words for r in first.runs if r.term is not None] == ["single window"]
    assert [t.agreed for t in terms_of(marked)] == ["Ventanilla única"]
    assert body.changed == 3


def test_nothing_is_marked_where_nothing_changed_and_nothing_translated_does_not_differ() -> None:
    marked = sides(Kind.REFORM_UPDATE, None, text("One.\n\nTwo."), Text(), terms())
    assert sum(side.changed for side in marked) == 0
    assert not any(side.differs for side in marked)


def beside(base: str | None, source: str, translated: str) -> list[tuple[str, str]]:
    """The rows of a body: what became of each paragraph of the original, and the translation beside it."""
    old = text(base) if base is not None else None
    (_title, _summary, body) = sides(Kind.REFORM_UPDATE, old, text(source), text(translated), terms())
    return [(row.op, row.translated) for row in body.rows]


def test_each_paragraph_of_the_original_stands_beside_its_translation() -> None:
    assert beside(None, "One.\n\nTwo.", "Uno.\n\nDos.") == [("same", "Uno."), ("same", "Dos.")]
    assert beside(None, "One.\n\nTwo.", "Uno.") == [("same", "Uno."), ("same", "")]
    assert beside(None, "One.", "Uno.\n\nDos.") == [("same", "Uno."), ("extra", "Dos.")]
    assert beside(None, "One.", "") == [("same", "")]
    assert beside(None, "", "") == [("extra", "")]


def test_what_was_translated_stays_beside_its_paragraph_when_others_come_and_go() -> None:
    rows = beside("One.\n\nGone.\n\nThree.", "One.\n\nThree.\n\nNew.", "Uno.\n\nIda.\n\nTres.")
    assert rows == [("same", "Uno."), ("removed", "Ida."), ("same", "Tres."), ("added", "")]


def test_a_paragraph_left_for_later_keeps_its_place() -> None:
    assert beside(None, "One.\n\nTwo.\n\nThree.", "\n\n\n\nTres.") == [
        ("same", ""), ("same", ""), ("same", "Tres."),
    ]  # fmt: skip
    # Saved as the form had it: four rows, of which the removed one is emptied and the new one not begun.
    rows = beside("One.\n\nGone.\n\nThree.", "One.\n\nThree.\n\nNew.", "Uno.\n\n\n\nTres.\n\n")
    assert rows == [("same", "Uno."), ("removed", ""), ("same", "Tres."), ("added", "")]


def test_what_is_handed_in_loses_the_places_of_what_left_the_original_and_keeps_other_gaps() -> None:
    old, new = text("One.\n\nGone.\n\nThree."), text("One.\n\nThree.\n\nNew.")
    for typed, kept in (
        ("Uno.\n\n\n\nTres.\n\nNueva.", "Uno.\n\nTres.\n\nNueva."),
        ("Uno.\n\nIda.\n\nTres.\n\nNueva.", "Uno.\n\nIda.\n\nTres.\n\nNueva."),
        ("Uno.\n\n\n\n\n\nNueva.", "Uno.\n\n\n\nNueva."),
    ):
        assert settled(Kind.REFORM_UPDATE, old, new, text(typed)).parts["body"] == kept
    assert settled(Kind.REFORM_UPDATE, None, new, Text("T", "S", {"body": ""})).parts == {"body": ""}


def test_a_table_is_one_paragraph_whose_rows_are_marked_each() -> None:
    old, new = (f"| Step | Days |\n|---|---|\n| Release | {days} |" for days in (5, 3))
    (_title, _summary, body) = sides(Kind.REFORM_UPDATE, text(old), text(new), text("| Paso |"), terms())
    (row,) = body.rows
    assert (row.op, [line.op for line in row.lines], row.translated) == (
        "changed",
        ["same", "changed"],
        "| Paso |",
    )


def test_paragraphs_stand_side_by_side_as_far_as_they_go() -> None:
    lines = pairs(Kind.REFORM_UPDATE, text("One.\n\nTwo."), text("Uno."))
    assert [(p.part, p.source, p.translated) for p in lines[2:]] == [
        ("body", "One.", "Uno."),
        ("body", "Two.", ""),
    ]
    lines = pairs(Kind.REFORM_UPDATE, text("One.\n\nTwo."), text("\n\nDos."))
    assert [(p.source, p.translated) for p in lines[2:]] == [("One.", ""), ("Two.", "Dos.")]
