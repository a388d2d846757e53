"""What becomes of an activity: languages, topics, places, terms, and the reasons why one is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from portal.editorial.terms import Help
from portal.exchange.languages import guessed, language_of
from portal.exchange.mapping import programme_of, references
from portal.exchange.programmes import Programme, Refused
from portal.exchange.writing import cut, plain
from tests.exchange.samples import INTO, ONE_POINT_OH, activity, file_of, read

pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
def _language(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def taken(xml: str, version: str = "2.03") -> Programme:
    (found,) = read(file_of(xml, version=version))
    row = programme_of(found, INTO)
    assert isinstance(row, Programme), row
    return row


def refusal(xml: str) -> str:
    (found,) = read(file_of(xml))
    row = programme_of(found, INTO)
    assert isinstance(row, Refused), row
    return row.reason


def test_an_activity_of_2_03_is_told_in_three_languages() -> None:
    found = taken(activity())
    assert list(found.texts) == ["en", "es", "fr"]
    assert found.texts["fr"].title == "Une mainlevée plus rapide des marchandises"
    assert found.texts["en"].summary == "Support to the customs administration for the release of goods."
    assert found.texts["en"].parts["programme"].endswith("Release times are measured and published.")
    assert "Release times" not in found.texts["es"].parts["programme"]
    assert (found.about.topics, found.about.countries) == (("TFA",), ("FJ",))
    assert found.texts["es"].parts["line1"] == "Financiación dentro de este programa"


def test_an_activity_of_1_0x_says_the_same_in_words() -> None:
    found = taken(ONE_POINT_OH, "1.05")
    assert found.identifier == "44000-P2"
    assert found.texts["fr"].title == "Des bureaux de douane modernes"
    terms = found.about.terms
    assert terms is not None
    assert (terms.starts_on, terms.ends_on) == (date(2026, 3, 1), date(2027, 12, 31))
    assert (terms.least, terms.most, terms.currency) == (None, 3000, "EUR")
    assert found.about.countries == ("FJ", "TH")
    body = found.texts["en"].parts["programme"]
    assert "- World Bank (funding)\n- Customs of Fiji (implementing)" in body
    assert "[Appraisal](https://bank.example/doc.pdf)" in body and "broken" not in body
    assert "<https://bank.example/p2>" in body


def test_mailboxes_of_offices_are_kept_and_those_of_persons_are_not() -> None:
    body = taken(ONE_POINT_OH, "1.05").texts["en"].parts["programme"]
    assert "trade-info@bank.example" in body
    assert "person" not in body.lower()


def test_the_words_count_where_the_declared_language_is_wrong() -> None:
    french = "<title><narrative>Financement des moyens généraux du programme des douanes</narrative></title>"
    found = taken(activity(titles=french, descriptions=""))
    assert list(found.texts) == ["fr"]
    assert found.texts["fr"].parts["programme"] == "La source ne donne pas d’autre description."
    english = "<narrative>Support to the customs of the islands for the release of goods</narrative>"
    dutch = activity(titles=f"<title>{english}</title>", descriptions="", attributes='xml:lang="nl"')
    assert list(taken(dutch).texts) == ["en"]


def test_a_language_that_is_none_of_ours_is_refused_and_never_mislabelled() -> None:
    words = "<narrative>Steun aan het programma van de douane voor een betere handel met Fiji</narrative>"
    assert "no title" in refusal(
        activity(titles=f"<title>{words}</title>", descriptions=f"<description>{words}</description>")
    )


def test_the_verdict_names_what_is_refused_in_its_own_language() -> None:
    (found,) = read(
        file_of(
            activity(
                titles='<title><narrative xml:lang="nl">Betere douane</narrative></title>', descriptions=""
            )
        )
    )
    row = programme_of(found, INTO)
    assert isinstance(row, Refused) and row.title == "Betere douane"


def test_blanks_empty_elements_and_capitals_are_taken_as_they_are_meant() -> None:
    titles = """<title><narrative xml:lang="es">
        FACILITACIÓN DEL   COMERCIO Y
        ADUANAS </narrative><narrative xml:lang="en"></narrative><narrative xml:lang="fr"> </narrative></title>"""
    found = taken(
        activity(titles=titles, descriptions='<description xml:lang="en"><narrative/></description>')
    )
    assert list(found.texts) == ["es"]
    assert found.texts["es"].title == "FACILITACIÓN DEL COMERCIO Y ADUANAS"


def test_a_lone_title_serves_the_language_that_describes() -> None:
    titles = '<title><narrative xml:lang="nl">ASYCUDA 2026</narrative></title>'
    assert taken(activity(titles=titles)).texts["en"].title == "ASYCUDA 2026"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Support to the customs of Fiji for the release of goods", "en"),
        ("Appui aux douanes et à la mainlevée des marchandises du pays", "fr"),
        ("FORTALECIMIENTO DE LAS ADUANAS Y DEL COMERCIO", "es"),
        ("ASYCUDA", ""),
        ("Het programma van de douane voor een betere handel", "nl"),
    ],
)
def test_small_words_tell_the_language(text: str, language: str) -> None:
    assert guessed(text) == language


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [("ASYCUDA", "FR", "fr"), ("ASYCUDA", "es-PE", "es"), ("ASYCUDA", "", ""), ("ASYCUDA", "nl", "")],
)
def test_without_telling_words_the_declaration_counts(text: str, declared: str, language: str) -> None:
    assert language_of(text, declared) == language


@pytest.mark.parametrize(
    ("sector", "topics"),
    [
        ('<sector code="33120"/>', ("TFA",)),
        ('<sector vocabulary="DAC" code=""/><sector vocabulary="DAC" code="15114"/>', ("WCO-REV",)),
        ('<sector code="33181" percentage="20"/><sector code="33120" percentage="80"/>', ("TFA", "WCO-HR")),
        ('<policy-marker vocabulary="WBTheme" code="0049" significance=""/>', ("TFA",)),
        ('<transaction><sector vocabulary="1" code="33120"/></transaction>', ("TFA",)),
        ('<sector code="21010"/>', ("WCO-TRANSIT",)),
    ],
    ids=["none declared", "empty code", "by share", "world bank", "on transactions", "broad, with words"],
)
def test_sectors_become_topics(sector: str, topics: tuple[str, ...]) -> None:
    assert taken(activity(sector=sector)).about.topics == topics


ROADS = "<title><narrative>Roads for the rural areas of the north</narrative></title>"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"sector": '<sector code="15112"/>'}, "None of its sectors"),
        ({"sector": '<sector vocabulary="99" code="33120"/>'}, "None of its sectors"),
        ({"sector": '<sector vocabulary="2" code="331"/>'}, "None of its sectors"),
        ({"sector": '<policy-marker vocabulary="1" code="33120"/>'}, "None of its sectors"),
        ({"sector": '<sector code="21010"/>', "titles": ROADS, "descriptions": ""}, "broader than customs"),
        ({"status": '<activity-status code="3">Completion</activity-status>'}, "in finalisation"),
        ({"status": '<activity-status code="4"/>'}, "closed"),
        ({"attributes": 'xml:lang="en" hierarchy="2"'}, "level 2"),
        ({"reporter": '<reporting-org ref="GB-GOV-1"/>'}, "reported by GB-GOV-1"),
        ({"identifier": " "}, "no identifier"),
        ({"identifier": "x" * 201}, "longer"),
        ({"place": ""}, "no country and no region"),
        ({"place": '<recipient-country code="XK"/>'}, "XK"),
        ({"place": '<recipient-region vocabulary="99" code="A1"/>'}, "A1 (99)"),
        ({"titles": "<title/>", "descriptions": ""}, "no title"),
    ],
)
def test_what_is_no_programme_for_customs_is_refused_with_its_reason(
    changed: dict[str, str], says: str
) -> None:
    assert says in refusal(activity(**changed))


@pytest.mark.parametrize("ref", ["44000", "XM-DAC-44000", "xm-dac-44000", ""])
def test_a_publisher_is_known_under_all_its_references(ref: str) -> None:
    assert taken(activity(reporter=f'<reporting-org ref="{ref}"/>'))


def test_older_references_are_those_of_the_same_publisher() -> None:
    assert "US-1" in references("US-GOV-1") and "US-GOV-1" in references("US-1")
    assert references(" 44000 ") == references("XM-DAC-44000") == {"44000", "XM-DAC-44000"}
    assert references("") == frozenset()


@pytest.mark.parametrize(
    ("place", "countries", "regions", "places"),
    [
        ('<recipient-region code="889" vocabulary="1"/>', (), ("AP",), ("889 Oceania",)),
        ('<recipient-region code="998"/>', (), (), ("998",)),
        ('<activity-scope code="1"/>', (), (), ()),
        ('<transaction><recipient-country code="FJ"/></transaction>', ("FJ",), (), ()),
        (
            '<recipient-country code="FJ"/><recipient-region code="489"/>',
            ("FJ",),
            ("AMS",),
            ("489 South America",),
        ),
        ('<recipient-country code="FJ"/><recipient-country code="XK"/>', ("FJ",), (), ("XK",)),
    ],
    ids=["region", "unspecified", "global", "on transactions", "both", "one unknown"],
)
def test_who_is_eligible(
    place: str, countries: tuple[str, ...], regions: tuple[str, ...], places: tuple[str, ...]
) -> None:
    found = taken(activity(place=place))
    assert found.about.terms is not None
    assert (found.about.countries, found.about.terms.regions, found.places) == (countries, regions, places)


@pytest.mark.parametrize(
    ("more", "most", "currency"),
    [
        ("", None, ""),
        ("<budget><value>5000</value></budget>", 5000, "USD"),
        ("<budget><value currency='EUR'>1</value></budget><budget><value>2</value></budget>", None, ""),
        ("<budget><value>many</value></budget>", None, ""),
        ("<budget><value currency='XXX'>5</value></budget>", None, ""),
        ("<budget><value>-5</value></budget>", None, ""),
        ("<budget><value>NaN</value></budget>", None, ""),
        ("<budget><value>1e30</value></budget>", None, ""),
    ],
)
def test_a_budget_that_is_not_stated_is_not_nothing(more: str, most: int | None, currency: str) -> None:
    terms = taken(activity(more=more)).about.terms
    assert terms is not None and (terms.most, terms.currency) == (most, currency)


def test_dates_that_contradict_each_other_or_cannot_be_kept_stay_open() -> None:
    both = '<activity-date type="1" iso-date="2027-01-01"/><activity-date type="3" iso-date="2026-01-01"/>'
    terms = taken(activity(more=both)).about.terms
    assert terms is not None and (terms.starts_on, terms.ends_on) == (None, None)
    odd = '<activity-date type="1" iso-date="1998-01-01"/><activity-date type="3" iso-date="soon"/>'
    terms = taken(activity(more=odd)).about.terms
    assert terms is not None and (terms.starts_on, terms.ends_on) == (None, None)


@pytest.mark.parametrize(
    ("more", "kinds"),
    [
        ('<default-aid-type code="D02"/>', [Help.EXPERTISE]),
        ('<default-aid-type code="E01" vocabulary="1"/>', [Help.TRAINING]),
        ('<default-aid-type code="D" vocabulary="2"/><default-aid-type/>', [Help.FUNDING]),
        ('<sector code="33181"/><default-aid-type code="D01"/>', [Help.EXPERTISE, Help.TRAINING]),
    ],
)
def test_kinds_of_aid_become_lines(more: str, kinds: list[Help]) -> None:
    terms = taken(activity(more=more)).about.terms
    assert terms is not None and [line.help for line in terms.lines] == kinds


def test_the_fingerprint_holds_what_was_taken_and_nothing_else() -> None:
    first = taken(activity()).digest
    assert first == taken(activity(more="<transaction><value>9</value></transaction>")).digest
    assert first != taken(activity(more="<budget><value>9</value></budget>")).digest


def test_the_words_of_a_source_are_shown_as_they_are_written() -> None:
    assert plain("# 5 *x* [a](b) <b> snake_case _it_") == r"\# 5 \*x\* \[a\](b) \<b\> snake_case \_it\_"
    assert cut("one two three", 9) == "one two…" and cut("one", 9) == "one"
    long = taken(activity(titles=f"<title><narrative>{'word ' * 60}</narrative></title>"))
    assert len(long.texts["en"].title) <= 200 and long.texts["en"].parts["programme"].startswith("word word")
