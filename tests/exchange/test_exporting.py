"""What anybody may take away: only what is public, whoever asks, in the shape that the standard wants."""

from __future__ import annotations

import csv
import io
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from flask import Flask

from portal.core.db import Database
from portal.editorial import actions as editorial
from portal.editorial.models import Audience, Contribution, Kind
from portal.editorial.terms import Category, Help, Line, Terms
from portal.editorial.texts import About, Text
from portal.exchange import views
from portal.exchange.exporting import COLUMNS
from portal.exchange.reading import activities
from tests import world as w
from tests.exchange.making import bring, publish
from tests.exchange.samples import activity, file_of
from tests.http import Browser
from tests.world import World

# The order of the elements of an activity in the schema of 2.03 (iati-activities-schema.xsd).
ORDER = (
    "iati-identifier", "reporting-org", "title", "description", "participating-org", "other-identifier",
    "activity-status", "activity-date", "contact-info", "activity-scope", "recipient-country", "recipient-region",
    "location", "sector", "tag", "country-budget-items", "humanitarian-scope", "policy-marker",
    "collaboration-type", "default-flow-type", "default-finance-type", "default-aid-type", "default-tied-status",
    "budget", "planned-disbursement", "capital-spend", "transaction", "document-link", "related-activity",
    "legacy-data", "conditions", "result", "crs-add", "fss",
)  # fmt: skip
NEEDED = {
    "iati-identifier",
    "reporting-org",
    "title",
    "description",
    "participating-org",
    "activity-status",
    "activity-date",
}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
PROVENANCE = "{urn:customs-exchange:provenance}provenance"
VIEWERS = ("", "partner", "banker", "moderator", "administrator", "fijian")
FILES = ("/exchange/needs-and-offers.xml", "/exchange/needs-and-offers.csv")


def terms() -> Terms:
    """Terms with everything."""
    line = Line(1, Help.EXPERTISE, "a", "TFA-3", Category.C, date(2027, 6, 30), is_definitive=True)
    return Terms(
        (line,), date(2027, 1, 1), date(2027, 12, 31), 1000, 2000, "USD", ("en",), ("AP",), date(2026, 12, 1)
    )


def need(
    world: World, words: str = "Time release study", audience: Audience = Audience.PUBLIC, **text: str
) -> Contribution:
    """A need of Fiji that is handed in."""
    parts = {"situation": "Nobody has *measured*.", "line1": "Two analysts", **text}
    about = About(audience, (), ("TFA-3",), ("FJ",), terms())
    made = editorial.create(
        world.actor("fijian"), Kind.NEED, "en", Text(words, f"{words}, soon.", parts), about, w.new_id()
    )
    w.submit(world, made, "fijian")
    return made


def published(world: World, made: Contribution) -> Contribution:
    """The same, approved."""
    w.claim(world, made, "moderator")
    w.approve(world, made)
    return made


def xml(app: Flask, who: str = "") -> ET.Element:
    """The IATI file as somebody gets it."""
    return ET.fromstring(fetched(app, FILES[0], who))


def fetched(app: Flask, path: str, who: str = "") -> bytes:
    browser = Browser(app)
    if who:
        browser.sign_in(f"{who}@test.example")
    return browser.get(path).data


def rows(app: Flask) -> list[dict[str, str]]:
    """The table as a spreadsheet reads it."""
    return list(csv.DictReader(io.StringIO(fetched(app, FILES[1]).decode("utf-8-sig"))))


def test_needs_and_offers_are_told_in_the_order_of_the_schema(
    app: Flask, database: Database, world: World
) -> None:
    bring(app, database, world, file_of(activity(more="<budget><value>5000</value></budget>")))
    with database.unit_of_work():
        publish(world)
        published(world, need(world))
    root = xml(app)
    assert (root.tag, root.get("version")) == ("iati-activities", "2.03")
    assert len(root) == 2
    for one in root:
        tags = [child.tag for child in one if child.tag in ORDER]
        assert tags == sorted(tags, key=ORDER.index)
        assert set(tags) >= NEEDED
        assert {child.tag for child in one} - set(ORDER) <= {PROVENANCE}
        assert "sector" in tags and {"recipient-country", "recipient-region"} & set(tags)
        assert all(n.text and n.get(LANG) in {"en", "es", "fr"} for n in one.iter("narrative"))


