"""A discussion at a browser without a screen: written, answered, reported, moderated; nothing typed is lost."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask

from portal.app import create_app
from portal.config import Settings
from portal.core.db import Database
from portal.discussion import actions
from portal.editorial.models import Audience, Contribution
from tests import world as w
from tests.conftest import Statements
from tests.http import Browser, words
from tests.work import work_off
from tests.world import World


@pytest.fixture
def made(kept_world: World, database: Database) -> Contribution:
    with database.unit_of_work():
        return w.make_published(kept_world)


def at(made: Contribution) -> str:
    return f"/contributions/{made.id}/comments"


def test_a_question_is_asked_answered_and_marked(app: Flask, kept_world: World, made: Contribution) -> None:
    fijian, author = (Browser(app).sign_in(f"{name}@test.example") for name in ("fijian", "author"))
    fijian.get(at(made))
    assert fijian.press("post", text="Which *ports*?", is_question="1").status_code == 303
    fijian.follow()
    assert "<em>ports</em>" in fijian.page.get_data(as_text=True)
    page = author.get(f"/contributions/{made.id}").get_data(as_text=True)
    assert "<em>ports</em>" in page
    link = page.split("reply_to=")[1].split("#")[0]
    author.get(f"{at(made)}?reply_to={link}")
    assert author.press("post", text="All of them.").status_code == 303
    author.follow()
    assert author.press("mark_answered").status_code == 303
    assert "Question, answered" in words(author.follow())
    assert "The answer" in words(Browser(app).get(f"/contributions/{made.id}"))
    assert author.press("mark_answered").status_code == 303
    assert "Question, answered" not in words(author.follow())
    work_off(app)
    assert "Question about your post" in words(author.get("/inbox"))


def test_what_is_refused_comes_back_as_it_was_typed(
    app: Flask, kept_world: World, made: Contribution
) -> None:
    fijian = Browser(app).sign_in("fijian@test.example")
    fijian.get(at(made))
    answer = fijian.press("post", text="x" * 5001)
    assert answer.status_code == 422
    assert "x" * 5001 in answer.get_data(as_text=True)
    assert "too long" in words(answer)


def test_a_visitor_reads_without_names_and_keeps_what_they_typed_through_sign_in(
    app: Flask, kept_world: World, database: Database, made: Contribution
) -> None:
    with database.unit_of_work():
        actions.post(kept_world.actor("fijian"), made, "A word.", "en")
    visitor = Browser(app)
    page = words(visitor.get(at(made)))
    assert "A word." in page
    assert "Fijian" not in page
    app.config["WTF_CSRF_ENABLED"] = False
    kept = visitor.post(at(made), {"text": "My words", "language": "en"})
    assert kept.status_code == 401
    resumed = visitor.press_sign_in("partner@test.example", w.PASSWORD)
    assert "My words" in resumed.get_data(as_text=True)


def test_a_comment_is_reworded_read_as_it_was_and_removed(
    app: Flask, kept_world: World, database: Database, made: Contribution
) -> None:
    with database.unit_of_work():
        written = actions.post(kept_world.actor("fijian"), made, "A word.", "en")
    one = f"{at(made)}/{written.id}"
    fijian = Browser(app).sign_in("fijian@test.example")
    stale = Browser(app).sign_in("fijian@test.example")
    stale.get(f"{one}/edit")
    fijian.get(f"{one}/edit")
    assert fijian.press("reword", text="").status_code == 422
    assert fijian.press("reword", text="Another word.").status_code == 303
    assert "edited" in words(fijian.follow())
    assert "A word." in words(Browser(app).get(f"{one}/versions"))
    answer = stale.press("reword", text="A third.")
    assert answer.status_code == 409
    assert "A third." in answer.get_data(as_text=True)
    assert stale.press("reword").status_code == 303
    other = Browser(app).sign_in("partner@test.example")
    assert other.get(f"{one}/edit").status_code == 403
    assert Browser(app).get(f"{one}/edit").status_code == 303
    fijian.get(at(made))
    assert fijian.press("remove").status_code == 303
    assert "Removed by its author" in words(fijian.follow())
    assert Browser(app).get(f"{one}/versions").status_code == 404


@pytest.mark.parametrize("step", ["hide_comment", "keep_comment"])
def test_a_report_goes_through_the_moderators_queue(
    app: Flask, kept_world: World, database: Database, made: Contribution, step: str
) -> None:
    with database.unit_of_work():
        written = actions.post(kept_world.actor("author"), made, "A rude word.", "en")
    reporter = Browser(app).sign_in("partner@test.example")
    reporter.get(f"{at(made)}/{written.id}/report")
    assert reporter.press("report", reason="").status_code == 422
    assert reporter.press("report", reason="It is rude.").status_code == 303
    assert Browser(app).get(f"{at(made)}/{written.id}/report").status_code == 303
    moderator = Browser(app).sign_in("moderator@test.example")
    shown = words(moderator.get("/moderation?tab=comments"))
    assert "It is rude." in shown
    assert "A rude word." in shown
    assert moderator.press(step, comment="").status_code == 422
    assert moderator.press(step, comment="House rules.").status_code == 303
    assert "No comment is reported" in words(moderator.follow())
    there = "A rude word." in words(Browser(app).get(f"/contributions/{made.id}"))
    assert there == (step == "keep_comment")
    author = Browser(app).sign_in("author@test.example")
    assert "House rules." in words(author.get("/inbox"))
    assert author.get(f"{at(made)}/{written.id}/report").status_code == 403


def test_a_decision_without_a_button_is_refused(
    app: Flask, kept_world: World, database: Database, made: Contribution
) -> None:
    with database.unit_of_work():
        written = actions.post(kept_world.actor("author"), made, "A word.", "en")
        actions.report(kept_world.actor("partner"), made, written, "Rude.")
    app.config["WTF_CSRF_ENABLED"] = False
    moderator = Browser(app).sign_in("moderator@test.example")
    assert moderator.post(f"/moderation/comments/{written.id}", {"comment": "x"}).status_code == 409


def test_outside_the_audience_a_discussion_has_no_page(
    app: Flask, kept_world: World, database: Database, made: Contribution
) -> None:
    with database.unit_of_work():
        hidden = w.make_published(kept_world, "Hidden", audience=Audience.CUSTOMS)
        written = actions.post(kept_world.actor("fijian"), hidden, "Canary", "en")
    partner = Browser(app).sign_in("partner@test.example")
    nothing = words(partner.get(f"/contributions/{'0' * 16}/comments")).replace("0" * 16, "")
    for path in (at(hidden), f"{at(hidden)}/{written.id}/versions", f"{at(made)}/{written.id}/edit"):
        answer = partner.get(path)
        assert answer.status_code == 404
        assert words(answer).replace(hidden.id, "") == nothing


def test_many_comments_cost_no_more_statements(
    app: Flask, kept_world: World, database: Database, made: Contribution, statements: Statements
) -> None:
    fijian = Browser(app).sign_in("fijian@test.example")
    with database.unit_of_work():
        for number in range(30):
            root = actions.post(kept_world.actor("fijian"), made, f"Thread {number}", "en", is_question=True)
            actions.post(kept_world.actor("partner"), made, "Reply", "en", reply_to=root)
    for path in (at(made), f"/contributions/{made.id}"):
        fijian.get(path)
        app.extensions["portal_pages"].clear()
        statements.clear()
        assert "Thread 19" in words(fijian.get(path))
        assert len(statements) <= 12, path
    assert "Thread 20" not in words(fijian.page)


def test_who_writes_too_often_has_to_wait(
    settings: Settings, database: Database, kept_world: World, made: Contribution
) -> None:
    app = create_app(dataclasses.replace(settings, rate_limits=True), database)
    app.config["WTF_CSRF_ENABLED"] = False
    fijian = Browser(app).sign_in("fijian@test.example")
    answers = [fijian.post(at(made), {"text": "Again", "language": "en"}).status_code for _n in range(21)]
    assert answers == [303] * 20 + [429]
