"""Topics by what they are called: the beginnings of words, other forms, likeness."""

from __future__ import annotations

import pytest

from portal.core.i18n import in_language
from portal.search.analysis import words
from portal.taxonomy.phrases import nearest_topics, phrases_of, stems, topics_beginning, topics_called
from portal.taxonomy.queries import taxonomy

pytestmark = pytest.mark.usefixtures("spoken", "vocabulary")


def beginning(typed: str) -> list[tuple[str, str, str]]:
    return [(c.topic.code, c.phrase.language, c.phrase.text) for c in topics_beginning(words(typed))]


def test_a_topic_is_found_through_the_name_in_ones_own_language_before_any_other() -> None:
    with in_language("fr"):
        assert beginning("guichet uni")[0] == ("TFA-10.4", "fr", "Guichet unique")
    with in_language("en"):
        assert beginning("GUICHET")[0] == ("TFA-10.4", "fr", "Guichet unique")
        assert beginning("aeo")[0] == ("WCO-AEO", "en", "AEO")


def test_accents_do_not_matter_and_every_word_has_to_begin_one() -> None:
    with in_language("en"):
        assert beginning("decisions anticip")[0][0] == "TFA-3"
        assert beginning("single whale") == []
        assert beginning("ingle window") == []


def test_a_phrase_that_begins_with_it_comes_before_one_that_has_it_inside() -> None:
    with in_language("en"):
        places = [text.lower().startswith("risk") for _code, _language, text in beginning("risk")]
    assert True in places and places == sorted(places, reverse=True)


def test_the_phrases_of_a_topic_begin_with_those_of_ones_language() -> None:
    topic = taxonomy().topics["TFA-10.4"]
    with in_language("es"):
        first, *others = phrases_of(topic)
    assert (first.text, first.is_name, first.language) == ("Ventanilla única", True, "es")
    assert {phrase.language for phrase in others} == {"en", "es", "fr"}


def test_topics_are_called_by_stems_within_a_language() -> None:
    assert [t.code for t in topics_called("es", "ventanillas únicas")] == ["TFA-10.4"]
    assert topics_called("en", "ventanillas únicas") == []
    assert stems("en", "of the") == ()


def test_what_is_like_a_phrase_is_named_and_what_is_like_none_is_not() -> None:
    assert nearest_topics("guichet unique électronique")[0].code in {"TFA-10.4", "WCO-SW"}
    assert nearest_topics("xqzt") == []
