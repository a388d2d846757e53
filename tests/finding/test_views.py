"""The search page: what it says of the search, how it narrows, and how often one may search."""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Iterator
from html import unescape

import pytest
import time_machine
from flask import Flask

from portal.app import create_app
from portal.core.db import Database, session
from portal.core.i18n import LANGUAGES
from portal.editorial.models import Kind
from portal.lessons import actions as lessons
from portal.organisations.loading import load_organisations
from portal.publishing.queries import page_of
from portal.search.whoosh_index import WhooshIndex
from portal.taxonomy.loading import load_taxonomy
from portal.taxonomy.models import Topic
from tests import world as w
from tests.http import Browser, words
from tests.work import index_due
from tests.world import World, build_world

NOW = "2026-11-24T09:00:00Z"


@pytest.fixture
def world(app: Flask, database: Database) -> Iterator[World]:
    """Three posts: an English one about Thailand, one in English and Spanish about Fiji, a lesson of 2025."""
    with time_machine.travel("2025-05-05T09:00:00Z", tick=False), database.unit_of_work():
        built = build_world()
        session().get_one(Topic, "TFA-3").synonyms_en = ["binding rulings"]
        w.make_published(
            built,
            "Levante",
            kind=Kind.LESSON_LEARNED,
            topics=("TFA-3",),
            countries=("PE", "TH"),
            language="es",
        )
    with time_machine.travel(NOW, tick=False):
        with database.unit_of_work():
            w.make_published(built, "Single window", countries=("TH",))
            both = w.make_published(
                built, "Border clock", topics=("TFA-3",), countries=("FJ",), author="fijian"
            )
            w.translate(built, both, "es", "Ventanilla única", author="fijian")
        index_due(app)
        yield built


def links(page: str, inside: str) -> dict[str, str]:
    """The addresses of the links within the element of a class, by their words."""
    block = re.search(rf'class="[^"]*{inside}[^"]*".*?</(?:ul|section|p|table)>', page, re.S)
    assert block is not None, inside
    found = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', block[0], re.S)
    return {re.sub(r"<[^>]+>", " ", text).split("  ")[0].strip(): unescape(url) for url, text in found}


def run_together(page: str) -> str:
    """The words of a page with nothing where its tags were."""
    return unescape(re.sub("<[^>]+>", "", page))


def titles(page: str) -> list[str]:
    """The titles of the hits."""
    return [
        unescape(re.sub("<[^>]+>", "", t)) for t in re.findall(r'class="cx-title"><a[^>]*>(.*?)</a>', page)
    ]


def test_a_search_says_what_it_also_looked_for_and_through_what_it_found(app: Flask, world: World) -> None:
    page = Browser(app).get("/search?q=guichet+unique")
    told = run_together(page.text)
    assert "Also searched for: Single window (English); Ventanilla única (Spanish)" in told
    assert "Found through “Single window” in the English text" in told
    assert "Found through “Ventanilla única” in the Spanish text" in told
    assert '<span lang="es">Ventanilla única</span>' in page.text
    plain = Browser(app).get(links(page.text, "cx-sm mb-0")["Search for exactly what I typed"])
    assert "0 results for “guichet unique”" in words(plain)
    assert "Only what you typed is searched for" in words(plain)
    again = Browser(app).get(links(plain.text, "cx-sm cx-soft mb-0")["Search for all other names too"])
    assert titles(again.text) == titles(page.text)


def test_other_names_of_one_thing_can_be_left_out_alone(app: Flask, world: World) -> None:
    page = Browser(app).get("/search?q=guichet+unique+binding+rulings").text
    without = links(page, "cx-also-searched")
    assert set(without) == {"without these"}
    assert page.count("Also searched for:") == 2
    left = Browser(app).get("/search?q=guichet+unique+binding+rulings&plain=TFA-3").text
    assert left.count("Also searched for:") == 1
    assert 'name="plain" value="TFA-3"' in left  # the form keeps it


