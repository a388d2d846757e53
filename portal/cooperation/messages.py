"""What we tell people about answers to needs and offers, in their language, under their rights."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask_babel import gettext as _

from portal.cooperation import policy
from portal.cooperation.names import OUTCOME_NAMES
from portal.cooperation.progress import Outcome
from portal.cooperation.told import organisation_of
from portal.core.access import Actor
from portal.core.i18n import day
from portal.editorial.messages import visible_title
from portal.editorial.models import Contribution, Kind
from portal.editorial.told import loaded
from portal.notifications.messages import Message, message
from portal.notifications.models import Notification

Words = tuple[str, list[str]]


@message("cooperation.circulated")
def circulated(notification: Notification, recipient: Actor) -> Message | None:
    """To the coordinators of organisations that are asked to answer."""

    def words(title: str, house: str, contribution: Contribution) -> Words:
        asked = (
            _("%(organisation)s asks what your organisation can do for this need.", organisation=house)
            if contribution.kind == Kind.NEED
            else _(
                "%(organisation)s asks whether this offer is of use to your organisation.", organisation=house
            )
        )
        return _("To answer: %(title)s", title=title), [asked, _seen_by(house)]

    return _to_answer(notification, recipient, words)


@message("cooperation.reply_due")
def reply_due(notification: Notification, recipient: Actor) -> Message | None:
    """To the coordinators of who was asked and has not answered, before and on the date for answers."""

    def words(title: str, house: str, _contribution: Contribution) -> Words:
        by = _day(notification)
        return (
            _("Answer wanted by %(day)s: %(title)s", day=by, title=title),
            [
                _("%(organisation)s waits for the answer of your organisation.", organisation=house),
                _seen_by(house),
            ],
        )

    return _to_answer(notification, recipient, words)


@message("cooperation.reply_late")
def reply_late(notification: Notification, recipient: Actor) -> Message | None:
    """To the coordinators of who was asked and has not answered, once the date for answers has passed."""

    def words(title: str, house: str, _contribution: Contribution) -> Words:
        by = _day(notification)
        return (
            _("Answer was wanted by %(day)s: %(title)s", day=by, title=title),
            [
                _(
                    "%(organisation)s still waits for the answer of your organisation. "
                    "“Not now” is an answer too.",
                    organisation=house,
                )
            ],
        )

    return _to_answer(notification, recipient, words)


@message("cooperation.answered")
def answered(notification: Notification, recipient: Actor) -> Message | None:
    """To the house that asked: its author and its coordinators."""
    title, organisation = visible_title(notification, recipient), organisation_of(notification, recipient)
    contribution = _contribution(notification, recipient)
    if title is None or contribution is None or not policy.read_answers(recipient, contribution):
        return None
    facts = {"organisation": organisation, "title": title}
    is_change = notification.params.get("is_change")
    return Message(
        subject=_("%(organisation)s has changed its answer: %(title)s", **facts)
        if is_change
        else _("%(organisation)s has answered: %(title)s", **facts),
        paragraphs=(_("The answer stands line by line in the answer sheet of your organisation."),),
        endpoint="cooperation.answers",
        values={"id": contribution.id},
        button=_("Open the answer sheet"),
    )


@message("cooperation.unanswered")
def unanswered(notification: Notification, recipient: Actor) -> Message | None:
    """To the house of a need that nobody answered in time, and to the secretariat where it may read it."""
    title, contribution = visible_title(notification, recipient), _contribution(notification, recipient)
    if title is None or contribution is None:
        return None
    if policy.read_answers(recipient, contribution):
        advice = _("Send it to more organisations, or name a later date in a new version.")
        endpoint, values = "cooperation.answers", {"id": contribution.id}
    elif policy.see_unanswered(recipient):
        advice = _("You can send it to more organisations. All needs without an answer are on one page.")
        endpoint, values = "cooperation.unanswered", {}
    else:
        return None
    return Message(
        subject=_("Nobody has answered: %(title)s", title=title),
        paragraphs=(_("Answers were wanted by %(day)s.", day=_day(notification)), advice),
        endpoint=endpoint,
        values=values,
        button=_("See where it stands"),
    )


@message("cooperation.closed")
def closed(notification: Notification, recipient: Actor) -> Message | None:
    """To those who answered."""
    title, contribution = visible_title(notification, recipient), _contribution(notification, recipient)
    if title is None or contribution is None:
        return None
    house = organisation_of(notification, recipient)
    outcome = OUTCOME_NAMES[contribution.kind][Outcome(notification.params["outcome"])]
    return Message(
        subject=_("Closed: %(title)s", title=title),
        paragraphs=(
            _(
                "%(organisation)s has closed it with this outcome: %(outcome)s.",
                organisation=house,
                outcome=outcome,
            ),
            _("Your talks and commitments go on."),
        ),
        endpoint="publishing.show",
        values={"id": contribution.id},
        button=_("Read what came of it"),
    )


@message("cooperation.reopened")
def reopened(notification: Notification, recipient: Actor) -> Message | None:
    """To those who answered."""

    def words(title: str, house: str, _contribution: Contribution) -> Words:
        return _("Open again: %(title)s", title=title), [
            _(
                "%(organisation)s has opened it again. Your answer stands, and can be changed.",
                organisation=house,
            )
        ]

    return _to_answer(notification, recipient, words)


def _to_answer(
    notification: Notification, recipient: Actor, words: Callable[[str, str, Contribution], Words]
) -> Message | None:
    """A message that leads to the form of the answer; None where the recipient may not read the post."""
    title, contribution = visible_title(notification, recipient), _contribution(notification, recipient)
    if title is None or contribution is None:
        return None
    subject, paragraphs = words(title, organisation_of(notification, recipient), contribution)
    return Message(
        subject=subject,
        paragraphs=tuple(paragraphs),
        endpoint="cooperation.answers",
        values={"id": contribution.id},
        button=_("Answer line by line"),
    )


def _contribution(notification: Notification, recipient: Actor) -> Contribution | None:
    found: Contribution | None = loaded(
        ("contribution", notification.contribution_id or ""), notification, recipient
    )
    return found


def _day(notification: Notification) -> str:
    return day(date.fromisoformat(notification.params["day"]))


def _seen_by(house: str) -> str:
    return str(_("No other organisation sees your answer but %(organisation)s.", organisation=house))
