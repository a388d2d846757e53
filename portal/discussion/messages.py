"""What we tell people about comments, in the recipient's language, under their rights of that moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from portal.accounts.models import Person
from portal.core.access import Actor
from portal.core.db import session
from portal.core.guard import scoped
from portal.core.i18n import language_name, localised
from portal.core.text import to_plain
from portal.discussion import policy
from portal.discussion.models import Comment
from portal.editorial.messages import visible_title
from portal.editorial.models import Contribution
from portal.editorial.visibility import visible_to
from portal.notifications.messages import Message, message, prepares
from portal.notifications.models import Notification
from portal.organisations.models import Organisation

EXCERPT = 600
Loaded = tuple[Comment, str, Organisation]


@message("comment.posted")
def posted(notification: Notification, recipient: Actor) -> Message | None:
    """To the author of a contribution."""
    return _about(notification, recipient, lambda title: _("New comment: %(title)s", title=title))


@message("comment.question")
def question(notification: Notification, recipient: Actor) -> Message | None:
    """To the author of a contribution."""
    return _about(
        notification, recipient, lambda title: _("Question about your post: %(title)s", title=title)
    )


@message("comment.replied")
def replied(notification: Notification, recipient: Actor) -> Message | None:
    """To who began a thread."""
    return _about(notification, recipient, lambda title: _("Reply to your comment: %(title)s", title=title))


@message("comment.mentioned")
def mentioned(notification: Notification, recipient: Actor) -> Message | None:
    """To the coordinators of an organisation that a comment calls."""
    return _about(
        notification, recipient, lambda title: _("Your organisation is mentioned: %(title)s", title=title)
    )


@message("comment.answered")
def answered(notification: Notification, recipient: Actor) -> Message | None:
    """To who asked a question; the comment is the reply that answers it."""
    return _about(
        notification, recipient, lambda title: _("Your question is answered: %(title)s", title=title)
    )


@message("comment.reported")
def reported(notification: Notification, recipient: Actor) -> Message | None:
    """To the moderators who may decide, as long as it waits."""
    title, loaded = visible_title(notification, recipient), _load(notification, recipient)
    if title is None or loaded is None:
        return None
    comment, _person, organisation = loaded
    if comment.reported_at is None or not policy.moderate(recipient, comment, organisation.region_code):
        return None
    return Message(
        subject=_("Reported comment: %(title)s", title=title),
        paragraphs=(_("A member has reported a comment on this post. It waits for a moderator."),),
        endpoint="moderation.queue",
        values={"tab": "comments"},
        button=_("Open it in the queue"),
    )


@message("comment.no_moderator")
def no_moderator(notification: Notification, recipient: Actor) -> Message | None:
    """To the administrators who can read what it stands under."""
    if not recipient.is_administrator or visible_title(notification, recipient) is None:
        return None
    language = language_name(notification.params.get("language", "en"))
    return Message(
        subject=_("No moderator for a reported comment in %(language)s", language=language),
        paragraphs=(
            _(
                "A comment in %(language)s is reported, and no moderator of another organisation "
                "may decide on it.",
                language=language,
            ),
            _("Give somebody that language and region as a moderator."),
        ),
        endpoint="administration.people",
        values={},
        button=_("Go to the people"),
    )


@message("comment.hidden")
def hidden(notification: Notification, recipient: Actor) -> Message | None:
    """To the writer, with the moderator's reason."""
    title = visible_title(notification, recipient)
    if title is None:
        return None
    return _to_writer(
        notification,
        _("Your comment was hidden: %(title)s", title=title),
        _("A moderator has hidden your comment from readers, for this reason:"),
    )


@message("comment.kept")
def kept(notification: Notification, recipient: Actor) -> Message | None:
    """To the writer, with the moderator's reason."""
    title = visible_title(notification, recipient)
    if title is None:
        return None
    return _to_writer(
        notification,
        _("Your comment stays: %(title)s", title=title),
        _("Your comment was reported. A moderator has read it and leaves it where it is, for this reason:"),
    )


def _about(notification: Notification, recipient: Actor, subject: Any) -> Message | None:
    """A message with the words of a comment; None where it, or what it stands under, is out of sight."""
    title, loaded = visible_title(notification, recipient), _load(notification, recipient)
    if title is None or loaded is None or not policy.is_standing(loaded[0]):
        return None
    comment, person, organisation = loaded
    words = to_plain(comment.text)
    excerpt = words if len(words) <= EXCERPT else f"{words[:EXCERPT].rstrip()}…"
    return Message(
        subject=subject(title),
        paragraphs=(
            _(
                "%(name)s, %(organisation)s, wrote:",
                name=person,
                organisation=localised(organisation, "name"),
            ),
            excerpt,
        ),
        endpoint="discussion.index",
        values={
            "id": comment.contribution_id,
            "thread": comment.thread_id or comment.id,
            "_anchor": f"c-{comment.id}",
        },
        button=_("Read and reply"),
    )


def _to_writer(notification: Notification, subject: str, sentence: str) -> Message:
    return Message(
        subject=subject,
        paragraphs=(sentence, notification.params.get("comment", "")),
        endpoint="discussion.index",
        values={"id": notification.contribution_id},
        button=_("Go to the discussion"),
    )


@prepares
def load_at_once(notifications: Sequence[Notification], recipient: Actor) -> None:
    """Load the comments that a page of notifications is about, in one statement."""
    ids = {n.params["comment_id"] for n in notifications if "comment_id" in n.params}
    if not ids:
        return
    statement = (
        select(Comment, Person.name, Organisation)
        .join(Contribution, Contribution.id == Comment.contribution_id)
        .join(Person, Person.id == Comment.author_id)
        .join(Organisation, Organisation.id == Comment.organisation_id)
        .where(Comment.id.in_(ids), visible_to(recipient))
    )
    found: dict[str, Loaded | None] = dict.fromkeys(ids)
    for comment, person, organisation in session().execute(scoped(recipient, statement)):
        found[comment.id] = (comment, person, organisation)
    _kept().update(found)


def _load(notification: Notification, recipient: Actor) -> Loaded | None:
    key = notification.params.get("comment_id", "")
    if key not in _kept():
        load_at_once([notification], recipient)
    return _kept().get(key)


def _kept() -> dict[str, Loaded | None]:
    found: dict[str, Loaded | None] = session().info.setdefault("discussion_messages", {})
    return found