def test_what_was_typed_in_the_shown_text_needs_no_explanation(app: Flask, world: World) -> None:
    page = run_together(Browser(app).get("/search?q=single+window").text)
    assert re.findall(r"Found through “([^”]+)”", page) == ["Ventanilla única"]


def test_fields_narrow_and_are_chips_whose_removal_edits_the_text(app: Flask, world: World) -> None:
    page = Browser(app).get("/search?q=customs+OR+levante+country:perú+-kind:update&topic=TFA-3").text
    chips = links(page, "cx-applied")
    assert list(chips) == ["Peru", "without Reform update", "Advance rulings", "Clear all"]
    assert chips["Peru"] == "/en/search?q=customs+OR+levante+-kind:update&topic=TFA-3"
    assert chips["without Reform update"] == "/en/search?q=customs+OR+levante+country:per%C3%BA&topic=TFA-3"
    assert chips["Advance rulings"] == "/en/search?q=customs+OR+levante+country:per%C3%BA+-kind:update"
    assert chips["Clear all"] == "/en/search?q=customs+OR+levante"
    assert titles(page) == ["Levante: one submission reaches all agencies"]


def test_a_box_that_the_text_ticks_cannot_be_unticked_and_boxes_add_to_it(app: Flask, world: World) -> None:
    page = Browser(app).get("/search?q=country:TH&country=FJ").text
    assert len(titles(page)) == 3
    assert re.search(r'name="country" value="TH" checked disabled>', page)
    assert re.search(r'name="country" value="FJ" checked>', page)


def test_a_chip_says_what_its_field_means(app: Flask, world: World) -> None:
    browser = Browser(app)
    for text, name in (
        ("year:2025", "2025"),
        ("year:2024..2025", "2024–2025"),
        ("year:2026..", "since 2026"),
        ("year:..2025", "until 2025"),
        ("topic:TFA", "Trade Facilitation Agreement"),
        ("org:customs", "Fiji Customs, Jica Customs, Peru Customs, …"),
        ("lang:es", "Spanish"),
    ):
        assert name in links(browser.get(f"/search?q={text}").text, "cx-applied")


UNREADABLE = {
    "release country:atlantis two": ("country:atlantis", "(character 9)"),
    'one "two three': ('"two three', "at character 5"),
    "one re* two": ("re*", "at character 5"),
    "one -year:soon": ("-year:soon", "at character 5"),
    "one topic:": ("topic:", "at character 5"),
    "kind:poem": ("kind:poem", "update, lesson"),
    "org:<b>": ("org:<b>", "org:THA"),
    "lang:de": ("lang:de", "en, es, fr"),
    "topic:nothing": ("topic:nothing", "topic:TFA-7"),
    "...": ("...", "no word"),
    " ".join("abcdefghijklm"): ("m", "from character 25"),
}


def test_what_cannot_be_read_is_marked_where_it_stands(app: Flask, world: World) -> None:
    for text, (there, message) in UNREADABLE.items():
        answer = Browser(app).get("/search", query_string={"q": text})
        assert answer.status_code == 422
        place = re.search(r'id="q-place">(.*?<mark>(.*)</mark>.*?)</p>', answer.text)
        assert place is not None
        assert unescape(place[2]) == there
        assert run_together(place[1]).endswith(text)
        assert 'aria-describedby="q-problem q-place q-help" aria-invalid="true"' in answer.text
        alert = re.search(r'id="q-problem" role="alert">(.*?)</div>', answer.text)
        assert alert is not None
        assert message in unescape(alert[1])


def test_a_text_that_is_too_long_is_shown_around_its_limit(app: Flask, world: World) -> None:
    answer = Browser(app).get("/search", query_string={"q": "x" * 5000})
    assert answer.status_code == 422
    assert f"…{'x' * 60}<mark>{'x' * 60}</mark>…" in answer.text


