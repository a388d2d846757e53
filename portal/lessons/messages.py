"""What we tell the house of a lesson, in the recipient's language, under their rights of that moment."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from portal.core.access import Actor
from portal.core.db import session
from portal.core.i18n import localised
from portal.editorial.messages import visible_title
from portal.notifications.messages import Message, message, prepares
from portal.notifications.models import Notification
from portal.organisations.models import Organisation


@message("lesson.used")
def used(notification: Notification, recipient: Actor) -> Message | None:
    """To the house of a lesson that another organisation has used."""
    title = visible_title(notification, recipient)
    organisation = _organisation(notification, recipient)
    if title is None or organisation is None:
        return None
    return Message(
        subject=_("Your lesson was used: %(title)s", title=title),
        paragraphs=(
            _(
                "%(organisation)s has recorded that it used this lesson of yours.",
                organisation=localised(organisation, "name"),
            ),
        ),
        endpoint="lessons.uses",
        values={"id": notification.contribution_id},
        button=_("See what they say"),
    )


@message("lesson.asked")
def asked(notification: Notification, recipient: Actor) -> Message | None:
    """To the house of a lesson, a year after it last stood for it."""
    title = visible_title(notification, recipient)
    if title is None:
        return None
    return Message(
        subject=_("Does it still hold? %(title)s", title=title),
        paragraphs=(
            _("A year has passed since your organisation published or confirmed this lesson."),
            _("Say whether it still holds, or write a new version."),
            _("Without an answer within 30 days, readers see that it is unconfirmed."),
        ),
        endpoint="lessons.holds",
        values={"id": notification.contribution_id},
        button=_("Answer"),
    )


@prepares
def load_at_once(notifications: Sequence[Notification], recipient: Actor) -> None:
    """Load the organisations that a page of notifications names, in one statement."""
    ids = {n.params.get("organisation_id", "") for n in notifications if n.kind == "lesson.used"}
    if not ids:
        return
    found: dict[str, Organisation | None] = dict.fromkeys(ids)
    for organisation in session().scalars(select(Organisation).where(Organisation.id.in_(ids))):
        found[organisation.id] = organisation
    _kept().update(found)


def _organisation(notification: Notification, recipient: Actor) -> Organisation | None:
    key = notification.params.get("organisation_id", "")
    if key not in _kept():
        load_at_once([notification], recipient)
    return _kept().get(key)


def _kept() -> dict[str, Organisation | None]:
    found: dict[str, Organisation | None] = session().info.setdefault("lessons_messages", {})
    return found
