"""What we tell people about joining an organisation, in their language."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.core.access import Actor
from portal.core.i18n import localised
from portal.mail.message import Message
from portal.notifications.messages import message
from portal.notifications.models import Notification
from portal.organisations import policy, queries
from portal.organisations.actions.invitations import VALID
from portal.organisations.models import Organisation, Role
from portal.organisations.words import ROLES


def invitation(organisation: Organisation, inviter: str, role: Role, token: str) -> Message:
    """To somebody who is invited: the link with which to join."""
    name = localised(organisation, "name")
    return Message(
        subject=_("An invitation to join %(organisation)s", organisation=name),
        paragraphs=(
            _("%(person)s invites you to join %(organisation)s here.", person=inviter, organisation=name),
            _("Your role: %(role)s. %(explanation)s", role=ROLES[role][0], explanation=ROLES[role][1]),
            _("The button below works once, for %(days)s days, and for this address alone.", days=VALID.days),
            _("If you do not know what this is about, there is nothing to do."),
        ),
        endpoint="accounts.accept_invitation",
        values={"token": token},
        button=_("Accept the invitation"),
    )


def access_declined(organisation: Organisation) -> Message:
    """To somebody who asked to join and may not."""
    name = localised(organisation, "name")
    return Message(
        subject=_("Your request to join %(organisation)s", organisation=name),
        paragraphs=(
            _("Those who coordinate %(organisation)s have not accepted your request.", organisation=name),
            _("If you work there, ask them directly. What is public stays readable without an account."),
        ),
        endpoint="organisations.show",
        values={"id": organisation.id},
        button=_("Go to the organisation"),
    )


@message("organisation.access_requested")
def access_requested(notification: Notification, recipient: Actor) -> Message | None:
    """To those who answer requests to join; the request itself is on the page of members."""
    organisation = queries.found(str(notification.params.get("organisation_id", "")))
    if organisation is None or not policy.answer_request(recipient, organisation):
        return None
    name = localised(organisation, "name")
    return Message(
        subject=_("Somebody asks to join %(organisation)s", organisation=name),
        paragraphs=(_("The request waits for an answer of those who coordinate the organisation."),),
        endpoint="organisations.members",
        values={"id": organisation.id},
        button=_("Go to the members"),
    )