def test_a_name_spelt_almost_right_is_proposed_as_a_link(app: Flask, world: World) -> None:
    page = Browser(app).get("/search?q=single+-country:tailand").text
    assert 'href="/en/search?q=single+-country:%22Thailand%22">-country:&#34;Thailand&#34;</a>' in page
    assert '/en/organisations">All organisations' in Browser(app).get("/search?q=org:nobody").text


def test_years_and_countries_are_drawn_counted_and_linked(app: Flask, world: World) -> None:
    page = Browser(app).get("/search?show=figures").text
    years = links(page, "cx-hist")
    assert years == {"2026": "/en/search?show=figures&year=2026", "2025": "/en/search?show=figures&year=2025"}
    assert "Most were published in 2026: 2 of 3." in page
    assert "They are about 3 countries, most often Thailand." in page
    tile = re.search(r'<a href="([^"]+)" data-inplace aria-label="Thailand: 2 posts">', page)
    assert tile is not None
    assert len(titles(Browser(app).get(unescape(tile[1])).text)) == 2
    table = re.findall(
        r'fw-normal"><a href="[^"]*"[^>]*>([^<]+)</a></th><td class="cx-r cx-num">(\d+)</td>', page
    )
    assert table == [("Thailand", "2"), ("Fiji", "1"), ("Peru", "1")]


def test_what_is_chosen_is_marked_in_the_figures_and_its_link_takes_it_back(app: Flask, world: World) -> None:
    page = Browser(app).get("/search?show=figures&year=2025&q=country:TH").text
    assert links(page, "cx-hist")["2025"] == "/en/search?q=country:TH&show=figures"
    assert page.count("(chosen)") == 2
    # What the text of the search chooses is no link.
    assert "Thailand: 1 post" in page
    assert 'aria-label="Thailand: 1 post"' not in page


def test_figures_are_there_on_demand_only(app: Flask, world: World) -> None:
    page = Browser(app).get("/search").text
    assert "cx-hist" not in page
    assert 'href="/en/search?show=figures"' in page
    assert "cx-hist" not in Browser(app).get("/search?q=xylophone&show=figures").text


def test_facets_count_each_choice_under_all_other_filters(app: Flask, world: World) -> None:
    page = Browser(app).get("/search?country=TH&kind=reform_update").text
    counts = dict(re.findall(r'name="country" value="(\w\w)".*?<span class="cx-num">(\d+)<', page))
    assert counts == {"TH": "1", "FJ": "1"}
    kinds = dict(re.findall(r'name="kind" value="(\w+)".*?<span class="cx-num">(\d+)<', page))
    assert kinds == {"reform_update": "1", "lesson_learned": "1"}


def test_results_can_be_sorted_by_who_has_adopted_them(app: Flask, database: Database, world: World) -> None:
    first = titles(Browser(app).get("/search?sort=newest").text)
    assert first[-1].startswith("Levante")
    with database.unit_of_work():
        lesson = page_of(world.actor("fijian"), kind=Kind.LESSON_LEARNED).items[0].contribution
        lessons.record_use(world.actor("fijian"), lesson, "It held.", "en", "2026-11-01")
    index_due(app)
    page = Browser(app).get("/search?sort=adopted").text
    assert titles(page)[0].startswith("Levante")
    assert '<option value="adopted" selected>' in page


def test_a_post_in_two_languages_is_one_hit_in_the_readers_language(app: Flask, world: World) -> None:
    english = Browser(app).get("/search?topic=TFA-3&kind=reform_update").text
    assert titles(english) == ["Border clock: one submission reaches all agencies"]
    spanish = Browser(app, "es").get("/search?topic=TFA-3&kind=reform_update").text
    assert titles(spanish) == ["Ventanilla única: one submission reaches all agencies"]
    assert re.search(r'cx-lang-ok" href="/en/contributions/[^"]+" hreflang="en"', spanish)


