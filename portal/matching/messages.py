"""What coordinators are told of matches, in their language, under their rights of that moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import g
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.core.access import Actor
from portal.core.i18n import current_language
from portal.editorial.messages import visible_edition
from portal.editorial.models import Kind
from portal.editorial.resolve import resolve
from portal.following.messages import notice
from portal.matching.facts import Known
from portal.matching.queries import in_order, known
from portal.matching.scoring import Scorer
from portal.matching.words import sentence
from portal.notifications.messages import Message, message, prepares
from portal.notifications.models import Notification
from portal.publishing.queries import Listed, listed
from portal.taxonomy.queries import taxonomy

FOUND, PUBLISHED = "match.found", "match.published"
NAMED = 3
"""Matches whose reasons stand in the message; the page has the others."""


@dataclass(frozen=True)
class Loaded:
    """What a page of notifications is about, as far as its recipient may see it now."""

    known: dict[str, Known]
    posts: dict[str, Listed]


@message(FOUND)
def found(notification: Notification, recipient: Actor) -> Message | None:
    """To the house of a need or an offer: what fits it; None when nothing of it may be seen now."""
    shown, lines, count = visible_edition(notification, recipient), *_reasons(notification, recipient)
    if shown is None or not count:
        return None
    if _kind(notification) == Kind.NEED:
        words = ngettext(
            "An offer fits your need: %(title)s",
            "%(num)s offers fit your need: %(title)s",
            count,
            title=shown.title,
        )
    else:
        words = ngettext(
            "A need fits your offer: %(title)s",
            "%(num)s needs fit your offer: %(title)s",
            count,
            title=shown.title,
        )
    return Message(
        subject=words,
        paragraphs=(*lines, *_more(count)),
        endpoint="matching.matches",
        values={"id": notification.contribution_id, "lang": current_language()},
        button=_("See the matches"),
    )


@message(PUBLISHED)
def published(notification: Notification, recipient: Actor) -> Message | None:
    """To a house whose needs or offers something new fits; None when either may not be seen now."""
    shown, lines, count = visible_edition(notification, recipient), *_reasons(notification, recipient)
    if shown is None or not count:
        return None
    if _kind(notification) == Kind.NEED:
        subject = _("A need fits what you offer: %(title)s", title=shown.title)
    else:
        subject = _("An offer fits what you need: %(title)s", title=shown.title)
    language = notice(shown)
    return Message(
        subject=subject,
        paragraphs=(*lines, *_more(count), *([language] if language else [])),
        endpoint="publishing.show",
        values={"id": notification.contribution_id, "lang": current_language()},
        button=_("Read it"),
    )


@prepares
def load_at_once(notifications: Sequence[Notification], recipient: Actor) -> None:
    """Load both sides of all matches that a page of notifications is about, in three statements."""
    told = [row for row in notifications if row.kind in (FOUND, PUBLISHED)]
    if told:
        ids = {row.contribution_id or "" for row in told} | {
            one for row in told for one in row.params["with"]
        }
        loaded = Loaded(
            known(recipient, ids),
            {one.contribution.id: one for one in listed(recipient, sorted(ids))},
        )
        _kept().update((row.id, loaded) for row in told)


def _reasons(notification: Notification, recipient: Actor) -> tuple[list[str], int]:
    """The reasons for the best of the matches that still hold, and how many do."""
    if notification.id not in _kept():
        load_at_once([notification], recipient)
    loaded, scorer = _kept()[notification.id], Scorer(taxonomy().above)
    one = loaded.known.get(notification.contribution_id or "")
    said: list[str] = []
    if one is None:
        return said, 0
    for other_id in notification.params["with"]:
        other = loaded.known.get(other_id)
        if other is None or other_id not in loaded.posts:
            continue
        need, offer = in_order(one, other)
        score = scorer(need.side, offer.side)
        if score is not None:
            title = _title(loaded.posts[other_id], recipient)
            said.append(_("“%(title)s”: %(reasons)s.", title=title, reasons=sentence(score)))
    return said[:NAMED], len(said)


def _more(count: int) -> list[str]:
    if count <= NAMED:
        return []
    return [ngettext("%(num)s more fits.", "%(num)s more fit.", count - NAMED)]


def _kind(notification: Notification) -> Kind:
    return _kept()[notification.id].known[notification.contribution_id or ""].kind


def _title(post: Listed, recipient: Actor) -> str:
    editions = [edition for edition, _title, _summary in post.editions]
    chosen = resolve(editions, current_language(), recipient.languages)
    shown = chosen.edition.id if chosen is not None else editions[0].id
    return next(title for edition, title, _summary in post.editions if edition.id == shown)


def _kept() -> dict[str, Loaded]:
    kept: dict[str, Loaded] = g.setdefault("matches_told", {})
    return kept
