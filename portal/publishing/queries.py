"""Reads of contributions, each under the rights of the actor who asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import String, and_, cast, exists, func, literal, or_, select, union_all

from portal.accounts.models import Person
from portal.core.access import Actor
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.core.pages import PER_PAGE, Page, cut, keyset
from portal.editorial import policy
from portal.editorial.models import (
    EXCHANGE,
    Case,
    Contribution,
    ContributionCountry,
    ContributionLabel,
    ContributionTopic,
    Edition,
    Kind,
    LessonCredit,
    Revision,
    State,
)
from portal.editorial.resolve import EditionFacts
from portal.editorial.terms import Terms
from portal.editorial.texts import About
from portal.editorial.visibility import visible_to, worked_on_by
from portal.editorial.workflow import WITH_MODERATORS
from portal.organisations.models import Organisation


@dataclass(frozen=True)
class RevisionFacts:
    """One version of an edition without its text."""

    id: str
    number: int
    round: int
    state: State
    version: int
    author_id: str
    updated_at: datetime
    submitted_at: datetime | None
    published_at: datetime | None
    title: str


@dataclass
class EditionChain:
    """One language of a contribution: its facts and its versions, newest first."""

    facts: EditionFacts
    revisions: list[RevisionFacts] = field(default_factory=list)

    @property
    def latest(self) -> RevisionFacts | None:
        """The newest version."""
        return self.revisions[0] if self.revisions else None

    @property
    def published(self) -> RevisionFacts | None:
        """The version that readers see."""
        return next((r for r in self.revisions if r.id == self.facts.revision_id), None)


@dataclass(frozen=True)
class Whole:
    """A contribution with all that its page needs; `works` says whether its drafts may be shown."""

    contribution: Contribution
    organisation: Organisation
    author: Person
    is_visible: bool
    works: bool
    editions: dict[str, EditionChain]
    topics: tuple[str, ...]
    countries: tuple[str, ...]
    credited: tuple[Organisation, ...] = ()

    @property
    def original(self) -> EditionChain:
        """The edition in the original language."""
        return self.editions[self.contribution.original_language]


def get(actor: Actor, contribution_id: str) -> Whole:
    """The contribution that `actor` may read or work on; NotFound for any other."""
    statement = (
        select(Contribution, Organisation, Person, visible_to(actor))
        .join(Organisation, Organisation.id == Contribution.organisation_id)
        .join(Person, Person.id == Contribution.author_id)
        .where(Contribution.id == contribution_id, or_(visible_to(actor), worked_on_by(actor)))
    )
    row = session().execute(scoped(actor, statement)).first()
    if row is None:
        raise NotFound
    contribution, organisation, author, is_visible = row
    topics, countries = _filing(actor, contribution_id)
    return Whole(
        contribution=contribution,
        organisation=organisation,
        author=author,
        is_visible=bool(is_visible),
        works=policy.work_on(actor, contribution),
        editions=chains(actor, contribution_id),
        topics=topics,
        countries=countries,
        credited=credited(actor, [contribution_id]).get(contribution_id, ())
        if contribution.kind == Kind.LESSON_LEARNED
        else (),
    )


def credited(actor: Actor, contribution_ids: Iterable[str]) -> dict[str, tuple[Organisation, ...]]:
    """The other organisations that each of these lessons was learned with, by code.

    For a caller who has settled that `actor` may read them.
    """
    statement = (
        select(LessonCredit.contribution_id, Organisation)
        .join(Organisation, Organisation.id == LessonCredit.organisation_id)
        .join(Contribution, Contribution.id == LessonCredit.contribution_id)
        .where(LessonCredit.contribution_id.in_(list(contribution_ids)))
        .where(LessonCredit.organisation_id != Contribution.organisation_id)
        .order_by(Organisation.code)
    )
    found: dict[str, tuple[Organisation, ...]] = {}
    for contribution_id, organisation in session().execute(scoped(actor, statement)):
        found[contribution_id] = (*found.get(contribution_id, ()), organisation)
    return found


def chains(actor: Actor, contribution_id: str) -> dict[str, EditionChain]:
    """Every edition of a contribution with its versions, newest first, by language."""
    statement = (
        select(
            Edition,
            Revision.id,
            Revision.number,
            Revision.round,
            Revision.state,
            Revision.version,
            Revision.author_id,
            Revision.updated_at,
            Revision.submitted_at,
            Revision.published_at,
            Revision.title,
        )
        .join(Revision, Revision.edition_id == Edition.id)
        .where(Edition.contribution_id == contribution_id)
        .order_by(Edition.is_original.desc(), Edition.language, Revision.number.desc())
    )
    found: dict[str, EditionChain] = {}
    for edition, *columns in session().execute(scoped(actor, statement)):
        revision = RevisionFacts(*columns)
        if edition.language not in found:
            found[edition.language] = EditionChain(_facts(edition, revision.state))
        found[edition.language].revisions.append(revision)
    return found


def revision(actor: Actor, revision_id: str) -> Revision:
    """A revision whose contribution the caller has loaded under the actor's rights."""
    found = session().scalars(scoped(actor, select(Revision).where(Revision.id == revision_id))).first()
    if found is None:
        raise NotFound
    return found


