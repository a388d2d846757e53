"""Public needs and offers as IATI 2.03 and as a table, piece by piece, in all languages that they have.

An offer that was imported keeps its identifier, and its organisation is marked as its secondary
reporter: whoever reads both files does not count it twice. What is written here gets an identifier
that begins with the organisation's own. The order of the elements is that of the standard's schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from portal.core import tables
from portal.core.clock import now
from portal.core.i18n import LANGUAGES, localised
from portal.core.text import to_plain
from portal.editorial.models import PARTS, Kind
from portal.editorial.terms import LINES, SLOTS, Help, Line, Terms
from portal.editorial.texts import Text
from portal.exchange.programmes import OWN_MARK
from portal.exchange.queries import Exported
from portal.exchange.sectors import WHOLE_WORLD, sector_of_topic
from portal.organisations.models import OrganisationKind

NAMESPACE = "urn:customs-exchange:provenance"
_TYPES = {
    OrganisationKind.CUSTOMS: "10",
    OrganisationKind.PARTNER: "40",
    OrganisationKind.REGIONAL_OFFICE: "40",
    OrganisationKind.SECRETARIAT: "40",
}
_ACCOUNTABLE, _EXTENDING = "2", "3"
_PIPELINE, _IMPLEMENTING = "1", "2"
_AID = {Help.EXPERTISE: "D02", Help.TRAINING: "D02", Help.STUDY_VISIT: "D02", Help.LEGAL_DRAFTING: "D02"}
_PROJECT = "C01"
# Texts beside the lines: what a narrative of type 1 (general) and 4 (other) tells.
_GENERAL = {Kind.NEED: ("situation",), Kind.OFFER: ("programme",)}

COLUMNS = (
    "identifier", "kind", "organisation", "address", "original_language", "published_on",
    *(f"{name}_{code}" for name in ("title", "summary") for code in LANGUAGES),
    *(f"{name}_{code}" for name in (*(n for n in PARTS[Kind.OFFER] if n not in LINES),
                                    *(n for n in PARTS[Kind.NEED] if n not in LINES)) for code in LANGUAGES),
    "topics", "countries", "regions", "starts_on", "ends_on", "least", "most", "currency",
    "working_languages", "reply_by",
    *(f"line{slot}_{name}" for slot in SLOTS
      for name in ("help", "topic", "category", "due_on", "is_definitive", *LANGUAGES)),
    "source_identifier", "source_digest", "source_presence", "source_taken_on",
)  # fmt: skip


def identifier(one: Exported) -> str:
    """The lasting identifier: that of its source, else one that begins with its organisation's."""
    if one.imported is not None:
        return one.imported.identifier
    return f"{_reference(one)}{OWN_MARK}{one.contribution.id}"


