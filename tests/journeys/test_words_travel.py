"""A post, its file, its translation, its change, and who hears of it: the whole way, in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect

from portal.core.clock import now
from portal.core.db import Database
from portal.mail.transport import MemoryTransport, transport_of
from portal.notifications.actions import gather_digests
from tests.files.samples import docx
from tests.journeys.conftest import Running
from tests.journeys.test_browser import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

TITLE = "Precintos electrónicos en el corredor de Matarani"
FRENCH = "Scellés électroniques sur le corridor de Matarani"
BODY = "Los contenedores llevan un precinto electrónico.\n\nLa primera lectura se hace en el puerto."


def until(page: Page, address: str, found: Callable[[], int]) -> None:
    """Load a page again until something stands in it."""
    for _try in range(60):
        page.goto(address)
        if found():
            return
        time.sleep(0.25)
    raise AssertionError(f"it does not appear on {address}")


def test_words_travel_with_their_files_through_three_languages(
    browser: Browser, portal: Running, tmp_path: Path
) -> None:
    address = portal.address

    def person(email: str, language: str) -> Page:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        sign_in(page, address, email, language)
        return page

    def approved(moderator: Page, language: str, title: str) -> None:
        moderator.goto(f"{address}/{language}/moderation?sort=newest")
        moderator.get_by_role("link", name=title).first.click()
        moderator.click("button[name=claim]")
        moderator.click("button[name=approve]")

    # Senegal follows Peru.
    senegal = person("contributor@senegal.example", "fr")
    senegal.goto(f"{address}/fr/organisations?q=PER")
    senegal.get_by_role("link", name=re.compile("Pérou")).first.click()
    senegal.get_by_role("link", name="Suivre").click()
    senegal.click("button[name=follow]")
    expect(senegal.locator("main")).to_contain_text("Suivi")

    # Peru posts in Spanish, with a document.
    (tmp_path / "convenio.docx").write_bytes(docx("El cabrestante del muelle norte se precinta aparte."))
    peru = person("contributor@peru.example", "es")
    peru.goto(f"{address}/es/contributions/new?kind=reform_update")
    peru.fill("input[name=title]", TITLE)
    peru.fill("textarea[name=summary]", "Un precinto que se lee a distancia, del puerto a la frontera.")
    peru.fill("textarea[name=body]", BODY)
    peru.check("input[name=topics][value='TFA-7.9']")
    peru.check("input[name=audience][value=members]")
    peru.click("button[name=files]")
    peru.wait_for_url(lambda url: "/files" in url)
    peru.set_input_files("[name=file]", [tmp_path / "convenio.docx"])
    peru.click("button[name=attach]")
    expect(peru.locator("main .cx-meta", has_text="convenio.docx")).to_be_visible(timeout=20_000)
    until(peru, peru.url, peru.get_by_text("Comprobado", exact=True).count)
    peru.get_by_role("link", name="Volver al texto").click()
    peru.click("button[name=submit]")
    post = re.sub(r"^.*/contributions/([0-9a-z]{16}).*$", r"\1", peru.url)
    spanish = person("moderator@spain.example", "es")
    approved(spanish, "es", TITLE)

    # France's translator brings French.
    translator = person("translator@france.example", "fr")
    translator.goto(f"{address}/fr/contributions/{post}/translate/fr")
    expect(translator.locator("form#translation")).to_contain_text("precinto electrónico")
    translator.fill("[name=title]", FRENCH)
    translator.fill("[name=summary]", "Un scellé qui se lit à distance, du port à la frontière.")
    for paragraph, words in zip(
        translator.locator("[name=body]").all(),
        ("Les conteneurs portent un scellé.", "La première lecture se fait au port."),
        strict=True,
    ):
        paragraph.fill(words)
    translator.click("button[name=submit]")
    french = person("moderator@canada.example", "fr")
    approved(french, "fr", FRENCH)
    senegal.goto(f"{address}/fr/contributions/{post}")
    expect(senegal.locator("article h1")).to_have_text(FRENCH)

    # The original changes its meaning: readers of French are told, the translator sees what changed.
    peru.goto(f"{address}/es/contributions/{post}/edit?language=es")
    peru.fill("textarea[name=body]", BODY.replace("en el puerto", "en el almacén"))
    peru.check("input[name=changes_meaning]")
    peru.click("button[name=submit]")
    approved(spanish, "es", TITLE)
    senegal.goto(f"{address}/fr/contributions/{post}")
    expect(senegal.locator(".cx-banner.t-warn")).to_contain_text("plus ancienne que l’original")
    translator.goto(f"{address}/fr/contributions/{post}/translate/fr")
    expect(translator.locator("ins", has_text="almacén").first).to_be_visible()
    expect(translator.locator("del", has_text="puerto").first).to_be_visible()
    paragraphs = translator.locator("[name=body]")
    expect(paragraphs.nth(0)).to_have_value("Les conteneurs portent un scellé.")
    paragraphs.nth(1).fill("La première lecture se fait à l’entrepôt.")
    translator.click("button[name=submit]")
    approved(french, "fr", FRENCH)
    senegal.goto(f"{address}/fr/contributions/{post}")
    expect(senegal.locator("main .cx-prose")).to_contain_text("entrepôt")
    assert senegal.locator(".cx-banner.t-warn").count() == 0

    # The word that stands in the document alone finds the post for a member, not for a visitor.
    link = senegal.get_by_role("link", name=re.compile("Matarani"))
    until(senegal, f"{address}/fr/search?q=cabrestante", link.count)
    visitor = browser.new_context().new_page()
    visitor.goto(f"{address}/fr/search?q=cabrestante")
    assert visitor.get_by_role("link", name=re.compile("Matarani")).count() == 0

    # In the morning there is one mail, in French.
    (letter,) = letters_of_the_morning(portal, "contributor@senegal.example", FRENCH)
    assert letter["Content-Language"] == "fr"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def letters_of_the_morning(portal: Running, to: str, words: str) -> list[EmailMessage]:
    """Everything that this person was ever mailed with these words, once the next morning's mail is out."""
    database: Database = portal.app.extensions["portal_database"]
    box = transport_of(portal.app)
    assert isinstance(box, MemoryTransport)

    def theirs() -> list[EmailMessage]:
        mine = [letter for letter in box.sent if to in str(letter["To"])]
        return [letter for letter in mine if words in letter.get_body(("plain",)).get_content()]  # type: ignore[union-attr]

    with time_machine.travel(now().replace(hour=7) + timedelta(days=1)):
        with database.unit_of_work():
            gather_digests(6)
        deadline = time.time() + 30
        while not theirs() and time.time() < deadline:
            time.sleep(0.1)
    time.sleep(1)  # a second letter would come now
    return theirs()
