"""The board: what waits for whom, filters in the address, offers side by side, and nothing of what is hidden."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from portal.board.asking import Wanted, wanted
from portal.board.queries import morning, page_of
from portal.cooperation.models import Progress
from portal.cooperation.progress import Stage
from portal.core.access import ANONYMOUS
from portal.core.clock import now
from portal.core.db import Database, session
from portal.editorial.models import Audience, Contribution, Kind
from portal.editorial.terms import Category, Help, Terms
from tests.http import Browser, words
from tests.posting import line, make_posted
from tests.world import World


def soon(days: int) -> date:
    return now().date() + timedelta(days=days)


def titles(page: Any) -> list[str]:
    return [posted.item.editions[0][1] for posted in page.items]


@pytest.fixture
def posted(database: Database, kept_world: World) -> dict[str, str]:
    """Three needs and two offers, by name."""
    with database.unit_of_work():
        made = {
            "fiji": make_posted(
                kept_world, words="Fiji asks", topics=("TFA-3",), countries=("FJ",),
                terms=Terms(lines=(line(category=Category.C, topic="TFA-3"),), reply_by=soon(10)),
            ),
            "peru": make_posted(
                kept_world, words="Peru asks", author="peruvian", topics=("TFA-10.4",), countries=("PE",),
                terms=Terms(lines=(line(help=Help.TRAINING),), ends_on=soon(60)),
            ),
            "hidden": make_posted(
                kept_world, words="Zirconium", topics=("TFA-3",), countries=("FJ",),
                audience=Audience.ORGANISATIONS,
                organisations=(kept_world.organisations["thailand"],),
                terms=Terms(lines=(line(),), reply_by=soon(5)),
            ),
            "bank": make_posted(
                kept_world, Kind.OFFER, "Bank offers", "partner", topics=("TFA-3",), countries=(),
                terms=Terms(lines=(line(),)),
            ),
            "pacific": make_posted(
                kept_world, Kind.OFFER, "Pacific offer", "named", topics=("TFA-3",), countries=(),
                terms=Terms(lines=(line(help=Help.FUNDING),), regions=("AP",), most=9000, currency="USD"),
            ),
        }  # fmt: skip
        return {name: one.id for name, one in made.items()}


def found(database: Database, world: World, who: str | None = None, **filters: str) -> set[str]:
    with database.unit_of_work(write=False):
        actor = world.actor(who) if who else ANONYMOUS
        page = page_of(actor, wanted(filters))
        return {title.split(",")[0] for title in titles(page)}


def test_filters_narrow_the_list_each_in_its_way(
    database: Database, kept_world: World, posted: dict[str, str]
) -> None:
    def narrowed(**filters: str) -> set[str]:
        return found(database, kept_world, "partner", **filters)

    assert narrowed() == {"Fiji asks", "Peru asks", "Bank offers", "Pacific offer"}
    assert narrowed(kind="need") == {"Fiji asks", "Peru asks"}
    assert narrowed(topic="TFA-3") == {"Fiji asks", "Bank offers", "Pacific offer"}
    assert narrowed(topic="TFA", kind="need") == {"Fiji asks", "Peru asks"}
    assert narrowed(country="FJ") == {"Fiji asks", "Bank offers", "Pacific offer"}
    assert narrowed(region="AMS") == {"Peru asks", "Bank offers"}
    assert narrowed(help="funding") == {"Pacific offer"}
    assert narrowed(category="C") == {"Fiji asks"}
    assert narrowed(category="C", help="training") == set()
    assert narrowed(closing="30") == {"Fiji asks"}
    assert narrowed(closing="90") == {"Fiji asks", "Peru asks"}
    assert narrowed(closing="none") == {"Bank offers", "Pacific offer"}
    assert narrowed(kind="lesson_learned", topic="NONE", closing="7") == narrowed()


def test_what_is_closed_is_found_only_when_asked_for(
    database: Database, kept_world: World, posted: dict[str, str]
) -> None:
    with database.unit_of_work():
        session().add(Progress(contribution_id=posted["peru"], stage=Stage.CLOSED, changed_at=now()))
        session().add(Progress(contribution_id=posted["fiji"], stage=Stage.IN_TALKS, changed_at=now()))
    assert "Peru asks" not in found(database, kept_world)
    assert found(database, kept_world, standing="closed") == {"Peru asks"}
    assert found(database, kept_world, standing="answered") == {"Fiji asks"}
    assert found(database, kept_world, standing="unanswered") == {"Bank offers", "Pacific offer"}


@pytest.mark.parametrize("who", [None, "partner", "named", "administrator", "moderator"])
def test_what_one_may_not_see_is_neither_listed_nor_counted(
    app: Flask, database: Database, kept_world: World, posted: dict[str, str], who: str | None
) -> None:
    assert "Zirconium" not in found(database, kept_world, who)
    browser = Browser(app)
    if who is not None:
        browser.sign_in(f"{who.replace(' ', '.')}@test.example")
    for path in (
        "/cooperation", "/cooperation?all=1", "/cooperation?closing=30", "/cooperation/list.csv",
        f"/cooperation/compare?offer={posted['hidden']}",
    ):  # fmt: skip
        assert "Zirconium" not in browser.get(path).get_data(as_text=True), path


def test_pages_follow_each_other_without_gap_or_repetition(database: Database, kept_world: World) -> None:
    with database.unit_of_work():
        for number in range(5):
            make_posted(kept_world, words=f"Need {number}", terms=Terms(lines=(line(),), reply_by=soon(9)))
    with database.unit_of_work(write=False):
        for asked in (Wanted(), wanted({"closing": "30"})):
            seen: list[str] = []
            cursor = ""
            while True:
                page = page_of(ANONYMOUS, asked, cursor, per_page=2)
                seen += titles(page)
                cursor = page.next
                if not cursor:
                    break
            assert len(seen) == len(set(seen)) == 5


def test_in_the_morning_a_partner_sees_what_is_new_and_due_in_its_topics(
    database: Database, kept_world: World, posted: dict[str, str]
) -> None:
    with database.unit_of_work():
        later = make_posted(kept_world, words="No hurry", topics=("TFA-3",), countries=("FJ",)).id
        make_posted(kept_world, words="Another topic", topics=("TFA-10.4",), countries=("FJ",))
    with database.unit_of_work(write=False):
        waiting = morning(kept_world.actor("partner"))
    assert [one.id for one in waiting.own] == [posted["bank"]]
    assert [one.id for one in waiting.new] == [later]
    assert [one.id for one in waiting.due] == [posted["fiji"]]


def test_old_needs_are_no_news_but_due_all_the_same(
    database: Database, kept_world: World, posted: dict[str, str]
) -> None:
    with database.unit_of_work():
        long_ago = now() - timedelta(days=200)
        statement = (
            update(Contribution).where(Contribution.id == posted["fiji"]).values(published_at=long_ago)
        )
        session().execute(statement, execution_options={"scope": "test"})
    with database.unit_of_work(write=False):
        waiting = morning(kept_world.actor("partner"))
    assert not waiting.new and [one.id for one in waiting.due] == [posted["fiji"]]


def test_an_administration_sees_the_offers_for_its_need(
    app: Flask, database: Database, kept_world: World, posted: dict[str, str]
) -> None:
    page = words(Browser(app).sign_in("fijian@test.example").get("/cooperation"))
    assert "For FJI" in page and "Bank offers" in page and "Pacific offer" in page
    assert "2 matches" in page


def test_the_list_is_for_visitors_and_says_what_to_do_when_it_is_empty(
    app: Flask, kept_world: World, posted: dict[str, str]
) -> None:
    visitor = Browser(app)
    page = words(visitor.get("/cooperation"))
    assert "Fiji asks" in page and "State a need" not in page
    assert "Nothing fits these filters" in words(visitor.get("/cooperation?category=A"))
    chosen = visitor.get("/cooperation?kind=offer&region=AP").get_data(as_text=True)
    assert '<option value="AP" selected>' in chosen


def test_offers_stand_side_by_side(app: Flask, kept_world: World, posted: dict[str, str]) -> None:
    browser = Browser(app)
    page = words(browser.get(f"/cooperation/compare?offer={posted['bank']}&offer={posted['pacific']}"))
    assert "Bank offers" in page and "Pacific offer" in page
    assert "Funding" in page and "up to 9,000 USD" in page and "Asia and the Pacific" in page
    assert browser.get("/cooperation/compare").status_code == 303
    unknown = words(browser.get(f"/cooperation/compare?offer=nothing&offer={posted['fiji']}"))
    assert "There is nothing to compare" in unknown and "Fiji asks" not in unknown


def test_a_fifth_offer_is_named_as_left_out(app: Flask, database: Database, kept_world: World) -> None:
    with database.unit_of_work():
        made = [make_posted(kept_world, Kind.OFFER, f"Offer {n}", "partner").id for n in range(5)]
    page = words(Browser(app).get("/cooperation/compare?" + "&".join(f"offer={one}" for one in made)))
    assert "1 is left out" in page and "Offer 3" in page and "Offer 4" not in page


def test_the_list_is_taken_away_as_csv_without_formulas(
    app: Flask, database: Database, kept_world: World, posted: dict[str, str]
) -> None:
    with database.unit_of_work():
        make_posted(kept_world, words="=HYPERLINK(1)", topics=("TFA-3",), countries=("FJ",))
    answer = Browser(app).get("/cooperation/list.csv?kind=need&topic=TFA-3")
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert {row[1].split(",")[0] for row in rows[1:]} == {"Fiji asks", "'=HYPERLINK(1)"}
    fiji = next(row for row in rows if row[1].startswith("Fiji"))
    assert fiji[5] == "Fiji" and fiji[8] == soon(10).isoformat() and fiji[9] == "Open to answers"
