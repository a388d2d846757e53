"""The page of an organisation's commitments: its people and the other parties see it, nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal.cooperation import actions, commitments
from portal.cooperation.commitments import Show
from portal.cooperation.models import Answer, Commitment, CommitmentState
from portal.core.clock import now
from portal.core.db import Database, session
from portal.core.errors import NotFound
from tests.conftest import Statements
from tests.cooperation import asking
from tests.cooperation.asking import agreed, agreement_by, answer, post, thread_by
from tests.http import Browser, words
from tests.world import World

START = "2026-11-24T09:00:00Z"


def four(world: World) -> list[Commitment]:
    """Four promises of the bank to Fiji: one open, one late, one met, one dropped; made a month ago."""
    with time_machine.travel(START, tick=False):
        asking.add_coordinators(world)
        made = agreed(
            world, answer(world, "bank", post(world), Answer.CAN_SUPPORT),
            ("worldbank", "Send *two* analysts", 60), ("worldbank", "Train twelve", 10),
            ("worldbank", "Lend scales", 5), ("worldbank", "Pay flights", 5), ("fiji", "Find a room", 90),
        )  # fmt: skip
        for commitment, state, reason in (
            (made[2], CommitmentState.MET, ""), (made[3], CommitmentState.DROPPED, "No budget."),
        ):  # fmt: skip
            thread, agreement = thread_by(commitment), agreement_by(commitment)
            actions.settle(world.actor("bank"), thread, agreement, commitment, state, reason)
        actions.note(
            world.actor("partner"),
            thread_by(made[1]),
            agreement_by(made[1]),
            made[1],
            "Four *trained*.",
            "en",
        )
        session().flush()
    return made


@pytest.fixture
def asking_page(app: Flask) -> Iterator[None]:
    """Addresses are made for some page."""
    with app.test_request_context("/en/"):
        yield


def later() -> time_machine.travel:
    """A month after the start."""
    return time_machine.travel("2026-12-24T09:00:00Z", tick=False)


def test_what_is_open_late_met_and_dropped_is_counted_and_listed(world: World, asking_page: None) -> None:
    made = four(world)
    bank, ours = world.actor("bank"), world.organisations["worldbank"]
    with later():
        today = now().date()
        assert commitments.counts(bank, ours, today) == {
            Show.OPEN: 2, Show.LATE: 1, Show.MET: 1, Show.DROPPED: 1,
        }  # fmt: skip
        listed = {
            show: [one.commitment.id for one in commitments.page(bank, ours, show, today).items]
            for show in Show
        }
        assert listed == {
            Show.OPEN: [made[1].id, made[0].id], Show.LATE: [made[1].id],
            Show.MET: [made[2].id], Show.DROPPED: [made[3].id],
        }  # fmt: skip
        late = commitments.page(bank, ours, Show.LATE, today).items[0]
        assert late.is_late and late.last_note is not None and late.last_note.text == "Four *trained*."
        assert late.post is not None and [o.code for o in late.others] == ["FJI"]


def test_parties_see_what_was_promised_to_them_and_others_find_no_page(
    world: World, asking_page: None
) -> None:
    four(world)
    theirs, today = world.organisations["worldbank"], now().date()
    assert commitments.counts(world.actor("fijian"), theirs, today)[Show.OPEN] == 2
    assert commitments.counts(world.actor("named"), world.organisations["jica"], today)[Show.OPEN] == 0
    for who in ("named", "peruvian", "administrator", "second moderator", "moderator"):
        with pytest.raises(NotFound):
            commitments.counts(world.actor(who), theirs, today)
        assert commitments.page(world.actor(who), theirs, Show.OPEN, today).items == []


def test_a_proposal_promises_nothing_yet(world: World) -> None:
    asking.add_coordinators(world)
    made = agreed(
        world, answer(world, "bank", post(world), Answer.CAN_SUPPORT), ("worldbank", "Send two", 60)
    )
    agreement_by(made[0]).agreed_at = None
    session().flush()
    assert not any(
        commitments.counts(world.actor("bank"), world.organisations["worldbank"], now().date()).values()
    )


def test_what_is_settled_is_paged_with_the_last_first(world: World, asking_page: None) -> None:
    asking.add_coordinators(world)
    promised = [("worldbank", f"Step {number}", 60) for number in range(20)]
    made = []
    for words_of in ("One", "Two"):
        interest = answer(world, "bank", post(world, words=words_of), Answer.CAN_SUPPORT)
        made += agreed(world, interest, *promised)
    for number, commitment in enumerate(made):
        commitment.state, commitment.closed_at = CommitmentState.MET, now() + timedelta(minutes=number)
    session().flush()
    bank, ours, today = world.actor("bank"), world.organisations["worldbank"], now().date()
    first = commitments.page(bank, ours, Show.MET, today)
    second = commitments.page(bank, ours, Show.MET, today, first.next)
    ids = [one.commitment.id for one in (*first.items, *second.items)]
    assert ids == [commitment.id for commitment in reversed(made)]
    assert not second.next


def test_the_page_shows_its_parties_how_it_stands(
    app: Flask, kept_world: World, database: Database, statements: Statements
) -> None:
    with database.unit_of_work():
        four(kept_world)
    url = f"/organisations/{kept_world.organisations['worldbank']}/commitments"
    with later():
        partner = Browser(app).sign_in("partner@test.example")
        assert "Commitments" in words(partner.get(url.removesuffix("/commitments")))
        statements.clear()
        page = partner.get(url)
        assert len(statements) <= 12
        assert "To be done 2 Late 1 Met 1 Dropped 1" in words(page)
        assert "20 days late" in words(page) and "<em>two</em>" in page.get_data(as_text=True)
        assert "Four trained ." in words(page) and "Fiji Customs" in words(page)
        assert "No budget." in words(partner.get(f"{url}?show=dropped"))
        assert "Met on 24 Nov 2026" in words(partner.get(f"{url}?show=met"))
        fijian = Browser(app).sign_in("fijian@test.example")
        assert "What Worldbank Customs has promised" in words(fijian.get(url))
        own = f"/organisations/{kept_world.organisations['peru']}/commitments"
        assert "There is none of this sort" in words(Browser(app).sign_in("peruvian@test.example").get(own))


def test_for_everybody_else_there_is_no_such_page(app: Flask, kept_world: World, database: Database) -> None:
    theirs = f"/organisations/{kept_world.organisations['worldbank']}/commitments"
    nowhere = "/organisations/0000000000000000/commitments"
    people = ("peruvian", "administrator", "reader", None)
    browsers = [
        Browser(app) if who is None else Browser(app).sign_in(f"{who}@test.example") for who in people
    ]
    for browser in browsers:
        browser.get(theirs)
    before = [browser.get(theirs) for browser in browsers]
    with database.unit_of_work():
        four(kept_world)
    for browser, absent in zip(browsers, before, strict=True):
        there, missing = browser.get(theirs), browser.get(nowhere)
        assert there.status_code == missing.status_code == 404
        assert words(there) == words(absent)
        assert "Commitments" not in words(browser.get(theirs.removesuffix("/commitments")))
