"""What followers are told, in their language, under their rights of that moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g
from flask_babel import gettext as _

from portal.core.access import Actor
from portal.core.i18n import current_language, language_name, localised
from portal.editorial.messages import visible_title
from portal.following.models import Followed
from portal.following.queries import organisations
from portal.notifications.messages import Message, message, prepares
from portal.notifications.models import Notification
from portal.organisations.models import Organisation
from portal.taxonomy.queries import given_country_name, topic_name


@message("follow.published")
def published(notification: Notification, recipient: Actor) -> Message | None:
    """To who follows a post, its organisation, a topic or a country; None when they may not read it."""
    title = visible_title(notification, recipient)
    if title is None:
        return None
    params = notification.params
    lines = [_reason(params["reason"], params["key"])]
    if params["event"] == "changed":
        lines.insert(0, _("Its meaning has changed since you were told of it."))
    return of_a_post(notification, title, lines)


def of_a_post(notification: Notification, title: str, lines: Sequence[str], **more: Any) -> Message:
    """That a post is new, has changed or is there in another language, with the reasons for telling it.

    `more` are further fields of the message.
    """
    params = notification.params
    subjects = {
        "first": _("New: %(title)s", title=title),
        "changed": _("Changed: %(title)s", title=title),
        "language": _(
            "Now in %(language)s: %(title)s", title=title, language=language_name(params["language"])
        ),
    }
    return Message(
        subject=subjects[params["event"]],
        paragraphs=tuple(lines),
        endpoint="publishing.show",
        values={"id": notification.contribution_id, "lang": current_language()},
        button=_("Read it"),
        **more,
    )


@prepares
def load_at_once(notifications: Sequence[Notification], recipient: Actor) -> None:
    """Load the organisations that a page of notifications names as reasons, in one statement."""
    wanted = {
        row.params["key"]
        for row in notifications
        if row.kind == "follow.published" and row.params["reason"] == Followed.ORGANISATION
    }
    if wanted:
        _kept().update(organisations(sorted(wanted)))


def _reason(kind: str, key: str) -> str:
    if kind == Followed.CONTRIBUTION:
        return str(_("You are told because you follow this post."))
    if kind == Followed.TOPIC:
        name = topic_name(key)
    elif kind == Followed.COUNTRY:
        name = given_country_name(key) or key
    else:
        found = _kept().get(key) or organisations([key]).get(key)
        name = localised(found, "name") if found is not None else key
    return str(_("You are told because you follow %(name)s.", name=name))


def _kept() -> dict[str, Organisation]:
    kept: dict[str, Organisation] = g.setdefault("followed_organisations", {})
    return kept
