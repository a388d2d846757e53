"""What looks like a number and is none that a column takes is answered, and never a fault of ours."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.core.db import Database
from portal.core.text import whole_number
from portal.discussion import actions as discussion
from tests import world as w
from tests.http import Browser
from tests.world import build_world

ODD = ("²", "9" * 40, "9" * 5000, "-1", "1e3", "")


@pytest.mark.parametrize(
    ("typed", "number"),
    [("0", 0), ("12", 12), ("٣", 3), ("9" * 9, 999_999_999), ("9" * 10, None), *((o, None) for o in ODD)],
)
def test_plain_digits_are_a_number_and_nothing_else_is(typed: str, number: int | None) -> None:
    assert whole_number(typed) == number
    assert whole_number(None) is None


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_number_in_an_address_or_a_form_is_no_fault_of_ours(
    app: Flask, database: Database, odd: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with database.unit_of_work():
        world = build_world()
        made = w.make_published(world, topics=("TFA-3",))
        written = discussion.post(world.actor("author"), made, "A word.", "en")
        waiting = w.make_draft(world, words="Waiting")
        w.submit(world, waiting)
        case, post, comment, draft = w.open_case(waiting).id, made.id, written.id, w.make_draft(world).id
    author, moderator = (Browser(app).sign_in(f"{n}@test.example") for n in ("author", "moderator"))
    here = f"/contributions/{post}"
    answers = [
        Browser(app).get("/print", query_string={"topic": "TFA-3", "page": odd}),
        Browser(app).get("/search", query_string={"year": odd}),
        author.get(f"{here}/history", query_string={"before": odd}),
        author.post(f"{here}/comments/{comment}/edit", {"text": "B.", "language": "en", "version": odd}),
        author.post(
            f"/contributions/{draft}/edit", {"title": "x", "loaded": draft, "version": odd, "save": "1"}
        ),
        author.post(f"{here}/translate/es", {"title": "x", "loaded": draft, "version": odd, "save": "1"}),
        moderator.post(f"/moderation/{case}/claim", {"version": odd}),
        moderator.post(f"/moderation/{case}/note", {"part": "body", "paragraph": odd, "note": "x"}),
    ]
    if odd.isascii():  # a header takes no other
        for size in ("Upload-Length", "Upload-Offset"):
            answers.append(
                author.post(f"/contributions/{draft}/uploads", {"name": "a"}, headers={size: odd[:60]})
            )
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
