"""The desk at a browser without a screen: side by side, nothing typed is lost, nobody sees too much."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from portal.core.db import Database
from portal.editorial.models import Audience, Contribution, Kind, State
from tests import world as w
from tests.conftest import Statements
from tests.http import Browser, words
from tests.world import World

TYPED = {"title": "Ventanilla única", "summary": "Resumen.", "body": "Uno.\n\nDos."}


@pytest.fixture
def made(kept_world: World, database: Database) -> Contribution:
    with database.unit_of_work():
        return w.make_published(kept_world, "Single window")


@pytest.fixture
def translator(app: Flask, kept_world: World) -> Browser:
    return Browser(app).sign_in("translator@test.example")


def at(made: Contribution, language: str = "es") -> str:
    return f"/contributions/{made.id}/translate/{language}"


def test_a_translator_writes_beside_the_original_and_a_moderator_publishes(
    app: Flask, kept_world: World, database: Database, made: Contribution, translator: Browser
) -> None:
    page = translator.get("/translations")
    assert made.id in page.get_data(as_text=True)
    html = translator.get(at(made)).get_data(as_text=True)
    assert 'data-agreed="Ventanilla única"><dfn>Single window</dfn>' in html
    assert 'id="term-TFA-10-4"' in html
    assert "The body of" in html
    assert translator.press("save", **TYPED).status_code == 303
    translator.follow()
    assert "Your draft is saved" in words(translator.page)
    assert translator.press("submit", **{**TYPED, "body": "Uno."}).status_code == 303
    assert "Where it stands" in words(translator.follow())
    moderator = Browser(app).sign_in("spanish.moderator@test.example")
    with database.unit_of_work(write=False):
        case = w.open_case(made, "es")
    shown = words(moderator.get(f"/moderation/{case.id}"))
    assert "With the original" in shown
    assert "The body of Single window." in shown
    assert "changes the meaning" not in shown
    moderator.press("claim")
    moderator.get(f"/moderation/{case.id}")
    assert moderator.press("approve").status_code == 303
    reader = Browser(app, "es")
    assert "Ventanilla única" in words(reader.get(f"/contributions/{made.id}"))


def test_the_change_of_the_original_is_marked_and_can_be_confirmed_or_followed(
    app: Flask, kept_world: World, database: Database, made: Contribution, translator: Browser
) -> None:
    with database.unit_of_work():
        w.translate(kept_world, made, "es")
        w.revise(kept_world, made, "Simple window")
    page = words(translator.get(at(made)))
    assert "paragraphs of the original changed after it was translated" in page
    assert "Submit as a partial update" in page
    assert re.search(r"<del>.*?Single", translator.page.get_data(as_text=True), re.S)
    assert translator.press("no_change_needed").status_code == 303
    assert "still says what the original says" in words(translator.follow())
    assert "changed after it was translated" not in words(translator.get(at(made)))
    with database.unit_of_work():
        w.revise(kept_world, made, "Another window")
    translator.get(at(made))
    assert translator.press("partial_update", **TYPED).status_code == 303
    with database.unit_of_work():
        w.claim(kept_world, made, language="es")
        case = w.open_case(made, "es").id
    moderator = Browser(app).sign_in("spanish.moderator@test.example")
    assert "This is a partial update" in words(moderator.get(f"/moderation/{case}"))


def test_a_small_change_is_told_without_alarm(
    app: Flask, kept_world: World, database: Database, made: Contribution, translator: Browser
) -> None:
    with database.unit_of_work():
        w.translate(kept_world, made, "es")
        w.revise(kept_world, made, "Singel window", changes_meaning=False)
    page = words(translator.get(at(made)))
    assert "leaves the meaning as it was" in page
    assert "partial update" not in page


def test_what_is_incomplete_comes_back_with_every_word(translator: Browser, made: Contribution) -> None:
    translator.get(at(made))
    answer = translator.press("submit", title="Solo el título", body="Cuerpo")
    assert answer.status_code == 422
    html = answer.get_data(as_text=True)
    assert "Solo el título" in html
    assert "Cuerpo" in html
    assert "Write a summary" in words(answer)


def test_two_who_write_at_once_see_both_texts(
    app: Flask, kept_world: World, made: Contribution, translator: Browser
) -> None:
    author = Browser(app).sign_in("author@test.example")
    for browser in (translator, author):
        browser.get(at(made))
    translator.press("save", **TYPED)
    answer = author.press("save", **{**TYPED, "title": "La mía"})
    assert answer.status_code == 409
    assert "La mía" in answer.get_data(as_text=True)
    assert "Ventanilla única" in answer.get_data(as_text=True)
    assert author.press("save").status_code == 303
    assert "La mía" in author.follow().get_data(as_text=True)


def test_saving_by_itself_answers_with_the_version_and_refuses_a_stale_one(
    translator: Browser, made: Contribution
) -> None:
    translator.get(at(made))
    token = re.search(r'name="csrf_token" value="([^"]+)"', translator.page.get_data(as_text=True))
    assert token is not None
    json = {"Accept": "application/json"}
    sent = {**TYPED, "csrf_token": token[1]}
    saved = translator.post(f"{at(made)}/autosave", sent, headers=json)
    assert saved.status_code == 200
    assert saved.json["version"] == 1
    again = {**sent, "loaded": saved.json["revision"], "version": "1"}
    assert translator.post(f"{at(made)}/autosave", again, headers=json).json["version"] == 2
    assert translator.post(f"{at(made)}/autosave", again, headers=json).status_code == 409


def test_paragraphs_that_do_not_match_are_told(translator: Browser, made: Contribution) -> None:
    translator.get(at(made))
    translator.press("save", **{**TYPED, "body": "Uno."})
    assert "Original: 2 paragraphs, translation: 1" in words(translator.follow())


def boxes(browser: Browser, part: str = "body") -> list[str]:
    """What stands in the fields of a part, a paragraph each."""
    assert browser.page is not None
    html = browser.page.get_data(as_text=True)
    return [words.strip() for words in re.findall(rf'<textarea[^>]* name="{part}"[^>]*>\n?([^<]*)<', html)]


def test_each_paragraph_has_its_field_and_one_left_for_later_keeps_its_place(
    database: Database, made: Contribution, translator: Browser
) -> None:
    translator.get(at(made))
    assert boxes(translator) == ["", ""]
    assert "Text, Spanish, paragraph 2" in words(translator.page)  # type: ignore[arg-type]
    translator.press("save", **{**TYPED, "body": ["", "Dos."]})
    translator.follow()
    assert boxes(translator) == ["", "Dos."]
    assert translator.press("submit", **{**TYPED, "body": ["", "Dos."]}).status_code == 303
    with database.unit_of_work(write=False):
        assert w.latest(made, "es").parts["body"] == "\n\nDos."


def test_what_is_translated_stays_beside_its_paragraph_when_the_original_gains_one(
    app: Flask, kept_world: World, database: Database, made: Contribution, translator: Browser
) -> None:
    from portal.editorial import actions
    from portal.editorial.texts import Text

    with database.unit_of_work():
        w.translate(kept_world, made, "es")
        last = w.latest(made)
        first, second = last.parts["body"].split("\n\n")
        grown = Text(last.title, last.summary, {"body": f"{first}\n\nQuite new.\n\n{second}"})
        author = kept_world.actor("author")
        actions.save(
            author, made, "en", grown, w.about(), loaded=(last.id, last.version), changes_meaning=True
        )
        w.submit(kept_world, made)
        w.claim(kept_world, made)
        w.approve(kept_world, made, changes_meaning=True)
        spanish = w.published(made, "es").parts["body"].split("\n\n")
    translator.get(at(made))
    assert boxes(translator) == [spanish[0], "", spanish[1]]
    translator.press("save", body=[spanish[0], "", "Otra cosa."])
    translator.follow()
    assert boxes(translator) == [spanish[0], "", "Otra cosa."]


def test_a_part_of_very_many_paragraphs_is_one_field(
    app: Flask, kept_world: World, database: Database, translator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.translating import aligning

    monkeypatch.setattr(aligning, "MOST_ROWS", 1)
    with database.unit_of_work():
        made = w.make_published(kept_world, "Single window")
    translator.get(at(made))
    translator.press("save", **TYPED)
    translator.follow()
    assert boxes(translator) == [TYPED["body"]]


def test_an_answer_to_the_moderator_is_given_at_the_desk(
    app: Flask, kept_world: World, database: Database, made: Contribution, translator: Browser
) -> None:
    def back_from_the_moderator(step: str) -> None:
        from portal.editorial import actions

        with database.unit_of_work():
            case = w.claim(kept_world, made, language="es")
            revision, moderator = w.latest(made, "es"), kept_world.actor("spanish moderator")
            digest = w.snapshot_digest(made, revision)
            if step == "propose":
                text = w.text("Propuesta")
                actions.propose_edit(moderator, case, case.version, digest, text, "Suits better.")
            else:
                actions.decline(moderator, case, case.version, digest, "Not clear.")

    translator.get(at(made))
    assert translator.post(f"{at(made)}/withdraw").status_code == 400  # a form of ours has a token
    translator.get(at(made))
    translator.press("submit", **TYPED)
    translator.follow()
    assert translator.press("withdraw").status_code == 303
    assert "withdrawn" in words(translator.follow())
    translator.press("submit")
    back_from_the_moderator("decline")
    shown = words(translator.get(at(made)))
    assert "Not clear." in shown
    assert translator.press("appeal", comment="Look again").status_code == 303
    with database.unit_of_work():
        case = w.open_case(made, "es")
        case.excluded_moderator_id = None
    back_from_the_moderator("propose")
    page = words(translator.get(at(made)))
    assert "The proposed wording" in page
    assert "Propuesta" in page
    assert translator.press("refuse_edit", comment="Mine is better").status_code == 303
    with database.unit_of_work():
        from portal.editorial import actions

        case, revision = w.open_case(made, "es"), w.latest(made, "es")
        digest = w.snapshot_digest(made, revision)
        moderator = kept_world.actor("spanish moderator")
        actions.propose_edit(moderator, case, case.version, digest, w.text("Segunda"), "And so?")
    translator.get(at(made))
    assert translator.press("confirm_edit").status_code == 303
    with database.unit_of_work(write=False):
        assert w.published(made, "es").title.startswith("Segunda")


def test_there_is_nothing_to_answer_where_nothing_is_translated(
    app: Flask, made: Contribution, translator: Browser
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    assert translator.post(f"{at(made)}/withdraw").status_code == 404


def test_stale_confirmation_is_refused(
    app: Flask, kept_world: World, database: Database, made: Contribution, translator: Browser
) -> None:
    with database.unit_of_work():
        w.translate(kept_world, made, "es")
        w.revise(kept_world, made, "Two")
    translator.get(at(made))
    with database.unit_of_work():
        w.revise(kept_world, made, "Three")
    assert translator.press("no_change_needed").status_code == 409


def test_a_visitor_is_asked_to_sign_in_and_a_reader_is_refused(
    app: Flask, kept_world: World, made: Contribution
) -> None:
    visitor = Browser(app)
    for path in ("/translations", at(made), at(made, "fr"), "/contributions/0000000000000000/translate/es"):
        assert visitor.get(path).status_code == 303
    reader = Browser(app).sign_in("reader@test.example")
    assert reader.get("/translations").status_code == 403
    assert reader.get(at(made)).status_code == 403


def test_outside_the_audience_a_translation_has_no_page(
    app: Flask, kept_world: World, database: Database, made: Contribution
) -> None:
    with database.unit_of_work():
        hidden = w.make_published(kept_world, "Customs canary", audience=Audience.CUSTOMS)
        w.translate(kept_world, hidden, "es", "Canario", publish=False)
    app.config["WTF_CSRF_ENABLED"] = False
    partner = Browser(app).sign_in("partner.translator@test.example")
    nothing = f"/contributions/{'0' * 16}/translate/es"
    there, absent = partner.get(at(hidden)), partner.get(nothing)
    assert there.status_code == absent.status_code == 404
    assert words(there).replace(hidden.id, "") == words(absent).replace("0" * 16, "")
    for path in ("", "/autosave", "/withdraw"):
        assert partner.post(at(hidden) + path, TYPED).status_code == 404
    for path in ("/translations", "/translations?tab=table", "/translations?state="):
        page = partner.get(path).get_data(as_text=True)
        assert "canary" not in page
        assert "Canario" not in page
        assert hidden.id not in page


def test_the_contribution_shows_translators_the_way_to_the_desk(
    app: Flask, kept_world: World, made: Contribution, translator: Browser
) -> None:
    assert at(made) in translator.get(f"/contributions/{made.id}").get_data(as_text=True)
    for name in ("reader", "fijian"):
        shown = Browser(app).sign_in(f"{name}@test.example").get(f"/contributions/{made.id}")
        assert at(made) not in shown.get_data(as_text=True)
    house = Browser(app).sign_in("author@test.example").get(f"/contributions/{made.id}")
    assert at(made, "fr") in house.get_data(as_text=True)


def test_the_plain_editor_leads_to_the_desk_for_what_is_published(
    app: Flask, kept_world: World, database: Database, made: Contribution
) -> None:
    author = Browser(app).sign_in("author@test.example")
    answer = author.get(f"/contributions/{made.id}/edit?language=es")
    assert answer.headers["Location"].endswith(at(made))
    with database.unit_of_work():
        draft = w.make_draft(kept_world, words="Draft")
    assert author.get(f"/contributions/{draft.id}/edit?language=es").status_code == 200
    assert author.get(f"/contributions/{made.id}/edit").status_code == 200


def test_a_machine_is_offered_only_where_it_is_on_and_the_text_is_public(
    app: Flask, kept_world: World, database: Database, made: Contribution, translator: Browser
) -> None:
    assert "machine_draft" not in translator.get(at(made)).get_data(as_text=True)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_editor_of_a_lesson_has_all_its_parts_and_costs_few_statements(
    app: Flask, kept_world: World, database: Database, translator: Browser, statements: Statements, kind: Kind
) -> None:
    with database.unit_of_work():
        made = w.make_published(kept_world, "Lesson", kind=kind)
        w.translate(kept_world, made, "es")
        w.revise(kept_world, made, "Lesson two")
    translator.get(at(made))
    statements.clear()
    page = translator.get(at(made))
    assert len(statements) <= 12
    assert page.status_code == 200
    with database.unit_of_work(write=False):
        assert w.latest(made, "es").state == State.PUBLISHED


def test_the_secretariat_says_who_translates_into_what(
    app: Flask, kept_world: World, database: Database
) -> None:
    administrator = Browser(app).sign_in("administrator@test.example")
    person = kept_world.people["fijian"]
    administrator.get(f"/administration/people/{person}")
    assert administrator.press("set_translates", translates=["fr", "es"]).status_code == 303
    assert "What the person translates is saved" in words(administrator.follow())
    with database.unit_of_work(write=False):
        assert kept_world.actor("fijian").translates == ("es", "fr")
    administrator.get(f"/administration/people/{person}")
    assert administrator.press("set_translates", translates=["de"]).status_code == 422
    outsider = Browser(app).sign_in("author@test.example")
    assert outsider.get(f"/administration/people/{person}").status_code in {403, 404}
