"""The page that a mailed invitation leads to, at `accounts.accept_invitation`.

It is a page of the account by its address and look; it lives here because accounts know nothing
of organisations.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, flash, redirect, url_for
from flask_babel import gettext as _

from portal.accounts import sessions
from portal.accounts.forms import InvitationForm
from portal.accounts.passwords import SHORTEST
from portal.accounts.queries import person_with_address
from portal.core import web
from portal.core.errors import Invalid, NotFound
from portal.core.i18n import localised
from portal.core.limits import SIGN_IN_LIMIT, limiter, was_refused
from portal.organisations import actions, queries
from portal.organisations.words import ROLES


@limiter.limit(SIGN_IN_LIMIT, methods=["POST"], deduct_when=was_refused)
def accept_invitation(token: str) -> Any:
    """Join an organisation: with a new account, or with the one that has the invited address."""
    try:
        return _answer(token)
    except NotFound:
        return web.page("accounts/invitation_void.html", 410)


def _answer(token: str) -> Any:
    invitation, organisation = queries.open_invitation(token)
    form = InvitationForm()
    signed_in = sessions.signed_in_person()
    context: dict[str, Any] = {
        "form": form,
        "invitation": invitation,
        "organisation": organisation,
        "role": ROLES[invitation.role],
        "has_account": person_with_address(invitation.email) is not None,
        "signed_in": signed_in,
        "shortest": SHORTEST,
    }
    if not form.is_submitted():
        return web.page("accounts/accept_invitation.html", **context)
    try:
        person = actions.accept_invitation(
            token, signed_in, name=form.name.data or "", password=form.password.data or ""
        )
    except Invalid as refused:
        form.add_errors(refused)
        form.forget_passwords()
        return web.page("accounts/accept_invitation.html", 422, **context)
    if signed_in is None:
        sessions.open_session(person)
    flash(_("You are a member of %(organisation)s now.", organisation=localised(organisation, "name")), "ok")
    return redirect(url_for("publishing.workspace", lang=person.language), 303)


def install(app: Flask) -> None:
    """Give the page its address among those of the account."""
    app.add_url_rule(
        "/<language:lang>/invitations/<token>",
        "accounts.accept_invitation",
        accept_invitation,
        methods=["GET", "POST"],
    )
