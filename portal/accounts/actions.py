"""Signing in and out, passwords, profiles, and the secretariat's acts on people."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog
from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from sqlalchemy import delete, update

from portal.accounts import passwords, policy
from portal.accounts.models import PasswordReset, Person, PersonState, SignInSession
from portal.accounts.queries import folded_address, myself, person_with_address, reset_of
from portal.accounts.sessions import close_session, revoke_all, token_hash
from portal.audit.actions import record
from portal.core.access import Actor, require
from portal.core.clock import now
from portal.core.db import end_reading, session
from portal.core.errors import Invalid, NotFound
from portal.core.i18n import LANGUAGES
from portal.core.text import one_line
from portal.jobs.actions import enqueue

log = structlog.get_logger("portal.accounts")

RESET_VALID = timedelta(minutes=20)
NAME_LIMIT = 120
ADDRESS_LIMIT = 254


def sign_in(email: str, password: str, standing: Callable[[str], Actor]) -> Person:
    """The person who may come in with this address and password; the session is for the view to open.

    `standing(person_id)` gives the actor that a person is now. Raises Invalid, in the same words
    and after the same work, for an unknown address, a wrong password and a suspended person; who
    has the right password but no active organisation is told so.
    """
    person = person_with_address(email)
    hashed = person.password_hash if person is not None else None
    end_reading()
    right = passwords.verify(hashed, password)
    if person is not None and right:
        session().refresh(person)
    if person is None or not right or person.password_hash != hashed or person.state != PersonState.ACTIVE:
        log.info("sign_in_refused")
        raise Invalid("password", _("The e-mail address or the password is not right."))
    actor = standing(person.id)
    if not actor.is_signed_in:
        raise Invalid(
            "password",
            _("You belong to no active organisation at present. Its coordinator can help."),
        )
    if hashed is not None and passwords.is_outdated(hashed):
        person.password_hash = passwords.hash_password(password)
    record(actor, "person.signed_in", person.id)
    return person


def sign_out(actor: Actor) -> None:
    """Close the session of this browser; a copy of its cookie is worth nothing from now on."""
    if actor.person_id is not None:
        record(actor, "person.signed_out", actor.person_id)
    close_session()


def end_session(actor: Actor, hashed: str) -> None:
    """Sign the actor out in one of their browsers, named by the hash of its token."""
    require(policy.change_own(actor))
    changed = session().execute(
        update(SignInSession)
        .where(SignInSession.token_hash == hashed, SignInSession.person_id == actor.person_id)
        .where(SignInSession.revoked_at.is_(None))
        .values(revoked_at=now())
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise NotFound
    record(actor, "person.session_ended", str(actor.person_id))


def end_other_sessions(actor: Actor) -> None:
    """Sign the actor out everywhere but in this browser."""
    require(policy.change_own(actor))
    revoke_all(str(actor.person_id), but_this_browser=True)
    record(actor, "person.other_sessions_ended", str(actor.person_id))


def change_password(actor: Actor, current: str, new: str) -> None:
    """Set a new password for oneself; signs out every other browser. Raises Invalid."""
    require(policy.change_own(actor))
    person = myself(actor)
    hashed = person.password_hash
    passwords.check_new(new, (person.name, person.email), "new_password")
    end_reading()
    if not passwords.verify(hashed, current):
        raise Invalid("current_password", _("This is not your current password."))
    fresh = passwords.hash_password(new)
    session().refresh(person)
    person.password_hash = fresh
    _void_resets(person.id)
    revoke_all(person.id, but_this_browser=True)
    record(actor, "person.password_changed", person.id)


def request_reset(email: str) -> None:
    """Have a link to set a new password mailed; nobody is told whether the address is known.

    A job is written in every case, so that the answer takes the same work; the worker makes the
    token when it sends.
    """
    person = person_with_address(email)
    enqueue("mail.reset", {"person_id": person.id if person is not None else None})


def make_reset_token(person_id: str) -> str:
    """A new token for a mail, valid for twenty minutes; those sent before are void. For the worker."""
    token, moment = secrets.token_urlsafe(32), now()
    _void_resets(person_id)
    session().add(
        PasswordReset(
            token_hash=token_hash(token),
            person_id=person_id,
            created_at=moment,
            expires_at=moment + RESET_VALID,
        )
    )
    return token


def reset_password(token: str, password: str, standing: Callable[[str], Actor]) -> Person:
    """Set a new password with a mailed token, which is used up; signs the person out everywhere.

    Raises NotFound for a token that is unknown, used or too old, Invalid for a weak password.
    """
    reset = reset_of(token)
    person = session().get(Person, reset.person_id) if reset is not None else None
    if reset is None or person is None:
        raise NotFound
    passwords.check_new(password, (person.name, person.email))
    end_reading()
    fresh = passwords.hash_password(password)
    used = session().execute(
        update(PasswordReset)
        .where(PasswordReset.token_hash == reset.token_hash, PasswordReset.used_at.is_(None))
        .where(PasswordReset.expires_at > now())
        .values(used_at=now())
        .execution_options(synchronize_session=False)
    )
    session().refresh(person)
    if used.rowcount != 1 or person.state != PersonState.ACTIVE:  # type: ignore[attr-defined]
        raise NotFound
    person.password_hash = fresh
    _void_resets(person.id)
    revoke_all(person.id)
    record(standing(person.id), "person.password_reset", person.id)
    return person


def update_profile(actor: Actor, name: str, language: str, other_languages: Sequence[str]) -> None:
    """Change one's own name, language and the order of the other languages. Raises Invalid."""
    require(policy.change_own(actor))
    person = myself(actor)
    person.name = checked_name(name)
    person.language = _checked_language(language)
    person.other_languages = [
        code for code in dict.fromkeys(other_languages) if code in LANGUAGES and code != language
    ]
    record(actor, "person.profile_updated", person.id)


