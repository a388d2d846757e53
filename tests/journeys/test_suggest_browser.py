"""Suggestions in a real browser: by keyboard and by pointer, announced, accessible, and in nobody's way."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.journeys.test_browser import complaints

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def home(page: Page, portal_address: str) -> Iterator[Page]:
    page.goto(f"{portal_address}/en/")
    yield page


def typed(page: Page, text: str, field: str = "#q") -> Page:
    """Type into a search field and wait for the list."""
    page.locator(field).press_sequentially(text, delay=10)
    expect(page.get_by_role("listbox")).to_be_visible()
    return page


def active(page: Page) -> str:
    """The words of the option that the field points to, "" for none."""
    return str(
        page.evaluate(
            "() => document.getElementById(document.activeElement.getAttribute('aria-activedescendant') ?? '')"
            "?.textContent ?? ''"
        )
    )


def test_arrows_go_round_and_home_and_end_come_back_to_the_text(home: Page) -> None:
    field = typed(home, "guichet").locator("#q")
    expect(field).to_have_attribute("aria-expanded", "true")
    first = home.get_by_role("option").first.text_content()
    last = home.get_by_role("option").last.text_content()
    assert active(home) == ""
    home.keyboard.press("ArrowDown")
    assert active(home) == first
    expect(home.locator("[role=option][aria-selected=true]")).to_have_count(1)
    home.keyboard.press("ArrowUp")
    assert active(home) == ""
    home.keyboard.press("ArrowUp")
    assert active(home) == last
    home.keyboard.press("ArrowDown")
    assert active(home) == ""
    for key, place in (("Home", 0), ("End", 7)):
        home.keyboard.press("ArrowDown")
        home.keyboard.press(key)
        assert active(home) == ""
        assert field.evaluate("(input) => input.selectionStart") == place
    expect(field).to_be_focused()


def test_enter_goes_to_what_was_chosen_and_searches_when_nothing_was(home: Page) -> None:
    typed(home, "guichet")
    home.keyboard.press("ArrowDown")
    assert active(home) == "Single window in French: Guichet unique"
    home.keyboard.press("Enter")
    home.wait_for_url(re.compile(r"/en/search\?topic=TFA-10\.4$"))
    typed(home, "guichet")
    home.keyboard.press("Enter")
    expect(home.locator("#h-res")).to_contain_text("for “guichet”")
    assert "q=guichet" in home.url
    expect(home.get_by_role("listbox")).to_have_count(0)


def test_escape_closes_the_list_and_then_clears_the_field(home: Page) -> None:
    field = typed(home, "single").locator("#q")
    home.keyboard.press("Escape")
    expect(home.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_value("single")
    home.keyboard.press("ArrowDown")
    expect(home.get_by_role("listbox")).to_be_visible()
    home.keyboard.press("Alt+ArrowUp")
    expect(field).to_have_attribute("aria-expanded", "false")
    home.keyboard.press("Alt+ArrowDown")
    expect(field).to_have_attribute("aria-expanded", "true")
    home.keyboard.press("Tab")
    expect(home.get_by_role("listbox")).to_be_hidden()


def test_the_number_is_announced_and_languages_are_honest(home: Page) -> None:
    typed(home, "guichet")
    expect(home.locator("#announce")).to_have_text(re.compile(r"^\d+ suggestions$"))
    expect(home.get_by_role("option").first.locator("[lang=fr]")).to_have_text("Guichet unique")
    groups = home.get_by_role("listbox").get_by_role("group")
    expect(groups.first).to_have_accessible_name("Topics")
    home.locator("#q").fill("xqzt")
    expect(home.locator("#announce")).to_have_text("No suggestions")
    expect(home.get_by_role("listbox")).to_be_hidden()


def test_a_click_leads_there(home: Page) -> None:
    typed(home, "thai").get_by_role("option", name="Thai Customs Department").click()
    home.wait_for_url(re.compile(r"/en/organisations/"))
    expect(home.locator("h1")).to_contain_text("Thai Customs")


@pytest.mark.parametrize(
    ("language", "theme", "width", "path", "field"),
    [
        ("en", "light", 1280, "/topics", "#q-top"),
        ("es", "dark", 1280, "/", "#q"),
        ("fr", "light", 390, "/search", "#q"),
    ],
)
def test_the_open_list_is_accessible_and_fits(
    browser: Browser, portal_address: str, language: str, theme: str, width: int, path: str, field: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{portal_address}/{language}{path}")
    typed(page, "single", field)
    page.keyboard.press("ArrowDown")
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    context.close()


def test_a_slow_line_holds_up_nothing_and_a_late_answer_is_dropped(home: Page) -> None:
    held: list[Route] = []
    home.route("**/search/suggestions?q=gui", lambda route: held.append(route))
    home.locator("#q").press_sequentially("gui", delay=10)
    for _ in range(100):
        if held:
            break
        home.wait_for_timeout(50)
    assert len(held) == 1
    home.locator("#q").press_sequentially("chet", delay=10)
    expect(home.locator("#q")).to_have_value("guichet")
    expect(home.get_by_role("option").first).to_contain_text("Single window")
    before = home.get_by_role("listbox").text_content()
    home.unroute("**/search/suggestions?q=gui")
    home.wait_for_timeout(300)
    assert home.get_by_role("listbox").text_content() == before
    home.route("**/search/suggestions?q=release", lambda route: route.abort())
    home.locator("#q").fill("release")
    expect(home.get_by_role("listbox")).to_be_hidden()
    home.keyboard.press("Enter")
    expect(home.locator("#h-res")).to_contain_text("release")


def test_a_post_shows_what_is_like_it_when_the_reader_comes_near(home: Page) -> None:
    home.locator("article.cx-record a").first.click()
    section = home.locator("[data-related]")
    section.scroll_into_view_if_needed()
    expect(section.locator("article")).to_have_count(4)
    assert complaints(home) == []
    section.get_by_role("link", name="More like this", exact=True).click()
    expect(home.locator("h1")).to_have_text("More like this")
    assert home.locator("article.cx-record").count() >= 4
    assert complaints(home) == []


def test_without_scripts_the_form_is_as_it_was(browser: Browser, portal_address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{portal_address}/en/")
    expect(page.get_by_role("combobox")).to_have_count(0)
    page.fill("#q", "guichet")
    page.keyboard.press("Enter")
    expect(page.locator("#h-res")).to_contain_text("guichet")
    context.close()