def terms(actor: Actor, whole: Whole) -> Terms | None:
    """The terms of a published need or offer, which its original carries; None for other kinds."""
    if whole.contribution.kind not in EXCHANGE or whole.original.facts.revision_id is None:
        return None
    return About.of(revision(actor, whole.original.facts.revision_id)).terms


def last_case(actor: Actor, revision_id: str) -> Case | None:
    """The latest case of a revision."""
    statement = (
        select(Case).where(Case.revision_id == revision_id).order_by(Case.opened_at.desc(), Case.id).limit(1)
    )
    return session().scalars(scoped(actor, statement)).first()


def labels(contribution_id: str) -> frozenset[str]:
    """The labels that may read a contribution now."""
    statement = select(ContributionLabel.label).where(ContributionLabel.contribution_id == contribution_id)
    return frozenset(session().scalars(statement))


@dataclass(frozen=True)
class Listed:
    """A contribution in a list: its organisation, its published editions, its topics, whom it credits."""

    contribution: Contribution
    organisation: Organisation
    editions: tuple[tuple[EditionFacts, str, str], ...]
    topics: tuple[str, ...]
    credited: tuple[Organisation, ...] = ()


def listed(actor: Actor, contribution_ids: Sequence[str]) -> list[Listed]:
    """These contributions in this order, without those that `actor` may not see.

    Two statements, and a third where a lesson credits other organisations.
    """
    if not contribution_ids:
        return []
    # The topics come as `position:code` with commas between.
    filed = (
        select(
            func.aggregate_strings(
                cast(ContributionTopic.position, String) + ":" + ContributionTopic.topic_code, ","
            )
        )
        .where(ContributionTopic.contribution_id == Contribution.id)
        .correlate(Contribution)
        .scalar_subquery()
    )
    has_credit = exists().where(LessonCredit.contribution_id == Contribution.id).correlate(Contribution)
    statement = (
        select(Contribution, Organisation, filed, has_credit)
        .join(Organisation, Organisation.id == Contribution.organisation_id)
        .where(Contribution.id.in_(contribution_ids), visible_to(actor, among_few=True))
    )
    rows = session().execute(scoped(actor, statement)).all()
    found = {row[0].id: row for row in rows}
    editions = _published_editions(actor, found)
    crediting = [row[0].id for row in rows if row[3]]
    others = credited(actor, crediting) if crediting else {}
    return [
        Listed(
            found[i][0], found[i][1], tuple(editions.get(i, ())), _in_place(found[i][2]), others.get(i, ())
        )
        for i in contribution_ids
        if i in found and editions.get(i)
    ]


def countries_of(actor: Actor, contribution_ids: Sequence[str]) -> dict[str, list[str]]:
    """The countries that each of these is about, for a caller who has settled that `actor` sees them."""
    statement = (
        select(ContributionCountry.contribution_id, ContributionCountry.country_iso2)
        .where(ContributionCountry.contribution_id.in_(contribution_ids))
        .order_by(ContributionCountry.country_iso2)
    )
    found: dict[str, list[str]] = {}
    for contribution_id, iso2 in session().execute(scoped(actor, statement)):
        found.setdefault(contribution_id, []).append(iso2)
    return found


def page_of(
    actor: Actor, cursor: str = "", *, kind: Kind | None = None, without: Collection[Kind] = (),
    organisation_id: str | None = None, per_page: int = PER_PAGE,
) -> Page[Listed]:  # fmt: skip
    """What `actor` may see, newest first, by kind and organisation; keyset paging, 3 statements."""
    statement = select(Contribution.published_at, Contribution.id).where(visible_to(actor))
    if kind is not None:
        statement = statement.where(Contribution.kind == kind)
    if without:
        statement = statement.where(Contribution.kind.not_in(without))
    if organisation_id is not None:
        statement = statement.where(Contribution.organisation_id == organisation_id)
    statement, at = keyset(statement, Contribution.published_at, Contribution.id, cursor, per_page)
    rows = session().execute(scoped(actor, statement)).all()
    page = cut(rows, at, lambda row: (row[0], row[1]), per_page)
    return Page(listed(actor, [row[1] for row in page.items]), page.previous, page.next)


