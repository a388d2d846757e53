"""An officer searches in their own language: other names, fields, figures, files to take away, in a real browser."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.test_browser import look_at

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# What it is called, what the page says, in the language of the officer.
SAID = {
    "en": {
        "typed": "guichet unique",
        "also": "Also searched for: Single window",
        "through": "in the English text",
        "exactly": "Search for exactly what I typed",
        "others": "Search for all other names too",
        "country": "country:perú",
        "figures": "Years and countries",
        "table": "table (CSV)",
        "title": "Title",
    },
    "es": {
        "typed": "single window",
        "also": "También se ha buscado: ",
        "through": "en el texto en español",
        "exactly": "Buscar exactamente lo que escribí",
        "others": "Buscar también todos los demás nombres",
        "country": "country:pérou",
        "figures": "Años y países",
        "table": "tabla (CSV)",
        "title": "Título",
    },
    "fr": {
        "typed": "ventanilla única",
        "also": "Également recherché",
        "through": "dans le texte en français",
        "exactly": "Rechercher exactement ce que j’ai saisi",
        "others": "Rechercher aussi tous les autres noms",
        "country": "country:peru",
        "figures": "Années et pays",
        "table": "tableau (CSV)",
        "title": "Titre",
    },
}


@pytest.mark.parametrize("language", sorted(SAID))
def test_an_officer_finds_what_is_written_in_other_languages(
    browser: Browser, portal_address: str, language: str, tmp_path: Path
) -> None:
    said = SAID[language]
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{portal_address}/{language}/search")
    page.evaluate("window.stayed = true")
    page.fill("#q", said["typed"])
    page.press("#q", "Enter")

    # The other names are told, each hit says through which it was found, and all of them can be left out.
    expect(page.locator(".cx-also-searched")).to_contain_text(said["also"])
    expect(page.locator("article.cx-record").filter(has_text=said["through"]).first).to_be_visible()
    every = page.locator("article.cx-record").count()
    page.get_by_role("link", name=said["exactly"]).click()
    expect(page.get_by_role("link", name=said["others"])).to_be_visible()
    assert "plain=" in page.url
    assert page.locator("article.cx-record").count() < every
    page.get_by_role("link", name=said["others"]).click()
    expect(page.locator(".cx-also-searched")).to_be_visible()

    # A field narrows, with the name of any language; its chip takes it out of the text again.
    page.fill("#q", f"{said['typed']} {said['country']}")
    page.press("#q", "Enter")
    expect(page.locator(".cx-applied a").first).to_contain_text(re.compile("Per[uú]|Pérou"))
    assert page.locator("article.cx-record").count() < every
    page.locator(".cx-applied a").first.click()
    expect(page.locator(".cx-applied")).to_have_count(0)
    expect(page.locator("#q")).to_have_value(said["typed"])

    # Years and countries: a tile is reached and followed by keyboard.
    page.get_by_role("link", name=said["figures"]).click()
    expect(page.locator(".cx-hist th a").first).to_be_visible()
    tile = page.locator("svg.cx-map a", has_text="PER")
    tile.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".cx-applied a").first).to_contain_text(re.compile("Per[uú]|Pérou"))
    assert "country=PE" in page.url
    assert page.evaluate("window.stayed") is True  # all of it in place

    # What is left is taken away as a table.
    with page.expect_download() as download:
        page.get_by_role("link", name=said["table"]).click()
    file = tmp_path / "results.csv"
    download.value.save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    shown = page.locator("article.cx-record .cx-title").all_inner_texts()
    assert [row[said["title"]] for row in rows] == shown


def test_what_cannot_be_read_leads_on(browser: Browser, portal_address: str) -> None:
    page = browser.new_context(viewport={"width": 390, "height": 800}).new_page()
    page.goto(f"{portal_address}/es/search?q=levante+country:tailanda")
    expect(page.locator("#q-place mark")).to_have_text("country:tailanda")
    expect(page.locator("#q-problem")).to_contain_text("carácter 9")
    page.get_by_role("link", name='country:"Tailandia"').click()
    expect(page.locator(".cx-applied a").first).to_contain_text("Tailandia")
    expect(page.locator("#q")).to_have_value('levante country:"Tailandia"')


@pytest.mark.parametrize("language", sorted(SAID))
def test_every_example_of_the_help_page_finds_something(
    browser: Browser, portal_address: str, language: str
) -> None:
    page = browser.new_context().new_page()
    page.goto(f"{portal_address}/{language}/help/search")
    examples = page.locator("td a").evaluate_all("links => links.map((link) => link.href)")
    assert len(examples) > 15
    empty = [url for url in examples if "cx-record" not in page.request.get(url).text()]
    assert empty == []


def test_filters_can_be_used_without_javascript(browser: Browser, portal_address: str) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=False).new_page()
    page.goto(f"{portal_address}/en/search?q=customs")
    before = page.locator("#h-res").inner_text()
    page.locator(".cx-facets > summary").click()
    page.locator("input[name=kind]").first.check()
    page.get_by_role("button", name="Apply filters").click()
    assert page.locator("#h-res").inner_text() != before
    expect(page.locator(".cx-applied a").first).to_be_visible()
    page.get_by_role("link", name="Years and countries").click()
    page.locator(".cx-hist th a").first.click()
    assert "year=" in page.url
    assert page.locator(".cx-hist").count() == 1


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("en", "dark", 1280), ("es", "light", 1280), ("fr", "dark", 390)]
)
def test_search_pages_are_accessible_and_fit(
    browser: Browser, portal_address: str, language: str, theme: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
    paths = (
        "/search?q=ventanilla+unica&show=figures", "/search?q=mainlevee+country:fiji&show=figures&year=2026",
        "/search?q=release+country:tailand", "/search?q=xylophone+%22metal+bars%22&country=PE", "/help/search",
        f"/search?q={'x' * 300}",
    )  # fmt: skip
    assert look_at(context.new_page(), portal_address, paths, language) == []
    context.close()
