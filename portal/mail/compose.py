"""Making a letter of a message: one text and one HTML template for everything that we send."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

from flask import current_app, url_for

from portal.config import Settings
from portal.core.clock import now
from portal.mail.message import Message


def compose(
    message: Message, *, to: str, name: str, language: str, key: str, unsubscribe: str = ""
) -> EmailMessage:
    """`message` as a letter to `name` at the address `to`, to be called in a request context of the portal.

    `key` makes the Message-ID: a letter that is sent twice by accident carries the same one.
    `unsubscribe` is the address that ends such mail with one POST (RFC 8058) and shows what it
    does when it is opened. Raises ValueError for a line end in any
    header, which could add headers of somebody's own.
    """
    settings: Settings = current_app.extensions["portal_settings"]
    sender_name, sender = parseaddr(settings.mail_from)
    for value in (message.subject, to, name, settings.mail_from, language, key):
        if "\r" in value or "\n" in value:
            raise ValueError("a line end in a header of a mail")
    letter = EmailMessage(policy=SMTP)
    letter["From"] = Address(sender_name or settings.portal_name, addr_spec=sender)
    letter["To"] = Address(name, addr_spec=to)
    letter["Subject"] = message.subject
    letter["Date"] = format_datetime(now())
    letter["Message-ID"] = f"<{key}@{sender.rpartition('@')[2] or 'localhost'}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Auto-Response-Suppress"] = "All"
    if unsubscribe:
        letter["List-Unsubscribe"] = f"<{unsubscribe}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    letter.set_content(text_of(message, language, unsubscribe), cte="quoted-printable")
    letter.add_alternative(html_of(message, language, unsubscribe), subtype="html", cte="quoted-printable")
    letter["Content-Language"] = language  # last: adding a part moves the headers called Content-
    return letter


def text_of(message: Message, language: str, unsubscribe: str = "") -> str:
    """The letter's plain text."""
    return _render("mail/base.txt", message, language, unsubscribe)


def html_of(message: Message, language: str, unsubscribe: str = "") -> str:
    """The letter's HTML; what people typed is escaped, its line ends are kept."""
    return _render("mail/base.html", message, language, unsubscribe)


def _render(template: str, message: Message, language: str, unsubscribe: str) -> str:
    # Straight from the environment: the context processors of pages ask for a signed-in browser.
    settings: Settings = current_app.extensions["portal_settings"]
    context: dict[str, Any] = {
        "message": message,
        "lang": language,
        "home": url_for("home.index", lang=language, _external=True),
        "links": [_address(item.endpoint, item.values, language) for item in message.items],
        "unsubscribe": unsubscribe,
        "portal_name": settings.portal_name,
    }
    context["link"] = _address(message.endpoint, message.values, language)
    return current_app.jinja_env.get_template(template).render(context)


def _address(endpoint: str | None, values: dict[str, Any], language: str) -> str:
    return url_for(endpoint, **{**values, "lang": language}, _external=True) if endpoint is not None else ""
