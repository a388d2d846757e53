"""Programmes as a table: read, refused with reasons, and read again from what was exported."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.core.db import Database
from portal.core.errors import Invalid
from portal.editorial.texts import About
from tests import world as w
from tests.exchange.making import bring, imported, publish
from tests.exchange.samples import activity, file_of
from tests.http import Browser
from tests.world import World

HEADING = "identifier,title_en,summary_en,programme_en,line1_help,line1_topic,line1_en,title_fr,summary_fr,programme_fr,line1_fr,topics,countries,starts_on,most,currency"
ROW = '44000-T1,Risk management,"Analysts, twelve weeks",Support,expertise,TFA-3,Two analysts,Gestion du risque,Douze semaines,Appui,Deux analystes,TFA-3,FJ TH,2027-01-01,50000,USD'


def table(*rows: str, heading: str = HEADING) -> bytes:
    return "\n".join([heading, *rows]).encode()


def test_a_row_becomes_an_offer_in_its_languages_and_comes_once(
    app: Flask, database: Database, world: World
) -> None:
    assert bring(app, database, world, table(ROW), name="t.csv")[0] == {"created": 1}
    assert bring(app, database, world, table(ROW), name="T.CSV")[0] == {"unchanged": 1}
    with database.unit_of_work(write=False):
        _row, made = imported("44000-T1")
        about = About.of(w.latest(made))
        assert about.countries == ("FJ", "TH") and about.terms is not None
        assert (about.terms.most, about.terms.lines[0].topic) == (50000, "TFA-3")
        assert w.latest(made, "fr").parts["line1"] == "Deux analystes"


def test_semicolons_and_the_sign_before_a_formula_are_understood(
    app: Flask, database: Database, world: World
) -> None:
    row = "\ufeffidentifier;title_en;summary_en;programme_en;line1_en;topics\n44000-T2;'=A title;S;P;L;tfa-3"
    assert bring(app, database, world, row.encode(), name="t.csv")[0] == {"created": 1}
    with database.unit_of_work(write=False):
        assert w.latest(imported("44000-T2")[1]).title == "=A title"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("44000-T1", "", "no identifier"),
        ("Risk management", "", "“Analysts"),
        ("TFA-3,FJ TH", "NONE,FJ TH", "no topic"),
        ("TFA-3,FJ TH", ",FJ TH", "no topic"),
        ("FJ TH", "XX", "countries"),
        ("2027-01-01", "soon", "soon"),
        ("50000", "much", "much"),
        ("USD", "", "currency"),
        ("expertise", "gold", "gold"),
        ("Two analysts", "", "line"),
    ],
)
def test_a_row_that_cannot_be_taken_is_refused_with_its_reason(
    app: Flask, database: Database, world: World, old: str, new: str, says: str
) -> None:
    if old == "Risk management":
        row, says = ROW.replace(old, "").replace("Gestion du risque", ""), "no title"
    else:
        row = ROW.replace(old, new)
    for is_dry in (True, False):
        counts, (verdict,) = bring(app, database, world, table(row), name="t.csv", is_dry=is_dry)
        assert counts == {"refused": 1} and says in verdict.reason, verdict.reason


def test_a_need_is_refused(app: Flask, database: Database, world: World) -> None:
    counts, (verdict,) = bring(
        app,
        database,
        world,
        table("need,N1,T,TFA-3", heading="kind,identifier,title_en,topics"),
        name="t.csv",
    )
    assert counts == {"refused": 1} and "no offer" in verdict.reason


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"title_en,summary_en\nA,B", "first line"),
        (b"", "first line"),
        ("identifier,topics,title_en\n1,TFA-3,caf\xe9".encode("latin-1"), "UTF-8"),
        (b'identifier,topics\n1,"' + b"a" * 200_000 + b'"', "cell of the table"),
    ],
    ids=["no heading", "empty", "another encoding", "an endless cell"],
)
def test_what_is_no_table_is_refused(
    app: Flask, database: Database, world: World, data: bytes, says: str
) -> None:
    with pytest.raises(Invalid) as refused:
        bring(app, database, world, data, name="t.csv")
    assert says in refused.value.errors["file"][0]


def test_what_was_exported_is_known_again(app: Flask, database: Database, world: World) -> None:
    bring(app, database, world, file_of(activity()))
    with database.unit_of_work():
        publish(world)
        w.make_published(world, "Peruvian valuation", author="partner", kind=w.Kind.OFFER)
    exported = Browser(app).get("/exchange/needs-and-offers.csv").data
    counts, verdicts = bring(app, database, world, exported, name="t.csv", is_dry=True)
    reasons = {verdict.identifier: (verdict.verdict, verdict.reason) for verdict in verdicts}
    own = next(value for identifier, value in reasons.items() if "-CX-" in identifier)
    assert own == ("refused", "It comes from this portal itself.")
    assert reasons["44000-P1"][0] in {"updated", "unchanged"}
    assert sum(counts.values()) == 2
