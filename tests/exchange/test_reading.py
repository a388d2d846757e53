"""Reading IATI files: what is kept of an activity, and what is refused."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from flask import Flask

from portal.core.errors import Invalid
from portal.exchange import reading
from portal.exchange.reading import activities
from tests.exchange.samples import activity, file_of, read

pytestmark = pytest.mark.one_database
BOMB = '<!DOCTYPE iati-activities [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE iati-activities SYSTEM "file:///etc/passwd">'


@pytest.fixture(autouse=True)
def _language(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def refusal(data: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        read(data)
    return refused.value.errors["file"][0]


def test_each_activity_is_handed_out_with_what_the_mapping_needs_and_nothing_else() -> None:
    more = """<result type="1"><title><narrative>Not a title of the activity</narrative></title></result>
      <location><name><narrative>Suva</narrative></name></location>"""
    first, second = read(file_of(activity(more=more), activity("44000-P9")))
    assert [node.tag for node in first.children] == [
        "iati-identifier", "reporting-org", "title", "description", "description", "activity-status",
        "recipient-country", "sector",
    ]  # fmt: skip
    assert len(first.all("title")[0].all("narrative")) == 3
    assert second.children[0].text == "44000-P9"


def test_a_foreign_namespace_before_and_inside_activities_is_passed_over() -> None:
    record = '<ir:registry-record xmlns:ir="urn:x"><ir:title>Not ours</ir:title></ir:registry-record>'
    inside = '<x:title xmlns:x="urn:y"><x:narrative>Not ours</x:narrative></x:title>'
    found = read(file_of(record, activity(more=inside)))
    assert len(found) == 1 and len(found[0].all("title")) == 1


@pytest.mark.parametrize("head", [BOMB, EXTERNAL], ids=["entities", "external"])
def test_a_document_type_is_refused_before_anything_is_read(head: str) -> None:
    assert "document type" in refusal(file_of(activity(), head=head))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<feed/>", "no file of IATI activities"),
        (file_of(activity(), version="3.1"), "IATI 3.1"),
        (b"identifier,title\n1,2\n", "line 1"),
        (b"", "line 1"),
    ],
    ids=["another root", "another version", "no XML", "empty"],
)
def test_what_is_no_iati_file_is_refused(data: bytes, says: str) -> None:
    assert says in refusal(data)


def test_a_file_that_breaks_off_gives_what_came_before_and_names_the_line() -> None:
    whole = file_of(activity(), activity("44000-P9"))
    taken = []
    with pytest.raises(Invalid) as refused:
        for one in activities(io.BytesIO(whole[:-40])):
            taken.append(one)
    assert len(taken) >= 1
    assert "line 24" in refused.value.errors["file"][0]
    taken.clear()
    with pytest.raises(Invalid):
        for one in activities(io.BytesIO(whole.replace(b"</iati-activities>", b"<wrong></iati-activities>"))):
            taken.append(one)
    assert len(taken) == 2


def test_a_file_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST_FILE", 500)
    assert "larger" in refusal(file_of(activity()))


def test_one_activity_cannot_take_all_memory() -> None:
    huge = activity(more="<participating-org role='1'/>" * (reading.MOST_NODES + 50))
    (found,) = read(file_of(huge))
    assert found.is_too_large and found.node_count <= reading.MOST_NODES + 1
    long = activity(descriptions=f"<description><narrative>{'a' * 300_000}</narrative></description>")
    (found,) = read(file_of(long))
    assert len(found.all("description")[0].children[0].text) == reading.MOST_TEXT


def test_where_thousands_of_transactions_went_is_kept_once() -> None:
    one = '<transaction><value>1</value><recipient-country code="FJ"/><sector code="33120"/></transaction>'
    (found,) = read(file_of(activity(place="", more=one * 7000)))
    assert not found.is_too_large
    assert len(found.all("transaction/recipient-country")) == 1
    assert found.all("transaction") == []


def test_other_encodings_are_read() -> None:
    data = file_of(activity()).decode().replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')
    (found,) = read(data.encode("iso-8859-1"))
    assert "mainlevée" in found.all("title")[0].children[1].text
