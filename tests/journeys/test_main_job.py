"""The main job, end to end over HTTP: post, clear, review in two rounds, find, read, stay hidden."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import update

from portal.core.db import Database, session
from portal.organisations.models import Organisation
from tests import world as w
from tests.http import Browser, forms_of, words
from tests.work import work_off
from tests.world import World, build_world

TITLE = "One submission now reaches 38 agencies"
BODY = "## What changed\n\nLicences took **eleven filings**. Now they take one.\n\nIt took four years."


@pytest.fixture
def world(app: Flask, database: Database) -> World:
    with database.unit_of_work():
        built = build_world()
        session().execute(
            update(Organisation)
            .where(Organisation.id == built.organisations["thailand"])
            .values(needs_clearance=True)
        )
    work_off(app)
    return built


def browser(app: Flask, name: str, language: str = "en") -> Browser:
    return Browser(app, language).sign_in(f"{name.replace(' ', '.')}@test.example")


def test_thailand_posts_for_members_and_the_world_bank_finds_it_in_spanish(app: Flask, world: World) -> None:
    author = browser(app, "author")
    author.get("/contributions/new?kind=reform_update")
    author.press(
        "submit", title=TITLE, summary="A single data set.", body=BODY, topics=["TFA-10.4"], countries=["TH"],
        audience="members", language="en",
    )  # fmt: skip
    page = author.follow()
    address = page.request.path
    assert "Awaiting clearance" in words(page)

    approver = browser(app, "approver")
    approver.get(address)
    approver.press("clear")
    assert "Submitted" in words(approver.follow())

    work_off(app)
    moderator = browser(app, "moderator")
    queue = moderator.get("/moderation")
    assert TITLE in words(queue)
    moderator.press("claim")
    review = moderator.follow()
    case = review.request.path
    refused = moderator.press("request_changes")
    assert refused.status_code == 422
    moderator.press("request_changes", comment="Give the month of each figure.")
    assert TITLE not in words(moderator.follow())

    author.get(address)
    assert "Give the month of each figure." in words(author.page)  # type: ignore[arg-type]
    author.get(f"/contributions/{_id(address)}/edit")
    author.press("submit", body=BODY.replace("four years", "four years, until October 2026"))
    author.follow()
    approver.get(address)
    approver.press("clear")

    moderator.get("/moderation")
    moderator.press("claim")
    second = moderator.follow()
    assert second.request.path != case
    assert "round 2" in words(second)
    assert "Added: , until October 2026" in words(second)
    moderator.press("approve")
    assert moderator.follow().status_code == 200

    work_off(app)
    analyst = browser(app, "partner", "es")
    hits = analyst.get("/search?q=agencies")
    assert TITLE in words(hits)
    shown = analyst.get(f"/contributions/{_id(address)}")
    assert shown.status_code == 200
    assert 'lang="en"' in shown.get_data(as_text=True)

    visitor = Browser(app)
    assert TITLE not in words(visitor.get("/search?q=agencies"))
    hidden = visitor.get(f"/contributions/{_id(address)}")
    never = visitor.get(f"/contributions/{'0' * 16}")
    assert hidden.status_code == never.status_code == 404
    assert _without(hidden, _id(address)) == _without(never, "0" * 16)


def test_a_vanished_session_keeps_what_was_typed(app: Flask, world: World) -> None:
    author = browser(app, "author")
    author.get("/contributions/new?kind=reform_update")
    author.client.delete_cookie("portal")
    answer = author.press("save", title=TITLE, summary="Kept.", body=BODY, audience="members", language="en")
    assert answer.status_code == 401
    resumed = author.press_sign_in("author@test.example", w.PASSWORD)
    assert resumed.status_code == 200
    assert "What you typed is kept" in words(resumed)
    form = next(f for f in forms_of(resumed) if ("title", TITLE) in f["fields"])
    kept = dict(form["fields"])
    assert kept["body"].replace("\r\n", "\n") == BODY
    saved = author.client.post(form["action"], data={**kept})
    assert saved.status_code == 303
    assert TITLE in words(author.get(saved.headers["Location"]))


def test_two_editors_of_one_text_lose_nothing(app: Flask, world: World, database: Database) -> None:
    with database.unit_of_work():
        made = w.make_draft(world)
        identifier = made.id
    first, second = browser(app, "author"), browser(app, "colleague")
    first.get(f"/contributions/{identifier}/edit")
    second.get(f"/contributions/{identifier}/edit")
    assert first.press("save", title="First title").status_code == 303
    conflict = second.press("save", title="Second title", body="My long text.")
    assert conflict.status_code == 409
    assert "First title" in conflict.get_data(as_text=True)
    assert "Second title" in conflict.get_data(as_text=True)
    assert "My long text." in conflict.get_data(as_text=True)
    assert second.press("save").status_code == 303
    assert "Second title" in words(second.follow())


def test_a_form_posted_twice_makes_one_contribution(app: Flask, world: World) -> None:
    author = browser(app, "author")
    page = author.get("/contributions/new?kind=reform_update")
    typed = {"title": TITLE, "summary": "Once.", "body": BODY, "audience": "public", "language": "en"}
    first = author.press("save", **typed)
    author.page = page
    again = author.press("save", **typed)
    assert first.headers["Location"] == again.headers["Location"]


def test_a_refused_form_keeps_every_field(app: Flask, world: World) -> None:
    author = browser(app, "author")
    author.get("/contributions/new?kind=lesson_learned")
    refused = author.press(
        "submit",
        title="",
        summary="S.",
        context="The context.",
        audience="customs",
        topics=["TFA-3"],
        language="es",
    )
    assert refused.status_code == 422
    html = refused.get_data(as_text=True)
    assert "The context." in html
    fields = next(f["fields"] for f in forms_of(refused) if any(n == "context" for n, _v in f["fields"]))
    assert ("audience", "customs") in fields
    assert ("topics", "TFA-3") in fields
    assert ("language", "es") in fields
    assert "Write a title." in words(refused)


def _id(address: str) -> str:
    return address.rsplit("/", 1)[1][:16]


def _without(page, identifier: str) -> str:  # type: ignore[no-untyped-def]
    text = page.get_data(as_text=True).replace(identifier, "")
    return re.sub(r'name="csrf_token" value="[^"]*"', "", re.sub(rf"{identifier}[^\"'<& ]*", "", text))
