"""What we tell the parties of a thread, in their language: that something is there, never what they wrote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _

from portal.cooperation.models import Commitment, PartyState
from portal.cooperation.told import commitment_of, meeting_of, organisation_of, state_in
from portal.core.access import Actor
from portal.core.i18n import day, moment
from portal.core.text import to_plain
from portal.editorial.messages import visible_title
from portal.notifications.messages import Message, message
from portal.notifications.models import Notification

Words = tuple[str, list[str]]


@message("cooperation.message")
def written(notification: Notification, recipient: Actor) -> Message | None:
    """To all who take part in a thread."""
    by = organisation_of(notification, recipient)
    return _in_thread(
        notification,
        recipient,
        lambda title: (
            _("New message: %(title)s", title=title),
            [_("%(organisation)s has written in your thread.", organisation=by)],
        ),
        _("Read and reply"),
    )


@message("cooperation.consent")
def consent(notification: Notification, recipient: Actor) -> Message | None:
    """To the coordinators of the founder whose word is missing."""
    third = organisation_of(notification, recipient)
    return _in_thread(
        notification,
        recipient,
        lambda title: (
            _("May %(organisation)s join? %(title)s", organisation=third, title=title),
            [
                _(
                    "%(organisation)s is proposed as a further party to your thread. It is asked when both "
                    "organisations that began the thread agree.",
                    organisation=third,
                )
            ],
        ),
        _("Agree or refuse"),
    )


@message("cooperation.invited")
def invited(notification: Notification, recipient: Actor) -> Message | None:
    """To the coordinators of an organisation that both founders have agreed to ask, until it has answered."""
    return _in_thread(
        notification,
        recipient,
        lambda title: (
            _("Invited to take part: %(title)s", title=title),
            [
                _("The parties to a thread on this post invite your organisation to take part."),
                _("You see what they have written once you have accepted."),
            ],
        ),
        _("Accept or decline"),
        PartyState.INVITED,
    )


@message("cooperation.joined")
def joined(notification: Notification, recipient: Actor) -> Message | None:
    """To all who take part in a thread."""
    third = organisation_of(notification, recipient)
    return _in_thread(
        notification,
        recipient,
        lambda title: (
            _("%(organisation)s takes part: %(title)s", organisation=third, title=title),
            [_("It reads all that is written in your thread from now on, and what was written before.")],
        ),
    )


@message("cooperation.declined")
def declined(notification: Notification, recipient: Actor) -> Message | None:
    """To all who take part in a thread."""
    third = organisation_of(notification, recipient)
    return _in_thread(
        notification,
        recipient,
        lambda title: (
            _("%(organisation)s does not take part: %(title)s", organisation=third, title=title),
            [_("It has declined the invitation to your thread, and has seen nothing of it.")],
        ),
    )


@message("cooperation.opened")
def opened(notification: Notification, recipient: Actor) -> Message | None:
    """To all who take part in a thread that an administrator opened, with the reason."""
    return _in_thread(
        notification,
        recipient,
        lambda title: (
            _("An administrator has opened your thread: %(title)s", title=title),
            [
                _("The secretariat may read the thread for one hour. This is the reason that was given:"),
                notification.params.get("reason", ""),
            ],
        ),
    )


@message("cooperation.meeting")
def meeting(notification: Notification, recipient: Actor) -> Message | None:
    """To all who take part in a thread."""
    return _of_meeting(
        notification,
        recipient,
        lambda at, title: _("Meeting on %(moment)s (UTC): %(title)s", moment=at, title=title),
    )


@message("cooperation.meeting_moved")
def meeting_moved(notification: Notification, recipient: Actor) -> Message | None:
    """To all who take part in a thread."""
    return _of_meeting(
        notification,
        recipient,
        lambda at, title: _("Meeting changed, now on %(moment)s (UTC): %(title)s", moment=at, title=title),
    )


@message("cooperation.meeting_off")
def meeting_off(notification: Notification, recipient: Actor) -> Message | None:
    """To all who take part in a thread."""
    return _of_meeting(
        notification,
        recipient,
        lambda at, title: _("Meeting on %(moment)s (UTC) called off: %(title)s", moment=at, title=title),
    )


@message("cooperation.proposed")
def proposed(notification: Notification, recipient: Actor) -> Message | None:
    """To all who take part in a thread."""
    by = organisation_of(notification, recipient)
    return _in_thread(
        notification,
        recipient,
        lambda title: (
            _("Agreement proposed: %(title)s", title=title),
            [
                _("%(organisation)s proposes who does what, and by when.", organisation=by),
                _("It holds once the coordinators of all parties have agreed to the same wording."),
            ],
        ),
        _("Read the proposal"),
    )


@message("cooperation.agreed")
def agreed(notification: Notification, recipient: Actor) -> Message | None:
    """To all who take part in a thread."""
    return _in_thread(
        notification,
        recipient,
        lambda title: (
            _("Agreed: %(title)s", title=title),
            [_("All parties have agreed. Each reports in the thread on what it has promised.")],
        ),
    )


@message("cooperation.progress")
def progress(notification: Notification, recipient: Actor) -> Message | None:
    """To all who take part in a thread."""
    return _of_commitment(notification, recipient, lambda facts: _("Progress: %(title)s", **facts))


@message("cooperation.commitment_met")
def commitment_met(notification: Notification, recipient: Actor) -> Message | None:
    """To all who take part in a thread."""
    return _of_commitment(notification, recipient, lambda facts: _("Commitment met: %(title)s", **facts))


@message("cooperation.commitment_dropped")
def commitment_dropped(notification: Notification, recipient: Actor) -> Message | None:
    """To all who take part in a thread, with the reason."""
    return _of_commitment(notification, recipient, lambda facts: _("Commitment dropped: %(title)s", **facts))


@message("cooperation.commitment_due")
def commitment_due(notification: Notification, recipient: Actor) -> Message | None:
    """To the coordinators of who promised it, while it is open."""
    return _of_commitment(
        notification, recipient, lambda facts: _("Due on %(day)s: %(title)s", **facts), _("Report on it")
    )


@message("cooperation.commitment_late")
def commitment_late(notification: Notification, recipient: Actor) -> Message | None:
    """To the coordinators of all parties once it is late, then each week to those who promised it."""
    return _of_commitment(
        notification, recipient, lambda facts: _("Late since %(day)s: %(title)s", **facts), _("Report on it")
    )


def _in_thread(
    notification: Notification, recipient: Actor, words: Callable[[str], Words], button: str = "",
    state: PartyState = PartyState.ACTIVE,
) -> Message | None:  # fmt: skip
    """A message that leads to a thread; None when the recipient's organisations are not in it (any more)."""
    if state_in(notification, recipient) != state:
        return None
    title = visible_title(notification, recipient)
    subject, paragraphs = words(title or _("a post that you cannot read at present"))
    return Message(
        subject=subject,
        paragraphs=tuple(paragraphs),
        endpoint="cooperation.thread",
        values={"id": notification.params["thread_id"]},
        button=button or _("Open the thread"),
    )


