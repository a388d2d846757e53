"""Server-side sessions: opened at sign-in, asked at every request, revoked at once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any, cast

from flask import current_app, g, request
from flask import session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy import Update, bindparam, select, update

from portal.accounts.models import Person, SignInSession
from portal.audit.version import VERSION, note_version
from portal.config import Settings
from portal.core.clock import now
from portal.core.db import Database, connection, session

login_manager = LoginManager()
TOUCH_EVERY = timedelta(hours=1)


class SignedIn(UserMixin):  # type: ignore[misc]
    """What Flask-Login carries: the person and the token of this browser's session."""

    def __init__(self, person: Person, token: str) -> None:
        self.person = person
        self.token = token

    def get_id(self) -> str:
        """The session's token: the cookie names a session that we can revoke, not a person."""
        return self.token


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(person: Person) -> None:
    """Sign `person` in in this browser, under a new session id; what the browser held before is void."""
    _revoke_current()
    settings: Settings = current_app.extensions["portal_settings"]
    token = secrets.token_urlsafe(32)
    session().add(
        SignInSession(
            token_hash=token_hash(token),
            person_id=person.id,
            created_at=now(),
            last_seen_at=now(),
            expires_at=now() + timedelta(days=settings.session_days),
            browser=request.headers.get("User-Agent", "")[:200],
        )
    )
    cookie.clear()
    # What this request knew of the former visitor: who acts, and the form token of the old cookie.
    g.pop("actor", None)
    g.pop("csrf_token", None)
    login_user(SignedIn(person, token))


def close_session() -> None:
    """Sign out in this browser: the session is revoked, so that a copied cookie is worth nothing."""
    _revoke_current()
    logout_user()
    cookie.clear()
    g.pop("actor", None)
    g.pop("csrf_token", None)


def revoke_all(person_id: str, *, but_this_browser: bool = False) -> None:
    """Revoke every session of a person (new password, suspension), perhaps but the current one."""
    statement = update(SignInSession).where(
        SignInSession.person_id == person_id, SignInSession.revoked_at.is_(None)
    )
    if but_this_browser:
        statement = statement.where(SignInSession.token_hash != current_token_hash())
    session().execute(statement.values(revoked_at=now()))


def current_token_hash() -> str:
    """The hash of this browser's session, "" for a visitor."""
    token = getattr(current_user, "token", None)
    return token_hash(token) if isinstance(token, str) else ""


def signed_in_person() -> Person | None:
    """The person of this browser's session, if it is a valid one: to be read, not changed."""
    return current_user.person if current_user.is_authenticated else None


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _load(token: str) -> SignedIn | None:
    settings: Settings = current_app.extensions["portal_settings"]
    moment = now()
    given: dict[str, Any] = {
        "token": token_hash(token),
        "moment": moment,
        "earliest": moment - timedelta(hours=settings.session_idle_hours),
    }
    row = connection().execute(_VALID, given).first()
    if row is None:
        return None
    note_version(row.visibility)
    if moment - row.last_seen_at > TOUCH_EVERY:
        _touch(given["token"])
    return SignedIn(cast(Person, row), token)


# Written once: it runs with every request of somebody who is signed in.
_VALID = (
    select(*Person.__table__.c, SignInSession.last_seen_at, VERSION.scalar_subquery().label("visibility"))
    .join(SignInSession, Person.id == SignInSession.person_id)
    .where(SignInSession.token_hash == bindparam("token"), SignInSession.revoked_at.is_(None))
    .where(SignInSession.expires_at > bindparam("moment"), SignInSession.last_seen_at > bindparam("earliest"))
)


def _revoke_current() -> None:
    hashed = current_token_hash()
    if hashed:
        session().execute(
            update(SignInSession).where(SignInSession.token_hash == hashed).values(revoked_at=now())
        )


def _touch(hashed: str) -> None:
    # A unit of work of its own: the request may be a reading one.
    database: Database = current_app.extensions["portal_database"]
    if request.method in {"GET", "HEAD"}:
        with database.unit_of_work():
            session().execute(_seen(hashed))
    else:
        session().execute(_seen(hashed))


def _seen(hashed: str) -> Update:
    return update(SignInSession).where(SignInSession.token_hash == hashed).values(last_seen_at=now())
