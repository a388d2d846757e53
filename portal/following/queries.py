"""Reads of following: one's own list, whom a publication concerns, and what a feed holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, literal, or_, select

from portal.accounts.sessions import token_hash
from portal.core.access import Actor
from portal.core.db import session
from portal.core.guard import scoped
from portal.editorial.models import Contribution, ContributionCountry, ContributionTopic, Kind
from portal.editorial.visibility import visible_to
from portal.following.models import FeedKey, Follow, Followed
from portal.notifications.choices import FOLLOW, Frequency
from portal.notifications.queries import choices_of
from portal.organisations.models import Organisation
from portal.organisations.queries import organisations_with
from portal.publishing.queries import Listed, listed

ENTRIES = 50
# Countries come after all topics.
MOST_TOPICS = 1000
Subject = tuple[str, str]


@dataclass(frozen=True)
class Line:
    """One followed thing with how often its follower is mailed of it (None: as of all others)."""

    follow: Follow
    frequency: Frequency | None


def mine(actor: Actor) -> list[Line]:
    """What the actor follows, the newest first; two statements."""
    statement = select(Follow).where(Follow.person_id == actor.person_id)
    follows = session().scalars(statement.order_by(Follow.created_at.desc(), Follow.id)).all()
    chosen = choices_of([actor.person_id or ""], [FOLLOW + f.id for f in follows])
    return [Line(f, chosen.get((f.person_id, FOLLOW + f.id))) for f in follows]


def subjects_of(contribution: Contribution) -> list[Subject]:
    """What can be followed of a contribution: itself, its house, its topics and its countries."""
    topics = select(
        literal(str(Followed.TOPIC)).label("kind"),
        ContributionTopic.topic_code.label("key"),
        ContributionTopic.position.label("place"),
    ).where(ContributionTopic.contribution_id == contribution.id)
    countries = select(
        literal(str(Followed.COUNTRY)), ContributionCountry.country_iso2, literal(MOST_TOPICS)
    ).where(ContributionCountry.contribution_id == contribution.id)
    filed = session().execute(topics.union_all(countries).order_by("place", "key"))
    return [
        (Followed.CONTRIBUTION, contribution.id),
        (Followed.ORGANISATION, contribution.organisation_id),
        *((Followed(kind), key) for kind, key, _place in filed),
    ]


def visible(actor: Actor, contribution_id: str) -> Contribution | None:
    """A contribution that the actor may read."""
    statement = select(Contribution).where(Contribution.id == contribution_id, visible_to(actor))
    return session().scalars(scoped(actor, statement)).first()


def followers(subjects: Sequence[Subject], after: str, limit: int) -> dict[str, list[Follow]]:
    """The next `limit` people after that id who follow any of these, each with what they follow of it."""
    people = (
        select(Follow.person_id)
        .where(_any_of(subjects), Follow.person_id > after)
        .distinct()
        .order_by(Follow.person_id)
        .limit(limit)
    )
    ids = session().scalars(people).all()
    grouped: dict[str, list[Follow]] = defaultdict(list)
    rows = select(Follow).where(_any_of(subjects), Follow.person_id.in_(ids)).order_by(Follow.person_id)
    for row in session().scalars(rows):
        grouped[row.person_id].append(row)
    return dict(grouped)


def organisations(ids: Sequence[str]) -> dict[str, Organisation]:
    """Organisations by their ids."""
    return {organisation.id: organisation for organisation in organisations_with(ids)}


def feed_owner(token: str) -> str | None:
    """Whose feed a token opens."""
    return session().scalar(select(FeedKey.person_id).where(FeedKey.token_hash == token_hash(token)))


def feed_made_at(actor: Actor) -> datetime | None:
    """When the actor's own feed got its address."""
    return session().scalar(select(FeedKey.created_at).where(FeedKey.person_id == actor.person_id))


def entries(
    actor: Actor, *, organisation: str = "", topic: str = "", country: str = "", kind: str = ""
) -> list[Listed]:
    """The latest that the actor may read, as narrow as asked; three statements."""
    conditions = []
    if organisation:
        conditions.append(_about(Followed.ORGANISATION, [organisation]))
    if topic:
        conditions.append(_about(Followed.TOPIC, [topic]))
    if country:
        conditions.append(_about(Followed.COUNTRY, [country]))
    if kind in set(Kind):
        conditions.append(Contribution.kind == Kind(kind))
    return _latest(actor, *conditions)


def followed_entries(actor: Actor) -> list[Listed]:
    """The latest that the actor may read of what they follow."""
    keys: dict[Followed, list[str]] = defaultdict(list)
    for kind, key in session().execute(
        select(Follow.kind, Follow.key).where(Follow.person_id == actor.person_id)
    ):
        keys[kind].append(key)
    return _latest(actor, or_(*(_about(kind, found) for kind, found in keys.items()))) if keys else []


def _latest(actor: Actor, *conditions: ColumnElement[bool]) -> list[Listed]:
    statement = select(Contribution.id).where(visible_to(actor), *conditions)
    statement = statement.order_by(Contribution.changed_at.desc(), Contribution.id.desc()).limit(ENTRIES)
    return listed(actor, session().scalars(scoped(actor, statement)).all())


def _about(kind: Followed, keys: Sequence[str]) -> ColumnElement[bool]:
    if kind == Followed.CONTRIBUTION:
        return Contribution.id.in_(keys)
    if kind == Followed.ORGANISATION:
        return Contribution.organisation_id.in_(keys)
    if kind == Followed.TOPIC:
        topics = select(ContributionTopic.contribution_id).where(ContributionTopic.topic_code.in_(keys))
        return Contribution.id.in_(topics)
    countries = select(ContributionCountry.contribution_id).where(ContributionCountry.country_iso2.in_(keys))
    return Contribution.id.in_(countries)


def _any_of(subjects: Sequence[Subject]) -> ColumnElement[bool]:
    keys: dict[str, list[str]] = defaultdict(list)
    for kind, key in subjects:
        keys[kind].append(key)
    return or_(*((Follow.kind == Followed(kind)) & Follow.key.in_(found) for kind, found in keys.items()))