def switch_organisation(actor: Actor, organisation_id: str) -> None:
    """Write for another of one's organisations from now on; NotFound for one of others."""
    if not policy.switch_organisation(actor, organisation_id):
        raise NotFound
    myself(actor).acting_organisation_id = organisation_id
    record(actor, "person.acting_switched", str(actor.person_id), organisation=organisation_id)


def create_person(
    actor: Actor,
    *,
    email: str,
    name: str,
    language: str,
    password: str | None = None,
    is_administrator: bool = False,
) -> Person:
    """A new account, flushed; who may make one is for the caller to settle (an invitation, a command).

    Raises Invalid at `email`, `name`, `language` or `password`. The caller gives a membership:
    without one a person cannot sign in.
    """
    address = checked_address(email)
    if person_with_address(address) is not None:
        raise Invalid("email", _("Somebody has an account with this address already."))
    if password is not None:
        passwords.check_new(password, (name, address))
    person = Person(
        email=address,
        name=checked_name(name),
        language=_checked_language(language),
        other_languages=[],
        password_hash=passwords.hash_password(password) if password is not None else None,
        is_administrator=is_administrator,
        created_at=now(),
    )
    session().add(person)
    session().flush()
    record(actor, "person.created", person.id)
    return person


def suspend(actor: Actor, person: Person) -> None:
    """Take somebody's access away, at their next request."""
    require(policy.suspend(actor, person))
    person.state = PersonState.SUSPENDED
    revoke_all(person.id)
    _void_resets(person.id)
    record(actor, "person.suspended", person.id)


def reinstate(actor: Actor, person: Person) -> None:
    """Give access back; they sign in anew."""
    require(policy.reinstate(actor, person))
    person.state = PersonState.ACTIVE
    record(actor, "person.reinstated", person.id)


def set_administrator(actor: Actor, person: Person, is_administrator: bool) -> None:
    """Make somebody an administrator of the portal, or no longer one; they sign in anew."""
    require(policy.set_administrator(actor, person))
    person.is_administrator = is_administrator
    revoke_all(person.id)
    record(actor, "person.administrator_set", person.id, value=is_administrator)


def checked_address(email: str) -> str:
    """An e-mail address as it is stored; raises Invalid at `email`."""
    address = folded_address(email)
    try:
        if len(address) > ADDRESS_LIMIT:
            raise EmailNotValidError
        return str(validate_email(address, check_deliverability=False).normalized).lower()
    except EmailNotValidError as refused:
        raise Invalid("email", _("This is not an e-mail address, such as name@customs.example.")) from refused


def checked_name(name: str) -> str:
    """A person's name as it is stored; raises Invalid at `name`."""
    tidy = one_line(name)
    if not tidy:
        raise Invalid("name", _("Type your name."))
    if len(tidy) > NAME_LIMIT:
        raise Invalid("name", _("A name has at most %(count)s characters.", count=NAME_LIMIT))
    return tidy


def _checked_language(language: str) -> str:
    if language not in LANGUAGES:
        raise Invalid("language", _("Choose one of the languages."))
    return language


def _void_resets(person_id: str) -> None:
    session().execute(delete(PasswordReset).where(PasswordReset.person_id == person_id))