@dataclass(frozen=True)
class WorkItem:
    """One version that somebody of the house has in hand."""

    contribution: Contribution
    language: str
    is_original: bool
    revision_id: str
    number: int
    state: State
    title: str
    author_id: str
    author: str
    updated_at: datetime
    due_at: datetime | None


def in_hand(
    actor: Actor, states: Iterable[State], cursor: str = "", *, mine: bool = False, not_mine: bool = False
) -> Page[WorkItem]:
    """The latest versions of the acting organisation that are in one of `states`, newest change first."""
    later = Revision.__table__.alias("later")
    statement = (
        select(
            Contribution, Edition.language, Edition.is_original, Revision.id, Revision.number, Revision.state,
            Revision.title, Revision.author_id, Person.name, Revision.updated_at, Case.due_at,
        )
        .join(Edition, Edition.contribution_id == Contribution.id)
        .join(Revision, Revision.edition_id == Edition.id)
        .join(Person, Person.id == Revision.author_id)
        .outerjoin(Case, and_(Case.revision_id == Revision.id, Case.is_open))
        .where(worked_on_by(actor), Contribution.organisation_id == actor.organisation_id)
        .where(Revision.state.in_(list(states)))
        .where(~select(literal(1)).select_from(later).where(
            later.c.edition_id == Revision.edition_id, later.c.number > Revision.number).exists())
    )  # fmt: skip
    if mine:
        statement = statement.where(Revision.author_id == actor.person_id)
    if not_mine:
        statement = statement.where(Revision.author_id != actor.person_id)
    statement, at = keyset(statement, Revision.updated_at, Revision.id, cursor)
    rows = [WorkItem(*row) for row in session().execute(scoped(actor, statement))]
    return cut(rows, at, lambda item: (item.updated_at, item.revision_id))


def taken_down(actor: Actor) -> Sequence[tuple[Contribution, str]]:
    """What the acting organisation has published and is down now, with the title of its original."""
    statement = (
        select(Contribution, Revision.title)
        .join(Edition, and_(Edition.contribution_id == Contribution.id, Edition.is_original))
        .join(Revision, Revision.id == Edition.published_revision_id)
        .where(worked_on_by(actor), Contribution.organisation_id == actor.organisation_id)
        .where(Contribution.published_at.is_not(None), ~Contribution.is_live)
        .order_by(Contribution.changed_at.desc(), Contribution.id)
        .limit(PER_PAGE)
    )
    return [(c, t) for c, t in session().execute(scoped(actor, statement))]


def _facts(edition: Edition, latest: State) -> EditionFacts:
    return EditionFacts(
        id=edition.id,
        language=edition.language,
        is_original=edition.is_original,
        is_published=edition.published_revision_id is not None,
        is_outdated=edition.is_outdated,
        in_review=latest in WITH_MODERATORS,
        revision_id=edition.published_revision_id,
    )


def _published_editions(actor: Actor, ids: Iterable[str]) -> dict[str, list[tuple[EditionFacts, str, str]]]:
    statement = (
        select(Edition, Revision.title, Revision.summary)
        .join(Revision, Revision.id == Edition.published_revision_id)
        .where(Edition.contribution_id.in_(list(ids)))
        .order_by(Edition.is_original.desc(), Edition.language)
    )
    found: dict[str, list[tuple[EditionFacts, str, str]]] = {}
    for edition, title, summary in session().execute(scoped(actor, statement)):
        found.setdefault(edition.contribution_id, []).append(
            (_facts(edition, State.PUBLISHED), title, summary)
        )
    return found


def _in_place(filed: str | None) -> tuple[str, ...]:
    """The codes of `position:code` pairs with commas between, in the order of their positions."""
    pairs = [pair.partition(":") for pair in (filed or "").split(",") if pair]
    return tuple(code for _place, _colon, code in sorted(pairs, key=lambda pair: int(pair[0])))


def _filing(actor: Actor, contribution_id: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    statement = union_all(
        select(literal("topic"), ContributionTopic.topic_code, ContributionTopic.position).where(
            ContributionTopic.contribution_id == contribution_id
        ),
        select(literal("country"), ContributionCountry.country_iso2, literal(0)).where(
            ContributionCountry.contribution_id == contribution_id
        ),
    )
    rows = sorted(session().execute(scoped(actor, statement)), key=lambda row: row[2])
    return (
        tuple(code for kind, code, _position in rows if kind == "topic"),
        tuple(sorted(code for kind, code, _position in rows if kind == "country")),
    )
