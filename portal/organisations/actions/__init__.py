"""All that is done to organisations and their people."""

from __future__ import annotations

from portal.organisations.actions._checks import checked_role
from portal.organisations.actions.invitations import (
    accept_invitation,
    invite,
    make_invitation_token,
    revoke_invitation,
)
from portal.organisations.actions.members import HandOn, change_role, end_membership, join
from portal.organisations.actions.oversight import (
    create_organisation,
    edit_organisation,
    reactivate,
    set_scopes,
    set_translates,
    suspend,
)
from portal.organisations.actions.profile import Profile, edit_profile, set_clearance
from portal.organisations.actions.requests import answer_request, request_access

__all__ = [
    "HandOn",
    "Profile",
    "accept_invitation",
    "answer_request",
    "change_role",
    "checked_role",
    "create_organisation",
    "edit_organisation",
    "edit_profile",
    "end_membership",
    "invite",
    "join",
    "make_invitation_token",
    "reactivate",
    "request_access",
    "revoke_invitation",
    "set_clearance",
    "set_scopes",
    "set_translates",
    "suspend",
]
