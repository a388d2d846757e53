"""The pages of matches: both ways, not relevant and undone, the radar while writing, in three languages."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from portal.core.db import Database
from portal.editorial.models import Audience, Kind
from portal.editorial.terms import Help
from tests import world as w
from tests.conftest import Statements
from tests.http import Browser, words
from tests.matching.making import line, make, need, offer
from tests.publishing.test_terms import NEED
from tests.world import World


@pytest.fixture
def pair(database: Database, kept_world: World) -> tuple[str, str]:
    """A need of Fiji and an offer of the World Bank that fits it but for training."""
    with database.unit_of_work():
        asked = need(kept_world, lines=(line(Help.EXPERTISE, "TFA-3"), line(Help.TRAINING, slot=2)))
        return asked.id, offer(kept_world).id


SAID = {
    "en": "Same topic: advance rulings (TFA 3); Fiji is eligible; asked and offered: expertise; the windows overlap by 7 months; working language English.",
    "es": "Mismo tema: resoluciones anticipadas (AFC 3); Fiji es admisible; solicitado y ofrecido: expertos; los plazos coinciden durante 7 meses; lengua de trabajo: inglés.",
    "fr": "Même thème : décisions anticipées (AFE 3) ; Fidji est admissible ; demandé et proposé : expertise ; les périodes se recoupent pendant 7 mois ; langue de travail : anglais.",
}


@pytest.mark.parametrize("language", sorted(SAID))
def test_why_it_matches_is_said_in_words(app: Flask, pair: tuple[str, str], language: str) -> None:
    asked, offered = pair
    for here, there in ((asked, offered), (offered, asked)):
        page = Browser(app, language).get(f"/contributions/{here}/matches")
        assert SAID[language] in words(page)
        assert f"/{language}/contributions/{there}" in page.get_data(as_text=True)


def test_the_word_the_bars_and_what_lowers_it_stand_there_and_no_number_of_points(
    app: Flask, pair: tuple[str, str]
) -> None:
    page = Browser(app).get(f"/contributions/{pair[0]}/matches")
    said = words(page)
    assert "Strong match" in said and "Lower on: kind of help." in said
    assert "Not offered: training" in said.replace("; not offered", "; Not offered")
    assert page.get_data(as_text=True).count("cx-score-track") == 5
    assert not re.search(r"\b(90|\d+ ?/ ?\d+|of 100)\b", said.partition("Why it matches")[0])


def test_the_panel_on_both_posts_leads_to_their_matches(app: Flask, pair: tuple[str, str]) -> None:
    for one in pair:
        assert f"/en/contributions/{one}/matches" in Browser(app).get(f"/contributions/{one}").get_data(
            as_text=True
        )


def test_a_reform_update_has_no_panel_and_no_matches(
    app: Flask, database: Database, kept_world: World
) -> None:
    with database.unit_of_work():
        made = w.make_published(kept_world).id
    assert "/matches" not in Browser(app).get(f"/contributions/{made}").get_data(as_text=True)
    assert Browser(app).get(f"/contributions/{made}/matches").status_code == 404


def test_not_relevant_is_undone_at_once_or_later(app: Flask, pair: tuple[str, str]) -> None:
    asked, offered = pair
    partner = Browser(app).sign_in("partner@test.example")
    partner.get(f"/contributions/{offered}/matches")
    assert partner.press("dismiss").status_code == 303
    assert "Not shown to your organisation any more: Rulings for Fiji" in words(partner.follow())
    assert partner.press("take_back").status_code == 303
    assert "Rulings for Fiji: two analysts" in words(partner.follow())
    partner.press("dismiss")
    assert "No need fits yet" in words(partner.get(f"/contributions/{offered}/matches"))
    left = partner.get(f"/contributions/{asked}/matches?show=dismissed")
    assert "Rulings facility" in words(left)
    partner.press("take_back")
    assert "Nothing is marked as not relevant" in words(
        partner.get(f"/contributions/{asked}/matches?show=dismissed")
    )


def test_visitors_and_readers_are_offered_no_button(app: Flask, pair: tuple[str, str]) -> None:
    for browser in (Browser(app), Browser(app).sign_in("reader@test.example")):
        page = browser.get(f"/contributions/{pair[0]}/matches")
        assert 'name="dismiss"' not in page.get_data(as_text=True)


def test_a_foreign_dismissal_is_nothing(app: Flask, database: Database, kept_world: World) -> None:
    with database.unit_of_work():
        asked, hidden = need(kept_world).id, offer(kept_world, audience=Audience.OWN).id
    app.config["WTF_CSRF_ENABLED"] = False
    for who, status in (("fijian", 404), ("reader", 404), (None, 401)):
        browser = Browser(app).sign_in(f"{who}@test.example") if who else Browser(app)
        assert (
            browser.post(f"/contributions/{asked}/matches/dismiss", {"other": hidden}).status_code == status
        )


def test_matches_come_in_pages(
    app: Flask, database: Database, kept_world: World, statements: Statements
) -> None:
    with database.unit_of_work():
        asked = need(kept_world).id
        for number in range(12):
            offer(kept_world, words=f"Facility {number}")
    first, second = (words(Browser(app).get(f"/contributions/{asked}/matches?page={n}")) for n in ("1", "2"))
    assert (first.count("Strong match"), second.count("Strong match")) == (10, 2)
    assert words(Browser(app).get(f"/contributions/{asked}/matches?page=99")).count("Strong match") == 2
    statements.clear()
    Browser(app).get(f"/contributions/{asked}/matches")
    assert len(statements) <= 8


def test_an_empty_page_says_what_to_do_next(app: Flask, database: Database, kept_world: World) -> None:
    with database.unit_of_work():
        asked = need(kept_world).id
    page = words(Browser(app).get(f"/contributions/{asked}/matches"))
    assert "No offer fits yet" in page and "All offers" in page


def test_the_radar_shows_what_is_there_already_while_a_need_is_written(
    app: Flask, database: Database, kept_world: World
) -> None:
    with database.unit_of_work():
        need(kept_world, "peruvian", words="Peru asks", countries=("PE",))
        need(kept_world, "author", words="Thailand asks", countries=("TH",))
        need(kept_world, "fijian", words="Fiji asks")
        offer(kept_world, words="An offer")
        offer(kept_world, words="A secret", audience=Audience.OWN)
    browser = Browser(app).sign_in("fijian@test.example")
    asked = "/contributions/similar?kind=need&topics=TFA-3&countries=FJ&line1=y&line1_help=expertise"
    found = words(browser.get(asked))
    assert found.index("Fiji asks") < found.index("Thailand asks") < found.index("An offer")
    assert "Peru asks" not in found and "A secret" not in found
    assert "same topic: advance rulings (TFA 3); same country: Fiji" in browser.page.get_data(as_text=True)  # type: ignore[union-attr]
    later = words(browser.get(f"{asked}&starts_on=2028-01-01&ends_on=2028-0"))
    assert "Fiji asks" not in later  # what cannot be read of the end is left out
    assert "Choose a topic" in words(browser.get("/contributions/similar?kind=need&countries=FJ"))
    assert "Nothing that you may read" in words(
        browser.get("/contributions/similar?kind=offer&topics=TFA-10.4")
    )
    assert browser.get("/contributions/similar?kind=lesson_learned&topics=TFA-3").status_code == 404
    assert Browser(app).get(asked).status_code == 403


def test_without_a_script_the_radar_stands_in_the_editor_and_beside_the_saved_draft(
    app: Flask, database: Database, kept_world: World
) -> None:
    with database.unit_of_work():
        need(kept_world, "author", words="Thailand asks", countries=("TH",))
        offer(kept_world, words="An offer")
    browser = Browser(app).sign_in("fijian@test.example")
    assert "Choose a topic" in words(browser.get("/contributions/new?kind=need"))
    assert browser.press("save", **NEED).status_code == 303
    draft = browser.follow()
    assert "Thailand asks" in words(draft) and "An offer" in words(draft)
    address = draft.request.path.rpartition("/")[2][:16]
    page = browser.get(f"/contributions/{address}/edit")
    assert "Thailand asks" in words(page) and f"id={address}" in page.get_data(as_text=True)
    refused = browser.press("save", topics=["TFA-10.4"], line1_topic="", starts_on="soon")
    assert refused.status_code == 422 and "Thailand asks" not in words(refused)


def test_a_published_need_is_not_like_itself(app: Flask, database: Database, kept_world: World) -> None:
    with database.unit_of_work():
        made = make(kept_world, Kind.NEED, "fijian", "Only one", countries=("FJ",)).id
    page = words(Browser(app).sign_in("fijian@test.example").get(f"/contributions/{made}/edit"))
    assert "Nothing that you may read is like it." in page
