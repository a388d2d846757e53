"""The address in every mail that ends its kind of mail: a signed token, good without a session."""

from __future__ import annotations

from flask import current_app, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from portal.notifications.actions import DIGEST
from portal.notifications.choices import is_subject


def stop_address(person_id: str, subject: str, language: str) -> str:
    """The address that ends mail of `subject` to a person."""
    token = _signer().dumps([person_id, subject])
    return url_for("notifications.stop", token=token, lang=language, _external=True)


def read_token(token: str) -> tuple[str, str] | None:
    """The person and the subject of a token; None for anything that we did not sign."""
    try:
        person_id, subject = _signer().loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return (person_id, subject) if is_subject(subject) or subject == DIGEST else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="stop-mail")
