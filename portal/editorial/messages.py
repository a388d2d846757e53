"""What we tell people about contributions and cases, in the recipient's language, under their rights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.core.access import Actor
from portal.core.i18n import current_language, language_name
from portal.editorial import policy
from portal.editorial.told import kept, loaded
from portal.notifications.messages import Message, message
from portal.notifications.models import Notification

Words = Callable[[str, dict[str, Any]], tuple[str, list[str]]]


def _for_the_house(notification: Notification, recipient: Actor, words: Words, button: str) -> Message | None:
    """A message to the house of a contribution or its translator; None when the recipient left it."""
    contribution = loaded(("contribution", notification.contribution_id or ""), notification, recipient)
    if contribution is None:
        return None
    language = notification.params.get("language") or contribution.original_language
    facts = kept()
    endpoint, values = "publishing.show", {"id": contribution.id}
    if not policy.work_on(recipient, contribution):
        if (
            not policy.translate(recipient, contribution, language)
            or ("visible", contribution.id) not in facts
        ):
            return None
        endpoint, values = "translating.translate", {"id": contribution.id, "language": language}
    title = facts.get(("title", contribution.id, language)) or facts.get(("title", contribution.id, ""), "")
    subject, paragraphs = words(title, _facts(notification, language))
    return _message(notification, subject, paragraphs, endpoint, values, button)


def _for_moderators(
    notification: Notification, recipient: Actor, words: Words, button: str
) -> Message | None:
    """A message about a case; None when it is closed or no longer in the recipient's scope."""
    case = loaded(("case", notification.case_id or ""), notification, recipient)
    if case is None or not policy.review(recipient, case):
        return None
    title = kept().get(("revision", case.revision_id), "")
    subject, paragraphs = words(title, _facts(notification, case.language))
    return _message(notification, subject, paragraphs, "moderation.review", {"case_id": case.id}, button)


@dataclass(frozen=True)
class Shown:
    """What a recipient gets of a contribution: a title in some language, perhaps older than the original."""

    title: str
    language: str
    is_outdated: bool


def visible_edition(notification: Notification, recipient: Actor) -> Shown | None:
    """What the recipient reads of a contribution; None when they may not read it."""
    contribution = loaded(("contribution", notification.contribution_id or ""), notification, recipient)
    if contribution is None or ("visible", contribution.id) not in kept():
        return None
    codes = (current_language(), *recipient.languages, contribution.original_language)
    code = next((c for c in codes if ("published", contribution.id, c) in kept()), None)
    if code is None:
        return None
    return Shown(kept()["published", contribution.id, code], code, kept()["outdated", contribution.id, code])


def visible_title(notification: Notification, recipient: Actor) -> str | None:
    """The published title of what a notification is about; None when the recipient may not read it."""
    found = visible_edition(notification, recipient)
    return found.title if found is not None else None


@message("translation.published")
def translation_published(notification: Notification, recipient: Actor) -> Message | None:
    """To those who asked for it, while they may read it."""
    language = notification.params["language"]
    contribution = loaded(("contribution", notification.contribution_id or ""), notification, recipient)
    if contribution is None:
        return None
    title = kept().get(("published", contribution.id, language))
    if title is None or ("visible", contribution.id) not in kept():
        return None
    return _message(
        notification,
        _("Now in %(language)s: %(title)s", title=title, **_facts(notification, language)),
        [_("The translation that you asked for is published.")],
        "publishing.show",
        {"id": contribution.id, "lang": language},
        _("Read it"),
    )


@message("contribution.awaiting_clearance")
def awaiting_clearance(notification: Notification, recipient: Actor) -> Message | None:
    """To the approvers of a house."""
    return _for_the_house(
        notification,
        recipient,
        lambda title, facts: (
            _("To clear: %(title)s", title=title),
            [_("A colleague asks you to clear this text before it leaves your organisation.")],
        ),
        _("Read and clear it"),
    )


@message("contribution.cleared")
def cleared(notification: Notification, recipient: Actor) -> Message | None:
    """To the author."""
    return _for_the_house(
        notification,
        recipient,
        lambda title, facts: (
            _("Cleared: %(title)s", title=title),
            [_("Your organisation has cleared your text. It is on its way to publication.")],
        ),
        _("See where it stands"),
    )


@message("contribution.sent_back")
def sent_back(notification: Notification, recipient: Actor) -> Message | None:
    """To the author."""
    return _for_the_house(
        notification,
        recipient,
        lambda title, facts: (
            _("Sent back to you: %(title)s", title=title),
            [_("An approver of your organisation has sent your text back."), facts["comment"]],
        ),
        _("Go on writing"),
    )


@message("contribution.published")
def published(notification: Notification, recipient: Actor) -> Message | None:
    """To the author."""
    return _for_the_house(
        notification,
        recipient,
        lambda title, facts: (
            _("Published: %(title)s", title=title),
            [_("A moderator has approved your text in %(language)s. Its readers can find it now.", **facts),
             facts["comment"]],
        ),
        _("See it as readers do"),
    )  # fmt: skip


@message("contribution.changes_requested")
def changes_requested(notification: Notification, recipient: Actor) -> Message | None:
    """To the author."""
    return _for_the_house(
        notification,
        recipient,
        lambda title, facts: (
            _("Changes requested: %(title)s", title=title),
            [_("A moderator asks you to change your text before it is published:"), facts["comment"]],
        ),
        _("Read the comments and edit"),
    )


