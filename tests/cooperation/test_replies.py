"""Answering line by line: who may, what is kept, what is changed later, and that nobody else sees it."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from flask import Flask

from portal.cooperation import actions, policy, queries
from portal.cooperation import answer_sheet as sheets
from portal.cooperation.actions.replies import Said, stamp
from portal.cooperation.models import Answer, Reply
from portal.cooperation.progress import Stage
from portal.core.access import SYSTEM
from portal.core.db import Database, session
from portal.core.errors import Forbidden, Invalid, Stale
from portal.editorial.models import Audience, Contribution, Kind
from tests import world as w
from tests.conftest import Statements
from tests.cooperation import asking
from tests.cooperation.asking import answer, line_ids, post, progress, told
from tests.editorial.test_policy import HOUSE, PEOPLE, allowed, contribution
from tests.http import Browser, words
from tests.world import World

CAN, MAYBE, NO, DONE = Answer.CAN_SUPPORT, Answer.INTERESTED, Answer.NOT_NOW, Answer.COVERED


@pytest.fixture
def need(world: World) -> Contribution:
    asking.add_coordinators(world)
    return post(world)


@pytest.fixture
def kept_need(kept_world: World, database: Database) -> Contribution:
    with database.unit_of_work():
        asking.add_coordinators(kept_world)
        return post(kept_world, reply_by=date(2027, 1, 15))


def test_coordinators_of_other_houses_answer_and_the_contributors_of_its_own_read_all() -> None:
    for kind in (Kind.NEED, Kind.OFFER):
        it = contribution(kind=kind)
        assert allowed(lambda a, it=it: policy.reply(a, it, Stage.OPEN)) == {"outsider"}
        assert allowed(lambda a, it=it: policy.reply(a, it, Stage.CLOSED)) == set()
        assert allowed(lambda a, it=it: policy.read_answers(a, it)) == HOUSE
        assert allowed(lambda a, it=it: policy.circulate(a, it, Stage.ANSWERED)) == {
            "coordinator", "administrator",
        }  # fmt: skip
        assert allowed(lambda a, it=it: policy.circulate(a, it, Stage.CLOSED)) == set()
        assert allowed(lambda a, it=it: policy.close(a, it, Stage.OPEN)) == {"coordinator"}
        assert allowed(lambda a, it=it: policy.close(a, it, Stage.CLOSED)) == set()
        assert allowed(lambda a, it=it: policy.reopen(a, it, Stage.CLOSED)) == {"coordinator"}
        assert allowed(lambda a, it=it: policy.reopen(a, it, Stage.OPEN)) == set()
    assert allowed(policy.see_unanswered) == {"administrator"}
    for other in (contribution(), contribution(kind=Kind.NEED, is_live=False)):
        for rule in (policy.reply, policy.circulate, policy.close):
            assert allowed(lambda a, rule=rule, other=other: rule(a, other, Stage.OPEN)) == set()
    assert PEOPLE["outsider"].organisation_id is not None


def replies_of(interest_id: str) -> dict[str, Reply]:
    """What was said to each line."""
    found = session().query(Reply).filter_by(interest_id=interest_id)
    return {row.line_id: row for row in found.execution_options(scope=SYSTEM)}


def test_an_answer_is_kept_by_line_and_only_what_changes_is_written_again(
    world: World, need: Contribution
) -> None:
    first, second = line_ids(need)
    made = answer(world, "bank", need, NO, None, note="Not this year.")
    assert progress(need).stage == Stage.ANSWERED
    assert told(world, "fijian") == told(world, "fiji coordinator") == ["answered"]
    assert queries.answers(world.actor("fijian"), need)[0].thread_id is None
    before = stamp(made)
    bank = world.actor("bank")
    kept = {first: Said(NO, "Not this year."), second: Said(CAN, "Dos consultores.")}
    again = actions.reply(bank, need, kept, "es", before)
    assert again.id == made.id and stamp(again) != before
    said = replies_of(made.id)
    assert (said[first].language, said[second].language) == ("en", "es")
    assert progress(need).stage == Stage.IN_TALKS
    assert told(world, "fijian") == ["answered", "answered"]
    same = actions.reply(bank, need, kept, "fr")
    assert stamp(same) == stamp(again)
    assert told(world, "fijian") == ["answered", "answered"]
    with pytest.raises(Stale):
        actions.reply(bank, need, {first: Said(MAYBE)}, "en", before)
    actions.reply(bank, need, {second: Said(NO)}, "en")
    (mine,) = queries.answers(bank, need)
    assert mine.thread_id is not None, "what was begun is not undone by a later answer"
    actions.reply(bank, need, {first: Said(MAYBE)}, "en")
    (still,) = queries.answers(bank, need)
    assert still.thread_id == mine.thread_id, "talks go on where they began"


@pytest.mark.parametrize(
    ("field", "said", "language"),
    [
        ("answers", None, "en"),
        ("answers", ("no such line", Said(NO)), "en"),
        ("language", Said(NO), "de"),
        ("note", Said(NO, "x" * 2001), "en"),
        ("note", Said(DONE), "en"),
        ("link", Said(DONE, "", "example.org"), "en"),
        ("link", Said(DONE, "", "javascript:alert(1)"), "en"),
        ("link", Said(DONE, "", "https://[x"), "en"),
        ("link", Said(DONE, "", "https://example.org/ x"), "en"),
        ("link", Said(DONE, "", f"https://example.org/{'x' * 500}"), "en"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(
    world: World, need: Contribution, field: str, said: Said | tuple[str, Said] | None, language: str
) -> None:
    line = line_ids(need)[0]
    given = {} if said is None else dict([said]) if isinstance(said, tuple) else {line: said}
    with pytest.raises(Invalid) as refused:
        actions.reply(world.actor("bank"), need, given, language)
    assert list(refused.value.errors) == [field if field in {"answers", "language"} else f"{field}-{line}"]


def test_an_offer_is_taken_up_not_supported(world: World, need: Contribution) -> None:
    offer = post(world, "partner", Kind.OFFER)
    line = line_ids(offer)[0]
    with pytest.raises(Invalid) as refused:
        actions.reply(world.actor("fiji coordinator"), offer, {line: Said(CAN)}, "en")
    assert list(refused.value.errors) == [f"answer-{line}"]
    answer(world, "fiji coordinator", offer, MAYBE)
    assert progress(offer).stage == Stage.IN_TALKS


def test_contributors_and_its_own_house_do_not_answer(world: World, need: Contribution) -> None:
    for who in ("partner", "fiji coordinator", "administrator"):
        with pytest.raises(Forbidden):
            answer(world, who, need, NO)


def test_another_organisation_sees_nothing_of_an_answer(world: World, need: Contribution) -> None:
    answer(world, "bank", need, CAN, note="Canary")
    answer(world, "japan", need, NO)

    def seen(who: str) -> list[str]:
        return [one.organisation.code for one in queries.answers(world.actor(who), need)]

    assert seen("fijian") == ["WB", "JICA"]
    assert seen("bank") == seen("partner") == ["WB"]
    assert seen("named") == ["JICA"]
    assert seen("peruvian") == seen("administrator") == seen("second moderator") == []
    counts = {who: sheets.figures(world.actor(who), need)[1] for who in ("fijian", "partner", "peruvian")}
    assert counts == {"fijian": 2, "partner": 1, "peruvian": 0}


def test_a_line_that_a_later_version_left_out_keeps_its_answers(
    app: Flask, world: World, need: Contribution
) -> None:
    answer(world, "bank", need, NO, NO)
    asking.revise(world, need, {2: "Training of twenty", 3: "A study visit"}, None)
    fijian = world.actor("fijian")
    with app.test_request_context("/en/"):
        found = sheets.sheet(fijian, sheets.asked(fijian, need.id))
        table = list(csv.reader(io.StringIO("".join(sheets.as_csv(found)))))
    assert [(line.number, line.words) for line in found.lines] == [
        (1, "Training of twenty"), (2, "A study visit"), (0, ""),
    ]  # fmt: skip
    assert [line.line.slot for line in found.present] == [2, 3]
    assert "no longer asked" in table[3]
    with pytest.raises(Invalid):
        actions.reply(world.actor("bank"), need, {found.lines[2].line.id: Said(NO)}, "en")


def test_a_partner_answers_at_a_page_that_keeps_what_was_typed(
    app: Flask, kept_world: World, database: Database, kept_need: Contribution
) -> None:
    with database.unit_of_work(write=False):
        first, second = line_ids(kept_need)
    url = f"/contributions/{kept_need.id}/answers"
    bank = Browser(app).sign_in("bank@test.example")
    page = words(bank.get(f"/contributions/{kept_need.id}"))
    assert "Answer line by line" in page and "Where it stands" in page
    assert "Two analysts for eight weeks" in words(bank.get(url))
    refused = bank.press("reply", **{f"answer-{first}": "covered", f"note-{second}": "Perhaps *later*"})
    assert refused.status_code == 422
    assert "Choose one of the answers" in words(refused)
    assert bank.filled("reply")[f"note-{second}"] == ["Perhaps *later*"]
    assert bank.filled("reply")[f"answer-{first}"] == ["covered"]
    typed = {f"answer-{second}": "not_now", f"link-{first}": "https://example.org/trs"}
    assert bank.press("reply", **typed).status_code == 303
    bank.follow()
    assert bank.filled("reply")[f"link-{first}"] == ["https://example.org/trs"]
    assert bank.press("reply", **{f"note-{first}": "By *JICA*."}).status_code == 303
    assert "Your organisation has answered" in words(bank.get(f"/contributions/{kept_need.id}"))
    fijian = Browser(app).sign_in("fijian@test.example")
    assert "1 organisation has answered" in words(fijian.get(f"/contributions/{kept_need.id}"))
    sheet = fijian.get(url)
    assert "Already covered" in words(sheet) and "By JICA" in words(sheet) and "Perhaps later" in words(sheet)
    assert 'href="https://example.org/trs" rel="noopener noreferrer nofollow"' in sheet.get_data(as_text=True)
    printed = words(fijian.get(f"{url}/print"))
    assert "Perhaps later" in printed and "Worldbank Customs" in printed
    peruvian = Browser(app).sign_in("peruvian@test.example")
    shown = words(peruvian.get(url))
    assert "Your organisation has not answered" in shown
    for canary in ("Worldbank", "JICA", "Perhaps later", "example.org/trs", "Already covered"):
        assert canary not in shown
    assert peruvian.get(f"{url}/print").status_code == peruvian.get(f"{url}.csv").status_code == 403


def test_a_second_coordinator_who_saves_later_loses_nothing_and_sees_both(
    app: Flask, database: Database, kept_need: Contribution
) -> None:
    with database.unit_of_work(write=False):
        first, _second = line_ids(kept_need)
    one, two = (Browser(app).sign_in("bank@test.example") for _ in range(2))
    for browser in (one, two):
        browser.get(f"/contributions/{kept_need.id}/answers")
    typed = {f"answer-{first}": "not_now"}
    assert one.press("reply", **typed, **{f"note-{first}": "Theirs"}).status_code == 303
    answer = two.press("reply", **typed, **{f"note-{first}": "Mine"})
    assert answer.status_code == 409
    assert "Kept now: Not now Theirs" in words(answer)
    assert two.filled("reply")[f"note-{first}"] == ["Mine"]
    assert two.press("reply").status_code == 303
    assert two.follow().status_code == 200
    assert two.filled("reply")[f"note-{first}"] == ["Mine"]


def test_the_sheet_is_a_table_without_formulas(
    app: Flask, kept_world: World, database: Database, kept_need: Contribution
) -> None:
    with database.unit_of_work():
        answer(kept_world, "bank", kept_need, NO, None, note='=HYPERLINK("http://x")', language="es")
    answered = Browser(app).sign_in("fijian@test.example").get(f"/contributions/{kept_need.id}/answers.csv")
    assert answered.content_type == "text/csv; charset=utf-8"
    table = list(csv.DictReader(io.StringIO(answered.get_data().decode("utf-8-sig"))))
    assert [(row["Line"], row["Organisation"], row["Answer"], row["Note"]) for row in table] == [
        ("1", "Worldbank Customs", "Not now", '\'=HYPERLINK("http://x")'),
        ("2", "Worldbank Customs", "", ""),
    ]
    assert (table[0]["Language of the note"], table[0]["What is asked"]) == (
        "Spanish",
        "Two analysts for eight weeks",
    )
    spanish = (
        Browser(app, "es").sign_in("fijian@test.example").get(f"/contributions/{kept_need.id}/answers.csv")
    )
    assert "Ahora no" in spanish.get_data(as_text=True)


@pytest.mark.parametrize("part", ["answers", "answers/print", "answers.csv", "circulate", "close"])
def test_a_hidden_need_has_no_pages(
    app: Flask, kept_world: World, database: Database, kept_need: Contribution, part: str
) -> None:
    with database.unit_of_work():
        hidden = post(kept_world, audience=Audience.CUSTOMS)
        answer(kept_world, "peru coordinator", hidden, CAN, note="Canary")
    bank = Browser(app).sign_in("bank@test.example")
    absent, there = (bank.get(f"/contributions/{i}/{part}") for i in ("0" * 16, hidden.id))
    assert absent.status_code == there.status_code == 404
    assert words(there).replace(hidden.id, "") == words(absent).replace("0" * 16, "")
    visitor = Browser(app)
    assert visitor.get(f"/contributions/{hidden.id}/{part}").status_code == 404


def test_a_visitor_is_asked_to_sign_in_where_the_need_is_public(
    app: Flask, kept_world: World, database: Database
) -> None:
    with database.unit_of_work():
        public = post(kept_world, audience=Audience.PUBLIC)
    visitor = Browser(app)
    assert "Sign in to answer for your organisation" in words(visitor.get(f"/contributions/{public.id}"))
    assert visitor.get(f"/contributions/{public.id}/answers").status_code == 303


def test_what_is_neither_need_nor_offer_is_not_answered(
    app: Flask, kept_world: World, database: Database
) -> None:
    with database.unit_of_work():
        update = w.make_published(kept_world)
    browser = Browser(app).sign_in("fijian@test.example")
    assert browser.get(f"/contributions/{update.id}/answers").status_code == 404
    assert "Where it stands" not in words(browser.get(f"/contributions/{update.id}"))


@pytest.mark.parametrize("who", ["fiji.coordinator", "bank", "administrator"])
def test_pages_cost_few_statements_with_any_number_of_answers(
    app: Flask,
    kept_world: World,
    database: Database,
    kept_need: Contribution,
    statements: Statements,
    who: str,
) -> None:
    with database.unit_of_work():
        for other in ("bank", "japan", "peru coordinator"):
            answer(kept_world, other, kept_need, CAN, NO, note="A note.")
        for number in range(5):
            post(kept_world, "partner", Kind.OFFER, words=f"Programme {number}")
            post(kept_world, words=f"Need {number}")
    browser = Browser(app).sign_in(f"{who}@test.example")
    base = f"/contributions/{kept_need.id}"
    pages = [base, f"{base}/answers", f"{base}/answers/print", f"{base}/answers.csv", f"{base}/circulate"]
    costs = {}
    for path in [*pages, f"{base}/close", "/cooperation/unanswered", "/administration"]:
        browser.get(path)
        app.extensions["portal_pages"].clear()
        statements.clear()
        if browser.get(path).status_code == 200:
            costs[path] = len(statements)
    assert len(costs) >= 2
    assert {path: cost for path, cost in costs.items() if cost > 12} == {}
