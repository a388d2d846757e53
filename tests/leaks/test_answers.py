"""Non-interference of answers: what one organisation answers changes no byte of any page of another one.

The stage of a need is told to all who may read it; here it stands at "in talks" already, so that
nothing but the answer, its thread and what people are told of it is new.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from portal.cooperation.models import Answer
from portal.core.db import Database
from portal.editorial.models import Audience
from tests.cooperation import asking
from tests.http import Browser
from tests.leaks.test_world_diff import CANARY, NOW, crawl, first_difference, opened
from tests.work import work_off
from tests.world import World, build_world

OTHERS = {
    "visitor",
    "peruvian",
    "peru.coordinator",
    "partner",
    "bank",
    "author",
    "moderator",
    "administrator",
}
PAGES = (
    "/", "/contributions/{need}", "/contributions/{need}/answers", "/contributions/{need}/answers/print",
    "/contributions/{need}/answers.csv", "/contributions/{need}/history", "/contributions/{need}/circulate",
    "/contributions/{need}/matches", "/contributions?kind=need", "/cooperation", "/cooperation/unanswered",
    "/cooperation/threads", "/cooperation/coverage", "/search?q=analysts", f"/search?q={CANARY}", "/inbox", "/workspace",
    "/organisations/{fiji}", "/organisations/{jica}", "/organisations/{jica}/commitments",
    "/organisations/{fiji}/commitments", "/feeds/latest.atom",
)  # fmt: skip


@pytest.fixture
def world(app: Flask, database: Database) -> Iterator[World]:
    with time_machine.travel(NOW, tick=False):
        with database.unit_of_work():
            built = build_world()
            asking.add_coordinators(built)
            for name in ("peru", "fiji"):
                built.people[f"{name}.coordinator"] = built.people[f"{name} coordinator"]
        yield built


def test_an_answer_changes_nothing_for_all_but_the_two_that_it_is_between(
    app: Flask, database: Database, world: World
) -> None:
    with time_machine.travel(NOW, tick=False):
        with database.unit_of_work():
            need = asking.post(world, audience=Audience.PUBLIC)
            asking.answer(world, "bank", need, Answer.CAN_SUPPORT, note="Two of ours.")
        work_off(app)
        ids = {"need": need.id, "fiji": world.organisations["fiji"], "jica": world.organisations["jica"]}
        browsers = opened(app, OTHERS)
        before = crawl(browsers, ids, PAGES)
        with database.unit_of_work():
            asking.answer(world, "japan", need, Answer.NOT_NOW, Answer.CAN_SUPPORT, note=f"A {CANARY}.")
        work_off(app)
        after = crawl(browsers, ids, PAGES)
        different = [key for key in before if before[key] != after[key]]
        assert different == [], first_difference(before, after, different)
        for who in ("fijian", "named"):
            page = Browser(app).sign_in(f"{who}@test.example").get(f"/contributions/{need.id}/answers")
            assert CANARY.encode() in page.get_data(), "the crawl is not blind"


def test_a_hidden_need_and_its_answers_leave_no_trace(app: Flask, database: Database, world: World) -> None:
    with time_machine.travel(NOW, tick=False):
        with database.unit_of_work():
            asking.post(world, "author", audience=Audience.PUBLIC)
        work_off(app)
        nothing = {"fiji": world.organisations["fiji"], "jica": world.organisations["jica"], "need": "0" * 16}
        browsers = opened(app, {"visitor", "partner", "bank"})
        before = crawl(browsers, nothing, PAGES)
        with database.unit_of_work():
            hidden = asking.post(world, words=f"Customs {CANARY}", audience=Audience.CUSTOMS)
            asking.answer(world, "peru coordinator", hidden, Answer.CAN_SUPPORT, note=CANARY)
        work_off(app)
        found = crawl(browsers, {**nothing, "need": hidden.id}, PAGES)
        after = {key: body.replace(hidden.id.encode(), b"0" * 16) for key, body in found.items()}
        different = [key for key in before if before[key] != after[key]]
        assert different == [], first_difference(before, after, different)
