"""Through what a hit was found: another name, an attached file, or both; and files that are nobody's business."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask

from portal.core.access import ANONYMOUS, Actor
from portal.core.db import Database, session
from portal.editorial.models import Audience
from portal.finding.queries import search
from portal.finding.through import Note, shown
from portal.search.index import NO_FILTERS
from portal.search.query import parse
from portal.taxonomy.models import Topic
from tests import world as w
from tests.attachments.making import attach, contribution, publish
from tests.conftest import Statements
from tests.files.samples import docx
from tests.http import Browser, words
from tests.work import index_due
from tests.world import World, build_world

WORDS = "El cabrestante se precinta. The port community system of the quay."


@pytest.fixture
def world(app: Flask, database: Database) -> World:
    """A public post with a file that says more than its text, and one that says nothing of it."""
    with time_machine.travel("2026-11-24T09:00:00Z", tick=False):
        with database.unit_of_work():
            built = build_world()
            session().get_one(Topic, "TFA-3").synonyms_en = ["port community"]
            made = w.make_draft(built, words="Electronic seals").id
        attach(app, built, made, ("annex.docx", docx("Nothing of it.")), ("winch.docx", docx(WORDS)))
        index_due(app)
        publish(app, built, made)
        index_due(app)
    return built


def notes(app: Flask, database: Database, text: str, actor: Actor = ANONYMOUS) -> list[Note]:
    """What is said of the first hit."""
    with database.unit_of_work(write=False):
        found = search(
            actor, app.extensions["portal_index"], parse(text), NO_FILTERS, "relevance", ("en",), 1
        )
        (hit,) = found.answer.hits
        return list(shown(actor, found)[hit.edition_id].notes)


def test_a_word_of_a_file_names_the_file(app: Flask, database: Database, world: World) -> None:
    assert notes(app, database, "cabrestante") == [Note("", "en", "winch")]
    assert notes(app, database, "electronic cabrestante") == [Note("", "en", "winch")]
    assert notes(app, database, "cabrest* precinta") == [Note("", "en", "winch")]
    page = words(Browser(app).get("/search?q=cabrestante"))
    assert "Found in the attached file “winch”" in page


def test_another_name_in_a_file_names_both(app: Flask, database: Database, world: World) -> None:
    assert notes(app, database, "advance rulings") == [Note("port community", "en", "winch")]
    page = words(Browser(app).get("/search?q=advance+rulings"))
    assert "Found through “port community” in the attached file “winch”" in page


def test_what_stands_in_the_text_names_no_file_and_reads_none(
    app: Flask, database: Database, world: World, statements: Statements
) -> None:
    assert notes(app, database, "electronic seals") == []
    assert not [s for s in statements.all if "stored_file" in s]
    assert notes(app, database, "the electronic seal") == []  # a common word is asked of no text
    assert not [s for s in statements.all if "stored_file" in s]


def test_no_file_is_named_that_the_reader_may_not_have(app: Flask, database: Database, world: World) -> None:
    """A file of a version that readers are not shown, though its words are the same."""
    with time_machine.travel("2026-11-25T09:00:00Z", tick=False):
        with database.unit_of_work():
            made = w.make_published(world, "Electronic seals again", audience=Audience.PUBLIC)
            w.revise(world, made, "Electronic seals cabrestante", publish=False)
            hidden = made.id
        attach(app, world, hidden, ("secret.docx", docx("cabrestante")))
        index_due(app)
    for name in ("visitor", "author"):
        browser = Browser(app)
        if name != "visitor":
            browser.sign_in(f"{name}@test.example")
        page = words(browser.get("/search?q=cabrestante"))
        assert "1 result for" in page
        assert "“winch”" in page
        assert "secret" not in page
    with database.unit_of_work(write=False):
        assert contribution(hidden).is_live
