"""The pages: where an offer came from, what is to be settled, and the secretariat's uploads."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.core.access import SYSTEM
from portal.core.db import Database, session
from portal.core.guard import scoped
from portal.editorial import actions as editorial
from portal.editorial.models import Audience, Contribution
from portal.editorial.texts import About, Text
from portal.exchange.houses import acting
from portal.exchange.models import Import, Imported
from portal.jobs.models import Job, JobState
from portal.organisations.models import Membership, MembershipState
from tests import world as w
from tests.conftest import Statements
from tests.exchange.making import bring, conflicts, imported, publish
from tests.exchange.samples import activity, file_of
from tests.http import Browser, words
from tests.work import work_off
from tests.world import World

ONE = file_of(activity(place='<recipient-country code="FJ"/><recipient-region code="889"/>'))
CHANGED = ONE.replace(b"Faster release", b"Much faster release")


@pytest.fixture
def conflict(app: Flask, database: Database, world: World) -> str:
    """The id of a conflict about an offer that is published and was edited here."""
    bring(app, database, world, ONE)
    with database.unit_of_work():
        made = publish(world)
        last = w.latest(made)
        banker = acting(world.actor("banker"), made.organisation_id)
        text = Text(last.title, "Zanahoria, written here.", dict(last.parts))
        editorial.save(banker, made, "en", text, About.of(last), loaded=(last.id, last.version))
    bring(app, database, world, CHANGED)
    with database.unit_of_work(write=False):
        return conflicts()[0].id


def page(app: Flask, who: str, path: str, language: str = "en") -> str:
    browser = Browser(app, language)
    if who:
        browser.sign_in(f"{who}@test.example")
    return words(browser.get(path))


def status(app: Flask, who: str, path: str) -> int:
    browser = Browser(app)
    if who:
        browser.sign_in(f"{who}@test.example")
    return browser.get(path).status_code


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "Provenance"), ("es", "Procedencia"), ("fr", "Provenance")],
)
def test_a_post_says_where_it_came_from(
    app: Flask, database: Database, world: World, language: str, says: str
) -> None:
    bring(app, database, world, ONE)
    with database.unit_of_work():
        made = publish(world)
        digest = imported()[0].digest
        own = w.make_published(world)
    shown = page(app, "", f"/contributions/{made.id}", language)
    assert says in shown and "44000-P1" in shown and digest in shown and "889 Oceania" in shown
    assert says not in page(app, "", f"/contributions/{own.id}", language)


def test_a_post_says_that_its_source_has_it_no_longer(app: Flask, database: Database, world: World) -> None:
    bring(app, database, world, ONE)
    with database.unit_of_work():
        made = publish(world)
    assert "Removed at its source" not in page(app, "", f"/contributions/{made.id}")
    bring(app, database, world, file_of(activity("44000-P9")), is_complete=True)
    assert "Removed at its source" in page(app, "", f"/contributions/{made.id}")
    assert "No longer at their source" in page(app, "banker", "/exchange/conflicts")


def test_a_conflict_is_shown_to_the_house_and_to_moderators_alone(app: Flask, conflict: str) -> None:
    for who in ("banker", "moderator"):
        assert "Much faster release" in page(app, who, "/exchange/conflicts")
        shown = page(app, who, f"/exchange/conflicts/{conflict}")
        assert "Much faster" in shown
        assert ("Zanahoria" in shown) == (who == "banker")  # a draft of the house is the house's
        assert ("Keep our text" in shown) == (who == "banker")
    for who in ("partner", "fijian", "administrator", "spanish.moderator", "coordinator"):
        assert status(app, who, f"/exchange/conflicts/{conflict}") == 404
    assert "Much faster" not in page(app, "spanish.moderator", "/exchange/conflicts")
    assert status(app, "partner", "/exchange/conflicts") == 404
    assert status(app, "", "/exchange/conflicts") == 303


def test_facts_that_differ_are_shown_beside_each_other(
    app: Flask, database: Database, world: World, conflict: str
) -> None:
    bring(
        app,
        database,
        world,
        CHANGED.replace(b"</iati-activity>", b"<budget><value>70000</value></budget></iati-activity>"),
    )
    shown = page(app, "banker", f"/exchange/conflicts/{conflict}")
    assert "Facts that differ" in shown and "70,000" in shown
    assert "Spanish" not in shown.partition("Facts that differ")[0].partition("is struck through")[2]


def test_a_moderator_sees_no_conflict_about_what_they_may_not_read(
    app: Flask, database: Database, world: World, conflict: str
) -> None:
    with database.unit_of_work():
        made = imported()[1]
        editorial.narrow(acting(world.actor("banker"), made.organisation_id), made, Audience.OWN)
    assert status(app, "moderator", f"/exchange/conflicts/{conflict}") == 404
    assert status(app, "banker", f"/exchange/conflicts/{conflict}") == 200


def test_the_house_reaches_it_from_the_post_and_keeps_its_text(
    app: Flask, database: Database, conflict: str
) -> None:
    with database.unit_of_work(write=False):
        made = imported()[1].id
    browser = Browser(app).sign_in("banker@test.example")
    assert f"/exchange/conflicts/{conflict}" in browser.get(f"/contributions/{made}").get_data(as_text=True)
    assert conflict not in Browser(app).get(f"/contributions/{made}").get_data(as_text=True)
    browser.get(f"/exchange/conflicts/{conflict}")
    assert browser.press("keep_ours").status_code == 303
    assert "Nothing to settle" in words(browser.follow())
    assert browser.get(f"/exchange/conflicts/{conflict}").status_code == 404


def test_the_house_takes_theirs_and_is_led_to_the_draft(app: Flask, conflict: str) -> None:
    browser = Browser(app).sign_in("banker@test.example")
    browser.get(f"/exchange/conflicts/{conflict}")
    assert browser.press("take_theirs").status_code == 303
    assert "Much faster release" in words(browser.follow())


def test_nobody_else_settles(app: Flask, database: Database, conflict: str) -> None:
    for who, status_code in (("moderator", 403), ("partner", 404), ("fijian", 404), ("administrator", 404)):
        browser = Browser(app).sign_in(f"{who}@test.example")
        browser.get("/")
        token = browser.filled("sign_out").get("csrf_token", [""])[0]
        for how in ("keep_ours", "take_theirs"):
            answer = browser.post(f"/exchange/conflicts/{conflict}/{how}", {"csrf_token": token})
            assert answer.status_code == status_code
    with database.unit_of_work(write=False):
        assert len(conflicts()) == 1


def test_the_pages_cost_at_most_twelve_statements(
    app: Flask, database: Database, statements: Statements, conflict: str
) -> None:
    with database.unit_of_work(write=False):
        made = imported()[1].id
    for who, paths in (
        ("banker", (f"/contributions/{made}", "/exchange/conflicts", f"/exchange/conflicts/{conflict}")),
        ("moderator", ("/exchange/conflicts", f"/exchange/conflicts/{conflict}")),
        ("administrator", ("/exchange/imports",)),
    ):
        browser = Browser(app).sign_in(f"{who}@test.example")
        for path in paths:
            app.extensions["portal_pages"].clear()
            statements.clear()
            assert browser.get(path).status_code == 200
            assert len(statements) <= 12, (path, statements.all)


def upload(
    browser: Browser, world: World, data: bytes, name: str = "p.xml", house: str = "worldbank", **more: str
) -> str:
    browser.get("/exchange/imports")
    token = browser.filled("check")["csrf_token"][0]
    form = {
        "csrf_token": token,
        "organisation": world.organisations.get(house, house),
        "file": (io.BytesIO(data), name),
        **more,
    }
    return words(browser.post("/exchange/imports", form, content_type="multipart/form-data"))


def test_an_administrator_sees_what_would_happen_confirms_and_the_worker_imports(
    app: Flask, database: Database, world: World
) -> None:
    browser = Browser(app).sign_in("administrator@test.example")
    assert "Nothing was imported yet" in words(browser.get("/exchange/imports"))
    shown = upload(browser, world, file_of(activity(), activity("44000-P8", sector='<sector code="15112"/>')))
    assert "in the name of Banker" in shown and "None of its sectors" in shown
    with database.unit_of_work(write=False):
        assert session().scalar(scoped(SYSTEM, select(func.count()).select_from(Contribution))) == 0
    assert browser.press("confirm").status_code == 303
    work_off(app)
    assert "New: 1" in words(browser.get("/exchange/imports"))
    with database.unit_of_work(write=False):
        assert imported()[1].author_id == world.people["banker"]
        assert session().scalars(select(Import)).one().started_by_id == world.people["administrator"]


def test_confirming_twice_imports_once(app: Flask, database: Database, world: World) -> None:
    browser = Browser(app).sign_in("administrator@test.example")
    upload(browser, world, file_of(activity()))
    page_before = browser.page
    browser.press("confirm")
    browser.page = page_before
    browser.press("confirm")
    work_off(app)
    with database.unit_of_work(write=False):
        assert session().scalar(scoped(SYSTEM, select(func.count()).select_from(Imported))) == 1


@pytest.mark.parametrize(
    ("data", "house", "says"),
    [
        (b"<feed/>", "worldbank", "no file of IATI"),
        (file_of(activity()), "secretariat", "Nobody writes"),
        (b"", "x", "Nobody writes"),
    ],
)
def test_what_cannot_be_imported_is_said_at_its_field(
    app: Flask, world: World, data: bytes, house: str, says: str
) -> None:
    browser = Browser(app).sign_in("administrator@test.example")
    assert says in upload(browser, world, data, house=house)
    assert browser.page is not None and browser.page.status_code == 422


def test_a_form_without_a_file_and_an_order_of_somebody_else_are_refused(app: Flask, world: World) -> None:
    browser = Browser(app).sign_in("administrator@test.example")
    browser.get("/exchange/imports")
    assert browser.press("check", organisation=world.organisations["worldbank"]).status_code == 422
    upload(browser, world, file_of(activity()))
    assert browser.press("confirm", signed="forged").status_code == 422


def test_imports_are_for_administrators_alone(app: Flask, world: World) -> None:
    for who in ("banker", "moderator", "partner", ""):
        assert status(app, who, "/exchange/imports") == 404
    browser = Browser(app).sign_in("banker@test.example")
    token = browser.get("/") and browser.filled("sign_out")["csrf_token"][0]
    assert browser.post("/exchange/imports/confirm", {"csrf_token": token, "signed": "x"}).status_code == 404


def test_a_house_that_lost_its_writers_meanwhile_leaves_a_failed_job(
    app: Flask, database: Database, world: World
) -> None:
    browser = Browser(app).sign_in("administrator@test.example")
    upload(browser, world, file_of(activity()))
    browser.press("confirm")
    with database.unit_of_work():
        for member in session().scalars(
            select(Membership).where(Membership.organisation_id == world.organisations["worldbank"])
        ):
            member.state = MembershipState.ENDED
    work_off(app)
    with database.unit_of_work(write=False):
        assert (
            session().scalars(select(Job.state).where(Job.kind == "exchange.import")).one() == JobState.FAILED
        )
        assert session().scalar(scoped(SYSTEM, select(func.count()).select_from(Imported))) == 0
