"""The queue under the rights of whoever asks, ranked by readers; counts and coverage that are honest."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core.access import SYSTEM
from portal.core.clock import now
from portal.core.db import Database, session
from portal.core.errors import Forbidden
from portal.core.guard import scoped
from portal.editorial import actions as editorial
from portal.editorial.models import Audience, Contribution, Kind
from portal.translating import demand
from portal.translating.models import FallbackView
from portal.translating.queue import Coverage, Filters, Line, coverage, languages_of, queue, table
from tests import world as w
from tests.conftest import Statements
from tests.http import Browser
from tests.translating.test_actions import ask_machine, desk_of, hand_in, publish
from tests.world import World


def lines(world: World, who: str, **filters: str) -> list[Line]:
    return list(queue(world.actor(who), Filters(**filters)).lines)


def listed(world: World, who: str, **filters: str) -> set[tuple[str, str, str]]:
    return {(line.contribution.id, line.language, line.state) for line in lines(world, who, **filters)}


def opened(made: Contribution, language: str, times: int) -> None:
    demand.write({(made.id, language): times})


def test_a_translator_sees_their_languages_and_a_house_all_of_its_own(world: World) -> None:
    ours = w.make_published(world, "Ours")
    fiji = w.make_published(world, "Fiji", author="fijian")
    w.make_published(world, "Hidden", audience=Audience.OWN)
    assert listed(world, "translator") == {(ours.id, "es", "missing"), (fiji.id, "es", "missing")}
    assert listed(world, "fijian") == {(fiji.id, "es", "missing"), (fiji.id, "fr", "missing")}
    assert languages_of(world.actor("translator")) == ("es",)
    assert languages_of(world.actor("author")) == ("en", "es", "fr")
    with pytest.raises(Forbidden):
        queue(world.actor("reader"), Filters())
    with pytest.raises(Forbidden):
        table(world.actor("reader"))


def test_what_a_partner_may_not_read_is_not_in_their_queue_or_figures(world: World) -> None:
    w.make_published(world, "Customs", audience=Audience.CUSTOMS)
    assert listed(world, "partner translator") == set()
    assert table(world.actor("partner translator")).items == []
    assert {c.total for c in coverage(world.actor("partner translator"))} == {0}
    assert len(listed(world, "translator")) == 1


def test_states_and_filters(world: World) -> None:
    missing = w.make_published(world, "Missing")
    stale = w.make_published(world, "Stale")
    w.translate(world, stale, "es")
    w.revise(world, stale, "Stale no more")
    done = w.make_published(world, "Done", kind=Kind.LESSON_LEARNED)
    w.translate(world, done, "es")
    everything = {(missing.id, "es", "missing"), (stale.id, "es", "outdated"), (done.id, "es", "current")}
    assert listed(world, "translator", state="") == everything
    assert listed(world, "translator") == everything - {(done.id, "es", "current")}
    assert listed(world, "translator", state="outdated") == {(stale.id, "es", "outdated")}
    assert listed(world, "translator", state="", kind="lesson_learned") == {(done.id, "es", "current")}
    assert listed(world, "author", state="", language="fr", kind="nonsense") == {
        (made.id, "fr", "missing") for made in (missing, stale, done)
    }


def test_what_readers_want_comes_first(world: World) -> None:
    quiet = w.make_published(world, "Quiet")
    viewed = w.make_published(world, "Viewed")
    wished = w.make_published(world, "Wished")
    opened(viewed, "es", 3)
    opened(viewed, "es", 1)
    opened(quiet, "fr", 50)
    editorial.ask_for_translation(world.actor("fijian"), wished, "es")
    session().flush()
    found = lines(world, "translator")
    assert [line.contribution.id for line in found] == [wished.id, viewed.id, quiet.id]
    assert [(line.views, line.wishes) for line in found] == [(0, 1), (4, 0), (0, 0)]
    assert found[0].title.startswith("Wished")
    assert found[0].words > 5


def test_a_draft_in_hand_is_named_and_a_machines_is_marked(world: World) -> None:
    made = w.make_published(world)
    revision = ask_machine(world, made)
    from portal.translating import actions

    actions.fill(
        world.actor("translator"), desk_of(world, made), w.text("M"), (revision.id, revision.version)
    )
    (line,) = lines(world, "translator")
    assert line.step == "draft"
    assert line.is_machine
    assert line.state == "missing"
    assert [c.current for c in coverage(world.actor("translator")) if c.language == "es"] == [0]


def test_pages_of_the_queue_are_numbered_and_stay_within_their_bounds(world: World) -> None:
    for number in range(21):
        made = w.make_published(world, f"Post {number}")
        assert made.is_live
    actor = world.actor("translator")
    first, last = queue(actor, Filters()), queue(actor, Filters(), 99)
    assert (len(first.lines), first.pages, last.page, len(last.lines)) == (20, 2, 2, 1)
    assert not {line.contribution.id for line in first.lines} & {line.contribution.id for line in last.lines}


def test_coverage_counts_published_people_and_no_fallback(world: World) -> None:
    one = w.make_published(world, "One")
    two = w.make_published(world, "Two")
    three = w.make_published(world, "Three")
    w.translate(world, one, "es")
    w.translate(world, two, "es")
    w.revise(world, two, "Two again")
    w.translate(world, three, "es", publish=False)
    found = {c.language: c for c in coverage(world.actor("translator"))}
    assert found["en"] == Coverage("en", 3, 3, 0, 0)
    assert found["es"] == Coverage("es", 3, 0, 1, 1)
    assert (found["es"].missing, found["es"].percent, found["en"].percent) == (1, 33, 100)
    assert (found["fr"].missing, found["fr"].percent) == (3, 0)
    assert Coverage("en", 0, 0, 0, 0).percent == 0


def test_the_table_shows_what_is_published_and_where_one_may_write(world: World) -> None:
    made = w.make_published(world)
    hand_in(world, made)
    cells = {c.language: c for c in table(world.actor("translator")).items[0].cells}
    assert (cells["en"].state, cells["es"].state, cells["es"].words) == ("original", "missing", 0)
    publish(world, made)
    (row,) = table(world.actor("author")).items
    cells = {c.language: c for c in row.cells}
    assert cells["es"].state == "current"
    assert cells["es"].words > 5
    assert [c.may_write for c in row.cells] == [False, True, True]
    w.revise(world, made, "Changed")
    (row,) = table(world.actor("translator")).items
    assert [c.state for c in row.cells] == ["original", "outdated", "missing"]
    assert [c.may_write for c in row.cells] == [False, True, False]
    assert table(world.actor("fijian")).items == []


def test_only_what_fell_back_is_counted(world: World) -> None:
    made = w.make_published(world)
    w.translate(world, made, "es")
    draft = w.make_draft(world, words="Draft")
    demand.write({})
    demand.write({(made.id, "es"): 5, (made.id, "en"): 5, (draft.id, "fr"): 5, ("0" * 16, "fr"): 5})
    assert rows() == []
    demand.write({(made.id, "fr"): 2})
    demand.write({(made.id, "fr"): 3})
    assert [(r.contribution_id, r.language, r.views) for r in rows()] == [(made.id, "fr", 5)]


def rows() -> list[FallbackView]:
    fresh = scoped(SYSTEM, select(FallbackView)).execution_options(populate_existing=True)
    return list(session().scalars(fresh))


def test_counts_older_than_a_year_are_forgotten(world: World) -> None:
    made = w.make_published(world)
    opened(made, "fr", 1)
    session().add(
        FallbackView(
            contribution_id=made.id, language="es", day=(now() - demand.KEPT).date().replace(day=1), views=9
        )
    )
    session().flush()
    demand.sweep()
    assert [r.language for r in rows() if r.day == now().date()] == ["fr"]


def test_a_counter_hands_out_batches_by_time_and_by_number() -> None:
    moment = 0.0
    counter = demand.ViewCounter(lambda: moment)
    assert not counter.note("a", "es")
    moment = 31.0
    assert counter.note("a", "es") == {("a", "es"): 2}
    for number in range(demand.MOST - 1):
        assert not counter.note(str(number), "es")
    assert len(counter.note("last", "es")) == demand.MOST
    assert not counter.taken()


def test_opening_a_page_in_another_language_is_counted_for_visitors_too(
    app: Flask, kept_world: World, database: Database
) -> None:
    with database.unit_of_work():
        made = w.make_published(kept_world)
    reader = Browser(app, "fr")
    for _time in range(2):
        assert reader.get(f"/contributions/{made.id}").status_code == 200
    reader.get(f"/contributions/{'0' * 16}")
    author = Browser(app).sign_in("author@test.example")
    page = author.get("/translations")
    assert "2 views in another language" in page.get_data(as_text=True)
    with database.unit_of_work():
        assert [(r.language, r.views) for r in rows()] == [("fr", 2)]


def test_a_page_is_shown_even_when_its_count_cannot_be_written(
    app: Flask, kept_world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.unit_of_work():
        made = w.make_published(kept_world)
    app.extensions["portal_view_counter"] = demand.ViewCounter(iter(range(0, 10_000, 60)).__next__)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE fallback_view RENAME TO elsewhere")
    try:
        assert Browser(app, "fr").get(f"/contributions/{made.id}").status_code == 200
    finally:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO fallback_view")


@pytest.mark.parametrize("tab", ["queue", "table"])
def test_the_desk_costs_the_same_for_any_number_of_rows(
    app: Flask, kept_world: World, database: Database, statements: Statements, tab: str
) -> None:
    browser = Browser(app).sign_in("translator@test.example")
    counts = []
    for batch in range(2):
        with database.unit_of_work():
            for number in range(3):
                made = w.make_published(kept_world, f"Post {batch} {number}")
                w.translate(kept_world, made, "es", publish=False)
        browser.get(f"/translations?tab={tab}&state=")
        statements.clear()
        assert browser.get(f"/translations?tab={tab}&state=").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 12
