"""The main job in a real browser, and what every page owes its readers: axe, both themes, three languages."""

from __future__ import annotations

import re
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

VISITOR_PAGES = (
    "/", "/search?q=customs", "/contributions?kind=lesson_learned", "/organisations", "/topics", "/help", "/sign-in",
    "/request-access", "/forgot-password", "/contributions/0000000000000000", "/editorial-policy", "/privacy",
)  # fmt: skip
AUTHOR_PAGES = (
    "/workspace", "/workspace?tab=published", "/contributions/new?kind=reform_update",
    "/contributions/new?kind=lesson_learned", "/inbox", "/inbox/preferences", "/following", "/following?topic=TFA-3",
    "/packs?topic=TFA-3", "/account",
)  # fmt: skip
SERIOUS = {"serious", "critical"}


def sign_in(page: Page, address: str, email: str, language: str = "en") -> None:
    """Sign in through the form."""
    page.goto(f"{address}/{language}/sign-in")
    page.fill("main input[name=email]", email)
    page.fill("main input[name=password]", PASSWORD)
    page.click("main form button[type=submit], main form button.btn-primary")
    page.wait_for_url(lambda url: "sign-in" not in url)


def complaints(page: Page) -> list[str]:
    """What axe finds serious on the page that is open."""
    found = Axe().run(page)
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:160]}"
        for v in found.response["violations"]
        if v["impact"] in SERIOUS
    ]


def look_at(page: Page, address: str, paths: tuple[str, ...], language: str) -> list[str]:
    """Axe's complaints and sideways scrolling on each page."""
    problems: list[str] = []
    for path in paths:
        page.goto(f"{address}/{language}{path}")
        problems += [f"{path} {problem}" for problem in complaints(page)]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            problems.append(f"{path} scrolls sideways by {wide} px")
    return problems


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("en", "light", 1280), ("es", "dark", 390), ("fr", "light", 390)]
)
def test_pages_are_accessible_and_fit(
    browser: Browser, portal_address: str, language: str, theme: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    problems = look_at(page, portal_address, VISITOR_PAGES, language)
    sign_in(page, portal_address, "contributor@fiji.example", language)
    problems += look_at(page, portal_address, AUTHOR_PAGES, language)
    context.close()
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, portal_address, "moderator@secretariat.example", language)
    problems += look_at(
        page, portal_address, ("/moderation", "/moderation?tab=decided", "/moderation?tab=down"), language
    )
    page.goto(f"{portal_address}/{language}/moderation")
    page.locator("table a.cx-title").first.click()
    problems += complaints(page)
    context.close()
    assert problems == []


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("en", "light", 390), ("es", "dark", 1280), ("fr", "light", 390)]
)
def test_what_travels_with_a_post_is_accessible_and_fits(
    browser: Browser, portal_address: str, language: str, theme: str, width: int
) -> None:
    def somebody() -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
        return context.new_page()

    visitor = somebody()
    visitor.goto(f"{portal_address}/{language}/search?kind=lesson_learned&q=Fewer+red-lane")
    visitor.locator("article .cx-title a").first.click()
    visitor.wait_for_url(lambda url: "/contributions/" in url)
    post = re.sub(r"^.*(/contributions/[0-9a-z]{16}).*$", r"\1", visitor.url)
    pages = (post, f"{post}/comments", f"{post}/uses", f"{post}/print", "/print?topic=TFA-10.4")
    problems = look_at(visitor, portal_address, pages, language)
    member = somebody()
    sign_in(member, portal_address, "contributor@senegal.example", language)
    problems += look_at(member, portal_address, (f"{post}/comments", f"{post}/uses"), language)
    translator = somebody()
    sign_in(translator, portal_address, "translator@france.example", language)
    problems += look_at(translator, portal_address, ("/translations", "/translations?tab=table"), language)
    translator.goto(f"{portal_address}/{language}{post}/translate/fr")
    problems += complaints(translator)
    moderator = somebody()
    sign_in(moderator, portal_address, "moderator@canada.example", language)
    problems += look_at(moderator, portal_address, ("/moderation?tab=comments",), language)
    assert problems == []


