"""Languages: which one a page is in, the names of languages and countries, dates and numbers."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from babel import Locale
from flask import current_app, g, has_app_context, has_request_context, request
from flask_babel import (
    Babel,
    force_locale,
    format_date,
    format_datetime,
    format_decimal,
    format_timedelta,
    get_locale,
)

from portal.core import clock

LANGUAGES = ("en", "es", "fr")
DEFAULT = "en"


def current_language() -> str:
    """The language that the person is told things in now."""
    locale = get_locale()
    return str(locale.language) if locale is not None and locale.language in LANGUAGES else DEFAULT


def language_name(code: str, inside: str | None = None) -> str:
    """The name of the language `code`, in the language `inside` (default: the current one)."""
    return str(_locale(inside or current_language()).languages.get(code, code))


def country_name(iso2: str) -> str:
    """The name of a territory in the current language: the portal's own, else CLDR's, else the code.

    The extension `portal_country_name` gives the portal's own, which the secretariat may edit.
    """
    own = current_app.extensions.get("portal_country_name") if has_app_context() else None
    named = own(iso2) if own is not None else None
    return str(named or territory_name(iso2, current_language()))


def territory_name(iso2: str, inside: str) -> str:
    """The name that CLDR gives a territory in the language `inside`; the code where it has none."""
    return str(_locale(inside).territories.get(iso2, iso2))


def localised(thing: Any, field: str, language: str | None = None) -> str:
    """`thing.<field>_<language>`, in English where that language has none."""
    value: str = getattr(thing, f"{field}_{language or current_language()}", "")
    return value or getattr(thing, f"{field}_en", "")


def language_order(first: str, own: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The languages in the order in which a reader wants them: `first`, then their own, then the rest."""
    order = [first, *own, *LANGUAGES]
    return tuple(dict.fromkeys(code for code in order if code in LANGUAGES))


def best_language(header: str, cookie: str = "") -> str:
    """The portal's language for a browser that names none in the address."""
    if cookie in LANGUAGES:
        return cookie
    return _from_header(header[:200])


def day(moment: date) -> str:
    """A date as `20 Nov 2026`, `20 nov 2026`, `20 nov. 2026`."""
    return str(format_date(moment, "d MMM y"))


def month(moment: datetime) -> str:
    """A month as `November 2026`."""
    return str(format_date(moment, "MMMM y"))


def moment(value: datetime) -> str:
    """A date with the time of day, in UTC."""
    return str(format_datetime(value, "d MMM y, HH:mm"))


def money(amount: int, currency: str) -> str:
    """An amount in whole units with the code of its currency: `250,000 USD`, `250.000 USD`."""
    return f"{format_decimal(amount)}\u00a0{currency}"


def ago(value: datetime) -> str:
    """How long since, in words: `2 days`, `6 horas`."""
    return str(format_timedelta(clock.now() - value, granularity="minute", threshold=1.2))


def _select_locale() -> str:
    if has_request_context():
        if "language" in g:
            return str(g.language)
        return best_language(request.headers.get("Accept-Language", ""))
    return DEFAULT


def install(app: Any) -> None:
    """Give the app its languages, its time zone (UTC) and the filters for templates."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", DEFAULT)
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "UTC")
    Babel(app, locale_selector=_select_locale)
    app.jinja_env.filters.update(day=day, month=month, moment=moment, money=money, ago=ago)
    app.jinja_env.globals.update(
        language_name=language_name,
        country_name=country_name,
        localised=localised,
        lang_code=current_language,
        LANGUAGES=LANGUAGES,
    )


@lru_cache(maxsize=8)
def _locale(code: str) -> Locale:
    return Locale.parse(code)


@lru_cache(maxsize=512)
def _from_header(header: str) -> str:
    from werkzeug.datastructures import LanguageAccept
    from werkzeug.http import parse_accept_header

    accepted = parse_accept_header(header, LanguageAccept)
    return accepted.best_match(LANGUAGES, DEFAULT) or DEFAULT


def in_language(code: str) -> Any:
    """A context manager: what is said inside is said in `code` (mails, notifications)."""
    return force_locale(code if code in LANGUAGES else DEFAULT)