def test_where_nothing_is_found_the_page_offers_to_ask_for_less(app: Flask, world: World) -> None:
    page = Browser(app).get("/search?q=xylophone+%22metal+bars%22+country:TH&kind=lesson_learned").text
    ways = {
        unescape(text): unescape(url)
        for url, text in re.findall(r'btn-line" href="([^"]+)"[^>]*>([^<]+)</a>', page)
    }
    assert ways == {
        "Without filters": "/en/search?q=xylophone+%22metal+bars%22",
        "Any of these words": "/en/search?q=xylophone+OR+%22metal+bars%22+country:TH&kind=lesson_learned",
        "The words anywhere, not as a phrase": "/en/search?q=xylophone+metal+bars+country:TH&kind=lesson_learned",
    }
    page = Browser(app).get("/search?q=xylophone").text
    assert 'href="/en/search?q=xylop*" data-inplace>Words that begin with xylop</a>' in page


def test_posts_with_some_of_the_words_follow_and_the_page_says_so(app: Flask, world: World) -> None:
    page = Browser(app).get("/search?q=border+clock+xylophone")
    assert "No post has all the words; these have some of them." in words(page)
    assert titles(page.text)[0].startswith("Border clock")
    page = Browser(app).get("/search?q=border+agencies")
    assert "1 post has all the words; the others have some of them." in words(page)
    assert len(titles(page.text)) == 3
    exactly = Browser(app).get("/search?q=border+agencies&plain=x")  # just what was typed means all of it
    assert len(titles(exactly.text)) == 1


def test_an_answer_that_ran_out_of_time_says_so_and_is_not_kept(app: Flask, world: World) -> None:
    index = app.extensions["portal_index"]
    app.extensions["portal_index"] = WhooshIndex(app.extensions["portal_settings"].index_folder, budget=-1)
    hurried = Browser(app).get("/search?q=agencies")
    assert "This search took too long." in words(hurried)
    app.extensions["portal_index"] = index
    whole = Browser(app).get("/search?q=agencies")
    assert "This search took too long." not in words(whole)
    assert len(titles(whole.text)) == 3


def test_without_an_index_the_page_says_so_and_fields_narrow_still(app: Flask, world: World) -> None:
    shutil.rmtree(app.extensions["portal_settings"].index_folder)
    app.extensions.pop("portal_generation", None)
    page = Browser(app).get("/search?q=single+country:TH")
    assert "The search index is being built." in words(page)
    assert titles(page.text) == ["Single window: one submission reaches all agencies"]
    assert "Peru" not in links(page.text, "cx-applied")


@pytest.mark.one_database
def test_every_example_of_the_help_page_can_be_read_in_its_language(app: Flask, database: Database) -> None:
    with database.unit_of_work():
        load_taxonomy()
        load_organisations()
    for language in LANGUAGES:
        browser = Browser(app, language)
        page = browser.get("/help/search").text
        examples = [unescape(url) for url in re.findall(r'href="([^"]+)"><code>', page)]
        assert len(examples) > 15
        assert {url: browser.get(url).status_code for url in examples} == dict.fromkeys(examples, 200)


def test_the_sixty_first_new_search_in_a_minute_has_to_wait_but_a_kept_page_does_not(
    app: Flask, database: Database
) -> None:
    with database.unit_of_work():
        build_world()
    settings = dataclasses.replace(app.extensions["portal_settings"], rate_limits=True)
    strict = create_app(settings, database)
    strict.extensions["portal_index"].rebuild(())
    client = strict.test_client()
    with time_machine.travel("2026-11-24T09:00:00Z", tick=False):
        assert {client.get(f"/es/search?q=aduana{n}").status_code for n in range(60)} == {200}
        refused = client.get("/es/search?q=levante")
        assert refused.status_code == 429
        assert "Fueron demasiados" in refused.text or "Inténtelo" in refused.text
        assert int(refused.headers["Retry-After"]) > 0
        assert client.get("/es/search?q=aduana1").status_code == 200
