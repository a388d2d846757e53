"""What came of a cooperation becomes a lesson: drafted with what is known, credited, reviewed, found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from portal.cooperation import actions, agreement_queries, drafting, queries
from portal.cooperation.models import CommitmentState, Thread
from portal.core.access import SYSTEM
from portal.core.clock import now
from portal.core.db import Database, session
from portal.core.errors import Forbidden, WrongState
from portal.editorial import actions as editorial
from portal.editorial.models import Audience, Contribution, Kind
from portal.editorial.texts import About, Text
from tests import world as w
from tests.conftest import Statements
from tests.cooperation import talking as t
from tests.cooperation.test_agreements import one
from tests.cooperation.test_threads import OUTSIDERS, at, browser
from tests.http import Browser, words
from tests.work import work_off
from tests.world import World


@pytest.fixture
def kept(kept_world: World, database: Database) -> Thread:
    with database.unit_of_work():
        thread = t.open_thread(kept_world)
        found = t.agreed(kept_world, thread)
        actions.note(kept_world.actor("author"), thread, found, one(found), "Two people\n\nnamed.", "en")
        actions.settle(
            kept_world.actor("coordinator"), thread, found, one(found), CommitmentState.MET, "In time."
        )
        return thread


def draft(world: World, thread: Thread) -> tuple[Text, About]:
    """The draft as the author would get it."""
    actor = world.actor("author")
    found = agreement_queries.agreement(actor, queries.seat(actor, thread.id))
    assert found is not None
    names = {world.organisations[n]: n.capitalize() for n in ("thailand", "worldbank")}
    return (
        drafting.lesson_text(actor, found, "Analysts", names),
        drafting.lesson_about(actor, thread.contribution_id, names),
    )


def test_the_draft_says_what_became_of_each_commitment(app: Flask, world: World) -> None:
    thread = t.open_thread(world)
    found = t.agreed(world, thread)
    first, second = one(found), one(found, 1)
    banker, coordinator = world.actor("banker"), world.actor("coordinator")
    actions.note(world.actor("author"), thread, found, first, "Two people\n\nnamed.", "en")
    second.due_on = now().date() - timedelta(days=1)
    session().flush()
    with app.test_request_context("/en/"):
        text, about = draft(world, thread)
        assert text.title == "Lesson from a cooperation: Analysts"
        assert "Thailand, Worldbank agreed on" in text.parts["context"]
        assert "Two analysts." in text.parts["context"]
        assert "- Thailand: Name a *host* team (by" in text.parts["tried"]
        assert "Name a *host* team: open until" in text.parts["result"]
        assert "Two people named." in text.parts["result"]
        assert "Send two analysts: late since" in text.parts["result"]
        actions.settle(coordinator, thread, found, first, CommitmentState.MET, "In time.")
        actions.settle(banker, thread, found, second, CommitmentState.DROPPED, "No budget.")
        text, about = draft(world, thread)
        assert "met on" in text.parts["result"] and "In time." in text.parts["result"]
        assert "dropped on" in text.parts["result"] and "No budget." in text.parts["result"]
    assert (about.audience, about.topics, about.countries) == (Audience.MEMBERS, ("TFA-3",), ("TH",))
    assert about.terms is None


def test_a_need_that_cannot_be_read_any_more_makes_a_draft_of_ones_own(world: World) -> None:
    thread = t.open_thread(world)
    need = session().get_one(Contribution, thread.contribution_id, execution_options={"scope": SYSTEM})
    editorial.narrow(world.actor("author"), need, Audience.OWN)
    assert drafting.lesson_about(world.actor("banker"), need.id, []) == About(Audience.OWN)


def test_both_parties_may_read_a_lesson_for_chosen_organisations(world: World) -> None:
    bank = world.organisations["worldbank"]
    need = t.make_need(world, audience=Audience.ORGANISATIONS, organisations=(bank,))
    parties = [world.organisations["thailand"], bank]
    about = drafting.lesson_about(world.actor("banker"), need.id, parties)
    assert about.audience == Audience.ORGANISATIONS
    assert sorted(about.organisations) == sorted(parties)


def test_one_lesson_an_agreement_credited_to_all_parties(world: World) -> None:
    thread = t.open_thread(world)
    found = t.propose(world, thread)
    text, about = w.text(kind=Kind.LESSON_LEARNED), w.about()
    author = t.at_table(world, "author", thread)
    with pytest.raises(WrongState):
        actions.begin_lesson(*author, found, text, about, "en")
    actions.agree(*t.at_table(world, "banker", thread), found, 1)
    lesson = actions.begin_lesson(*author, found, text, about, "en")
    assert (lesson.kind, lesson.organisation_id) == (Kind.LESSON_LEARNED, world.organisations["thailand"])
    assert actions.begin_lesson(*author, found, text, about, "en").id == lesson.id
    assert (
        actions.begin_lesson(*t.at_table(world, "colleague", thread), found, text, about, "en").id
        == lesson.id
    )
    with pytest.raises(WrongState):
        actions.begin_lesson(*t.at_table(world, "partner", thread), found, text, about, "en")
    for name in OUTSIDERS:
        with pytest.raises(Forbidden):
            actions.begin_lesson(world.actor(name), thread, author[2], found, text, about, "en")


def test_one_click_then_review_and_it_is_found_with_its_credit(
    app: Flask, database: Database, kept_world: World, kept: Thread, statements: Statements
) -> None:
    author = browser(app, "author", "fr")
    author.get(at(kept))
    assert author.press("begin_lesson").status_code == 303
    where = author.page.headers["Location"]  # type: ignore[union-attr]
    author.follow()
    filled = author.filled("submit")
    assert filled["title"][0].startswith("Leçon") and "Name a *host* team" in filled["tried"][0]
    answer = author.press("submit", summary="Douanes", advice="Commencer tôt.", for_whom="Tous.")
    assert answer.status_code == 303
    lesson = where.split("/contributions/")[1].split("/")[0]
    with database.unit_of_work():
        made = session().get_one(Contribution, lesson, execution_options={"scope": SYSTEM})
        kept_world.people["french moderator"] = w.make_person(
            "french moderator", kept_world.organisations["secretariat"], t.Role.READER, scopes=["fr"]
        )
        w.claim(kept_world, made, "french moderator")
        w.approve(kept_world, made)
    work_off(app)
    reader = browser(app, "fijian", "fr")
    statements.clear()
    page = words(reader.get(f"/contributions/{lesson}"))
    assert len(statements) <= 12, "\n".join(statements.all)
    assert "avec Douanes Worldbank" in page
    for path in (
        "/search?q=analysts",
        "/contributions?kind=lesson_learned",
        f"/contributions/{lesson}/print",
    ):
        statements.clear()
        assert "avec Douanes Worldbank" in words(reader.get(path)), path
        assert len(statements) <= 12, path
    thread = words(browser(app, "partner").get(at(kept)))
    assert "A lesson learned has been begun" in thread and "Open the lesson" in thread


def test_a_lesson_needs_an_agreement(app: Flask, database: Database, kept_world: World) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with database.unit_of_work():
        thread = t.open_thread(kept_world)
    assert browser(app, "author").post(at(thread, "/lesson")).status_code == 404


def test_a_draft_is_not_shown_to_the_other_party(
    app: Flask, database: Database, kept_world: World, kept: Thread
) -> None:
    author, partner = browser(app, "author"), browser(app, "partner")
    author.get(at(kept))
    author.press("begin_lesson")
    assert "Open the lesson" in words(author.get(at(kept)))
    page = words(partner.get(at(kept)))
    assert "A lesson learned has been begun" in page and "Open the lesson" not in page


def test_a_lesson_without_credit_names_its_house_alone(app: Flask, database: Database, kept_world: World) -> None:  # fmt: skip
    with database.unit_of_work():
        made = w.make_published(kept_world, kind=Kind.LESSON_LEARNED)
    assert "with " not in words(Browser(app).get(f"/contributions/{made.id}")).split("Read in")[0].split("Thailand Customs")[-1]  # fmt: skip