def test_a_need_tells_its_terms(app: Flask, database: Database, world: World) -> None:
    with database.unit_of_work():
        made = published(world, need(world))
    (one,) = xml(app)
    assert one.findtext("iati-identifier") == f"XI-PORTAL-FJI-CX-{made.id}"
    assert [d.get("iso-date") for d in one.findall("activity-date")] == ["2027-01-01", "2027-12-31"]
    assert [(c.tag, c.get("code")) for c in one if c.tag.startswith("recipient")] == [
        ("recipient-country", "FJ"), ("recipient-region", "AP"),
    ]  # fmt: skip
    assert (one.find("tag").get("code"), one.find("sector").get("code")) == ("TFA-3", "33120")
    assert one.findtext("budget/value") == "2000"
    told = [narrative.text for narrative in one.iterfind("description/narrative")]
    assert told == ["Time release study, soon.\nNobody has measured.", "Two analysts"]
    (row,) = rows(app)
    assert (row["kind"], row["line1_category"], row["line1_due_on"], row["line1_is_definitive"]) == (
        "need",
        "C",
        "2027-06-30",
        "yes",
    )
    assert row["line1_en"] == "Two analysts" and row["situation_en"] == "Nobody has *measured*."


def test_an_imported_offer_keeps_its_identifier_and_says_where_it_comes_from(
    app: Flask, database: Database, world: World
) -> None:
    bring(app, database, world, file_of(activity()))
    with database.unit_of_work():
        publish(world)
    (one,) = xml(app)
    assert one.findtext("iati-identifier") == "44000-P1"
    assert one.find("reporting-org").attrib == {"ref": "44000", "type": "40", "secondary-reporter": "1"}
    assert one.find(PROVENANCE).get("identifier") == "44000-P1"
    (row,) = rows(app)
    assert (row["source_identifier"], row["source_presence"], len(row["source_digest"])) == (
        "44000-P1",
        "listed",
        32,
    )


def test_our_own_file_can_be_read_by_our_own_reader(app: Flask, database: Database, world: World) -> None:
    with database.unit_of_work():
        published(world, need(world))
    (found,) = activities(io.BytesIO(fetched(app, FILES[0])))
    assert found.first("iati-identifier") is not None


@pytest.mark.parametrize("audience", [a for a in Audience if a != Audience.PUBLIC])
@pytest.mark.parametrize("path", FILES)
def test_nobody_gets_what_is_not_public_not_even_who_may_read_it(
    app: Flask, database: Database, world: World, audience: Audience, path: str
) -> None:
    with database.unit_of_work():
        published(world, need(world))
    with database.unit_of_work():
        made = need(world, "Zanahoria", Audience.PUBLIC)
        published(world, made)
        editorial.narrow(world.actor("fijian"), made, audience, (world.organisations["jica"],))
    for who in VIEWERS:
        data = fetched(app, path, who)
        assert b"Time release study" in data
        assert b"Zanahoria" not in data and made.id.encode() not in data


@pytest.mark.parametrize("path", FILES)
def test_nobody_gets_what_is_not_published_or_was_taken_down(
    app: Flask, database: Database, world: World, path: str
) -> None:
    bring(app, database, world, file_of(activity()))
    with database.unit_of_work():
        need(world, "Waiting")
        down = published(world, need(world, "Taken down"))
        kept = published(world, need(world, "Standing"))
        editorial.unpublish(world.actor("moderator"), down, "A reason.")
        w.make_draft(world, "fijian", "Drafted", kind=Kind.NEED)
        w.make_published(world, "An update")
    for who in VIEWERS:
        data = fetched(app, path, who)
        assert b"Standing" in data and kept.id.encode() in data
        for words in (b"Waiting", b"Taken down", b"Drafted", b"Faster release", b"An update", b"44000-P1"):
            assert words not in data


@pytest.mark.parametrize("path", FILES)
def test_a_translation_that_waits_is_not_told(
    app: Flask, database: Database, world: World, path: str
) -> None:
    bring(app, database, world, file_of(activity()))
    with database.unit_of_work():
        publish(world)
    data = fetched(app, path).decode()
    assert "Faster release" in data and "mainlevée" not in data


def test_files_are_sent_in_batches_that_lose_and_repeat_nothing(
    app: Flask, database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "BATCH", 2)
    with database.unit_of_work():
        made = {published(world, need(world, f"Need {number}")).id for number in range(5)}
    assert len(xml(app)) == 5
    assert {row["address"].rpartition("/")[2] for row in rows(app)} == made


def test_no_cell_is_a_formula_and_no_text_breaks_the_file(
    app: Flask, database: Database, world: World
) -> None:
    with database.unit_of_work():
        published(world, need(world, '=HYPERLINK("x") & <b>', line1="]]> \N{COMBINING ACUTE ACCENT}"))
    (one,) = xml(app)
    assert one.findtext("title/narrative") == '=HYPERLINK("x") & <b>'
    (row,) = rows(app)
    assert row["title_en"].startswith("'=")
    assert list(row) == list(COLUMNS)


def test_an_empty_portal_gives_empty_files(app: Flask, database: Database, world: World) -> None:
    assert len(xml(app)) == 0 and rows(app) == []
    assert list(activities(io.BytesIO(fetched(app, FILES[0])))) == []
