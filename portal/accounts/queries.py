"""Reading people and their sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from portal.accounts import policy
from portal.accounts.models import PasswordReset, Person, PersonState, SignInSession
from portal.accounts.sessions import token_hash
from portal.core.access import Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.pages import Page, cut, keyset
from portal.core.text import one_line


def folded_address(typed: str) -> str:
    """An e-mail address as it is stored and compared."""
    return one_line(typed).lower()


def person_with_address(email: str) -> Person | None:
    """The person with that e-mail address, in whatever case it was typed."""
    return session().scalar(select(Person).where(Person.email == folded_address(email)))


def myself(actor: Actor) -> Person:
    """The actor's own row; NotFound for a visitor."""
    found = session().get(Person, actor.person_id) if actor.person_id is not None else None
    if found is None:
        raise NotFound
    return found


def wait_for_turn(person_id: str | None) -> None:
    """Two acts of one person at once, such as a button pressed twice, wait for each other on their row."""
    session().execute(select(Person.id).where(Person.id == person_id).with_for_update())


def person(actor: Actor, person_id: str) -> Person:
    """One person, for administrators; NotFound for an id that nobody has."""
    require(policy.administer(actor))
    found = session().get(Person, person_id)
    if found is None:
        raise NotFound
    return found


def people(
    actor: Actor,
    cursor: str = "",
    *,
    search: str = "",
    state: PersonState | None = None,
    administrators_only: bool = False,
    ids: Sequence[str] | None = None,
) -> Page[Person]:
    """One page of the people of the portal, newest first, for administrators.

    `search` is looked for in names and addresses; `ids` narrows the list to some people (the
    members of an organisation, the moderators), which rooms above this one know.
    """
    require(policy.administer(actor))
    statement = select(Person)
    if search.strip():
        statement = statement.where(_names(search))
    if state is not None:
        statement = statement.where(Person.state == state)
    if administrators_only:
        statement = statement.where(Person.is_administrator)
    if ids is not None:
        statement = statement.where(Person.id.in_(ids))
    statement, at = keyset(statement, Person.created_at, Person.id, cursor)
    return cut(session().scalars(statement).all(), at, _place)


def open_sessions(actor: Actor, idle: timedelta) -> Sequence[SignInSession]:
    """The browsers in which the actor is signed in, last used first; `idle` is how long one may rest."""
    moment = now()
    return (
        session()
        .scalars(
            select(SignInSession)
            .where(SignInSession.person_id == actor.person_id, SignInSession.revoked_at.is_(None))
            .where(SignInSession.expires_at > moment, SignInSession.last_seen_at > moment - idle)
            .order_by(SignInSession.last_seen_at.desc(), SignInSession.token_hash)
        )
        .all()
    )


def reset_of(token: str) -> PasswordReset | None:
    """The valid reset that a mailed token stands for: unused, not too old, of somebody active."""
    return session().scalar(
        select(PasswordReset)
        .join(Person, Person.id == PasswordReset.person_id)
        .where(PasswordReset.token_hash == token_hash(token), PasswordReset.used_at.is_(None))
        .where(PasswordReset.expires_at > now(), Person.state == PersonState.ACTIVE)
    )


def _names(search: str) -> ColumnElement[bool]:
    wanted = one_line(search)[:100]
    return or_(
        Person.email.icontains(wanted, autoescape=True), Person.name.icontains(wanted, autoescape=True)
    )


def _place(row: Any) -> tuple[datetime, str]:
    return row.created_at, row.id
