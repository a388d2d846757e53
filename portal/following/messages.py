"""What followers are told, in their language, under their rights of that moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g
from flask_babel import gettext as _

from portal.core.access import Actor
from portal.core.i18n import current_language, language_name, localised
from portal.editorial.messages import Shown, visible_edition
from portal.following.models import Followed
from portal.following.queries import organisations
from portal.notifications.messages import Message, message, prepares
from portal.notifications.models import Notification
from portal.organisations.models import Organisation
from portal.taxonomy.queries import given_country_name, topic_name


@message("follow.published")
def published(notification: Notification, recipient: Actor) -> Message | None:
    """To who follows a post, its organisation, a topic or a country; None when they may not read it."""
    shown = visible_edition(notification, recipient)
    if shown is None:
        return None
    params = notification.params
    lines = [_reason(params["reason"], params["key"])]
    if params["event"] == "changed":
        lines.insert(0, _("Its meaning has changed since you were told of it."))
    return of_a_post(notification, shown, lines)


def of_a_post(notification: Notification, shown: Shown, lines: Sequence[str], **more: Any) -> Message:
    """That a post is new, has changed or is there in another language, with the reasons for telling it.

    `shown` is the edition that the recipient gets, of whose language they are told. `more` are
    further fields of the message.
    """
    params = notification.params
    subjects = {
        "first": _("New: %(title)s", title=shown.title),
        "changed": _("Changed: %(title)s", title=shown.title),
        "language": _(
            "Now in %(language)s: %(title)s", title=shown.title, language=language_name(params["language"])
        ),
    }
    return Message(
        subject=subjects[params["event"]],
        paragraphs=tuple(line for line in (*lines, notice(shown)) if line),
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


def notice(shown: Shown) -> str:
    """What the page says of its language, said before it is opened; "" where there is nothing."""
    if shown.language != current_language():
        names = {"wanted": language_name(current_language()), "shown": language_name(shown.language)}
        return str(_("This page is not available in %(wanted)s; it is shown in %(shown)s.", **names))
    return str(_("This translation is older than the original.")) if shown.is_outdated else ""


def _kept() -> dict[str, Organisation]:
    kept: dict[str, Organisation] = g.setdefault("followed_organisations", {})
    return kept
