"""Needs and offers with their lines: written, refused without loss, reviewed, published, revised, translated."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core.access import SYSTEM
from portal.core.db import Database, session
from portal.core.guard import scoped
from portal.editorial.models import Contribution, ExchangeLine, ExchangeTerms, Kind
from portal.editorial.terms import MOST_LINES, Category, Help, Terms
from portal.editorial.texts import About
from tests import world as w
from tests.http import Browser, words
from tests.world import World

NEED = {
    "title": "Analysts for a time release study",
    "summary": "Two analysts for eight weeks.",
    "situation": "Nobody has measured since 2019.",
    "line1": "Two analysts for *eight* weeks",
    "line1_help": "expertise",
    "line1_topic": "TFA-3",
    "line1_category": "C",
    "line1_due_on": "2027-12-31",
    "line1_is_definitive": "y",
    "line2": "Training of twelve enumerators",
    "line2_help": "training",
    "starts_on": "2027-02-01",
    "ends_on": "2027-05-31",
    "least": "50000",
    "most": "120 000",
    "currency": "USD",
    "working_languages": "en",
    "reply_by": "2027-01-15",
    "topics": ["TFA-3"],
    "countries": ["FJ"],
    "audience": "members",
}


def only(database: Database, kind: Kind = Kind.NEED) -> str:
    """The id of the only contribution of a kind."""
    with database.unit_of_work(write=False):
        return (
            session().scalars(scoped(SYSTEM, select(Contribution.id).where(Contribution.kind == kind))).one()
        )


def lines_of(contribution_id: str) -> list[ExchangeLine]:
    """All lines that were ever published, by slot."""
    statement = select(ExchangeLine).where(ExchangeLine.contribution_id == contribution_id)
    return sorted(session().scalars(scoped(SYSTEM, statement)), key=lambda line: line.slot)


def publish(database: Database, world: World, contribution_id: str) -> None:
    """Have a moderator approve what was handed in."""
    with database.unit_of_work():
        made = (
            session()
            .scalars(scoped(SYSTEM, select(Contribution).where(Contribution.id == contribution_id)))
            .one()
        )
        w.claim(world, made)
        w.approve(world, made)


@pytest.fixture
def fijian(app: Flask, kept_world: World) -> Browser:
    return Browser(app).sign_in("fijian@test.example")


def handed_in(browser: Browser, database: Database, world: World, **changed: object) -> str:
    """A need that is published; returns its id."""
    browser.get("/contributions/new?kind=need")
    assert browser.press("submit", **{**NEED, **changed}).status_code == 303
    made = only(database)
    publish(database, world, made)
    return made


def test_a_need_with_two_lines_is_reviewed_and_shown(
    app: Flask, fijian: Browser, database: Database, kept_world: World
) -> None:
    fijian.get("/contributions/new?kind=need")
    assert fijian.press("submit", **NEED).status_code == 303
    made = only(database)
    with database.unit_of_work(write=False):
        case = w.open_case(session().get_one(Contribution, made, execution_options={"scope": SYSTEM})).id
    moderator = Browser(app).sign_in("moderator@test.example")
    review = words(moderator.get(f"/moderation/{case}?view=text"))
    assert "Training of twelve enumerators" in review and "50,000 USD to 120,000 USD" in review
    publish(database, kept_world, made)
    page = Browser(app).sign_in("partner@test.example").get(f"/contributions/{made}")
    shown = words(page)
    assert "What is asked" in shown and "Two analysts for eight weeks" in shown
    assert "Category C" in shown and "definitive date: 31 Dec 2027" in shown
    assert "<em>eight</em>" in page.get_data(as_text=True)
    with database.unit_of_work(write=False):
        terms = session().get_one(ExchangeTerms, made, execution_options={"scope": SYSTEM})
        assert (terms.starts_on, terms.most, terms.languages) == (date(2027, 2, 1), 120_000, ["en"])
        first, second = lines_of(made)
        assert (first.help, first.topic_code, first.category) == (Help.EXPERTISE, "TFA-3", Category.C)
        assert (first.due_on, first.is_definitive, second.help) == (date(2027, 12, 31), True, Help.TRAINING)


@pytest.mark.parametrize("language", ["es", "fr"])
def test_the_facts_of_a_need_are_told_in_the_readers_language(
    app: Flask, fijian: Browser, database: Database, kept_world: World, language: str
) -> None:
    made = handed_in(fijian, database, kept_world)
    page = words(Browser(app, language).sign_in("partner@test.example").get(f"/contributions/{made}"))
    assert {"es": "fecha definitiva: 31 dic 2027", "fr": "date définitive : 31 déc. 2027"}[language] in page
    assert "Two analysts for eight weeks" in page


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"starts_on": "soon"}, "starts_on", "year-month-day"),
        ({"ends_on": "2026-01-01"}, "ends_on", "before the beginning"),
        ({"reply_by": "1999-01-01"}, "reply_by", "between 2000 and 2099"),
        ({"most": "a lot"}, "most", "whole amount"),
        ({"most": "10"}, "most", "below the lower"),
        ({"least": "99999999999"}, "least", "10,000,000,000"),
        ({"currency": ""}, "currency", "currency of the budget"),
        ({"working_languages": ["tlh"]}, "working_languages", "cannot be chosen"),
        ({"regions": ["MARS"]}, "regions", "does not exist"),
        ({"line1_topic": "TFA-99"}, "line1_topic", "does not exist"),
        ({"line2_due_on": "31/12/2027"}, "line2_due_on", "year-month-day"),
        ({"line2_due_on": "2100-01-01"}, "line2_due_on", "between 2000 and 2099"),
        ({"line1": "", "line2": ""}, "line1", "at least one line"),
        ({"line1": "x" * 601}, "line1", "at most 600"),
        ({"situation": ""}, "situation", "Write this part"),
    ],
)
def test_what_is_refused_comes_back_as_it_was_typed(
    fijian: Browser, changed: dict[str, object], field: str, said: str
) -> None:
    fijian.get("/contributions/new?kind=need")
    answer = fijian.press("submit", **{**NEED, **changed})
    assert answer.status_code == 422
    assert said in words(answer)
    assert f'href="#{field}"' in answer.get_data(as_text=True)
    kept = {**NEED, **changed}
    again = fijian.filled()
    for name in ("situation", "line2", "line1_topic", "starts_on", "most", "reply_by", "line2_due_on"):
        if name != "line1_topic" or kept[name] == NEED["line1_topic"]:
            assert kept.get(name, "") in again.get(name, [""]), name


def test_a_line_keeps_its_row_through_versions_and_one_left_out_stays_for_its_replies(
    fijian: Browser, database: Database, kept_world: World
) -> None:
    made = handed_in(fijian, database, kept_world)
    with database.unit_of_work(write=False):
        before = {line.slot: line.id for line in lines_of(made)}
    fijian.get(f"/contributions/{made}/edit")
    changes = {
        "line1": "",
        "line2": "Training of twenty",
        "line3": "A study visit",
        "line3_help": "study_visit",
    }
    assert fijian.press("submit", **changes).status_code == 303
    publish(database, kept_world, made)
    with database.unit_of_work(write=False):
        after = {line.slot: line for line in lines_of(made)}
        assert {slot: line.id for slot, line in after.items() if slot < 3} == before
        assert [after[slot].is_current for slot in (1, 2, 3)] == [False, True, True]


def test_the_key_of_a_line_of_others_is_not_taken_over(
    app: Flask, fijian: Browser, database: Database, kept_world: World
) -> None:
    made = handed_in(fijian, database, kept_world)
    with database.unit_of_work(write=False):
        stolen = lines_of(made)[0].key
    author = Browser(app).sign_in("author@test.example")
    author.get("/contributions/new?kind=offer")
    offer = {**NEED, "programme": "A programme.", "line1_key": stolen, "regions": ["AP"]}
    offer.pop("situation")
    assert author.press("submit", **offer).status_code == 303
    other = only(database, Kind.OFFER)
    publish(database, kept_world, other)
    with database.unit_of_work(write=False):
        assert [line.contribution_id for line in lines_of(made)] == [made, made]
        assert {line.contribution_id for line in lines_of(other)} == {other}
        assert session().get_one(ExchangeTerms, other, execution_options={"scope": SYSTEM}).regions == ["AP"]


def test_lines_are_translated_with_the_rest_and_an_empty_part_is_not_asked_for(
    app: Flask, fijian: Browser, database: Database, kept_world: World
) -> None:
    made = handed_in(fijian, database, kept_world)
    page = fijian.get(f"/contributions/{made}/translate/es")
    assert page.status_code == 200
    names = {name for name in fijian.filled() if name.startswith("line")}
    assert names == {"line1", "line2"}
    words_of = {
        "title": "Analistas",
        "summary": "Dos.",
        "situation": "Nadie ha medido.",
        "line1": "Dos analistas",
    }
    assert fijian.press("submit", **words_of).status_code == 422
    assert fijian.press("submit", **words_of, line2="Formación").status_code == 303
    with database.unit_of_work():
        contribution = session().get_one(Contribution, made, execution_options={"scope": SYSTEM})
        w.claim(kept_world, contribution, language="es")
        w.approve(kept_world, contribution, "es")
    read = words(Browser(app, "es").sign_in("partner@test.example").get(f"/contributions/{made}"))
    assert "Dos analistas" in read and "Formación" in read and "120.000 USD" in read


def test_a_colleague_who_saved_first_loses_no_terms_of_the_second(
    app: Flask, fijian: Browser, database: Database, kept_world: World
) -> None:
    fijian.get("/contributions/new?kind=need")
    assert fijian.press("save", **NEED).status_code == 303
    made = only(database)
    one, two = (Browser(app).sign_in("fijian@test.example") for _ in range(2))
    one.get(f"/contributions/{made}/edit")
    two.get(f"/contributions/{made}/edit")
    assert one.press("save", title="First").status_code == 303
    answer = two.press("save", most="90000", line2_help="funding", line3="A third")
    assert answer.status_code == 409
    assert two.press("save").status_code == 303
    with database.unit_of_work(write=False):
        contribution = session().get_one(Contribution, made, execution_options={"scope": SYSTEM})
        terms = About.of(w.latest(contribution)).terms
        assert terms is not None and terms.most == 90_000 and terms.starts_on == date(2027, 2, 1)
        assert [line.help for line in terms.lines] == [Help.EXPERTISE, Help.FUNDING, Help.EXPERTISE]
        assert terms.lines[0].is_definitive


def test_terms_survive_being_stored() -> None:
    terms = Terms.of(Terms().stored())
    assert terms == Terms()
    assert MOST_LINES not in {line.slot for line in terms.lines}
