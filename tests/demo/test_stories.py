"""The files of the demo world, held against the portal's own rules."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from portal.core.i18n import LANGUAGES
from portal.demo import cast, reviews, stories
from portal.demo.loading import read_profiles
from portal.demo.reviews import Review, read_reviews, reworded
from portal.demo.stories import Story, StoryError, read_stories, read_story
from portal.editorial.models import EXCHANGE, OPTIONAL_PARTS, PARTS, Audience, Kind, State
from portal.editorial.terms import LINES
from portal.editorial.texts import COUNTRY_LIMIT, TOPIC_LIMIT, Text, check_size
from portal.organisations.loading import PARTNER_CODES
from portal.taxonomy.loading import rows_of

FILES = sorted(stories.FOLDER.glob("*.toml"))
TOLD = read_stories()
CODES = {row["iso3"] for row in rows_of("wco_members.csv")} | {row["code"] for row in rows_of("rocbs.csv")}
CODES |= {PARTNER_CODES.get(row["acronym"], row["acronym"]) for row in rows_of("partners.csv")}


@pytest.mark.parametrize("story", TOLD, ids=lambda story: story.name)
def test_a_story_is_complete_and_fits_the_form(story: Story) -> None:
    assert set(story.topics) <= {row["code"] for row in rows_of("topics.csv")}
    assert 1 <= len(story.topics) <= TOPIC_LIMIT
    assert set(story.countries) <= {row["iso2"] for row in rows_of("wco_members.csv")}
    assert len(story.countries) <= COUNTRY_LIMIT
    assert bool(story.organisations) == (story.audience == Audience.ORGANISATIONS)
    assert set(story.organisations) <= CODES
    for edition in story.editions.values():
        for text in filter(None, (edition.text, edition.before, edition.next)):
            check_size(text)
            assert text.title
            if edition.state != State.DRAFT:
                assert text.summary
                needed = set(PARTS[story.kind]) - OPTIONAL_PARTS[story.kind]
                assert all(text.parts[part] for part in needed)
                assert story.kind not in EXCHANGE or text.parts["line1"]
                told = {line.slot for line in story.terms.lines} if story.terms else set()
                assert {f"line{slot}" for slot in told} == {part for part in text.parts if part in LINES}


def test_there_are_enough_stories_of_every_sort() -> None:
    assert len(TOLD) >= 60
    assert {story.kind for story in TOLD} == set(Kind)
    assert {story.audience for story in TOLD} == set(Audience)
    assert {story.original for story in TOLD} == set(LANGUAGES)
    following = {e.next_state for s in TOLD for e in s.editions.values() if e.next is not None}
    assert {story.state for story in TOLD} | following >= set(State) - {State.SUPERSEDED}
    assert any(story.is_taken_down for story in TOLD)
    assert len({story.organisation for story in TOLD}) >= 30
    assert Counter(len(story.editions) for story in TOLD).keys() == {1, 2, 3}
    assert any(story.original_edition.before and story.translations for story in TOLD)
    of_translations = {edition.state for story in TOLD for edition in story.translations}
    assert of_translations >= {State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.PUBLISHED}


def test_a_decision_against_a_text_has_its_reason() -> None:
    for story in TOLD:
        if story.is_taken_down or story.state in {
            State.CHANGES_REQUESTED,
            State.DECLINED,
            State.EDIT_PROPOSED,
        }:
            assert story.comment, story.name


def test_reviews_speak_of_words_that_stand_in_the_stories() -> None:
    told = {story.name: story for story in TOLD}
    for name, review in read_reviews().items():
        edition = told[name].original_edition
        text = (
            edition.next if edition.next_state == State.CHANGES_REQUESTED and edition.next else edition.text
        )
        assert reworded(text, review.proposal) != text or not review.proposal
        first = reworded(text, review.earlier)
        assert bool(review.earlier) == bool(review.asked) == (first != text)
        for note in review.notes:
            assert any(note.at in piece for piece in (first.title, first.summary, *first.parts.values()))


def test_what_waits_for_an_answer_to_an_edit_has_one_proposed() -> None:
    told = read_reviews()
    for story in TOLD:
        if story.state == State.EDIT_PROPOSED:
            assert told.get(story.name, Review()).proposal, story.name


def test_the_bangkok_dialogue_is_told_with_its_facts() -> None:
    told = next(story for story in TOLD if "bangkok" in story.name)
    body = told.editions["en"].text.parts["body"]
    assert set(told.editions) == set(LANGUAGES)
    assert told.audience == Audience.PUBLIC
    for fact in (
        "2012",
        "28 to 30 May",
        "31 May and 1 June",
        "wenty-seven",
        "Customs Co-operation Fund",
    ):
        assert fact in body
    for partner in (
        "World Bank",
        "Asian Development Bank",
        "Monetary Fund",
        "JICA",
        "USAID",
        "UNEP",
        "UNESCAP",
    ):
        assert partner in body


def test_everybody_has_an_organisation_and_one_address() -> None:
    people = cast.read_people()
    assert len({person["email"] for person in people}) == len(people)
    assert all(person["email"] == person["email"].lower() for person in people)
    assert all(person["email"].endswith(".example") for person in people)
    homes = {person["organisation"] for person in people}
    assert homes >= {story.organisation for story in TOLD}
    assert len(homes) >= 30
    assert sum(person.get("role") == "coordinator" for person in people) >= 12


def test_profiles_are_in_three_languages_and_belong_to_people() -> None:
    profiles = read_profiles()
    homes = {person["organisation"] for person in cast.read_people()}
    assert len(profiles) >= 32
    assert set(profiles) <= homes
    for code, told in profiles.items():
        for language in LANGUAGES:
            assert 2 <= len(re.findall(r"[.!?](?:\s|$)", told[language])) <= 7, (code, language)


def test_a_house_that_clears_has_an_approver() -> None:
    clearing = {code for code, told in read_profiles().items() if told.get("needs_clearance")}
    approvers = {p["organisation"] for p in cast.read_people() if p.get("role") == "approver"}
    waiting = {story.organisation for story in TOLD if story.state == State.AWAITING_CLEARANCE}
    assert "THA" in clearing
    assert waiting <= clearing <= approvers


def test_nothing_unfinished_was_left_in_the_files() -> None:
    folder = Path(stories.__file__).parent
    for path in [*FILES, *folder.glob("*.toml"), *folder.glob("*.py")]:
        assert not re.search(r"\b(TODO|FIXME|XXX|[Ll]orem|TBD)\b", path.read_text(encoding="utf-8")), (
            path.name
        )


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text('kind = "reform_update"\ncolour = "blue"', encoding="utf-8")
    with pytest.raises(StoryError, match="broken.toml.*colour"):
        read_story(path)


def test_words_that_do_not_stand_there_cannot_be_replaced() -> None:
    with pytest.raises(ValueError, match="does not stand"):
        reworded(Text("Title", "Summary", {"body": "Words."}), [("absent", "present")])


def test_notes_are_pinned_to_the_paragraph_they_speak_of() -> None:
    told = reviews.Note("second", "Which one?")
    pieces = {"title": "T", "summary": "S", "body": "A first.\n\nA second."}
    assert reviews.place_in(pieces, told) == ("body", 1, "A second.")
    with pytest.raises(ValueError, match="does not stand"):
        reviews.place_in(pieces, reviews.Note("third", ""))
