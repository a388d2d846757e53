"""What the worker does when a need or an offer is published: houses are told of matches, once a pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import or_, select

from portal.core.access import SYSTEM
from portal.core.db import Database, session
from portal.core.failpoints import reached
from portal.core.guard import scoped
from portal.editorial.models import OTHER_SIDE, Contribution, ContributionLabel, Kind
from portal.matching.actions import note_told
from portal.matching.facts import Known, facts, known_of, places_for, still_open
from portal.matching.models import Dismissal, MatchTold
from portal.matching.queries import candidates, judged, near
from portal.matching.scoring import Scorer
from portal.notifications.actions import Tell, tell_each
from portal.notifications.choices import DEFAULTS, SEARCHES
from portal.notifications.queries import choices_of
from portal.organisations.actors import labels_of_people
from portal.organisations.models import Membership, MembershipState, Role
from portal.taxonomy.queries import taxonomy


@dataclass(frozen=True)
class News:
    """Whom of a house to tell of what: by person, the ids of the others that match, best first."""

    house: str
    kind: str
    told: Mapping[str, Sequence[str]]


def tell_houses(app: Flask, payload: dict[str, Any]) -> None:
    """Tell the coordinators of the houses on both sides of the matches of what was published.

    `payload`: `contribution` and `revision`. What fits is worked out while nothing is locked; each
    house is told and its pairs are noted in one unit of work, so that after a kill none is told twice.
    To be called outside a unit of work.
    """
    database: Database = app.extensions["portal_database"]
    with database.unit_of_work(write=False):
        one = _published(str(payload["contribution"]))
        news = _news(one) if one is not None else []
    for piece in news:
        assert one is not None  # there is news of nothing else
        with database.unit_of_work():
            _tell(one, piece, str(payload["revision"]))
        reached("house_told")


def _published(contribution_id: str) -> Known | None:
    statement = facts().where(Contribution.id == contribution_id, Contribution.is_live, still_open())
    row = session().execute(scoped(SYSTEM, statement)).first()
    return known_of(row) if row is not None else None


def _news(one: Known) -> list[News]:
    """What every house is to be told: of its own post all that fits, of another's what of its own fits."""
    kind = OTHER_SIDE[one.kind]
    others = candidates(
        SYSTEM, Contribution.is_live.is_(True), [kind], near(one.side.topics), places_for(kind, [one.side])
    )
    matched = [match.known for match in judged(one, others, Scorer(taxonomy().above))]
    settled = _settled(one)
    wanted = {one.organisation_id: [*matched]}
    for other in matched:
        wanted.setdefault(other.organisation_id, []).append(other)
    people = _coordinators(list(wanted))
    held = labels_of_people([person for house in people.values() for person in house])
    readers = _labels([one.id, *(other.id for other in matched)])
    found = []
    for house, pairs in wanted.items():
        new = [other.id for other in pairs if (house, other.id) not in settled]
        told = {
            person: [other for other in new if held[person] & readers[other]]
            for person in people[house]
            if person in held and held[person] & readers[one.id]
        }
        told = {person: some for person, some in told.items() if some}
        if told:
            is_own = house == one.organisation_id
            found.append(News(house, "match.found" if is_own else "match.published", told))
    return found


def _tell(one: Known, news: News, revision: str) -> None:
    chosen = choices_of(list(news.told), [SEARCHES])
    people = [
        Tell(person, chosen.get((person, SEARCHES), DEFAULTS[SEARCHES]), {"with": list(some)})
        for person, some in news.told.items()
    ]
    tell_each(people, news.kind, event_key=f"match:{revision}:{news.house}", contribution_id=one.id)
    others = {other for some in news.told.values() for other in some}
    is_need = one.kind == Kind.NEED
    note_told(news.house, [(one.id, other) if is_need else (other, one.id) for other in others])


def _settled(one: Known) -> set[tuple[str, str]]:
    """Houses with what they were told of already, or find not relevant."""
    found = set()
    for table in (MatchTold, Dismissal):
        statement = select(table.organisation_id, table.need_id, table.offer_id).where(
            or_(table.need_id == one.id, table.offer_id == one.id)
        )
        for house, need, offer in session().execute(scoped(SYSTEM, statement)):
            found.add((house, offer if need == one.id else need))
    return found


def _coordinators(houses: Collection[str]) -> defaultdict[str, list[str]]:
    statement = select(Membership.organisation_id, Membership.person_id).where(
        Membership.organisation_id.in_(houses),
        Membership.role == Role.COORDINATOR,
        Membership.state == MembershipState.ACTIVE,
    )
    found: defaultdict[str, list[str]] = defaultdict(list)
    for house, person in session().execute(statement.order_by(Membership.joined_at, Membership.id)):
        found[house].append(person)
    return found


def _labels(contribution_ids: Collection[str]) -> defaultdict[str, set[str]]:
    statement = select(ContributionLabel.contribution_id, ContributionLabel.label).where(
        ContributionLabel.contribution_id.in_(contribution_ids)
    )
    found: defaultdict[str, set[str]] = defaultdict(set)
    for contribution_id, label in session().execute(statement):
        found[contribution_id].add(label)
    return found
