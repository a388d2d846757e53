"""A thread changes no byte of any page of anybody who is not in it: neither messages, files, dates nor agreement."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.core.access import SYSTEM
from portal.core.db import Database, session
from portal.core.guard import scoped
from portal.editorial.models import Contribution
from portal.organisations.models import Role
from tests import world as w
from tests.attachments.making import contribution
from tests.cooperation.talking import filled, make_need, open_thread
from tests.leaks.test_world_diff import CANARY, HIDDEN, MISSPELT, NOW, crawl, first_difference, opened
from tests.work import work_off
from tests.world import World, build_world

# The bank is in a thread of its own on the same need; a reader of a party takes part in nothing.
VIEWERS = (
    "visitor", "fijian", "named", "moderator", "spanish moderator", "administrator", "reader", "peru reader",
    "partner", "bank reader",
)  # fmt: skip
SEES = ("author", "peruvian")


@pytest.fixture
def world(app: Flask, database: Database) -> World:
    with time_machine.travel(NOW, tick=False):
        with database.unit_of_work():
            built = build_world()
            built.people["peru reader"] = w.make_person(
                "peru reader", built.organisations["peru"], Role.READER
            )
            need = make_need(built, "Customs analysts")
            thread = open_thread(built, need)
        filled(app, built, thread, "banker", "Carrots")
        return built


@pytest.mark.timeout(600)
def test_a_thread_of_others_changes_nothing(app: Flask, database: Database, world: World) -> None:
    with time_machine.travel(NOW, tick=False):
        browsers = opened(app, {*VIEWERS, *SEES})
        public = only_need(database)
        absent = {
            **dict.fromkeys(HIDDEN, "0" * 16), "canary": CANARY, "canary_start": CANARY[:5],
            "canary_misspelt": MISSPELT, "owner": world.organisations["thailand"],
            "other": world.organisations["peru"], "public": public, "matched": public,
        }  # fmt: skip
        outside = {name: browsers[name] for name in VIEWERS}
        before = crawl(outside, absent)
        with database.unit_of_work():
            thread = open_thread(world, contribution(public), by="head of peru")
        present = absent | filled(app, world, thread, "head of peru", CANARY)
        work_off(app)
        after = crawl(outside, present)
        different = [key for key in before if before[key] != after[key]]
        assert different == [], first_difference(before, after, different)
        inside = crawl({name: browsers[name] for name in SEES}, present)
        for name in SEES:
            told = {path for (who, path), body in inside.items() if who == name and CANARY.encode() in body}
            assert {
                "/cooperation/threads/{hidden_thread}",
                "/cooperation/threads/{hidden_thread}/meetings/{hidden_meeting}/invitation.ics",
                "/cooperation/threads/{hidden_thread}/commitments/{hidden_commitment}",
            } <= told
            assert inside[name, "/cooperation/files/{hidden_file}/x.docx"].startswith(b"200")


def only_need(database: Database) -> str:
    """The id of the only contribution there is."""
    with database.unit_of_work(write=False):
        return session().scalars(scoped(SYSTEM, select(Contribution.id))).one()
