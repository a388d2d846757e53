"""What the worker does with a "mail.reset" job: a token is made and mailed."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

from flask import Flask, g

from portal.accounts.actions import make_reset_token
from portal.accounts.messages import new_password
from portal.accounts.sessions import token_hash
from portal.config import Settings
from portal.core import web
from portal.core.db import Database
from portal.core.i18n import in_language
from portal.mail.compose import compose
from portal.mail.transport import transport_of


def mail_reset(app: Flask, payload: dict[str, Any]) -> None:
    """Mail a link to set a new password to `payload["person_id"]`; nothing for nobody and for the suspended.

    The token exists in the letter alone: the database keeps its hash. A second try makes a new
    token, which makes the former one void. To be called outside a unit of work.
    """
    settings: Settings = app.extensions["portal_settings"]
    database: Database = app.extensions["portal_database"]
    with app.test_request_context(base_url=settings.base_url), database.unit_of_work():
        letter = _letter(payload.get("person_id"))
    if letter is not None:
        transport_of(app).send(letter)


def _letter(person_id: str | None) -> EmailMessage | None:
    person = web.actor_with_id(person_id) if person_id is not None else None
    if person is None or person.person_id is None:
        return None
    token = make_reset_token(person.person_id)
    g.language = person.language
    with in_language(person.language):
        return compose(
            new_password(token),
            to=person.email,
            name=person.name,
            language=person.language,
            # Another token is another letter: mail servers drop what they have seen before.
            key=f"{token_hash(token)[:24]}.reset",
        )
