"""Lesson cards at a browser without a screen."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal.core.clock import now
from portal.core.db import Database
from portal.editorial.models import Audience, Contribution, Kind
from portal.lessons import actions
from tests import world as w
from tests.conftest import Statements
from tests.http import Browser, words
from tests.work import work_off
from tests.world import World


@pytest.fixture
def made(kept_world: World, database: Database) -> Contribution:
    with database.unit_of_work():
        return w.make_published(kept_world, "Lesson", kind=Kind.LESSON_LEARNED)


def test_a_use_is_recorded_credited_on_the_map_changed_and_withdrawn(
    app: Flask, kept_world: World, made: Contribution
) -> None:
    fijian = Browser(app).sign_in("fijian@test.example")
    assert "We used this" in words(fijian.get(f"/contributions/{made.id}"))
    fijian.get(f"/contributions/{made.id}/uses")
    assert fijian.press("record_use", note="", used_on="2026-01-02").status_code == 422
    assert fijian.press("record_use", note="It *worked*.", used_on="2026-01-02").status_code == 303
    assert "<em>worked</em>" in fijian.follow().get_data(as_text=True)
    assert fijian.press("record_use", note="It works still.").status_code == 303
    page = Browser(app).get(f"/contributions/{made.id}")
    assert "Fiji Customs" in words(page)
    assert 'class="m4t" x="12" y="15.5">FJI<' in page.get_data(as_text=True)
    work_off(app)
    assert "Fiji Customs has recorded" in words(Browser(app).sign_in("author@test.example").get("/inbox"))
    fijian.follow()
    assert fijian.press("withdraw_use").status_code == 303
    assert "Fiji Customs" not in words(Browser(app).get(f"/contributions/{made.id}"))


def test_the_house_says_that_it_holds_after_readers_were_told_that_it_is_unconfirmed(
    app: Flask, kept_world: World, database: Database, made: Contribution
) -> None:
    for days in (366, 397):
        with time_machine.travel(now() + timedelta(days=days)), database.unit_of_work():
            actions.ask_whether_they_hold()
    assert "Unconfirmed since" in words(Browser(app).get(f"/contributions/{made.id}"))
    assert Browser(app).get(f"/contributions/{made.id}/holds").status_code == 303
    assert (
        Browser(app).sign_in("fijian@test.example").get(f"/contributions/{made.id}/holds").status_code == 403
    )
    with time_machine.travel(now() + timedelta(days=398)):
        author = Browser(app).sign_in("author@test.example")
        assert "Does it still hold?" in words(author.get("/inbox"))
        assert "Unconfirmed since" in words(author.get(f"/contributions/{made.id}/holds"))
        assert author.press("confirm_holds", note="x" * 2001).status_code == 422
        assert author.press("confirm_holds", note="All of it.").status_code == 303
    page = words(Browser(app).get(f"/contributions/{made.id}"))
    assert "Unconfirmed since" not in page
    assert "All of it." in page


def test_outside_the_audience_a_card_has_no_page(app: Flask, kept_world: World, database: Database) -> None:
    with database.unit_of_work():
        hidden = w.make_published(kept_world, "Hidden", kind=Kind.LESSON_LEARNED, audience=Audience.CUSTOMS)
        actions.record_use(kept_world.actor("fijian"), hidden, "Canary", "en", "2026-01-02")
    partner = Browser(app).sign_in("partner@test.example")
    for page in ("uses", "holds"):
        absent, there = (partner.get(f"/contributions/{i}/{page}") for i in ("0" * 16, hidden.id))
        assert there.status_code == absent.status_code == 404
        assert words(there).replace(hidden.id, "") == words(absent).replace("0" * 16, "")


@pytest.mark.parametrize("who", ["author", "moderator", "fijian"])
def test_a_lesson_costs_few_statements(
    app: Flask, kept_world: World, database: Database, made: Contribution, statements: Statements, who: str
) -> None:
    with database.unit_of_work():
        for name in ("fijian", "peruvian", "partner"):
            actions.record_use(kept_world.actor(name), made, "It worked.", "en", "2026-01-02")
        actions.confirm_holds(kept_world.actor("author"), made, "", "en")
    browser = Browser(app).sign_in(f"{who}@test.example")
    for path in (f"/contributions/{made.id}", f"/contributions/{made.id}/uses"):
        browser.get(path)
        app.extensions["portal_pages"].clear()
        statements.clear()
        assert browser.get(path).status_code == 200
        assert len(statements) <= 12, "\n".join(statements.all)
