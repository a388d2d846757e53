"""The pages of coordinators: members, roles, invitations, requests, how texts leave, and the profile."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.core import web
from portal.core.errors import Invalid, Stale
from portal.core.i18n import LANGUAGES
from portal.core.limits import limiter
from portal.organisations import actions, queries
from portal.organisations.forms import (
    AnswerForm,
    ClearanceForm,
    InviteForm,
    LeaveForm,
    ProfileForm,
    RoleForm,
)
from portal.organisations.models import Organisation, Role
from portal.organisations.words import ROLES

INVITE_LIMIT = "60 per hour"


def add_to(blueprint: Blueprint) -> None:
    """Register the addresses of these pages."""
    add = blueprint.add_url_rule
    home = "/organisations/<slugged:id>"
    add(f"{home}/edit", "edit", edit, methods=["GET", "POST"])
    add(f"{home}/members", "members", members)
    add(f"{home}/invitations", "invite", limiter.limit(INVITE_LIMIT)(invite), methods=["POST"])
    add(
        f"{home}/invitations/<slugged:invitation_id>/revoke",
        "revoke_invitation",
        revoke_invitation,
        methods=["POST"],
    )
    add(f"{home}/members/<slugged:membership_id>/role", "change_role", change_role, methods=["POST"])
    add(f"{home}/members/<slugged:membership_id>/remove", "remove_member", remove_member, methods=["POST"])
    add(f"{home}/requests/<slugged:request_id>", "answer_request", answer_request, methods=["POST"])
    add(f"{home}/clearance", "set_clearance", set_clearance, methods=["POST"])


def edit(id: str) -> Any:
    """Edit what the organisation says about itself, in three languages."""
    organisation = queries.managed(web.actor(), id)
    form = ProfileForm()
    if request.method == "GET":
        form.fill(organisation)
        return _profile(form, organisation)
    try:
        actions.edit_profile(web.actor(), organisation, form.profile(), form.version.data or 0)
    except Invalid as refused:
        form.add_errors(refused)
        return _profile(form, organisation, status=422)
    except Stale as changed:
        form.version.data = changed.theirs.version
        return _profile(form, organisation, theirs=changed.theirs, status=409)
    flash(_("The profile is saved."), "ok")
    return redirect(url_for("organisations.show", id=id), 303)


def members(id: str) -> Any:
    """Who belongs to the organisation, who is invited, who asks to join."""
    return _members(id, InviteForm())


def invite(id: str) -> Any:
    """Invite somebody by mail."""
    organisation = queries.managed(web.actor(), id)
    form = InviteForm()
    try:
        role = actions.checked_role(form.role.data or "")
        sent = actions.invite(
            web.actor(), organisation, form.email.data or "", role, form.language.data or ""
        )
    except Invalid as refused:
        form.add_errors(refused)
        return _members(id, form, 422)
    flash(_("The invitation goes to %(address)s.", address=sent.email), "ok")
    return _to_members(id)


def revoke_invitation(id: str, invitation_id: str) -> Any:
    """Take an invitation back."""
    organisation = queries.managed(web.actor(), id)
    actions.revoke_invitation(web.actor(), organisation, queries.invitation(web.actor(), id, invitation_id))
    flash(_("The invitation is void."), "ok")
    return _to_members(id)


def change_role(id: str, membership_id: str) -> Any:
    """Give a member another role."""
    organisation = queries.managed(web.actor(), id)
    membership = queries.membership(web.actor(), id, membership_id)
    role = actions.checked_role(RoleForm().role.data or "")
    actions.change_role(web.actor(), organisation, membership, role)
    flash(_("The role is changed. It holds at once."), "ok")
    return _to_members(id)


def remove_member(id: str, membership_id: str) -> Any:
    """End a membership; what the person wrote stays."""
    organisation = queries.managed(web.actor(), id)
    membership = queries.membership(web.actor(), id, membership_id)
    actions.end_membership(
        web.actor(), organisation, membership, hand_on=_hand_on(), heir_id=LeaveForm().heir.data or None
    )
    flash(_("The membership is ended. What the person wrote stays with the organisation."), "ok")
    return _to_members(id)


def answer_request(id: str, request_id: str) -> Any:
    """Accept a request to join, which sends an invitation, or decline it."""
    organisation = queries.managed(web.actor(), id)
    asked = queries.access_request(web.actor(), id, request_id)
    form = AnswerForm()
    accept = form.answer.data == "accept"
    actions.answer_request(
        web.actor(), organisation, asked, accept, actions.checked_role(form.role.data or "")
    )
    if accept:
        flash(_("An invitation goes to %(address)s.", address=asked.email), "ok")
    else:
        flash(_("The request is declined. %(address)s is told.", address=asked.email), "ok")
    return _to_members(id)


def set_clearance(id: str) -> Any:
    """Say how texts leave the house."""
    organisation = queries.managed(web.actor(), id)
    form = ClearanceForm()
    actions.set_clearance(
        web.actor(), organisation, bool(form.needs_clearance.data), bool(form.author_may_clear.data)
    )
    flash(_("The setting is saved. It holds for what is submitted from now on."), "ok")
    return _to_members(id)


def _members(organisation_id: str, form: InviteForm, status: int = 200) -> Any:
    actor = web.actor()
    organisation = queries.managed(actor, organisation_id)
    if not form.language.data:
        form.language.data = actor.language
    return web.page(
        "organisations/members.html",
        status,
        nav="organisations",
        organisation=organisation,
        form=form,
        found=queries.members(actor, organisation_id, request.args.get("at", "")),
        invitations=queries.open_invitations(actor, organisation_id),
        requests=queries.open_requests(actor, organisation_id),
        heirs=queries.writers(actor, organisation_id),
        roles=ROLES,
        offered=[role for role in Role if actor.is_administrator or actor.has_role(organisation_id, role)],
        languages=LANGUAGES,
    )


def _profile(
    form: ProfileForm, organisation: Organisation, *, theirs: Organisation | None = None, status: int = 200
) -> Any:
    return web.page(
        "organisations/edit.html",
        status,
        nav="organisations",
        form=form,
        organisation=organisation,
        theirs=theirs,
        languages=LANGUAGES,
    )


def _hand_on() -> actions.HandOn:
    """What passes drafts on; it lives in the rooms of writing, above this one."""
    found: actions.HandOn = current_app.extensions["portal_hand_on"]
    return found


def _to_members(organisation_id: str) -> Any:
    return redirect(url_for("organisations.members", id=organisation_id), 303)
