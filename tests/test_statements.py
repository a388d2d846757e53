"""A page costs at most twelve SQL statements, at any number of rows."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask

from portal.core.db import Database
from portal.editorial.models import Audience, Kind
from tests import world as w
from tests.alerts.making import save
from tests.conftest import Statements
from tests.cooperation.talking import agreed, commitments, make_need, open_thread
from tests.http import Browser
from tests.matching.making import make, need, offer
from tests.work import work_off
from tests.world import World, build_world

MOST = 12
PAGES = {
    "moderator": (
        "/", "/search?q=customs", "/search?q=customs+org:THA&show=figures", "/search/export.csv?q=customs", "/contributions", "/contributions/{public}", "/contributions/{public}/history",
        "/moderation", "/moderation?tab=decided", "/moderation?tab=down", "/moderation?tab=comments", "/moderation/{case}", "/exchange/conflicts", "/inbox", "/topics", "/following?contribution={public}", "/packs?contribution={public}",
        "/print?topic=TFA-3", "/inbox/preferences", "/search/suggestions?q=customs", "/search/like/{public}?few=1",
        "/search?q=cusstoms", "/moderation/thesaurus", "/moderation/thesaurus/TFA-3",
        "/moderation/thesaurus/candidates", "/searches", "/searches/{saved}", "/searches/{saved}/delete",
        "/searches/new?q=customs",
    ),
    "author": (
        "/workspace", "/workspace?tab=waiting", "/workspace?tab=published", "/contributions/{public}",
        "/contributions/{draft}/edit", "/contributions/new?kind=reform_update", "/contributions/{public}/print",
        "/contributions/{public}/comments", "/contributions/{need}/matches", "/contributions/{need}", "/contributions/{need}/edit",
        "/cooperation/coverage", "/cooperation/coverage/posts?kind=need&topic=TFA-3",
        "/contributions/similar?kind=need&topics=TFA-3", "/contributions/new?kind=need",
    ),
    "coordinator": (
        "/cooperation", "/cooperation?closing=30",
        "/cooperation/threads", "/cooperation/threads?show=unread", "/cooperation/threads/{thread}", "/cooperation/threads/{thread}/agreement",
        "/cooperation/threads/{thread}/invite", "/cooperation/threads/{thread}/meetings",
        "/cooperation/threads/{thread}/commitments/{commitment}",
    ),
    "administrator": ("/administration/threads", "/administration/threads/{thread}"),
    "visitor": ("/", "/feeds/latest.atom", "/exchange/needs-and-offers.xml", "/exchange/needs-and-offers.csv", "/cooperation", "/cooperation?kind=need&region=AP&topic=TFA-3", "/search", "/search?topic=TFA-10.4", "/search/suggestions?q=customs", "/search/like/{public}", "/search?q=rlease+cusstoms", "/contributions/{public}", "/contributions/0000000000000000"),
}  # fmt: skip


@pytest.fixture
def ids(app: Flask, database: Database) -> tuple[World, dict[str, str]]:
    with database.unit_of_work():
        world = build_world()
        public = w.make_published(world, "Customs release")
        for number in range(2):
            w.make_published(world, f"Customs first {number}")
        w.translate(world, public, "es")
        draft = w.make_draft(world, words="Customs draft")
        waiting = w.make_draft(world, words="Customs waiting", audience=Audience.MEMBERS)
        w.submit(world, waiting)
        w.claim(world, waiting)
        found = {"public": public.id, "draft": draft.id, "case": w.open_case(waiting).id}
        thailand = world.organisations["thailand"]
        thread = open_thread(world)
        agreed(world, thread)
        found |= {"thread": thread.id, "commitment": commitments(world, thread)[0]}
        found["need"] = make(world, Kind.NEED, "author", countries=("FJ",)).id
        found["saved"] = save(world, "moderator", "customs org:THA topic:TFA", organisation=thailand)
    work_off(app)
    return world, found


def costs(app: Flask, statements: Statements, found: dict[str, str]) -> dict[tuple[str, str], int]:
    """How many statements each page costs somebody whose pages are kept nowhere."""
    counted: dict[tuple[str, str], int] = {}
    for who, paths in PAGES.items():
        browser = Browser(app)
        if who != "visitor":
            browser.sign_in(f"{who}@test.example")
        for path in paths:
            app.extensions["portal_pages"].clear()
            statements.clear()
            browser.get(path.format(**found))
            counted[who, path] = len(statements)
    return counted


def test_a_page_costs_at_most_twelve_statements_and_no_more_with_more_rows(
    app: Flask, database: Database, statements: Statements, ids: tuple[World, dict[str, str]]
) -> None:
    world, found = ids
    with time_machine.travel("2026-11-24T09:00:00Z"):
        before = costs(app, statements, found)
        with database.unit_of_work():
            for number in range(12):
                w.make_published(world, f"Customs again {number}")
                w.submit(world, w.make_draft(world, words=f"Customs more {number}"))
                w.make_draft(world, words=f"Draft {number}")
                open_thread(world, make_need(world, f"Need {number}"))
                save(world, "moderator", f"customs {number} org:FJI")
                need(world, words=f"Customs need {number}")
                offer(world, words=f"Customs offer {number}")
        work_off(app)
        after = costs(app, statements, found)
    assert {page: count for page, count in after.items() if count > MOST} == {}
    assert {page: (before[page], count) for page, count in after.items() if count > before[page] + 2} == {}
