"""Invitations: bound to an address, an organisation and a role; they work once (security.md T19)."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from portal.accounts import passwords
from portal.accounts.actions import checked_address, checked_name, create_person
from portal.accounts.models import Person, PersonState
from portal.accounts.queries import person_with_address
from portal.accounts.sessions import token_hash
from portal.audit.actions import record
from portal.core.access import SYSTEM, Actor, require
from portal.core.clock import now
from portal.core.db import end_reading, new_id, session
from portal.core.errors import Invalid, NotFound
from portal.jobs.actions import enqueue
from portal.organisations import policy, queries
from portal.organisations.actions._checks import checked_language
from portal.organisations.actions.members import join
from portal.organisations.actors import actor_with_id
from portal.organisations.models import Invitation, Organisation, Role

VALID = timedelta(days=14)


def invite(actor: Actor, organisation: Organisation, email: str, role: Role, language: str) -> Invitation:
    """Invite an address into a role; a former invitation of the same address is void.

    The worker makes the token when it sends the mail. Raises Forbidden, Invalid at `email` (also
    for somebody who is a member already, whom a coordinator sees anyway) or `language`.
    """
    require(policy.invite(actor, organisation, role))
    address = checked_address(email)
    checked_language(language)
    if queries.is_member(organisation.id, address):
        raise Invalid("email", _("This person is a member already."))
    _void_former(organisation, address)
    invitation = Invitation(
        token_hash=f"unsent-{new_id()}",
        id=new_id(),
        organisation_id=organisation.id,
        email=address,
        role=role,
        language=language,
        invited_by_id=actor.person_id,
        created_at=now(),
        expires_at=now() + VALID,
    )
    session().add(invitation)
    session().flush()
    enqueue("mail.invitation", {"invitation_id": invitation.id})
    record(actor, "invitation.sent", invitation.id, organisation=organisation.id, role=role.value)
    return invitation


def make_invitation_token(invitation: Invitation) -> str:
    """A new token for the mail; one that was made for it before is void. For the worker."""
    token = secrets.token_urlsafe(32)
    invitation.token_hash = token_hash(token)
    session().flush()
    return token


def revoke_invitation(actor: Actor, organisation: Organisation, invitation: Invitation) -> None:
    """Take an invitation back. Raises Forbidden; NotFound for one that is used or of others."""
    require(policy.revoke_invitation(actor, organisation))
    changed = session().execute(
        update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.organisation_id == organisation.id)
        .where(Invitation.used_at.is_(None), Invitation.revoked_at.is_(None))
        .values(revoked_at=now())
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound
    record(actor, "invitation.revoked", invitation.id, organisation=organisation.id)


def accept_invitation(
    token: str, signed_in: Person | None = None, *, name: str = "", password: str = ""
) -> Person:
    """Join with the link of a mail: a new account, or the one that has the invited address.

    Into an existing account it leads only who is signed in to it (`signed_in`) or gives its
    password. The role is the invitation's. Raises NotFound for a link that is used, revoked, too
    old, or whose inviter may not invite any more; Invalid at `name` or `password`; Invalid at
    `email` when somebody else is signed in.
    """
    invitation, organisation = queries.open_invitation(token)
    address, identifier, language = invitation.email, invitation.id, invitation.language
    if signed_in is not None and signed_in.email != address:
        raise Invalid("email", _("This invitation is for %(address)s.", address=address))
    person = person_with_address(address)
    if person is not None:
        if signed_in is None:
            _check_password(person, password)
        if person.state != PersonState.ACTIVE:
            raise NotFound
        _use_up(token)
    else:
        kept = checked_name(name)
        passwords.check_new(password, (kept, address))
        end_reading()
        hashed = passwords.hash_password(password)
        _use_up(token)
        person = _newcomer(address, kept, language, hashed)
    session().refresh(organisation)
    was_waiting = organisation.state
    join(organisation, person, invitation.role)
    record(
        actor_with_id(person.id),
        "invitation.accepted",
        identifier,
        shown=organisation.state != was_waiting,
        organisation=organisation.id,
        role=invitation.role.value,
    )
    return person


def _void_former(organisation: Organisation, address: str) -> None:
    session().execute(
        update(Invitation)
        .where(Invitation.organisation_id == organisation.id, Invitation.email == address)
        .where(Invitation.used_at.is_(None), Invitation.revoked_at.is_(None))
        .values(revoked_at=now())
        .execution_options(synchronize_session=False)
    )


def _check_password(person: Person, password: str) -> None:
    hashed = person.password_hash
    end_reading()
    if not passwords.verify(hashed, password):
        raise Invalid("password", _("This is not the password of your account."))
    session().refresh(person)
    if person.password_hash != hashed:
        raise Invalid("password", _("This is not the password of your account."))


def _use_up(token: str) -> None:
    """The one place where an invitation is spent; of several at once, one gets through."""
    queries.open_invitation(token)  # the inviter's rights as they are now, after the slow work
    changed = session().execute(
        update(Invitation)
        .where(Invitation.token_hash == token_hash(token))
        .where(Invitation.used_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > now())
        .values(used_at=now())
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound


def _newcomer(address: str, name: str, language: str, hashed: str) -> Person:
    try:
        with session().begin_nested():
            person = create_person(SYSTEM, email=address, name=name, language=language)
    except IntegrityError as taken:
        # Two invitations of one address were accepted at the same moment.
        raise Invalid("name", _("Somebody has an account with this address already.")) from taken
    person.password_hash = hashed
    return person
