"""An officer saves a search in their language, is told of what it finds, changes it and deletes it, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from portal.alerts.telling import tell_owners
from portal.core.db import Database, session
from portal.core.guard import scoped
from portal.editorial.models import Contribution, Edition
from tests.journeys.conftest import Running
from tests.journeys.test_browser import complaints, look_at, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SAID = {
    "en": {"save": "Save search", "found": "has found it", "change": "Change it on the search page"},
    "es": {"save": "Guardar la búsqueda", "found": "La ha encontrado", "change": "Cambiarla en la página"},
    "fr": {"save": "Enregistrer la recherche", "found": "l’a trouvée", "change": "La modifier sur la page"},
}
WIDTHS = {"en": 1280, "es": 390, "fr": 1280}
OFFICERS = {
    "en": "analyst@jica.example",
    "es": "contributor@peru.example",
    "fr": "contributor@senegal.example",
}


@pytest.mark.parametrize("language", sorted(SAID))
def test_an_officer_keeps_a_search(browser: Browser, portal: Running, language: str) -> None:
    said, address = SAID[language], portal.address
    page = browser.new_context(viewport={"width": WIDTHS[language], "height": 900}).new_page()
    sign_in(page, address, OFFICERS[language], language)

    # From the search page, over a look back, to the list.
    page.goto(f"{address}/{language}/search?q=single+window")
    page.get_by_role("link", name=said["save"]).click()
    expect(page.locator("#name")).to_have_value("single window")
    assert complaints(page) == []
    page.fill("#name", "Windows")
    page.select_option("#frequency", "now")
    page.click("button[name=save]")
    expect(page.locator("li h3")).to_have_text("Windows")

    # Somebody publishes what it finds: it stands in the inbox, and leads to the post.
    _publish_again(portal)
    page.goto(f"{address}/{language}/inbox?subject=searches")
    expect(page.locator("main")).to_contain_text(said["found"])
    expect(page.locator("main")).to_contain_text("Windows")
    page.locator("main .cx-title a").first.click()
    expect(page).to_have_url(re.compile("/contributions/"))

    # Paused and resumed by one click each, and changed by way of the search page.
    page.goto(f"{address}/{language}/searches")
    page.click("button[name=pause]")
    page.click("button[name=resume]")
    edit = page.locator("main li .cx-actions a").first.get_attribute("href") or ""
    assert look_at(page, address, ("/searches", edit.removeprefix(f"/{language}")), language) == []
    page.get_by_role("link", name=re.compile(said["change"])).click()
    page.fill("#q", "single window topic:TFA")
    page.press("#q", "Enter")
    save = page.get_by_role("link", name=said["save"])
    expect(save).to_have_attribute("href", re.compile("topic"))
    save.click()
    page.click("button[name=replace]")
    expect(page.locator("main li")).to_contain_text("single window topic:TFA")

    # Deleting is asked about first.
    page.goto(f"{address}{edit}/delete")
    assert complaints(page) == []
    page.click("button[name=delete]")
    expect(page.locator("main li h3")).to_have_count(0)


def _publish_again(portal: Running) -> None:
    """As if a post of the demo world about the single window had just been published."""
    database: Database = portal.app.extensions["portal_database"]
    with database.unit_of_work(write=False):
        statement = (
            select(Contribution, Edition.published_revision_id)
            .join(Edition, Edition.contribution_id == Contribution.id)
            .where(Contribution.is_live, Contribution.audience == "public", Edition.is_original)
        )
        facts = [
            {"contribution": post.id, "revision": revision, "language": post.original_language}
            for post, revision in session().execute(scoped("test", statement))
        ]
    for one in facts:
        tell_owners(portal.app, {**one, "event": "first", "but": []})
