"""The matches of needs and offers, for the actor who asks: candidates from SQL, judged in Python.

Only what the actor may see is read, so that no list and no count tells of what is hidden.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_, select

from portal.core.access import Actor
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.editorial.models import EXCHANGE, OTHER_SIDE, Contribution, Kind
from portal.editorial.visibility import visible_to
from portal.matching.facts import Known, facts, in_question, known_of, places_for, still_open
from portal.matching.models import Dismissal
from portal.matching.scoring import Score, Scorer, around
from portal.taxonomy.queries import taxonomy

CANDIDATES = 2_000
"""The most that are judged, the newest first: what is left out is older than all of these."""


class Found(NamedTuple):
    """Something that fits, and how well."""

    known: Known
    score: Score


@dataclass(frozen=True)
class Matches:
    """What fits one need or offer, best first, and what the acting organisation finds not relevant."""

    one: Known
    found: Sequence[Found]
    dismissed: Sequence[Found]


def near(topics: Collection[str]) -> frozenset[str]:
    """These topics with all above and below them."""
    return around(taxonomy().above, frozenset(topics))


def known(actor: Actor, contribution_ids: Collection[str]) -> dict[str, Known]:
    """What is compared of these needs and offers, of those that `actor` may see; one statement."""
    statement = facts().where(Contribution.id.in_(contribution_ids), visible_to(actor, among_few=True))
    rows = session().execute(scoped(actor, statement)).all()
    return {one.id: one for one in map(known_of, rows)}


def candidates(
    who: object,
    seen: ColumnElement[bool],
    kinds: Collection[Kind],
    topics: Collection[str],
    places: Collection[str] | None = None,
) -> list[Known]:
    """Open needs and offers of these `kinds` on these topics, the newest first; one statement.

    `seen` says what may be read: `visible_to`, or all that is live where the reader is asked later.
    `places` narrows them to these (`facts.places_for`).
    """
    statement = (
        facts()
        .where(Contribution.id.in_(in_question(kinds, topics, places)), seen, still_open())
        .order_by(Contribution.published_at.desc(), Contribution.id)
        .limit(CANDIDATES)
    )
    return [known_of(row) for row in session().execute(scoped(who, statement))]


def judged(one: Known, others: Iterable[Known], scorer: Scorer) -> list[Found]:
    """Those of `others` that fit `one`, best first, then as they come; none of its own house."""
    found = []
    for other in others:
        if other.kind == one.kind or other.organisation_id == one.organisation_id:
            continue
        need, offer = in_order(one, other)
        score = scorer(need.side, offer.side)
        if score is not None:
            found.append(Found(other, score))
    return sorted(found, key=lambda match: -match.score.total)


def in_order(one: Known, other: Known) -> tuple[Known, Known]:
    """The two of a pair, the need first."""
    return (one, other) if one.kind == Kind.NEED else (other, one)


def matches(actor: Actor, contribution_id: str) -> Matches:
    """What fits a need or an offer that `actor` may see; NotFound for any other."""
    found = many(actor, [contribution_id])
    if contribution_id not in found:
        raise NotFound
    return found[contribution_id]


def many(actor: Actor, contribution_ids: Collection[str]) -> dict[str, Matches]:
    """What fits each of these needs and offers that `actor` may see.

    Three statements for needs or for offers alone, four for both; one of them for dismissals.
    """
    ones = known(actor, contribution_ids)
    if not ones:
        return {}
    seen, scorer = visible_to(actor, among_few=True), Scorer(taxonomy().above)
    offered: dict[Kind, list[Known]] = {}
    for kind in sorted({one.kind for one in ones.values()}):
        sides = [one.side for one in ones.values() if one.kind == kind]
        topics = near({topic for side in sides for topic in side.topics})
        offered[kind] = candidates(
            actor, seen, [OTHER_SIDE[kind]], topics, places_for(OTHER_SIDE[kind], sides)
        )
    left = _dismissed(actor, ones)
    return {
        id_: _matches(one, judged(one, offered[one.kind], scorer), left[id_]) for id_, one in ones.items()
    }


def match_counts(actor: Actor, contribution_ids: Collection[str]) -> dict[str, int]:
    """How many fit each of these, without those that the acting organisation finds not relevant."""
    return {id_: len(one.found) for id_, one in many(actor, contribution_ids).items()}


def pair(actor: Actor, contribution_id: str, other_id: str) -> tuple[str, str]:
    """The need and the offer of two ids that `actor` may see; NotFound for any other two."""
    found = known(actor, [contribution_id, other_id])
    kinds = {one.kind: one.id for one in found.values()}
    if set(kinds) != EXCHANGE:
        raise NotFound
    return kinds[Kind.NEED], kinds[Kind.OFFER]


def _matches(one: Known, found: Sequence[Found], left: Collection[str]) -> Matches:
    return Matches(
        one,
        [match for match in found if match.known.id not in left],
        [match for match in found if match.known.id in left],
    )


def _dismissed(actor: Actor, ids: Collection[str]) -> defaultdict[str, set[str]]:
    """What the acting organisation finds not relevant to each of these, whichever it looked from."""
    statement = select(Dismissal.need_id, Dismissal.offer_id).where(
        Dismissal.organisation_id == actor.organisation_id,
        or_(Dismissal.need_id.in_(ids), Dismissal.offer_id.in_(ids)),
    )
    left: defaultdict[str, set[str]] = defaultdict(set)
    for need, offer in session().execute(scoped(actor, statement)):
        left[need].add(offer)
        left[offer].add(need)
    return left
