"""Sending a need round, closing it with its outcome, opening it again, and where it is said to stand."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.cooperation import actions, partners
from portal.cooperation.models import Answer, Circulation, Progress
from portal.cooperation.progress import Outcome, Stage, further, passed, reopened
from portal.core.access import SYSTEM, Actor
from portal.core.db import Database, session
from portal.core.errors import Forbidden, Invalid, Stale, WrongState
from portal.core.guard import scoped
from portal.editorial.models import Audience, Contribution, Kind
from portal.organisations.models import Organisation, OrganisationState
from tests.cooperation import asking
from tests.cooperation.asking import answer, post, progress, told
from tests.http import Browser, words
from tests.world import World


@pytest.fixture
def need(world: World) -> Contribution:
    asking.add_coordinators(world)
    return post(world)


@pytest.fixture
def kept_need(kept_world: World, database: Database) -> Contribution:
    with database.unit_of_work():
        asking.add_coordinators(kept_world)
        post(kept_world, "partner", Kind.OFFER, words="Pacific programme", topics=("TFA-3",))
        return post(kept_world)


@pytest.mark.postgresql
def test_who_waited_for_their_turn_answers_what_stands_then(
    database: Database, kept_world: World, kept_need: Contribution
) -> None:
    with database.unit_of_work():
        answer(kept_world, "bank", kept_need, Answer.NOT_NOW)
    with database.unit_of_work():
        read = progress(kept_need)  # by the page, which still holds it
        assert read.stage == Stage.ANSWERED
        with database.engine.begin() as another:  # closes it meanwhile
            closed = update(Progress).where(Progress.contribution_id == kept_need.id)
            another.execute(closed.values(stage=Stage.CLOSED), execution_options={"scope": "test"})
        with pytest.raises(Forbidden):
            answer(kept_world, "japan", kept_need, Answer.INTERESTED)


def sent(made: Contribution) -> set[str]:
    statement = select(Circulation.organisation_id).where(Circulation.contribution_id == made.id)
    return set(session().scalars(scoped(SYSTEM, statement)))


def suggested(actor: Actor, made: Contribution) -> list[partners.Suggestion]:
    """Who is suggested for a post on advance rulings."""
    scope = partners.scope_of(actor, made, ("TFA-3",), ())
    return partners.suggested(actor, made, scope, partners.readers(made).values())


def close(world: World, made: Contribution, version: int | None = None) -> None:
    expected = progress(made).version if version is None else version
    actions.close(world.actor("fiji coordinator"), made, Outcome.MET, "Both *came*.", "en", expected)


def test_a_stage_goes_forward_only_and_what_is_closed_stays_until_it_is_opened() -> None:
    assert further("reply", Stage.OPEN) == Stage.ANSWERED
    assert further("circulate", Stage.IN_TALKS) == Stage.IN_TALKS
    with pytest.raises(WrongState):
        further("talk", Stage.CLOSED)
    assert (reopened(Stage.CLOSED, True), reopened(Stage.CLOSED, False)) == (Stage.ANSWERED, Stage.OPEN)
    with pytest.raises(WrongState):
        reopened(Stage.OPEN, False)


def test_only_what_it_surely_went_through_is_shown_as_behind_it() -> None:
    assert passed(Stage.OPEN, False) == frozenset()
    assert passed(Stage.IN_TALKS, False) == {Stage.OPEN, Stage.ANSWERED}
    assert passed(Stage.ANSWERED, True) == {Stage.OPEN, Stage.CIRCULATED}
    assert passed(Stage.CLOSED, True) == {Stage.OPEN, Stage.CIRCULATED}


def test_it_is_sent_once_to_each_who_may_read_it(world: World) -> None:
    asking.add_coordinators(world)
    need = post(world, audience=Audience.CUSTOMS)
    ids, coordinator = world.organisations, world.actor("fiji coordinator")
    told_now = actions.circulate(coordinator, need, [ids["peru"], ids["worldbank"], ids["fiji"], "nobody"])
    assert told_now == [ids["peru"]]
    assert progress(need).stage == Stage.CIRCULATED and progress(need).circulated_at is not None
    assert told(world, "peru coordinator") == ["circulated"]
    assert told(world, "bank") == []
    with pytest.raises(Invalid) as refused:
        actions.circulate(coordinator, need, [ids["peru"]])
    assert list(refused.value.errors) == ["organisations"]
    answer(world, "peru coordinator", need, Answer.NOT_NOW)
    actions.circulate(world.actor("administrator"), need, [ids["thailand"], ids["peru"]])
    assert sent(need) == {ids["peru"], ids["thailand"]}
    assert progress(need).stage == Stage.ANSWERED
    assert told(world, "peru coordinator") == ["circulated"]
    assert told(world, "coordinator") == ["circulated"]
    with pytest.raises(Forbidden):
        actions.circulate(world.actor("fijian"), need, [ids["thailand"]])


def test_partners_are_suggested_by_what_they_offer_and_where(world: World, need: Contribution) -> None:
    post(world, "partner", Kind.OFFER, words="Rulings", topics=("TFA-3",), countries=(), regions=("AP",))
    post(world, "named", Kind.OFFER, words="Windows", topics=("TFA-10.4",))
    office = Organisation(
        code="ROCB-AP", kind="regional_office", region_code="AP", name_en="Office", name_es="Oficina",
        name_fr="Bureau", created_at=need.created_at,
    )  # fmt: skip
    session().add(office)
    session().flush()
    fijian = world.actor("fiji coordinator")
    found = suggested(fijian, need)
    assert [(s.reader.code, s.topics, s.regions) for s in found] == [
        ("WB", {"TFA-3"}, {"AP"}), ("ROCB-AP", set(), {"AP"}),
    ]  # fmt: skip
    assert not found[0].countries and found[0].is_about_a_place
    session().get_one(Organisation, world.organisations["worldbank"]).state = OrganisationState.SUSPENDED
    assert [s.reader.code for s in suggested(fijian, need)] == ["ROCB-AP"]


def test_an_offer_is_suggested_to_administrations_that_need_it(world: World, need: Contribution) -> None:
    offer = post(world, "partner", Kind.OFFER, topics=("TFA-3",), countries=("FJ",))
    found = suggested(world.actor("bank"), offer)
    assert [(s.reader.code, s.topics, s.countries) for s in found] == [
        ("FJI", {"TFA-3"}, {"FJ"}), ("THA", set(), set()),
    ]  # fmt: skip


def test_what_one_may_not_see_suggests_nobody(world: World, need: Contribution) -> None:
    post(world, "peruvian", Kind.OFFER, audience=Audience.OWN)
    found = suggested(world.actor("fiji coordinator"), need)
    assert "PER" not in [s.reader.code for s in found]


def test_it_is_closed_with_its_outcome_and_opened_again(world: World, need: Contribution) -> None:
    answer(world, "bank", need, Answer.INTERESTED)
    version = progress(need).version
    for wrong in ({"note": ""}, {"language": "de"}):
        facts = {"note": "Done.", "language": "en", **wrong}
        with pytest.raises(Invalid):
            actions.close(world.actor("fiji coordinator"), need, Outcome.MET, version=version, **facts)
    with pytest.raises(Stale):
        close(world, need, version - 1)
    with pytest.raises(Forbidden):
        actions.close(world.actor("fijian"), need, Outcome.MET, "Done.", "en", version)
    close(world, need)
    row = progress(need)
    assert (row.stage, row.outcome, row.outcome_note) == (Stage.CLOSED, Outcome.MET, "Both *came*.")
    assert told(world, "bank") == ["closed"]
    with pytest.raises(Forbidden):
        answer(world, "bank", need, Answer.NOT_NOW)
    with pytest.raises(Forbidden):
        actions.reopen(world.actor("bank"), need)
    actions.reopen(world.actor("fiji coordinator"), need)
    row = progress(need)
    assert (row.stage, row.outcome, row.outcome_note, row.closed_at) == (Stage.ANSWERED, None, "", None)
    assert told(world, "bank") == ["closed", "reopened"]
    unanswered = post(world, words="Another")
    actions.close(
        world.actor("fiji coordinator"), unanswered, Outcome.NO_LONGER_NEEDED, "We did it.", "en", 1
    )
    actions.reopen(world.actor("fiji coordinator"), unanswered)
    assert progress(unanswered).stage == Stage.OPEN


def test_a_coordinator_sends_it_to_suggested_partners_at_a_page(
    app: Flask, kept_world: World, kept_need: Contribution
) -> None:
    fiji = Browser(app).sign_in("fiji.coordinator@test.example")
    assert "Send it to organisations" in words(fiji.get(f"/contributions/{kept_need.id}"))
    page = words(fiji.get(f"/contributions/{kept_need.id}/circulate"))
    assert "posts on: Advance rulings" in page and "Jica Customs" in page
    bank = kept_world.organisations["worldbank"]
    assert fiji.filled("circulate")["organisations"] == [bank]
    assert fiji.press("circulate", organisations=[]).status_code == 422
    jica = kept_world.organisations["jica"]
    assert fiji.press("circulate", organisations=[jica, bank]).status_code == 303
    shown = words(fiji.follow())
    assert "Sent to 2 organisations" in shown and "Circulated , it stands here" in shown
    again = words(fiji.get(f"/contributions/{kept_need.id}/circulate"))
    assert "Sent already to 2" in again
    told_by = words(Browser(app).sign_in("japan@test.example").get("/inbox"))
    assert "Fiji Customs asks what your organisation can do for this need." in told_by
    assert Browser(app).sign_in("bank@test.example").get(
        f"/contributions/{kept_need.id}/circulate"
    ).status_code == 403  # fmt: skip


def test_a_need_is_closed_and_opened_again_at_a_page(
    app: Flask, kept_world: World, database: Database, kept_need: Contribution
) -> None:
    fiji = Browser(app).sign_in("fiji.coordinator@test.example")
    fiji.get(f"/contributions/{kept_need.id}/close")
    refused = fiji.press("close", note="Done *well*.")
    assert refused.status_code == 422 and "Say how it ended" in words(refused)
    assert fiji.filled("close")["note"] == ["Done *well*."]
    with database.unit_of_work():
        answer(kept_world, "bank", kept_need, Answer.NOT_NOW)
    stale = fiji.press("close", outcome="partly_met")
    assert stale.status_code == 409 and "It has gone on since" in words(stale)
    assert fiji.press("close").status_code == 303
    reader = Browser(app).sign_in("peruvian@test.example")
    page = reader.get(f"/contributions/{kept_need.id}")
    assert "The need is met in part" in words(page) and "<em>well</em>" in page.get_data(as_text=True)
    assert Browser(app).sign_in("bank@test.example").get(
        f"/contributions/{kept_need.id}/close"
    ).status_code == 403  # fmt: skip
    assert "Nothing can be answered any more" in words(
        Browser(app).sign_in("peru.coordinator@test.example").get(f"/contributions/{kept_need.id}/answers")
    )
    fiji.follow()
    assert fiji.press("reopen").status_code == 303
    assert "Answered , it stands here" in words(reader.get(f"/contributions/{kept_need.id}"))
