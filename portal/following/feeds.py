"""Atom feeds (RFC 4287) of lists of contributions, in one language each, honest about the others."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Response, request
from flask_babel import gettext as _

from portal.core import web
from portal.core.access import Actor
from portal.core.clock import now
from portal.core.i18n import current_language, language_name
from portal.publishing.queries import Listed
from portal.publishing.records import Record, records

ATOM = "http://www.w3.org/2005/Atom"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def answer(actor: Actor, items: Sequence[Listed], address: str, title: str, caching: str) -> Response:
    """The feed of these items at `address` as `actor` may read them, or that it has not changed."""
    settings = web.settings()
    rows = records(actor, items)
    body = atom(settings.base_url, address, title, settings.portal_name, items, rows)
    made = Response(body, mimetype="application/atom+xml")
    made.headers["Cache-Control"] = caching
    if items:
        made.last_modified = max(item.contribution.changed_at for item in items)
    made.set_etag(hashlib.sha256(body).hexdigest()[:32])
    made.make_conditional(request)
    return made


def name_of(token: str) -> str:
    """The name of a feed whose address, which holds `token`, is told to nobody."""
    return f"feed/{hashlib.sha256(token.encode()).hexdigest()[:32]}"


def atom(
    base_url: str, address: str, title: str, portal_name: str, items: Sequence[Listed], rows: Sequence[Record]
) -> bytes:
    """A feed as XML; `items` and `rows` are the same contributions.

    `address` is its path and its name; one that is told to nobody has a name alone, without a slash.
    """
    changed = {item.contribution.id: item.contribution.changed_at for item in items}
    feed = Element("feed", {"xmlns": ATOM, XML_LANG: current_language()})
    is_told = address.startswith("/")
    _text(feed, "id", base_url + address if is_told else f"{_authority(base_url)}:{address}")
    _text(feed, "title", f"{title} · {portal_name}")
    _text(feed, "updated", _moment(max(changed.values(), default=now())))
    if is_told:
        SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": base_url + address})
    for row in rows:
        _entry(feed, base_url, row, changed[row.id])
    written: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _entry(feed: Element, base_url: str, row: Record, changed: datetime) -> None:
    entry = SubElement(feed, "entry", {XML_LANG: row.language})
    _text(entry, "id", f"{_authority(base_url)}:contribution/{row.id}")
    _text(entry, "title", row.title)
    _text(entry, "updated", _moment(changed))
    _text(entry, "published", _moment(row.published_at))
    _text(SubElement(entry, "author"), "name", row.organisation.name)
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": base_url + row.url})
    for code, _state, url in row.languages:
        SubElement(
            entry, "link", {"rel": "alternate", "type": "text/html", "hreflang": code, "href": base_url + url}
        )
    for topic in row.topics:
        SubElement(entry, "category", {"term": topic})
    _text(entry, "summary", " ".join(filter(None, (_notice(row), row.summary))))


def _authority(base_url: str) -> str:
    """What the names of feeds and entries begin with (RFC 4151)."""
    return f"tag:{urlsplit(base_url).hostname or 'localhost'},2026"


def _notice(row: Record) -> str:
    """What a reader of this language has to know of an entry; "" where there is nothing."""
    wanted = current_language()
    if row.language != wanted:
        return str(
            _(
                "[Not available in %(wanted)s; shown in %(shown)s.]",
                wanted=language_name(wanted),
                shown=language_name(row.language),
            )
        )
    if row.reason == "translation_outdated":
        return str(_("[This translation is older than its original.]"))
    return ""


def _text(parent: Element, name: str, value: str) -> None:
    SubElement(parent, name).text = value


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