def as_iati(batches: Iterable[list[Exported]], base_url: str) -> Iterator[str]:
    """A whole file of activities, one piece a batch."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    moment = f"{now():%Y-%m-%dT%H:%M:%SZ}"
    yield f'<iati-activities version="2.03" generated-datetime="{moment}" xmlns:cx="{NAMESPACE}">\n'
    for batch in batches:
        yield "".join(ET.tostring(activity(one, base_url), "unicode") + "\n" for one in batch)
    yield "</iati-activities>\n"


def as_csv(batches: Iterable[list[Exported]], base_url: str) -> Iterator[str]:
    """A whole table, a row at a time; no cell can be taken for a formula."""
    rows = (cells(one, base_url) for batch in batches for one in batch)
    yield from tables.as_csv(COLUMNS, ([row.get(column, "") for column in COLUMNS] for row in rows))


def activity(one: Exported, base_url: str) -> ET.Element:
    """One need or offer as an `iati-activity`."""
    made = ET.Element("iati-activity", {"xml:lang": one.contribution.original_language, "hierarchy": "1"})
    made.set("last-updated-datetime", f"{one.contribution.changed_at:%Y-%m-%dT%H:%M:%SZ}")
    ET.SubElement(made, "iati-identifier").text = identifier(one)
    _reporter(made, one)
    _narrative(made, "title", {code: text.title for code, text in one.texts.items()})
    _descriptions(made, one)
    role = _ACCOUNTABLE if one.contribution.kind == Kind.NEED else _EXTENDING
    _organisation(made, "participating-org", one, role=role)
    other = ET.SubElement(made, "other-identifier", ref=one.contribution.id, type="A1")
    _organisation(other, "owner-org", one)
    is_need = one.contribution.kind == Kind.NEED
    ET.SubElement(made, "activity-status", code=_PIPELINE if is_need else _IMPLEMENTING)
    terms = one.about.terms or Terms()
    _dates(made, one, terms)
    _places(made, one, terms)
    _filed(made, one, base_url)
    _money(made, terms)
    _links(made, one, base_url)
    _provenance(made, one)
    return made


def _reference(one: Exported) -> str:
    return one.organisation.iati_identifier or f"XI-PORTAL-{one.organisation.code}"


def _reporter(made: ET.Element, one: Exported) -> None:
    reporter = _organisation(made, "reporting-org", one, type=_TYPES[one.organisation.kind])
    reporter.set("secondary-reporter", "0" if one.imported is None else "1")


def _organisation(made: ET.Element, tag: str, one: Exported, **attributes: str) -> ET.Element:
    names = {code: localised(one.organisation, "name", code) for code in LANGUAGES}
    element = _narrative(made, tag, names)
    element.set("ref", _reference(one))
    for name, value in attributes.items():
        element.set(name, value)
    return element


def _narrative(made: ET.Element, tag: str, words: dict[str, str], **attributes: str) -> ET.Element:
    element = ET.SubElement(made, tag, attributes)
    for code, text in words.items():
        ET.SubElement(element, "narrative", {"xml:lang": code}).text = text
    return element


def _descriptions(made: ET.Element, one: Exported) -> None:
    """What it is in general (1), then every line and the other parts (4)."""
    kind = one.contribution.kind
    general = _GENERAL[kind]
    others = [name for name in PARTS[kind] if name not in general]
    for type_, names in (("1", general), *(("4", (name,)) for name in others)):
        words = {code: _told(text, names, type_ == "1") for code, text in one.texts.items()}
        if any(words.values()):
            _narrative(made, "description", {c: w for c, w in words.items() if w}, type=type_)


def _told(text: Text, names: tuple[str, ...], with_summary: bool) -> str:
    pieces = [text.summary] if with_summary else []
    return "\n".join([*pieces, *(to_plain(text.parts[name]) for name in names if text.parts.get(name))])


def _dates(made: ET.Element, one: Exported, terms: Terms) -> None:
    """The standard wants a start; where the post names none, it starts when it was published."""
    published = one.contribution.published_at
    starts_on = terms.starts_on or (published.date() if published is not None else now().date())
    ET.SubElement(made, "activity-date", {"type": "1", "iso-date": starts_on.isoformat()})
    if terms.ends_on is not None:
        ET.SubElement(made, "activity-date", {"type": "3", "iso-date": terms.ends_on.isoformat()})


def _places(made: ET.Element, one: Exported, terms: Terms) -> None:
    is_for_all = not one.about.countries and not terms.regions
    if is_for_all:
        ET.SubElement(made, "activity-scope", code="1")
    for code in one.about.countries:
        ET.SubElement(made, "recipient-country", code=code)
    for code in terms.regions:
        region = {"code": code, "vocabulary": "99", "vocabulary-uri": NAMESPACE + ":wco-regions"}
        ET.SubElement(made, "recipient-region", region)
    if is_for_all:
        ET.SubElement(made, "recipient-region", {"code": WHOLE_WORLD, "vocabulary": "1"})


def _filed(made: ET.Element, one: Exported, base_url: str) -> None:
    sectors = dict.fromkeys(sector_of_topic(topic).code for topic in one.about.topics)
    for code in sectors:
        ET.SubElement(made, "sector", {"vocabulary": "1", "code": code})
    for topic in one.topics:
        words = {code: localised(topic, "name", code) for code in LANGUAGES}
        vocabulary = {"vocabulary": "99", "vocabulary-uri": f"{base_url}/en/topics", "code": topic.code}
        _narrative(made, "tag", words, **vocabulary)


def _money(made: ET.Element, terms: Terms) -> None:
    """Kinds of aid, and the budget where it has an amount, a currency and a window to be spent in."""
    for code in dict.fromkeys(_AID.get(line.help, _PROJECT) for line in terms.lines):
        ET.SubElement(made, "default-aid-type", {"code": code, "vocabulary": "1"})
    if terms.most is None or not terms.currency or terms.starts_on is None or terms.ends_on is None:
        return
    budget = ET.SubElement(made, "budget", type="1", status="1")
    ET.SubElement(budget, "period-start", {"iso-date": terms.starts_on.isoformat()})
    ET.SubElement(budget, "period-end", {"iso-date": terms.ends_on.isoformat()})
    value = {"currency": terms.currency, "value-date": terms.starts_on.isoformat()}
    ET.SubElement(budget, "value", value).text = str(terms.most)


def _links(made: ET.Element, one: Exported, base_url: str) -> None:
    """The post itself, in each of its languages."""
    for code, text in one.texts.items():
        link = ET.SubElement(made, "document-link", format="text/html", url=_address(one, base_url, code))
        _narrative(link, "title", {code: text.title})
        ET.SubElement(link, "category", code="A12")
        ET.SubElement(link, "language", code=code)


def _provenance(made: ET.Element, one: Exported) -> None:
    if one.imported is not None:
        facts = {
            "identifier": one.imported.identifier,
            "digest": one.imported.digest,
            "presence": str(one.imported.presence),
            "taken": f"{one.imported.taken_at:%Y-%m-%d}",
        }
        ET.SubElement(made, "cx:provenance", facts)


def cells(one: Exported, base_url: str) -> dict[str, str]:
    """One need or offer as the cells of its row."""
    terms = one.about.terms or Terms()
    published = one.contribution.published_at
    row = {
        "identifier": identifier(one),
        "kind": str(one.contribution.kind),
        "organisation": one.organisation.code,
        "address": _address(one, base_url, one.contribution.original_language),
        "original_language": one.contribution.original_language,
        "published_on": f"{published:%Y-%m-%d}" if published is not None else "",
        "topics": " ".join(one.about.topics),
        "countries": " ".join(one.about.countries),
        "regions": " ".join(terms.regions),
        "starts_on": _text_of(terms.starts_on),
        "ends_on": _text_of(terms.ends_on),
        "least": _text_of(terms.least),
        "most": _text_of(terms.most),
        "currency": terms.currency,
        "working_languages": " ".join(terms.languages),
        "reply_by": _text_of(terms.reply_by),
    }
    for code, text in one.texts.items():
        row |= {f"title_{code}": text.title, f"summary_{code}": text.summary}
        row |= {f"{name}_{code}": words for name, words in text.parts.items()}
    for line in terms.lines:
        row |= _line_cells(line)
    return row | _source_cells(one)


def _line_cells(line: Line) -> dict[str, str]:
    return {
        f"line{line.slot}_help": str(line.help),
        f"line{line.slot}_topic": line.topic,
        f"line{line.slot}_category": str(line.category or ""),
        f"line{line.slot}_due_on": _text_of(line.due_on),
        f"line{line.slot}_is_definitive": "yes" if line.is_definitive else "",
    }


def _source_cells(one: Exported) -> dict[str, str]:
    if one.imported is None:
        return {}
    return {
        "source_identifier": one.imported.identifier,
        "source_digest": one.imported.digest,
        "source_presence": str(one.imported.presence),
        "source_taken_on": f"{one.imported.taken_at:%Y-%m-%d}",
    }


def _address(one: Exported, base_url: str, language: str) -> str:
    return f"{base_url}/{language}/contributions/{one.contribution.id}"


def _text_of(value: object) -> str:
    return "" if value is None else str(value)
