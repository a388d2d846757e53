"""Agreements: proposed, worded anew, agreed by all; commitments reported on, met, late, dropped."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.cooperation import actions, agreement_queries, queries
from portal.cooperation.actions.agreements import MOST_COMMITMENTS, Promise
from portal.cooperation.models import Agreement, Commitment, CommitmentState, Progress, Thread
from portal.cooperation.progress import Outcome, Stage
from portal.core.access import SYSTEM
from portal.core.clock import now
from portal.core.db import Database, session
from portal.core.errors import Forbidden, Invalid, NotFound, Stale, WrongState
from portal.core.guard import scoped
from tests.conftest import Statements
from tests.cooperation import talking as t
from tests.cooperation.test_threads import OUTSIDERS, at, browser, told
from tests.http import Browser, words
from tests.world import World


@pytest.fixture
def kept(kept_world: World, database: Database) -> Thread:
    with database.unit_of_work():
        return t.open_thread(kept_world)


def one(agreement: Agreement, position: int = 0) -> Commitment:
    """A commitment by its place."""
    statement = select(Commitment).where(
        Commitment.agreement_id == agreement.id, Commitment.position == position
    )
    return session().scalars(scoped(SYSTEM, statement)).one()


def stage(world: World, thread: Thread) -> Stage:
    found = session().get(Progress, thread.contribution_id, execution_options={"scope": SYSTEM})
    return found.stage if found is not None else Stage.OPEN


def test_an_agreement_holds_once_all_have_agreed(world: World) -> None:
    thread = t.open_thread(world)
    found = t.propose(world, thread)
    assert (found.version, found.agreed_at, stage(world, thread)) == (1, None, Stage.IN_TALKS)
    assert world.people["banker"] in told("cooperation.proposed")
    with pytest.raises(WrongState):
        actions.note(world.actor("author"), thread, found, one(found), "x", "en")
    actions.agree(*t.at_table(world, "banker", thread), found, 1)
    assert found.agreed_at is not None and stage(world, thread) == Stage.AGREED
    assert world.people["coordinator"] in told("cooperation.agreed")
    with pytest.raises(WrongState):
        actions.agree(*t.at_table(world, "banker", thread), found, 1)
    with pytest.raises(WrongState):
        t.propose(world, thread, version=1)


def test_a_new_wording_asks_all_again(world: World) -> None:
    thread = t.open_thread(world)
    found = t.propose(world, thread)
    t.propose(world, thread, "banker", 1, "Three analysts.")
    assert (found.version, found.summary, found.agreed_at) == (2, "Three analysts.", None)
    assert len(t.commitments(world, thread)) == 2
    with pytest.raises(Stale):
        actions.agree(*t.at_table(world, "coordinator", thread), found, 1)
    actions.agree(*t.at_table(world, "banker", thread), found, 2)  # once more changes nothing
    assert found.agreed_at is None
    with pytest.raises(Stale):
        t.propose(world, thread, version=1)
    actions.agree(*t.at_table(world, "coordinator", thread), found, 2)
    assert found.agreed_at is not None


def test_a_third_party_is_asked_too(world: World) -> None:
    thread = t.open_thread(world)
    t.let_in(world, thread)
    found = t.agreed(world, thread)
    assert found.agreed_at is None
    actions.agree(*t.at_table(world, "head of jica", thread), found, 1)
    assert found.agreed_at is not None


def test_only_coordinators_of_parties_bind_them(world: World) -> None:
    thread = t.open_thread(world)
    found = t.propose(world, thread)
    seat = t.at_table(world, "banker", thread)[2]
    for name in ("partner", *OUTSIDERS):
        with pytest.raises(Forbidden):
            actions.propose(world.actor(name), thread, seat, "x", [], "en", 1)
        with pytest.raises(Forbidden):
            actions.agree(world.actor(name), thread, seat, found, 1)


def test_what_cannot_be_proposed_is_refused_at_its_field(world: World) -> None:
    thread = t.open_thread(world)
    seat = t.at_table(world, "banker", thread)
    mine, good = world.organisations["worldbank"], date(2027, 5, 1)
    promise = Promise(mine, "Send them", good)
    cases = [
        ("summary", "", [promise], "en"),
        ("language", "x", [promise], "de"),
        ("what-0", "x", [], "en"),
        ("summary", "x", [promise] * (MOST_COMMITMENTS + 1), "en"),
        ("what-1", "x", [promise, Promise(mine, "", good)], "en"),
        ("by-0", "x", [Promise(world.organisations["jica"], "x", good)], "en"),
        ("due_on-0", "x", [Promise(mine, "x", date(1999, 1, 1))], "en"),
    ]
    for field, summary, promises, language in cases:
        with pytest.raises(Invalid) as refused:
            actions.propose(*seat, summary, promises, language, 0)
        assert list(refused.value.errors) == [field]


def test_progress_is_reported_and_a_commitment_met_or_dropped(world: World) -> None:
    thread = t.open_thread(world)
    found = t.agreed(world, thread)
    ours, theirs = one(found), one(found, 1)
    actions.note(world.actor("author"), thread, found, ours, "Two people named.", "en")
    assert stage(world, thread) == Stage.UNDER_WAY
    assert world.people["banker"] in told("cooperation.progress")
    for field, text, language in (("text", "", "en"), ("text", "x" * 2001, "en"), ("language", "x", "de")):
        with pytest.raises(Invalid) as refused:
            actions.note(world.actor("author"), thread, found, ours, text, language)
        assert list(refused.value.errors) == [field]
    for name in ("partner", *OUTSIDERS):
        with pytest.raises(Forbidden):
            actions.note(world.actor(name), thread, found, ours, "x", "en")
        with pytest.raises(Forbidden):
            actions.settle(world.actor(name), thread, found, ours, CommitmentState.MET, "")
    coordinator = world.actor("coordinator")
    with pytest.raises(Invalid):
        actions.settle(coordinator, thread, found, ours, CommitmentState.OPEN, "")
    actions.settle(coordinator, thread, found, ours, CommitmentState.MET, "")
    assert ours.closed_at is not None and world.people["banker"] in told("cooperation.commitment_met")
    with pytest.raises(WrongState):
        actions.settle(coordinator, thread, found, ours, CommitmentState.DROPPED, "x")
    with pytest.raises(Invalid) as refused:
        actions.settle(world.actor("banker"), thread, found, theirs, CommitmentState.DROPPED, "")
    assert list(refused.value.errors) == ["reason"]
    actions.settle(world.actor("banker"), thread, found, theirs, CommitmentState.DROPPED, "No budget.")
    assert (theirs.state, theirs.reason) == (CommitmentState.DROPPED, "No budget.")


def test_what_is_promised_is_reported_on_after_the_need_was_closed(world: World) -> None:
    thread = t.open_thread(world)
    found = t.propose(world, thread)
    need = session().get_one(t.Contribution, thread.contribution_id, execution_options={"scope": SYSTEM})
    version = session().get_one(Progress, need.id, execution_options={"scope": SYSTEM}).version
    actions.close(world.actor("coordinator"), need, Outcome.MET, "Done.", "en", version)
    actions.agree(*t.at_table(world, "banker", thread), found, 1)
    actions.note(world.actor("author"), thread, found, one(found), "Still going on.", "en")
    assert stage(world, thread) == Stage.CLOSED


def test_commitments_are_read_with_their_thread_alone(world: World) -> None:
    thread, other = t.open_thread(world), t.open_thread(world, t.make_need(world, "Scanners"))
    t.agreed(world, thread)
    actor = world.actor("author")
    (first, _second) = t.commitments(world, thread)
    assert agreement_queries.agreement(actor, queries.seat(actor, other.id)) is None
    with pytest.raises(NotFound):
        agreement_queries.commitment(actor, queries.seat(actor, other.id), first)


def test_an_agreement_at_the_browser(app: Flask, database: Database, kept_world: World, kept: Thread) -> None:
    coordinator, banker = browser(app, "coordinator"), browser(app, "banker")
    coordinator.get(at(kept, "/agreement"))
    typed = {
        "summary": "Two *analysts*.",
        "what-1": "Send them",
        "by-1": kept_world.organisations["worldbank"],
        "due_on-1": "in May",
    }
    assert coordinator.press("propose", **typed).status_code == 422
    # The row has moved up, with what was typed in it.
    assert coordinator.filled("propose")["what-0"] == ["Send them"]
    assert coordinator.filled("propose")["due_on-0"] == ["in May"]
    assert coordinator.press("propose", **{"due_on-0": "2027-05-01"}).status_code == 303
    page = words(coordinator.follow())
    assert "Thailand Customs Has agreed" in page and "Worldbank Customs Has not agreed yet" in page
    assert "Agree to this wording" not in page
    stale = banker.get(at(kept, "/agreement"))
    coordinator.get(at(kept, "/agreement"))
    coordinator.press("propose", summary="Four analysts.")
    banker.page = stale
    answer = banker.press("propose", summary="Three analysts.")
    assert answer.status_code == 409
    assert "Four analysts." in words(answer) and banker.filled("propose")["summary"] == ["Three analysts."]
    assert banker.press("propose").status_code == 303
    assert "Three analysts." in words(banker.follow())
    page = coordinator.get(at(kept))
    assert coordinator.press("agree").status_code == 303
    assert "Agreed on" in words(coordinator.follow())
    assert coordinator.get(at(kept, "/agreement")).status_code == 303
    banker.page = stale
    assert "This is agreed already" in words(banker.press("propose", summary="Too late."))
    assert browser(app, "author").get(at(kept, "/agreement")).status_code == 403
    coordinator.page = page
    assert coordinator.press("agree").status_code == 409


def test_a_wording_that_was_changed_is_read_again_before_one_agrees(
    app: Flask, database: Database, kept_world: World, kept: Thread
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    banker = browser(app, "banker")
    assert banker.post(at(kept, "/agree"), {"version": "1"}).status_code == 404
    with database.unit_of_work():
        t.propose(kept_world, kept)
    assert banker.post(at(kept, "/agree"), {"version": "7"}).status_code == 303
    assert "Read it again before you agree" in words(banker.follow())


def test_rows_are_offered_up_to_the_most_there_may_be(
    app: Flask, database: Database, kept_world: World, kept: Thread
) -> None:
    banker = browser(app, "banker")
    banker.get(at(kept, "/agreement"))
    assert [name for name in banker.filled("propose") if name.startswith("what-")] == [
        "what-0", "what-1", "what-2"
    ]  # fmt: skip
    assert banker.press("more", **{"what-2": "Send them"}).status_code == 200
    assert banker.filled("propose")["what-0"] == ["Send them"] and "what-3" in banker.filled("propose")
    rows = {f"what-{n}": "x" for n in range(MOST_COMMITMENTS)}
    answer = banker.press("propose", summary="x", **rows)
    assert answer.status_code == 422
    assert len([name for name in banker.filled("propose") if name.startswith("what-")]) == MOST_COMMITMENTS


def test_a_commitment_at_the_browser(
    app: Flask, database: Database, kept_world: World, kept: Thread, statements: Statements
) -> None:
    with database.unit_of_work():
        t.agreed(kept_world, kept)
        first, second = t.commitments(kept_world, kept)
    author, coordinator = browser(app, "author"), browser(app, "coordinator")
    path = at(kept, f"/commitments/{first}")
    assert "Nothing is reported yet." in words(author.get(path))
    assert author.press("note", text="x" * 2001).status_code == 422
    assert "x" * 2001 in author.page.get_data(as_text=True)  # type: ignore[union-attr]
    for number in range(3):
        author.get(path)
        assert author.press("note", text=f"Two *people* named {number}.").status_code == 303
    statements.clear()
    assert "<em>people</em>" in author.follow().get_data(as_text=True)
    assert len(statements) <= 12
    assert "It is met" not in words(author.page)  # type: ignore[arg-type]
    with time_machine.travel(now() + timedelta(days=45)):
        coordinator.get("/sign-out")
        coordinator = browser(app, "coordinator")
        assert "Late" in words(coordinator.get(at(kept)))
        assert "Late" in words(coordinator.get(path))
        assert coordinator.press("drop").status_code == 422
        assert coordinator.press("drop", reason="No staff.").status_code == 303
        page = words(coordinator.follow())
        assert "Dropped on" in page and "No staff." in page and "Late" not in page
    banker = browser(app, "banker")
    banker.get(at(kept, f"/commitments/{second}"))
    assert banker.press("met").status_code == 303
    assert "Met on" in words(banker.follow())
    assert "Report progress" not in words(author.get(at(kept, f"/commitments/{second}")))
    for name in OUTSIDERS:
        assert browser(app, name).get(path).status_code == 404, name
    assert Browser(app).get(path).status_code == 404
