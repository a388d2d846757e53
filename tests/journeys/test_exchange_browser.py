"""A need, its match, its answers, an agreement that is kept late, and the lesson of it: in a real browser."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.cooperation.actions import remind
from portal.core.clock import now
from portal.core.db import Database
from tests.journeys.conftest import Running
from tests.journeys.test_browser import sign_in
from tests.journeys.test_words_travel import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

NEED = "Analysts for a time release study at Suva wharf"
LESSON = "What a borrowed analyst leaves behind at the wharf"
ANALYSTS = "Two analysts who have run a time release study, six weeks at the wharf."
TRAINING = "Training of ten enumerators, five days."


def day(days: int) -> str:
    """The date in so many days, as a date field takes it."""
    return (now().date() + timedelta(days=days)).isoformat()


def test_a_need_is_answered_line_by_line_and_its_outcome_becomes_a_lesson(
    browser: Browser, portal: Running
) -> None:
    address = portal.address

    def person(email: str, language: str = "en") -> Page:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        sign_in(page, address, email, language)
        return page

    def approved(title: str) -> None:
        moderator.goto(f"{address}/en/moderation?sort=newest")
        moderator.get_by_role("link", name=title).first.click()
        moderator.click("button[name=claim]")
        moderator.click("button[name=approve]")

    moderator = person("moderator@secretariat.example")
    fiji = person("contributor@fiji.example")
    need = _state_the_need(fiji, address)
    approved(NEED)

    # The World Bank finds it on the board, sees why it matches, and answers the first line.
    bank = person("coordinator@worldbank.example")
    until(bank, f"{address}/en/cooperation?closing=30", bank.get_by_role("link", name=NEED).count)
    bank.goto(f"{address}/en/cooperation")
    bank.get_by_role("link", name=re.compile("Trade facilitation support")).first.click()
    expect(bank.locator("main")).to_contain_text(NEED)
    match = bank.locator(".cx-match", has_text=NEED)
    expect(match).to_contain_text("ame topic")
    expect(match).to_contain_text("open to every administration")
    expect(match).to_contain_text("working language English")
    _answer(bank, f"{address}/en/contributions/{need}/answers", ANALYSTS, "can_support", "Two economists.")

    japan = person("coordinator@jica.example")
    _answer(japan, f"{address}/en/contributions/{need}/answers", TRAINING, "interested", "In our intake.")
    expect(japan.locator("main")).not_to_contain_text("Two economists.")

    # Fiji reads both answers on one sheet, and talks with the World Bank alone.
    lead = person("coordinator@fiji.example")
    lead.goto(f"{address}/en/contributions/{need}/answers")
    expect(lead.locator("main")).to_contain_text("Two economists.")
    expect(lead.locator("main")).to_contain_text("In our intake.")
    lead.get_by_role("link", name=re.compile("Open the thread.*World Bank")).first.click()
    lead.wait_for_url(lambda url: "/cooperation/threads/" in url)
    thread = lead.url.split("?")[0].split("#")[0]
    lead.fill("textarea[name=body]", "Shall we begin in *February*?")
    lead.click("button[name=write]")
    expect(lead.locator("main")).to_contain_text("Shall we begin in February?")
    refused = japan.goto(thread)
    assert refused is not None and refused.status == 404

    _agree(lead, bank, thread)
    _remind_of_what_is_late(portal, bank, address, thread)
    _tell_the_lesson(bank, thread, address)
    approved(LESSON)

    # Whoever asks in French finds it, and who it was learned with.
    senegal = person("contributor@senegal.example", "fr")
    search = f"{address}/fr/search?q=étude+du+temps+nécessaire+à+la+mainlevée&kind=lesson_learned"
    until(senegal, search, senegal.get_by_role("link", name=LESSON).count)
    senegal.get_by_role("link", name=LESSON).first.click()
    expect(senegal.locator("main")).to_contain_text("Fidji")


def _state_the_need(fiji: Page, address: str) -> str:
    """Fiji asks for two things on two lines; returns the id of the need."""
    fiji.goto(f"{address}/en/contributions/new?kind=need")
    fiji.fill("input[name=title]", NEED)
    fiji.fill("textarea[name=summary]", "Two analysts and a training, so that the next study is our own.")
    fiji.fill("textarea[name=situation]", "The wharf has never been measured.")
    fiji.fill("textarea[name=line1]", ANALYSTS)
    fiji.select_option("select[name=line1_topic]", "WCO-TRS")
    fiji.select_option("select[name=line1_category]", "C")
    fiji.locator("summary", has_text="Line 2").click()
    fiji.fill("textarea[name=line2]", TRAINING)
    fiji.select_option("select[name=line2_help]", "training")
    fiji.fill("input[name=starts_on]", day(60))
    fiji.fill("input[name=ends_on]", day(180))
    fiji.fill("input[name=reply_by]", day(20))
    fiji.locator("fieldset", has_text="Working languages").last.locator("summary").click()
    fiji.check("input[name=working_languages][value=en]")
    fiji.check("input[name=topics][value='WCO-TRS']")
    fiji.locator("fieldset.cx-choose", has_text="Countries").locator("summary").click()
    fiji.check("input[name=countries][value=FJ]")
    expect(fiji.get_by_text("A first time release study for a port")).to_be_visible()  # the radar
    fiji.click("button[name=submit]")
    fiji.wait_for_url(re.compile("/contributions/[0-9a-z]{16}"))
    found = re.search("/contributions/([0-9a-z]{16})", fiji.url)
    assert found is not None
    return found[1]


def _answer(page: Page, address: str, line: str, answer: str, note: str) -> None:
    page.goto(address)
    field = page.locator("fieldset.cx-answer", has_text=line)
    field.locator(f"input[value={answer}]").check()
    field.locator("textarea").fill(note)
    page.click("button[name=reply]")
    expect(page.locator("main")).to_contain_text(note)


def _agree(lead: Page, bank: Page, thread: str) -> None:
    """Three commitments, one of which was due yesterday; the World Bank agrees to the same wording."""
    lead.goto(thread)
    lead.get_by_role("link", name="Propose an agreement").click()
    lead.fill("textarea[name=summary]", "Two analysts work at the wharf; all data stays with Fiji.")
    for row, (what, who, due) in enumerate(
        (
            ("The design of the sample is reviewed.", "World Bank Group", -1),
            ("An office and transport are ready.", "Fiji Revenue and Customs Service", 30),
            ("The report is published.", "Fiji Revenue and Customs Service", 200),
        )
    ):
        lead.fill(f"textarea[name=what-{row}]", what)
        lead.select_option(f"select[name=by-{row}]", label=who)
        lead.fill(f"input[name=due_on-{row}]", day(due))
    lead.click("button[name=propose]")
    bank.goto(thread)
    bank.click("button[name=agree]")
    expect(bank.locator("main")).to_contain_text("The design of the sample is reviewed.")


def _remind_of_what_is_late(portal: Running, bank: Page, address: str, thread: str) -> None:
    """The clock reminds the World Bank of what it promised, on the board, too; then it reports, and it is met."""
    database: Database = portal.app.extensions["portal_database"]
    with database.unit_of_work():
        remind()
    bank.goto(f"{address}/en/inbox")
    expect(bank.get_by_text(re.compile("Late since")).first).to_be_visible()
    bank.goto(f"{address}/en/cooperation")
    expect(bank.locator("main")).to_contain_text("Commitments that are late")
    bank.get_by_role("link", name="The design of the sample is reviewed.").first.click()
    bank.goto(thread)
    bank.get_by_role("link", name="The design of the sample is reviewed.").click()
    bank.fill("textarea[name=text]", "Read twice; three remarks sent.")
    bank.click("button[name=note]")
    bank.goto(thread)
    bank.get_by_role("link", name="The design of the sample is reviewed.").click()
    bank.click("button[name=met]")
    expect(bank.locator("main")).to_contain_text("Met")


def _tell_the_lesson(bank: Page, thread: str, address: str) -> None:
    """One click begins the lesson with what is known; its writer completes it and hands it in."""
    bank.goto(thread)
    bank.click("button[name=begin_lesson]")
    bank.wait_for_url(re.compile("/contributions/"))
    assert "Two analysts work at the wharf" in bank.input_value("textarea[name=context]")
    bank.fill("input[name=title]", LESSON)
    bank.fill("textarea[name=summary]", "A time release study is only one's own when its method stays.")
    for part in ("tried", "result", "advice", "for_whom"):
        if not bank.input_value(f"textarea[name={part}]"):
            bank.fill(f"textarea[name={part}]", f"The {part} of the study.")
    bank.click("button[name=submit]")
    bank.wait_for_url(re.compile("/contributions/[0-9a-z]{16}"))
