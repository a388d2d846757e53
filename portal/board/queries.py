"""Reads of the board: the list of needs and offers, and what waits for an organisation this morning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union,
)

from portal.board.asking import Closing, Standing, Wanted
from portal.cooperation.models import Interest, Progress
from portal.cooperation.progress import UNANSWERED, Stage
from portal.cooperation.queries import STILL_OPEN
from portal.core.access import Actor
from portal.core.clock import now
from portal.core.db import session
from portal.core.guard import scoped
from portal.core.pages import PER_PAGE, Page, cut, keyset
from portal.editorial.models import (
    EVERYWHERE,
    EXCHANGE,
    OTHER_SIDE,
    Contribution,
    ExchangeLine,
    ExchangeReach,
    ExchangeTerms,
    Kind,
)
from portal.editorial.visibility import visible_to
from portal.following.models import Follow, Followed
from portal.matching.facts import codes, kept, open_to
from portal.matching.queries import near
from portal.publishing.queries import Listed, listed
from portal.publishing.records import Record, records
from portal.taxonomy.queries import taxonomy

OWN_AT_MOST = 8
NEW_FOR = timedelta(days=30)
DUE_WITHIN = timedelta(days=30)
CANDIDATES = 100
SHOWN_AT_MOST = 6

CLOSES = func.coalesce(ExchangeTerms.reply_by, ExchangeTerms.ends_on, type_=ExchangeTerms.reply_by.type)
"""When a need or an offer closes: answers are wanted by then, or it ends."""

STAGES = {
    Standing.UNANSWERED: UNANSWERED,
    Standing.ANSWERED: (Stage.ANSWERED, Stage.IN_TALKS),
    Standing.AGREED: (Stage.AGREED, Stage.UNDER_WAY),
    Standing.CLOSED: (Stage.CLOSED,),
}


@dataclass(frozen=True)
class Posted:
    """A need or an offer in a list: where it stands, when it closes, and for whom it is.

    `countries` of a need are those that ask; of an offer, with `regions`, those that are eligible
    (neither: everybody).
    """

    id: str
    published_at: datetime
    closes: date | None
    stage: Stage
    regions: tuple[str, ...]
    countries: tuple[str, ...]
    item: Listed | None = None

    @property
    def all_regions(self) -> tuple[str, ...]:
        """The regions of its countries and those it names, in the order of the taxonomy."""
        found = taxonomy().regions_of(self.countries) | set(self.regions)
        return tuple(code for code in taxonomy().regions if code in found)


@dataclass(frozen=True)
class Morning:
    """What waits for the acting organisation: its own open posts, what is new for it, what is to be answered.

    `due` are those that want an answer soon, the soonest first, and have none from it; none is in both.
    """

    own: tuple[Posted, ...]
    new: tuple[Posted, ...]
    due: tuple[Posted, ...]


def page_of(actor: Actor, wanted: Wanted, cursor: str = "", per_page: int = PER_PAGE) -> Page[Posted]:
    """The needs and offers that `actor` may read and the filters let through; 3 statements."""
    statement = _filtered(actor, wanted)
    if wanted.is_sorted_by_closing:
        statement, at = keyset(statement, CLOSES, Contribution.id, cursor, per_page, newest_first=False)
    else:
        statement, at = keyset(statement, Contribution.published_at, Contribution.id, cursor, per_page)
    rows = [_posted(row) for row in session().execute(scoped(actor, statement))]

    def place(row: Posted) -> tuple[datetime, str]:
        by_day = wanted.is_sorted_by_closing and row.closes is not None
        return (datetime.combine(row.closes, time(), UTC) if by_day else row.published_at), row.id  # type: ignore[arg-type]

    page = cut(rows, at, place, per_page)
    return Page(told(actor, page.items), page.previous, page.next)


def told(actor: Actor, rows: Sequence[Posted]) -> tuple[Posted, ...]:
    """These with their titles and houses, without those that `actor` may not see; 2 statements."""
    ids = list(dict.fromkeys(row.id for row in rows))
    if not ids:
        return ()
    items = {item.contribution.id: item for item in listed(actor, ids)}
    return tuple(replace(row, item=items[row.id]) for row in rows if row.id in items)


def shown(actor: Actor, posted: Iterable[Posted]) -> dict[str, Record]:
    """The rows of a list for these, which `told` has told, by id."""
    return {row.id: row for row in records(actor, [one.item for one in posted if one.item is not None])}


def chosen(actor: Actor, ids: Sequence[str], kind: Kind) -> tuple[Posted, ...]:
    """These needs or offers in this order, as far as `actor` may read them."""
    statement = _posts(actor).where(Contribution.id.in_(ids), Contribution.kind == kind)
    found = {row.id: row for row in map(_posted, session().execute(scoped(actor, statement)))}
    return told(actor, [found[one] for one in ids if one in found])


def morning(actor: Actor) -> Morning:
    """What waits for the acting organisation; 5 statements."""
    house = actor.organisation_id
    assert house is not None  # the view has asked
    mine = (
        _posts(actor)
        .where(Contribution.organisation_id == house, STILL_OPEN)
        .order_by(Contribution.published_at.desc(), Contribution.id)
        .limit(OWN_AT_MOST)
    )
    own = [_posted(row) for row in session().execute(scoped(actor, mine))]
    found = [_posted(row) for row in session().execute(scoped(actor, _for_us(actor, house)))]
    today = now().date()
    due = [row for row in found if row.closes is not None and today <= row.closes <= today + DUE_WITHIN]
    due.sort(key=lambda row: (row.closes or today, row.id))
    is_due = {row.id for row in due}
    new = [row for row in found if row.published_at >= now() - NEW_FOR and row.id not in is_due]
    due, new = due[:SHOWN_AT_MOST], new[:SHOWN_AT_MOST]
    whole = {row.id: row for row in told(actor, [*own, *due, *new])}
    return Morning(*(tuple(whole[row.id] for row in part if row.id in whole) for part in (own, new, due)))


def _posts(actor: Actor) -> Select[Any]:
    columns: list[Any] = [
        Contribution.id, Contribution.published_at, CLOSES, Progress.stage, ExchangeTerms.regions,
        ExchangeTerms.countries,
    ]  # fmt: skip
    return (
        select(*columns)
        .join(ExchangeTerms, ExchangeTerms.contribution_id == Contribution.id)
        .outerjoin(Progress, Progress.contribution_id == Contribution.id)
        .where(Contribution.kind.in_(EXCHANGE), visible_to(actor, among_few=True))
    )


def _posted(row: Any) -> Posted:
    id_, published_at, closes, stage, regions, countries = row
    return Posted(
        id_, published_at, closes, stage or Stage.OPEN, tuple(regions), tuple(sorted(codes(countries)))
    )


def _filtered(actor: Actor, wanted: Wanted) -> Select[Any]:
    statement = _posts(actor)
    if wanted.kind is not None:
        statement = statement.where(Contribution.kind == wanted.kind)
    if wanted.standing is None:
        statement = statement.where(STILL_OPEN)
    else:
        stage = func.coalesce(Progress.stage, Stage.OPEN, type_=Progress.stage.type)
        statement = statement.where(stage.in_(STAGES[wanted.standing]))
    if wanted.topic or wanted.region or wanted.country:
        topics = taxonomy().with_below([wanted.topic]) if wanted.topic else ()
        statement = statement.where(
            Contribution.id.in_(_reach(topics, _places(wanted.region, wanted.country)))
        )
    if wanted.help is not None or wanted.category is not None:
        statement = statement.where(_line(wanted))
    return statement.where(*_closing(wanted.closing))


def _reach(topics: Iterable[str], places: Iterable[str]) -> Select[str]:
    """What comes into question for one of these topics and of these places; none is no condition."""
    found = select(ExchangeReach.contribution_id)
    for column, wanted in ((ExchangeReach.topic_code, topics), (ExchangeReach.place, places)):
        if wanted:
            found = found.where(column.in_(sorted(wanted)))
    return found


def _reaching(topics: Iterable[str] = (), places: Iterable[str] = ()) -> ColumnElement[bool]:
    """The same, looked up for each row: for a statement that stops at the first few."""
    return _reach(topics, places).where(ExchangeReach.contribution_id == Contribution.id).exists()


def _places(region: str, country: str) -> frozenset[str]:
    """The places that count for a country or a region: those in it, itself, and everywhere."""
    if country:
        return open_to([country])
    return taxonomy().countries_in([region]) | {region, EVERYWHERE} if region else frozenset()


def _line(wanted: Wanted) -> ColumnElement[bool]:
    """True for what has one line with the kind of help and the category that are looked for."""
    conditions = [ExchangeLine.contribution_id == Contribution.id, ExchangeLine.is_current]
    if wanted.help is not None:
        conditions.append(ExchangeLine.help == wanted.help)
    if wanted.category is not None:
        conditions.append(ExchangeLine.category == wanted.category)
    return exists().where(*conditions)


def _closing(closing: Closing | None) -> list[ColumnElement[bool]]:
    if closing is None:
        return []
    if closing == Closing.UNDATED:
        return [CLOSES.is_(None)]
    today = now().date()
    return [today <= CLOSES, today + timedelta(days=int(closing)) >= CLOSES]


def _for_us(actor: Actor, house: str) -> Select[Any]:
    """What others posted of late, or want an answer to soon; for writers, that the house has not answered.

    Of the topics and places that it has posted on itself, or that the person follows; where there
    is neither, of all.
    """
    today = now().date()
    late = and_(ExchangeTerms.reply_by >= today, ExchangeTerms.reply_by <= today + DUE_WITHIN)
    statement = _posts(actor).where(Contribution.organisation_id != house, STILL_OPEN)
    if actor.writes:  # readers of the house are not told that it has answered
        statement = statement.where(
            ~exists().where(Interest.contribution_id == Contribution.id, Interest.organisation_id == house)
        )
    ours = _ours(actor, house)
    if ours.kinds:
        statement = statement.where(Contribution.kind.in_(ours.kinds))
    conditions = ours.conditions()
    if conditions:
        statement = statement.where(or_(*conditions))
    return (
        statement.where(or_(late, Contribution.published_at >= now() - NEW_FOR))
        .order_by(Contribution.published_at.desc(), Contribution.id)
        .limit(CANDIDATES)
    )


@dataclass(frozen=True)
class Ours:
    """What a house has posted on, and what a person of it follows."""

    kinds: frozenset[Kind]
    topics: frozenset[str]
    countries: frozenset[str]
    followed_topics: frozenset[str]
    followed_countries: frozenset[str]

    def conditions(self) -> list[ColumnElement[bool]]:
        """Each of them is enough."""
        found = []
        if self.topics:
            found.append(_reaching(near(self.topics), open_to(self.countries) if self.countries else ()))
        if self.followed_topics:
            found.append(_reaching(near(self.followed_topics)))
        if self.followed_countries:
            found.append(_reaching(places=open_to(self.followed_countries)))
        return found


def _ours(actor: Actor, house: str) -> Ours:
    """One statement: rows of a kind, topics, countries and regions; a follow has its key for a topic."""
    posted = (
        select(
            cast(Contribution.kind, String), ExchangeTerms.topics, ExchangeTerms.countries,
            cast(ExchangeTerms.regions, String),
        )
        .join(ExchangeTerms, ExchangeTerms.contribution_id == Contribution.id)
        .where(Contribution.organisation_id == house, Contribution.kind.in_(EXCHANGE))
        .where(visible_to(actor, among_few=True))
    )  # fmt: skip
    followed = select(cast(Follow.kind, String), Follow.key, literal(""), literal("[]")).where(
        Follow.person_id == actor.person_id, Follow.kind.in_((Followed.TOPIC, Followed.COUNTRY))
    )
    kinds: set[Kind] = set()
    topics: set[str] = set()
    countries: set[str] = set()
    follows: dict[str, set[str]] = {Followed.TOPIC: set(), Followed.COUNTRY: set()}
    for what, about, named, regions in session().execute(scoped(actor, union(posted, followed))):
        if what in follows:
            follows[what].add(about)
            continue
        kinds.add(OTHER_SIDE[Kind(what)])
        topics |= codes(about)
        countries |= codes(named) | taxonomy().countries_in(kept(regions))
    return Ours(
        kinds=frozenset(kinds),
        topics=frozenset(topics),
        countries=frozenset(countries),
        followed_topics=frozenset(follows[Followed.TOPIC]),
        followed_countries=frozenset(follows[Followed.COUNTRY]),
    )
