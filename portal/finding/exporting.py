"""The hits of a search as CSV for a spreadsheet, JSON for a program, and BibTeX for a list of references.

Each is in the reader's language, and says of every text which language it is in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.core import tables
from portal.core.access import Actor
from portal.core.db import session
from portal.core.i18n import country_name, current_language, language_name
from portal.core.text import one_line, slug
from portal.finding.labels import label
from portal.publishing.forms import AUDIENCES
from portal.publishing.queries import countries_of, listed
from portal.publishing.records import Record, records
from portal.search.index import Hit
from portal.taxonomy.queries import topic_name

MOST = 1000
"""How many hits an export holds: as many as can be paged through."""

BATCH = 500

_TEX = str.maketrans(
    {
        "\\": r"{\textbackslash}",
        "{": r"{\textbraceleft}",
        "}": r"{\textbraceright}",
        "~": r"{\textasciitilde}",
        "^": r"{\textasciicircum}",
        **{sign: f"\\{sign}" for sign in "&%$#_"},
    }
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BABEL = {"en": "english", "es": "spanish", "fr": "french"}


@dataclass(frozen=True)
class Item:
    """A hit that the reader may see, as they see it in a list, and what exports tell besides.

    `found_in` are the languages of the texts that were found, the shown one first.
    """

    record: Record
    original_language: str
    found_in: tuple[str, ...]
    topics: tuple[str, ...]
    countries: tuple[str, ...]


@dataclass(frozen=True)
class About:
    """What an export says of itself: its search by its address, and how much of the answer it holds.

    Of `total` hits, `whole` have all the words that were asked for.
    """

    base_url: str
    portal_name: str
    address: str
    query: str
    total: int
    whole: int
    is_incomplete: bool


def items(actor: Actor, hits: tuple[Hit, ...]) -> Iterator[Item]:
    """The hits with their texts, read in batches: three statements for each."""
    for start in range(0, len(hits), BATCH):
        batch = {hit.contribution_id: hit for hit in hits[start : start + BATCH]}
        found = listed(actor, list(batch))
        countries = countries_of(actor, [one.contribution.id for one in found])
        rows = records(actor, found, {i: hit.edition_id for i, hit in batch.items()})
        originals = {one.contribution.id: one.contribution.original_language for one in found}
        topics = {one.contribution.id: one.topics for one in found}
        for row in rows:
            yield Item(
                row,
                originals[row.id],
                batch[row.id].languages or (row.language,),
                topics[row.id],
                tuple(countries.get(row.id, ())),
            )
        session().expunge_all()


def as_csv(found: Iterable[Item], about: About) -> Iterator[str]:
    """A table with a heading in the reader's language; no cell can be taken for a formula."""
    columns = _columns(about)
    yield from tables.as_csv(list(columns), ([value(item) for value in columns.values()] for item in found))


def as_json(found: Iterable[Item], about: About) -> Iterator[str]:
    """One object: the search, and a list of its items."""
    head = {
        "portal": about.portal_name,
        "search": about.base_url + about.address,
        "query": about.query,
        "language": current_language(),
        "total": about.total,
        "with_all_words": about.whole,
        "at_most": MOST,
        "is_incomplete": about.is_incomplete,
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "items": ['
    separator = "\n"
    for item in found:
        yield separator + json.dumps(_as_object(item, about.base_url), ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


def as_bibtex(found: Iterable[Item], about: About) -> Iterator[str]:
    """An entry for each post, with its organisation as the author; every sign that TeX reads is escaped."""
    for item in found:
        row = item.record
        fields = {
            "title": f"{{{_tex(row.title)}}}",
            "author": f"{{{_tex(row.organisation.name)}}}",
            "year": str(row.published_at.year),
            "howpublished": _tex(f"{label('kind', row.kind, {})}, {about.portal_name}"),
            "url": about.base_url + row.url,
            "language": _BABEL[row.language],
            "keywords": _tex("; ".join(row.topics)),
            "abstract": _tex(row.summary),
            "note": _tex(row.note),
        }
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
        month = f"  month = {_MONTHS[row.published_at.month - 1]},"  # a name that styles know, so no braces
        yield "\n".join([f"@misc{{{_key(row)},", *lines, month, "}\n\n"])


Writer = Callable[[Iterable[Item], About], Iterator[str]]
FORMS: dict[str, tuple[str, Writer]] = {
    "csv": ("text/csv", as_csv),
    "json": ("application/json", as_json),
    "bib": ("application/x-bibtex", as_bibtex),
}
"""By the ending of the address: the media type, and what writes it."""


def _columns(about: About) -> dict[str, Callable[[Item], str]]:
    """The headings of the table, and how each column is filled."""
    return {
        _("Title"): lambda item: item.record.title,
        _("Summary"): lambda item: item.record.summary,
        _("Language shown"): lambda item: language_name(item.record.language),
        _("Note on the language"): lambda item: item.record.note,
        _("Original language"): lambda item: language_name(item.original_language),
        _("All languages"): lambda item: ", ".join(language_name(c) for c, _s, _u in item.record.languages),
        _("Type"): lambda item: label("kind", item.record.kind, {}),
        _("Organisation"): lambda item: item.record.organisation.name,
        _("Topics"): lambda item: "; ".join(item.record.topics),
        _("Countries"): lambda item: "; ".join(map(country_name, item.countries)),
        _("Who can read it"): lambda item: str(AUDIENCES[item.record.audience][0]),
        _("Published on"): lambda item: item.record.published_at.date().isoformat(),
        _("Address"): lambda item: about.base_url + item.record.url,
    }


def _as_object(item: Item, base_url: str) -> dict[str, Any]:
    row = item.record
    return {
        "id": row.id,
        "address": base_url + row.url,
        "title": row.title,
        "summary": row.summary,
        "language": row.language,
        "language_note": row.note,
        "original_language": item.original_language,
        "found_in": list(item.found_in),
        "editions": {code: base_url + url for code, _state, url in row.languages},
        "kind": str(row.kind),
        "organisation": {
            "code": row.organisation.code,
            "name": row.organisation.name,
            "address": base_url + row.organisation.url,
        },
        "topics": [{"code": code, "name": topic_name(code)} for code in item.topics],
        "countries": [{"code": code, "name": country_name(code)} for code in item.countries],
        "audience": str(row.audience),
        "published_on": row.published_at.date().isoformat(),
    }


def _key(row: Record) -> str:
    """A key that no other entry has, with something to know it by."""
    return f"{slug(row.organisation.code)}{row.published_at.year}-{row.id}"


def _tex(value: str) -> str:
    return one_line(value).translate(_TEX)
