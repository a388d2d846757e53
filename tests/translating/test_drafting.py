"""The worker's part of a machine's draft: fills what is empty, overwrites nobody, never publishes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core.db import Database, session
from portal.editorial import actions as editorial
from portal.editorial.models import Audience, Contribution, State
from portal.editorial.texts import Text
from portal.jobs.actions import Final
from portal.jobs.models import Job, JobState
from portal.machine.port import MachineError
from portal.translating import actions
from portal.translating.drafting import draft
from portal.translating.queries import desk
from tests import world as w
from tests.http import Browser, words
from tests.machine.servers import StandIn, libretranslate
from tests.work import work_off
from tests.world import World


@pytest.fixture
def machine(app: Flask) -> Iterator[StandIn]:
    """A stand-in that the settings name."""
    with libretranslate() as (url, stand_in):
        app.extensions["portal_settings"] = replace(
            app.extensions["portal_settings"],
            machine_translation="libretranslate",
            machine_translation_url=url,
        )
        yield stand_in


@pytest.fixture
def made(kept_world: World, database: Database) -> Contribution:
    with database.unit_of_work():
        return w.make_published(kept_world)


def asked(world: World, database: Database, made: Contribution, title: str = "Título") -> dict[str, Any]:
    """What the job was given, after a translator has typed a title."""
    with database.unit_of_work():
        actor = world.actor("translator")
        actions.ask_machine(actor, desk(actor, made.id, "es"), Text(title=title), None, is_on=True)
        session().flush()
        return dict(session().scalars(select(Job.payload).where(Job.kind == "translate.machine")).one())


def test_the_button_fills_what_is_empty_marks_it_and_asks_for_a_review(
    app: Flask, kept_world: World, database: Database, made: Contribution, machine: StandIn
) -> None:
    browser = Browser(app).sign_in("translator@test.example")
    browser.get(f"/contributions/{made.id}/translate/es")
    assert browser.press("machine_draft", title="Mi título").status_code == 303
    work_off(app)
    page = browser.follow()
    html = page.get_data(as_text=True)
    assert 'value="Mi título"' in html
    assert "es: ventanilla única in two sentences." in html.lower()
    assert "A machine wrote this draft." in words(page)
    assert browser.press("submit").status_code == 422
    assert "tick that you have" in words(browser.page)
    assert browser.press("submit", reviewed="y").status_code == 303
    with database.unit_of_work(write=False):
        assert w.latest(made, "es").state == State.SUBMITTED
        case = w.open_case(made, "es").id
    moderator = Browser(app).sign_in("spanish.moderator@test.example")
    assert "Began as a machine draft" in words(moderator.get(f"/moderation/{case}"))


def test_a_job_that_runs_twice_changes_nothing_the_second_time(
    app: Flask, kept_world: World, database: Database, made: Contribution, machine: StandIn
) -> None:
    payload = asked(kept_world, database, made)
    with app.app_context():
        draft(app, payload)
        draft(app, payload)
    with database.unit_of_work(write=False):
        revision = w.latest(made, "es")
        assert revision.version == payload["version"] + 1
        assert revision.is_machine
        assert revision.state == State.DRAFT
        assert revision.title == "Título"
        assert w.edition(made, "es").published_revision_id is None


def test_who_went_on_writing_keeps_their_words(
    app: Flask, kept_world: World, database: Database, made: Contribution, machine: StandIn
) -> None:
    payload = asked(kept_world, database, made)
    with database.unit_of_work():
        actor = kept_world.actor("translator")
        loaded = (payload["revision_id"], payload["version"])
        actions.keep(actor, desk(actor, made.id, "es"), w.text("Persona"), loaded)
    draft(app, payload)
    with database.unit_of_work(write=False):
        assert w.latest(made, "es").title.startswith("Persona")
        assert not w.latest(made, "es").is_machine


def test_nothing_leaves_the_portal_that_is_not_public_any_more(
    app: Flask, kept_world: World, database: Database, made: Contribution, machine: StandIn
) -> None:
    payload = asked(kept_world, database, made)
    with database.unit_of_work():
        actor = kept_world.actor("author")
        editorial.narrow(actor, desk(actor, made.id, "es").contribution, Audience.CUSTOMS)
    draft(app, payload)
    with database.unit_of_work():
        actor = kept_world.actor("coordinator")
        editorial.unpublish(actor, desk(actor, made.id, "es").contribution, "")
    draft(app, payload)
    assert machine.asked == []


def test_who_changes_it_while_the_machine_writes_keeps_their_words(
    app: Flask, kept_world: World, database: Database, made: Contribution, machine: StandIn
) -> None:
    payload = asked(kept_world, database, made)
    answer = machine.answer

    def meanwhile(path: str, body: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        if path == "/languages" and not machine.asked:
            with database.unit_of_work():
                actor = kept_world.actor("translator")
                loaded = (payload["revision_id"], payload["version"])
                actions.keep(actor, desk(actor, made.id, "es"), w.text("Persona"), loaded)
        return answer(path, body)

    machine.answer = meanwhile  # type: ignore[method-assign]
    draft(app, payload)
    with database.unit_of_work(write=False):
        assert w.latest(made, "es").title.startswith("Persona")


def test_a_pair_that_the_machine_has_not_waits_for_a_person_and_a_broken_line_is_tried_again(
    app: Flask, kept_world: World, database: Database, made: Contribution, machine: StandIn
) -> None:
    payload = asked(kept_world, database, made)
    machine.languages = []
    with pytest.raises(Final):
        draft(app, payload)
    machine.instead = (503, b"", {})
    with pytest.raises(MachineError):
        draft(app, payload)


def test_a_job_of_a_machine_that_was_switched_off_is_dropped(
    app: Flask, kept_world: World, database: Database, made: Contribution
) -> None:
    asked(kept_world, database, made)
    work_off(app)
    with database.unit_of_work(write=False):
        state = select(Job.state).where(Job.kind == "translate.machine")
        assert session().scalar(state) == JobState.DONE