def test_thailand_posts_is_reviewed_twice_and_is_found_in_spanish(
    browser: Browser, portal_address: str
) -> None:
    def person(email: str, language: str = "en") -> Page:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        sign_in(page, portal_address, email, language)
        return page

    title = "Night lane at Sadao: what changed for refrigerated goods"
    author = person("contributor@thailand.example")
    author.goto(f"{portal_address}/en/contributions/new?kind=reform_update")
    author.fill("input[name=title]", title)
    author.fill("textarea[name=summary]", "A lane that opens at night, for goods that cannot wait.")
    author.fill("textarea[name=body]", "## What changed\n\nThe lane opens at **ten**.")
    expect(author.locator("[data-preview] strong")).to_have_text("ten")
    expect(author.locator("[data-autosave-status]")).to_contain_text(re.compile("Saved at"), timeout=15000)
    author.check("input[name=topics][value='TFA-7.9']")
    author.check("input[name=audience][value=members]")
    author.click("button[name=submit]")
    address = author.url
    expect(author.locator("main")).to_contain_text("Awaiting clearance")

    approver = person("approver@thailand.example")
    approver.goto(address)
    approver.click("button[name=clear]")

    moderator = person("moderator@newzealand.example")
    moderator.goto(f"{portal_address}/en/moderation?sort=newest")
    moderator.get_by_role("link", name=title).click()
    moderator.click("button[name=claim]")
    moderator.fill("textarea[name=comment]", "Say since when.")
    moderator.click("button[name=request_changes]")

    author.goto(address)
    expect(author.locator("main")).to_contain_text("Say since when.")
    author.get_by_role("link", name="Edit a new version").first.click()
    author.fill("textarea[name=body]", "## What changed\n\nSince 1 October 2026 the lane opens at **ten**.")
    author.click("button[name=submit]")
    approver.goto(address)
    approver.click("button[name=clear]")

    moderator.goto(f"{portal_address}/en/moderation?sort=newest")
    moderator.get_by_role("link", name=title).click()
    expect(moderator.locator("main")).to_contain_text("round 2")
    expect(moderator.locator("ins").filter(has_text="October").first).to_be_visible()
    moderator.click("button[name=claim]")
    moderator.click("button[name=approve]")

    analyst = person("analyst@worldbank.example", "es")
    for _try in range(20):
        analyst.goto(f"{portal_address}/es/search?q=Sadao+refrigerated")
        if analyst.get_by_role("link", name=re.compile("Night lane")).count():
            break
        time.sleep(0.2)
    analyst.get_by_role("link", name=re.compile("Night lane")).first.click()
    expect(analyst.locator(".cx-banner[role=status]").first).to_be_visible()
    expect(analyst.locator("article[lang=en] h1")).to_have_text(title)

    visitor = browser.new_context().new_page()
    answer = visitor.goto(address)
    assert answer is not None
    assert answer.status == 404
    expect(visitor.locator("input[name=password]")).to_be_visible()


def test_filters_change_the_results_in_place_and_the_address_keeps_them(
    browser: Browser, portal_address: str
) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{portal_address}/en/search?q=customs")
    total = page.locator("#h-res").inner_text()
    page.locator("input[name=kind]").first.check()
    expect(page.locator("#h-res")).not_to_have_text(total)
    assert "kind=" in page.url
    page.go_back()
    expect(page.locator("#h-res")).to_have_text(total)


def test_the_portal_works_without_javascript(browser: Browser, portal_address: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{portal_address}/en/search")
    page.fill("input[name=q]", "customs")
    page.locator("form[data-search] button.btn-primary").click()
    expect(page.locator("article.cx-record").first).to_be_visible()
    sign_in(page, portal_address, "contributor@fiji.example")
    page.goto(f"{portal_address}/en/contributions/new?kind=reform_update")
    page.fill("input[name=title]", "Without scripts")
    page.click("button[name=save]")
    expect(page.locator("h1")).to_have_text("Without scripts")
