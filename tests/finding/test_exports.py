"""What a search finds as a file: the same hits as the page, honest about language, harmless to open."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from typing import Any

import pytest
import time_machine
from flask import Flask

from portal.app import create_app
from portal.core.db import Database
from portal.core.tables import harmless
from portal.editorial.models import Audience, Kind
from portal.finding import exporting
from tests import world as w
from tests.http import Browser
from tests.work import index_due
from tests.world import World, build_world

NOW = "2026-11-24T09:00:00Z"
NASTY = '=HYPERLINK("http://x","{100%} of $5 & #1_a^b~c\\d") « é »'


@pytest.fixture
def world(app: Flask, database: Database) -> World:
    """Three posts for everybody, one of them a translation too, and one for members."""
    with time_machine.travel(NOW, tick=False):
        with database.unit_of_work():
            built = build_world()
            w.make_published(
                built, "Levante", language="es", kind=Kind.LESSON_LEARNED, countries=("PE", "TH")
            )
            w.make_published(built, NASTY, topics=("TFA-3", "TFA-10.4"))
            both = w.make_published(built, "Single window")
            w.translate(built, both, "es")
            w.make_published(built, "For members", audience=Audience.MEMBERS)
        index_due(app)
    return built


def rows(browser: Browser, query: str) -> list[dict[str, str]]:
    """A table by its headings."""
    answer = browser.get(f"/search/export.csv{query}")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def objects(browser: Browser, query: str = "") -> dict[str, Any]:
    """The data of an export."""
    found: dict[str, Any] = json.loads(browser.get(f"/search/export.json{query}").get_data())
    return found


def test_a_table_has_the_hits_of_the_page_with_their_languages(app: Flask, world: World) -> None:
    found = rows(Browser(app), "?q=levante+kind:lesson")
    assert len(found) == 1
    (row,) = found
    assert row["Title"] == "Levante: one submission reaches all agencies"
    assert row["Language shown"] == row["Original language"] == "Spanish"
    assert row["Note on the language"] == "Shown in Spanish; not available in English"
    assert row["Countries"] == "Peru; Thailand"
    assert row["Topics"] == "Single window"
    assert row["Type"] == "Lesson learned"
    assert row["Who can read it"] == "Everyone"
    assert row["Published on"] == "2026-11-24"
    assert row["Address"].startswith("http://localhost/en/contributions/")


def test_a_table_is_in_the_readers_language_headings_too(app: Flask, world: World) -> None:
    (row,) = rows(Browser(app, "es"), "?q=ventanilla&plain=TFA-10.4")
    assert row["Título"].startswith("Ventanilla única")
    assert row["Idioma original"] == "inglés"
    assert row["Todos los idiomas"] == "inglés, español"
    assert row["Dirección"].startswith("http://localhost/es/contributions/")


def test_no_cell_is_a_formula(app: Flask, world: World) -> None:
    (row,) = rows(Browser(app), "?q=hyperlink")
    assert row["Title"].startswith("'=HYPERLINK(")
    for sign in ("=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", "＝1", "＋1", "－1", "＠x"):
        assert harmless(sign) == f"'{sign}"
    for plain in ("", "1-2", "a=b", "’=1", "(=1)"):
        assert harmless(plain) == plain


def test_data_say_which_search_they_answer_and_in_which_languages(app: Flask, world: World) -> None:
    found = objects(Browser(app), "?q=guichet+unique&kind=reform_update")
    assert found["search"] == "http://localhost/en/search?q=guichet+unique&kind=reform_update"
    assert (found["query"], found["language"], found["at_most"]) == ("guichet unique", "en", 1000)
    assert found["is_incomplete"] is False
    assert objects(Browser(app), "?q=single+xylophone")["with_all_words"] == 0
    assert found["with_all_words"] == found["total"] == len(found["items"]) == 1
    (item,) = found["items"]
    assert item["language"] == item["original_language"] == "en"
    assert item["found_in"] == ["en", "es"]
    assert set(item["editions"]) == {"en", "es"}
    assert item["editions"]["es"].startswith("http://localhost/es/contributions/")
    assert item["topics"] == [{"code": "TFA-10.4", "name": "Single window"}]
    assert item["countries"] == [{"code": "TH", "name": "Thailand"}]
    assert item["organisation"]["code"] == "THA"


def test_references_can_be_read_by_tex(app: Flask, world: World) -> None:
    answer = Browser(app).get("/search/export.bib?q=customs+OR+hyperlink+OR+window")
    assert answer.headers["Content-Type"] == "application/x-bibtex; charset=utf-8"
    assert 'filename="search-' in answer.headers["Content-Disposition"]
    entries = answer.text.strip().split("\n\n")
    keys = re.findall(r"^@misc\{([^,]+),$", answer.text, re.M)
    assert len(set(keys)) == len(entries) == 2
    assert all(re.fullmatch(r"tha2026-[0-9a-z]{16}", key) for key in keys)
    nasty = next(entry for entry in entries if "HYPERLINK" in entry)
    title = re.search(r"^  title = \{\{(.*)\}\},$", nasty, re.M)
    assert title is not None
    assert title[1].startswith(
        r'=HYPERLINK("http://x","{\textbraceleft}100\%{\textbraceright} of \$5 \& \#1\_a{\textasciicircum}b'
        r'{\textasciitilde}c{\textbackslash}d") « é »'
    )
    assert "  author = {{Thailand Customs}}," in nasty
    assert "  month = nov," in nasty
    assert "  language = {english}," in nasty
    for entry in entries:  # every brace is closed, whatever was typed
        depth = 0
        for sign in re.sub(r"\\[{}&%$#_]", "", entry):
            depth += {"{": 1, "}": -1}.get(sign, 0)
            assert depth >= 0
        assert depth == 0


def test_references_say_when_the_text_is_in_another_language(app: Flask, world: World) -> None:
    answer = Browser(app, "fr").get("/search/export.bib?q=levante")
    assert "note = {Affiché en espagnol\u202f; non disponible en français}" in answer.text
    assert "language = {spanish}" in answer.text


@pytest.mark.parametrize("form", ["csv", "json", "bib"])
def test_nobody_takes_away_what_they_may_not_read(app: Flask, world: World, form: str) -> None:
    member = Browser(app).sign_in("partner@test.example").get(f"/search/export.{form}?q=members")
    assert b"For members" in member.get_data()
    assert member.headers["Cache-Control"] == "private, no-store"
    visitor = Browser(app).get(f"/search/export.{form}?q=members")
    assert b"For members" not in visitor.get_data()
    assert visitor.status_code == 200


def test_exports_keep_the_order_and_stop_at_their_limit(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "BATCH", 2)
    every = [item["id"] for item in objects(Browser(app), "?sort=newest")["items"]]
    assert len(every) == 3
    monkeypatch.setattr(exporting, "MOST", 2)
    first = objects(Browser(app), "?sort=newest")
    assert [item["id"] for item in first["items"]] == every[:2]
    assert (first["total"], first["at_most"]) == (3, 2)


def test_a_search_that_cannot_be_read_is_no_file(app: Flask, world: World) -> None:
    answer = Browser(app).get("/search/export.csv?q=country:atlantis")
    assert answer.status_code == 422
    assert answer.mimetype == "text/html"
    assert Browser(app).get("/search/export.xlsx?q=customs").status_code == 404


def test_without_an_index_an_export_says_that_it_is_incomplete(app: Flask, database: Database) -> None:
    with database.unit_of_work():
        w.make_published(build_world(), "Single window")
    found = objects(Browser(app), "?q=single")
    assert found["is_incomplete"] is True
    assert len(found["items"]) == 1


def test_exports_are_rationed(app: Flask, database: Database) -> None:
    with database.unit_of_work():
        build_world()
    strict = create_app(dataclasses.replace(app.extensions["portal_settings"], rate_limits=True), database)
    client = strict.test_client()
    with time_machine.travel(NOW, tick=False):
        assert {client.get("/en/search/export.csv").status_code for _ in range(10)} == {200}
        assert client.get("/en/search/export.csv").status_code == 429
