"""Attaching files in a real browser: dropped, sent in pieces, going on after a dropped line, readable by axe."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.files.samples import docx, noise, picture
from tests.journeys.test_browser import complaints, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_files_are_sent_in_pieces_and_go_on_after_a_dropped_line(
    page: Page, portal_address: str, tmp_path: Path
) -> None:
    (tmp_path / "large.docx").write_bytes(docx("levante", noise(1_200_000).hex(" ", 8)))
    (tmp_path / "foto.jpg").write_bytes(picture())
    sign_in(page, portal_address, "contributor@fiji.example")
    page.goto(f"{portal_address}/en/contributions/new?kind=reform_update")
    page.fill("[name=title]", "Files by pieces")
    page.click("button[name=files]")
    page.wait_for_url(lambda url: "/files" in url)
    assert complaints(page) == []
    seen: list[str] = []

    def line(route: Route) -> None:
        seen.append(route.request.headers.get("upload-offset", ""))
        if len(seen) == 2:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(
        "**/uploads/*", lambda route: line(route) if route.request.method == "PATCH" else route.continue_()
    )
    page.set_input_files("[name=file]", [tmp_path / "large.docx", tmp_path / "foto.jpg"])
    page.click("button[name=attach]")
    expect(page.locator("main .cx-meta", has_text="foto.jpg")).to_be_visible(timeout=20_000)
    expect(page.locator("main li", has_text="large.docx").first).to_be_visible()
    assert seen[1] == seen[2] != "0"  # the piece that was lost was sent again, and nothing before it
    expect(page.get_by_text("Checked", exact=True)).to_have_count(2, timeout=30_000)  # without a reload
    assert complaints(page) == []


def test_a_file_that_is_dropped_arrives_once_though_the_last_answer_was_lost(
    page: Page, portal_address: str
) -> None:
    sign_in(page, portal_address, "contributor@fiji.example")
    page.goto(f"{portal_address}/en/contributions/new?kind=reform_update")
    page.fill("[name=title]", "A file that is dropped")
    page.click("button[name=files]")
    page.wait_for_url(lambda url: "/files" in url)
    lost: list[str] = []

    def line(route: Route) -> None:
        if route.request.method == "PATCH" and not lost:
            lost.append(str(route.fetch().status))  # the portal has it, the browser never hears so
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/uploads/*", line)
    content = base64.b64encode(picture()).decode()
    page.evaluate(
        """content => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(atob(content), c => c.charCodeAt(0))], "foto.jpg"));
          const form = document.querySelector("form[data-files]");
          for (const name of ["dragover", "drop"]) {
            form.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
          }
        }""",
        content,
    )
    expect(page.locator("main .cx-meta", has_text="foto.jpg")).to_have_count(1, timeout=20_000)
    assert lost == ["204"]
    assert page.get_by_text("is attached already").count() == 0


def test_what_is_refused_is_said_beside_it(page: Page, portal_address: str, tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(b"<svg/>")
    sign_in(page, portal_address, "contributor@fiji.example")
    page.goto(f"{portal_address}/en/contributions/new?kind=reform_update")
    page.fill("[name=title]", "Files that are refused")
    page.click("button[name=files]")
    page.wait_for_url(lambda url: "/files" in url)
    page.set_input_files("[name=file]", [tmp_path / "x.pdf"])
    page.click("button[name=attach]")
    refused = page.locator("[data-progress] li", has_text="x.pdf")
    expect(refused).to_contain_text("Only PDF, Word")
    assert refused.get_by_role("progressbar").count() == 0
