"""Why a search cannot be read: a sentence that names the character, and the typed text marked there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from portal.core import web
from portal.core.i18n import LANGUAGES, current_language
from portal.editorial.models import Kind
from portal.finding import fields
from portal.finding.asking import Asked
from portal.finding.showing import address
from portal.search.query import ErrorCode, Field, QueryError, as_field, end_of, parse

AROUND = 60
"""How many characters are shown before the place, and how many from it on, where a text is too long."""


@dataclass(frozen=True)
class Problem:
    """What is wrong, the typed text cut at the place, and ways out as pairs of words and address."""

    message: str
    before: str
    there: str
    after: str
    ways: Sequence[tuple[str, str]] = ()


def problem(error: QueryError, asked: Asked) -> Problem:
    """What to tell somebody whose search was refused with `error`."""
    text, position = asked.text, error.position
    if error.code in {ErrorCode.UNKNOWN_VALUE, ErrorCode.AMBIGUOUS_VALUE}:
        field = next(f for f in parse(text).fields if f.position == position)
        message, ways = _of_value(error.code, field), _ways(field, asked)
    else:
        message, ways = _of_grammar(error), []
    if error.code == ErrorCode.TOO_LONG:
        before, there, after = (
            f"…{text[position - AROUND : position]}",
            text[position : position + AROUND],
            "…",
        )
        return Problem(message, before, there, after if len(text) > position + AROUND else "")
    end = len(text) if error.code == ErrorCode.NO_WORDS else end_of(text, position)
    return Problem(message, text[:position], text[position:end], text[end:], ways)


def unreadable(asked: Asked, error: QueryError) -> Any:
    """The search page that says why the search cannot be read."""
    context = {"asked": asked, "problem": problem(error, asked), "hide_search": True}
    return web.page("finding/search.html", 422, **context)


def _of_grammar(error: QueryError) -> str:
    place = error.position + 1
    messages = {
        ErrorCode.TOO_LONG: _("This search is too long. Use at most 200 characters."),
        ErrorCode.TOO_MANY_CLAUSES: _(
            "Too many words from character %(place)s on. Use at most 12.", place=place
        ),
        ErrorCode.UNCLOSED_QUOTE: _("The quotation mark at character %(place)s is not closed.", place=place),
        ErrorCode.PREFIX_TOO_SHORT: _(
            "The word at character %(place)s is too short: write at least three letters before its *.",
            place=place,
        ),
        ErrorCode.MISPLACED_STAR: _(
            "The * of the word at character %(place)s has to stand at its end.", place=place
        ),
        ErrorCode.MISPLACED_OR: _("OR at character %(place)s has to stand between two words.", place=place),
        ErrorCode.NO_WORDS: _("There is no word to look for here."),
        ErrorCode.FIELD_WITHOUT_VALUE: _(
            "Nothing stands behind the colon at character %(place)s. Write as in country:PE.",
            place=place,
        ),
        ErrorCode.NOT_A_YEAR: _(
            "There is no year at character %(place)s. Write as in year:2025, year:2023..2026 or year:2023..",
            place=place,
        ),
    }
    return str(messages[error.code])


def _of_value(code: ErrorCode, field: Field) -> str:
    value, place = field.values[0], field.position + 1
    if code == ErrorCode.AMBIGUOUS_VALUE:
        return str(_(
            "“%(value)s” (character %(place)s) fits too many names. Write more of it, or the code.",
            value=value, place=place,
        ))  # fmt: skip
    kinds = ", ".join(fields.KIND_WORDS[kind][current_language()][0] for kind in Kind)
    messages = {
        "organisation": _(
            "No organisation is called “%(value)s” (character %(place)s). Write its code or name: org:THA.",
            value=value, place=place,
        ),
        "country": _(
            "No country is called “%(value)s” (character %(place)s). Write its name or code: country:PE.",
            value=value, place=place,
        ),
        "topic": _(
            "No topic is called “%(value)s” (character %(place)s). Write its name or code: topic:TFA-7.",
            value=value, place=place,
        ),
        "kind": _(
            "No kind of post is called “%(value)s” (character %(place)s). There are: %(known)s.",
            value=value, place=place, known=kinds,
        ),
        "language": _(
            "No language here is called “%(value)s” (character %(place)s). There are: %(known)s.",
            value=value, place=place, known=", ".join(LANGUAGES),
        ),
    }  # fmt: skip
    return str(messages[field.facet])


def _ways(field: Field, asked: Asked) -> list[tuple[str, str]]:
    """The same search with a name that is spelt much like the typed one, and the list of all names."""
    text, end = asked.text, end_of(asked.text, field.position)
    ways = []
    for name in fields.near(field):
        better = as_field(field.facet, name, field.is_excluded)
        ways.append((better, address(asked.parameters(q=text[: field.position] + better + text[end:]))))
    if field.facet == "organisation":
        ways.append((_("All organisations"), url_for("organisations.index")))
    if field.facet == "topic":
        ways.append((_("All topics"), url_for("finding.topics")))
    return ways
