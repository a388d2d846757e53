"""Asking to join an organisation, and what its coordinators answer."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select, update

from portal.accounts.actions import checked_address, checked_name
from portal.audit.actions import record
from portal.core.access import Actor, require
from portal.core.clock import now
from portal.core.db import new_id, session
from portal.core.errors import Invalid, WrongState
from portal.core.text import tidy
from portal.jobs.actions import enqueue
from portal.notifications.actions import notify
from portal.organisations import policy, queries
from portal.organisations.actions._checks import checked_language
from portal.organisations.actions.invitations import invite
from portal.organisations.models import AccessRequest, Organisation, OrganisationState, Role

MESSAGE_LIMIT = 2000


def request_access(
    actor: Actor, organisation: Organisation | None, name: str, email: str, language: str, message: str
) -> None:
    """Ask to join an organisation; its coordinators are told, where there are none the administrators.

    The answer is the same whether or not the address is known, and a second request of the same
    address replaces the first. Raises Invalid at the field.
    """
    if organisation is None or organisation.state == OrganisationState.SUSPENDED:
        raise Invalid("organisation", _("Choose your organisation from the list."))
    kept_name, address = checked_name(name), checked_address(email)
    checked_language(language)
    words = tidy(message)
    if not words:
        raise Invalid("message", _("Say in a sentence what you do there, so that they know you."))
    if len(words) > MESSAGE_LIMIT:
        raise Invalid("message", _("A message has at most %(count)s characters.", count=MESSAGE_LIMIT))
    request = _open_one(organisation, address)
    if request is not None:
        request.name, request.language, request.message = kept_name, language, words
        return
    request = AccessRequest(
        id=new_id(),
        organisation_id=organisation.id,
        name=kept_name,
        email=address,
        language=language,
        message=words,
        created_at=now(),
    )
    session().add(request)
    notify(
        queries.told_of_requests(organisation.id),
        "organisation.access_requested",
        event_key=f"access-request.{request.id}",
        organisation_id=organisation.id,
    )
    record(actor, "access_request.made", request.id, organisation=organisation.id)


def answer_request(
    actor: Actor, organisation: Organisation, request: AccessRequest, accept: bool, role: Role = Role.READER
) -> None:
    """Accept a request, which sends an invitation into `role`, or decline it, which is told by mail.

    Raises Forbidden, WrongState for one that somebody has answered.
    """
    require(policy.answer_request(actor, organisation) and request.organisation_id == organisation.id)
    changed = session().execute(
        update(AccessRequest)
        .where(AccessRequest.id == request.id, AccessRequest.answered_at.is_(None))
        .values(answered_at=now(), answered_by_id=actor.person_id, accepted=accept)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise WrongState(_("Somebody has answered this request already."))
    if not accept:
        enqueue("mail.access_declined", {"request_id": request.id})
    elif not queries.is_member(organisation.id, request.email):
        invite(actor, organisation, request.email, role, request.language)
    record(actor, "access_request.answered", request.id, organisation=organisation.id, accepted=accept)


def _open_one(organisation: Organisation, address: str) -> AccessRequest | None:
    return session().scalar(
        select(AccessRequest)
        .where(AccessRequest.organisation_id == organisation.id, AccessRequest.email == address)
        .where(AccessRequest.answered_at.is_(None))
        .limit(1)
    )
