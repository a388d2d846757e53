"""Reads of saved searches: one's own, whom a publication may concern, and what a search finds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, exists, func, select

from portal.accounts.sessions import token_hash
from portal.alerts.models import SavedSearch, SavedSearchHit
from portal.core.access import SYSTEM, Actor
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.editorial.models import Contribution
from portal.editorial.visibility import visible_contributions
from portal.finding import queries as finding
from portal.finding.running import Search
from portal.notifications.choices import SEARCH, Frequency
from portal.notifications.queries import choices_of
from portal.search.index import Answer, SearchIndex

LOOKED_BACK = timedelta(days=90)


@dataclass(frozen=True)
class Line:
    """A saved search with how often its owner is mailed of it (None: as of all others)."""

    saved: SavedSearch
    frequency: Frequency | None


def mine(actor: Actor) -> list[Line]:
    """The actor's own, the newest first; two statements."""
    statement = _of(actor).order_by(SavedSearch.created_at.desc(), SavedSearch.id)
    found = session().scalars(scoped(actor, statement)).all()
    chosen = choices_of([actor.person_id or ""], [SEARCH + saved.id for saved in found])
    return [Line(saved, chosen.get((saved.person_id, SEARCH + saved.id))) for saved in found]


def count(actor: Actor) -> int:
    """How many the actor has."""
    statement = select(func.count()).select_from(_of(actor).subquery())
    return session().scalar(scoped(actor, statement)) or 0


def one(actor: Actor, search_id: str) -> Line:
    """One of the actor's own; NotFound for one of others."""
    saved = session().scalars(scoped(actor, _of(actor).where(SavedSearch.id == search_id))).first()
    if saved is None:
        raise NotFound
    subject = SEARCH + saved.id
    return Line(saved, choices_of([saved.person_id], [subject]).get((saved.person_id, subject)))


def titles(actor: Actor) -> list[tuple[str, str]]:
    """Id and name of each of the actor's own, by name."""
    statement = select(SavedSearch.id, SavedSearch.name).where(SavedSearch.person_id == actor.person_id)
    rows = session().execute(scoped(actor, statement.order_by(func.lower(SavedSearch.name), SavedSearch.id)))
    return [(search_id, name) for search_id, name in rows]


def some(actor: Actor, search_ids: Collection[str]) -> dict[str, SavedSearch]:
    """Those of these that the actor has, by id."""
    found = session().scalars(scoped(actor, _of(actor).where(SavedSearch.id.in_(search_ids))))
    return {saved.id: saved for saved in found}


def of_feed(token: str) -> SavedSearch | None:
    """The search whose feed a token opens, whoever asks: the token is the authority."""
    statement = select(SavedSearch).where(SavedSearch.feed_hash == token_hash(token))
    return session().scalars(scoped("feed", statement)).first()


def found(
    actor: Actor,
    index: SearchIndex,
    search: Search,
    languages: Sequence[str],
    most: int,
    among: Collection[str] | None = None,
) -> Answer:
    """The newest that a search finds for the actor, `most` at the most, and how many there are."""
    return finding.search(
        actor,
        index,
        search.query,
        search.within,
        "newest",
        languages,
        1,
        without=search.without,
        plain=search.asked.plain,
        among=among,
        per_page=most,
        with_facets=False,
        with_texts=False,
    ).answer


def lately(actor: Actor) -> Sequence[str]:
    """The ids of what the actor may read that was first published within the last 90 days."""
    recent = Contribution.published_at >= now() - LOOKED_BACK
    return session().scalars(visible_contributions(actor, Contribution.id).where(recent)).all()


def running(after: str, limit: int) -> dict[str, list[SavedSearch]]:
    """The searches that are not paused of the next `limit` people after that id, by person."""
    people = (
        select(SavedSearch.person_id)
        .where(SavedSearch.paused_at.is_(None), SavedSearch.person_id > after)
        .distinct()
        .order_by(SavedSearch.person_id)
        .limit(limit)
    )
    ids = session().scalars(scoped(SYSTEM, people)).all()
    rows = (
        select(SavedSearch)
        .where(SavedSearch.paused_at.is_(None), SavedSearch.person_id.in_(ids))
        .order_by(SavedSearch.person_id, SavedSearch.created_at, SavedSearch.id)
    )
    grouped: dict[str, list[SavedSearch]] = {one: [] for one in ids}
    for saved in session().scalars(scoped(SYSTEM, rows)):
        grouped[saved.person_id].append(saved)
    return grouped


def first_time(search_ids: Collection[str], edition_id: str) -> set[str]:
    """Those of these searches that still run and have not found the edition before."""
    before = exists().where(
        SavedSearchHit.search_id == SavedSearch.id, SavedSearchHit.edition_id == edition_id
    )
    statement = select(SavedSearch.id).where(
        SavedSearch.id.in_(search_ids), SavedSearch.paused_at.is_(None), ~before
    )
    return set(session().scalars(scoped(SYSTEM, statement)))


def _of(actor: Actor) -> Select[SavedSearch]:
    return select(SavedSearch).where(SavedSearch.person_id == actor.person_id)
