"""What the worker does with mails to people who have no account yet."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from flask import Flask, g

from portal.accounts.sessions import token_hash
from portal.config import Settings
from portal.core.db import Database
from portal.core.i18n import in_language
from portal.mail.compose import compose
from portal.mail.transport import transport_of
from portal.organisations import messages, queries
from portal.organisations.actions import make_invitation_token


def mail_invitation(app: Flask, payload: dict[str, Any]) -> None:
    """Mail the invitation `payload["invitation_id"]` unless it is void by now, or its inviter's rights are.

    The token exists in the letter alone: the database keeps its hash. A second try makes a new
    token, which makes the former one void. To be called outside a unit of work.
    """
    _mail(app, lambda: _invitation(str(payload.get("invitation_id", ""))))


def mail_access_declined(app: Flask, payload: dict[str, Any]) -> None:
    """Tell whoever made the request `payload["request_id"]` that it was declined."""
    _mail(app, lambda: _declined(str(payload.get("request_id", ""))))


def _mail(app: Flask, letter: Callable[[], EmailMessage | None]) -> None:
    settings: Settings = app.extensions["portal_settings"]
    database: Database = app.extensions["portal_database"]
    with app.test_request_context(base_url=settings.base_url), database.unit_of_work():
        made = letter()
    if made is not None:
        transport_of(app).send(made)


def _invitation(invitation_id: str) -> EmailMessage | None:
    found = queries.invitation_to_mail(invitation_id)
    if found is None:
        return None
    invitation, organisation, inviter = found
    token = make_invitation_token(invitation)
    g.language = invitation.language
    with in_language(invitation.language):
        return compose(
            messages.invitation(organisation, inviter.name, invitation.role, token),
            to=invitation.email,
            name="",
            language=invitation.language,
            # Another token is another letter: mail servers drop what they have seen before.
            key=f"{token_hash(token)[:24]}.invitation",
        )


def _declined(request_id: str) -> EmailMessage | None:
    found = queries.request_to_mail(request_id)
    if found is None:
        return None
    request, organisation = found
    g.language = request.language
    with in_language(request.language):
        return compose(
            messages.access_declined(organisation),
            to=request.email,
            name=request.name,
            language=request.language,
            key=f"{request.id}.declined",
        )