def _of_meeting(
    notification: Notification, recipient: Actor, subject: Callable[[str, str], str]
) -> Message | None:
    found, by = meeting_of(notification, recipient), organisation_of(notification, recipient)
    if found is None:
        return None
    said = [_("%(organisation)s has set it: %(meeting)s", organisation=by, meeting=found.title)]
    place = [found.place] if found.place else []
    entry = [_("The thread has the entry for your calendar.")]
    return _in_thread(
        notification,
        recipient,
        lambda title: (subject(moment(found.starts_at), title), said + place + entry),
    )


def _of_commitment(
    notification: Notification, recipient: Actor, subject: Callable[[dict[str, Any]], str], button: str = ""
) -> Message | None:
    """With who promised what; None for a commitment that another wording of the agreement has replaced."""
    found = commitment_of(notification, recipient)
    if found is None:
        return None
    commitment, by = found
    promised = _("%(organisation)s has promised: %(what)s", organisation=by, what=to_plain(commitment.what))
    return _in_thread(
        notification,
        recipient,
        lambda title: (
            subject({"title": title, "day": day(commitment.due_on)}),
            [promised, *_reason(notification, commitment)],
        ),
        button,
    )


def _reason(notification: Notification, commitment: Commitment) -> list[str]:
    if notification.kind != "cooperation.commitment_dropped":
        return []
    return [_("This is the reason that was given:"), to_plain(commitment.reason)]