@message("contribution.declined")
def declined(notification: Notification, recipient: Actor) -> Message | None:
    """To the author."""
    return _for_the_house(
        notification,
        recipient,
        lambda title, facts: (
            _("Declined: %(title)s", title=title),
            [
                _("A moderator has declined your text, for this reason:"),
                facts["comment"],
                _("You can appeal once; another moderator then decides."),
            ],
        ),
        _("Read the decision"),
    )


@message("contribution.edit_proposed")
def edit_proposed(notification: Notification, recipient: Actor) -> Message | None:
    """To the author."""
    return _for_the_house(
        notification,
        recipient,
        lambda title, facts: (
            _("A wording is proposed: %(title)s", title=title),
            [
                _("A moderator proposes another wording. It is published when you confirm it."),
                facts["comment"],
            ],
        ),
        _("Compare and answer"),
    )


@message("contribution.unpublished")
def unpublished(notification: Notification, recipient: Actor) -> Message | None:
    """To the author and the coordinators."""
    by_moderator = notification.params.get("by_moderator")
    return _for_the_house(
        notification,
        recipient,
        lambda title, facts: (
            _("No longer published: %(title)s", title=title),
            [
                _("A moderator has taken this post down, for this reason:")
                if by_moderator
                else _("Your organisation has taken this post down."),
                facts["comment"],
            ],
        ),
        _("See where it stands"),
    )


@message("contribution.restored")
def restored(notification: Notification, recipient: Actor) -> Message | None:
    """To the author."""
    return _for_the_house(
        notification,
        recipient,
        lambda title, facts: (
            _("Published again: %(title)s", title=title),
            [_("This post is back for its readers.")],
        ),
        _("See it as readers do"),
    )


@message("case.opened")
def case_opened(notification: Notification, recipient: Actor) -> Message | None:
    """To the moderators who may review it."""
    return _for_moderators(
        notification,
        recipient,
        lambda title, facts: (
            _("To review: %(title)s", title=title),
            [_("A text in %(language)s waits for a moderator.", **facts)],
        ),
        _("Open it in the queue"),
    )


@message("case.appealed")
def case_appealed(notification: Notification, recipient: Actor) -> Message | None:
    """To the other moderators."""
    return _for_moderators(
        notification,
        recipient,
        lambda title, facts: (
            _("Appeal: %(title)s", title=title),
            [_("The author asks that another moderator decide on this text in %(language)s.", **facts)],
        ),
        _("Open it in the queue"),
    )


@message("case.handed_over")
def case_handed_over(notification: Notification, recipient: Actor) -> Message | None:
    """To the moderator who takes over."""
    return _for_moderators(
        notification,
        recipient,
        lambda title, facts: (
            _("Handed over to you: %(title)s", title=title),
            [_("Another moderator has handed this submission over to you."), facts["comment"]],
        ),
        _("Review it"),
    )


@message("case.edit_refused")
def case_edit_refused(notification: Notification, recipient: Actor) -> Message | None:
    """To the reviewing moderator."""
    return _for_moderators(
        notification,
        recipient,
        lambda title, facts: (
            _("The author keeps their wording: %(title)s", title=title),
            [_("The author has not taken over the wording that you proposed:"), facts["comment"]],
        ),
        _("Decide"),
    )


@message("case.claim_expired")
def case_claim_expired(notification: Notification, recipient: Actor) -> Message | None:
    """To the moderator whose claim ran out."""
    return _for_moderators(
        notification,
        recipient,
        lambda title, facts: (
            _("Back in the queue: %(title)s", title=title),
            [_("Your time for this submission has run out, so that another moderator can take it.")],
        ),
        _("Open it in the queue"),
    )


@message("case.withdrawn")
def case_withdrawn(notification: Notification, recipient: Actor) -> Message | None:
    """To the moderator who was reviewing; says nothing of the text, which is theirs no more."""
    return Message(
        subject=_("A submission was withdrawn"),
        paragraphs=(
            _("Its author has withdrawn a text that you were reviewing. There is nothing left to do."),
        ),
        endpoint="moderation.queue",
        values={},
        button=_("Go to the queue"),
    )


@message("case.edit_confirmed")
def case_edit_confirmed(notification: Notification, recipient: Actor) -> Message | None:
    """To the moderator who proposed a wording."""
    return Message(
        subject=_("Your wording was accepted"),
        paragraphs=(_("The author has confirmed the wording that you proposed, and it is published."),),
        endpoint="moderation.queue",
        values={},
        button=_("Go to the queue"),
    )


@message("case.no_moderator")
def case_no_moderator(notification: Notification, recipient: Actor) -> Message | None:
    """To the administrators; without the title, which they have no right to read."""
    if not recipient.is_administrator:
        return None
    language = language_name(notification.params.get("language", "en"))
    return Message(
        subject=_("No moderator for a submission in %(language)s", language=language),
        paragraphs=(
            _("A submission in %(language)s waits, and no moderator of another organisation may review it.",
              language=language),
            _("Give somebody that language and region as a moderator."),
        ),
        endpoint="administration.people",
        values={},
        button=_("Go to the people"),
    )  # fmt: skip


def _message(
    notification: Notification, subject: str, paragraphs: list[str], endpoint: str, values: dict[str, Any],
    button: str,
) -> Message:  # fmt: skip
    filled = tuple(paragraph for paragraph in paragraphs if paragraph)
    return Message(subject=subject, paragraphs=filled, endpoint=endpoint, values=values, button=button)


def _facts(notification: Notification, language: str) -> dict[str, Any]:
    return {"comment": notification.params.get("comment", ""), "language": language_name(language)}
