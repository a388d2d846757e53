"""The grid, what stands behind its cells, and the headline figure: for each reader what they may see."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask import Flask

from portal.core.access import ANONYMOUS, Actor
from portal.core.db import Database
from portal.editorial.models import Audience, Kind
from portal.editorial.terms import Help
from portal.matching.coverage import Cell, Grid, Wanted, grid, posts
from portal.matching.figures import Tally, figures
from tests.conftest import Statements
from tests.http import Browser, words
from tests.matching.making import line, need, offer
from tests.world import World


def cells(actor: Actor, **wanted: str) -> dict[str, dict[str, tuple[int, int]]]:
    """The figures of the grid by topic and place, `all` places among them; empty cells are left out."""
    found: Grid = grid(actor, Wanted(**wanted))
    return {
        row.topic: {
            **{p: (row.cells[p].needs, row.cells[p].offers) for p in found.places if p in row.cells},
            "all": (row.total.needs, row.total.offers),
        }
        for row in found.rows
    }


def tally(found: Tally) -> tuple[int, int, int]:
    return found.matched, found.partly, found.unmatched


@pytest.fixture
def things(world: World) -> World:
    """Needs of Fiji, Peru and of nobody named; offers to Fiji, to a region and to everybody."""
    need(world, lines=(line(topic="TFA-3", category="C"), line(Help.TRAINING, "TFA-10.4", 2)))
    need(
        world,
        "peruvian",
        countries=("PE",),
        lines=(line(Help.FUNDING, topic="TFA-10.4"),),
        topics=("TFA-10.4",),
    )
    need(world, "author", countries=())
    offer(world, countries=("FJ",))
    offer(world, "named", words="To the region", countries=("PE",), regions=("AP",))
    offer(world, "named", words="To everybody", countries=(), topics=("TFA-10.4",))
    return world


def test_needs_and_offers_are_counted_by_topic_and_region(things: World) -> None:
    assert cells(ANONYMOUS) == {
        "TFA-10.4": {"AP": (1, 1), "AMS": (1, 1), "all": (2, 1)},
        "TFA-3": {"AP": (1, 2), "AMS": (0, 1), "all": (2, 2)},
    }


def test_a_region_is_shown_by_its_countries_and_a_topic_with_those_below_it(things: World) -> None:
    assert cells(ANONYMOUS, region="AP") == {
        "TFA-10.4": {"FJ": (1, 1), "all": (1, 1)},
        "TFA-3": {"FJ": (1, 2), "all": (1, 2)},
    }
    assert set(cells(ANONYMOUS, topic="TFA")) == {"TFA-3", "TFA-10.4"}
    assert set(cells(ANONYMOUS, topic="TFA-3")) == {"TFA-3"}


def test_gaps_and_crowds(things: World) -> None:
    assert cells(ANONYMOUS, show="gaps") == cells(ANONYMOUS, show="crowds") == {}
    need(things, "author", countries=("TH",), topics=("TFA",))
    assert set(cells(ANONYMOUS, show="gaps")) == {"TFA"}
    for number in range(2):
        offer(things, words=f"More {number}", countries=("PE",))
    assert set(cells(ANONYMOUS, show="crowds")) == {"TFA-3"}


@pytest.mark.parametrize(
    ("needs", "offers", "gap", "crowd"),
    [
        (1, 0, True, False),
        (0, 0, False, False),
        (0, 3, False, True),
        (1, 3, False, True),
        (2, 4, False, False),
    ],
)
def test_what_is_a_gap_and_what_a_crowd(needs: int, offers: int, gap: bool, crowd: bool) -> None:
    cell = Cell(needs, offers)
    assert (cell.is_gap, cell.is_crowded) == (gap, crowd)


@pytest.mark.parametrize("region", ["", "AP", "AMS"])
def test_behind_each_cell_stand_as_many_as_it_says(things: World, region: str) -> None:
    for topic, row in cells(ANONYMOUS, region=region).items():
        for place, (needs, offers) in row.items():
            where = region if place == "all" else place
            assert len(posts(ANONYMOUS, Kind.NEED, topic, where, "").items) == needs, (topic, where)
            assert len(posts(ANONYMOUS, Kind.OFFER, topic, where, "").items) == offers, (topic, where)


def test_what_is_over_counts_no_more(world: World) -> None:
    offer(world, starts_on=date(2020, 1, 1), ends_on=date(2020, 6, 1))
    assert cells(ANONYMOUS) == {}
    assert posts(ANONYMOUS, Kind.OFFER, "TFA-3", "", "").items == []


def test_how_many_needs_are_matched_by_category_measure_and_region(things: World) -> None:
    found = figures(ANONYMOUS, Wanted())
    assert (tally(found.category_c), tally(found.others)) == ((0, 1, 0), (1, 0, 1))
    assert {code: tally(one) for code, one in found.by_topic.items()} == {
        "TFA-3": (2, 0, 0),
        "TFA-10.4": (0, 0, 2),
    }
    assert {code: tally(one) for code, one in found.by_region.items()} == {
        "AP": (0, 1, 0), "AMS": (0, 0, 1), "": (1, 0, 0),
    }  # fmt: skip
    inside = figures(ANONYMOUS, Wanted(region="AP", topic="TFA-3"))
    assert (tally(inside.category_c), inside.others.total) == ((1, 0, 0), 0)


def test_a_line_without_a_topic_stands_for_those_of_its_offer_and_related_topics_count(world: World) -> None:
    need(world, countries=("TH",), topics=("TFA-10.4",))
    need(world, words="Of no country", countries=(), lines=(line(Help.EQUIPMENT),))
    offer(
        world,
        countries=(),
        regions=("AP",),
        topics=("TFA",),
        lines=(line(), line(Help.EQUIPMENT, "TFA-3", 2)),
    )
    assert tally(figures(ANONYMOUS, Wanted()).others) == (2, 0, 0)


READERS = ("visitor", "fijian", "partner", "named")
SEES = {
    Audience.MEMBERS: {"fijian", "partner", "named"},
    Audience.CUSTOMS: {"fijian", "partner"},
    Audience.ORGANISATIONS: {"partner", "named"},
    Audience.OWN: {"partner"},
}


@pytest.mark.parametrize("audience", sorted(SEES))
def test_what_one_may_not_read_is_counted_nowhere(world: World, audience: Audience) -> None:
    need(world)
    offer(world, audience=audience, organisations=(world.organisations["jica"],))
    for name in READERS:
        actor = ANONYMOUS if name == "visitor" else world.actor(name)
        seen = int(name in SEES[audience])
        assert cells(actor)["TFA-3"] == {"AP": (1, seen), "all": (1, seen)}, name
        assert len(posts(actor, Kind.OFFER, "TFA-3", "FJ", "").items) == seen
        assert figures(actor, Wanted()).others.matched == seen


def test_the_page_shows_figures_filters_and_the_way_behind_each_cell(
    app: Flask, database: Database, kept_world: World, statements: Statements
) -> None:
    with database.unit_of_work():
        need(kept_world, lines=(line(topic="TFA-3", category="C"),))
        offer(kept_world)
    browser = Browser(app)
    page = browser.get("/cooperation/coverage")
    body = page.get_data(as_text=True)
    assert "Needs in category C 1 of 1 matched" in words(page)
    links = re.findall(r'href="(/en/cooperation/coverage/posts[^"]*)"', body)
    assert len(links) == 4
    for link in links:
        assert words(browser.get(link.replace("&amp;", "&"))).count("two analysts") >= 1
    assert "No topic to show" in words(browser.get("/cooperation/coverage?region=AMS"))
    assert "All regions" in words(browser.get("/cooperation/coverage?region=MARS&topic=x&show=y"))
    assert 'value="AP" selected' in browser.get("/cooperation/coverage?region=AP&show=gaps").get_data(
        as_text=True
    )
    app.extensions["portal_pages"].clear()
    statements.clear()
    browser.get("/cooperation/coverage")
    assert len(statements) <= 8


@pytest.mark.parametrize(
    "asked", ["kind=offer", "kind=lesson_learned&topic=TFA-3", "kind=need&topic=TFA-3&place=ZZ"]
)
def test_behind_no_cell_there_is_nothing(app: Flask, kept_world: World, asked: str) -> None:
    assert Browser(app).get(f"/cooperation/coverage/posts?{asked}").status_code == 404


def test_behind_an_empty_cell_there_is_the_way_back(app: Flask, kept_world: World) -> None:
    page = words(Browser(app).get("/cooperation/coverage/posts?kind=need&topic=TFA-3&place=FJ"))
    assert "Advance rulings: open needs" in page and "Fiji" in page and "Back to the grid" in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", "Necesidades de la categoría C 1 de 1 atendidas"),
        ("fr", "Besoins de catégorie C 1 sur 1 satisfaits"),
    ],
)
def test_the_page_in_other_languages(
    app: Flask, database: Database, kept_world: World, language: str, said: str
) -> None:
    with database.unit_of_work():
        need(kept_world, lines=(line(topic="TFA-3", category="C"),))
        offer(kept_world)
    assert said in words(Browser(app, language).get("/cooperation/coverage"))
