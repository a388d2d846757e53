"""A search under the actor's labels: SQL decides what is shown and counted, the index what matches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, or_, select

from portal.audit.version import visibility_version
from portal.core.access import Actor
from portal.core.db import session
from portal.core.guard import scoped
from portal.editorial.models import (
    Contribution,
    ContributionCountry,
    ContributionTopic,
    Edition,
    Kind,
    Revision,
)
from portal.editorial.visibility import visible_contributions, visible_to
from portal.organisations.models import Organisation
from portal.search.index import (
    Answer,
    Filters,
    Hit,
    IndexUnavailable,
    SearchIndex,
    Sort,
)
from portal.search.query import Query

PER_PAGE = 20
DEEPEST = 50


@dataclass(frozen=True)
class VisibleNow:
    """What `actor` may see, as SQL says; the key changes when anything's visibility changes."""

    actor: Actor
    version: int

    @property
    def key(self) -> tuple[frozenset[str], int]:
        """The labels held and the version of what anybody may see."""
        return (self.actor.labels, self.version)

    def load(self) -> Iterable[str]:
        """The ids of all contributions that the actor may see."""
        return session().scalars(self.statement()).all()

    def statement(self) -> Select[Any]:
        """What selects these ids."""
        return visible_contributions(self.actor, Contribution.id)


@dataclass(frozen=True)
class Found:
    """An answer and whether it came from the index (`by_index`) or, without facets, from SQL."""

    answer: Answer
    by_index: bool = True
    texts: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def search(
    actor: Actor,
    index: SearchIndex,
    query: Query,
    filters: Filters,
    sort: Sort,
    languages: Sequence[str],
    page: int,
) -> Found:
    """One page of what `query` finds for `actor`; a lost or broken index is answered from SQL."""
    try:
        answer = index.search(
            query,
            labels=actor.labels,
            visible=VisibleNow(actor, visibility_version()),
            filters=filters,
            sort=sort,
            languages=languages,
            page=page,
            per_page=PER_PAGE,
        )
        return Found(answer, True, _texts(actor, [hit.edition_id for hit in answer.hits]))
    except IndexUnavailable:
        answer = _without_index(actor, query, filters, page)
        return Found(answer, False, _texts(actor, [hit.edition_id for hit in answer.hits]))


def topic_counts(actor: Actor) -> dict[str, int]:
    """How many contributions `actor` may see under each topic."""
    statement = (
        select(ContributionTopic.topic_code, func.count())
        .join(Contribution, Contribution.id == ContributionTopic.contribution_id)
        .where(visible_to(actor))
        .group_by(ContributionTopic.topic_code)
    )
    rows = session().execute(scoped(actor, statement)).all()
    return {row[0]: row[1] for row in rows}


def _texts(actor: Actor, edition_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Title and the Markdown of all parts of published editions that the actor may see."""
    if not edition_ids:
        return {}
    statement = (
        select(Edition.id, Revision.title, Revision.summary, Revision.parts)
        .join(Revision, Revision.id == Edition.published_revision_id)
        .join(Contribution, Contribution.id == Edition.contribution_id)
        .where(Edition.id.in_(edition_ids), visible_to(actor))
    )
    return {
        edition_id: (title, "\n\n".join([summary, *parts.values()]))
        for edition_id, title, summary, parts in session().execute(scoped(actor, statement))
    }


def _without_index(actor: Actor, query: Query, filters: Filters, page: int) -> Answer:
    """Words looked up in titles and summaries by SQL while the index is being built; no facets."""
    statement = (
        select(Contribution.id, func.min(Edition.id), Contribution.published_at)
        .join(Edition, Edition.contribution_id == Contribution.id)
        .join(Revision, Revision.id == Edition.published_revision_id)
        .join(Organisation, Organisation.id == Contribution.organisation_id)
        .where(visible_to(actor))
        .group_by(Contribution.id, Contribution.published_at)
        .order_by(Contribution.published_at.desc(), Contribution.id)
    )
    for group in query.required:
        words = [" ".join(clause.words) for clause in group]
        statement = statement.where(
            or_(*(or_(Revision.title.ilike(f"%{w}%"), Revision.summary.ilike(f"%{w}%")) for w in words))
        )
    for clause in query.excluded:
        unwanted = f"%{' '.join(clause.words)}%"
        statement = statement.where(~Revision.title.ilike(unwanted), ~Revision.summary.ilike(unwanted))
    statement = _narrowed(statement, filters)
    rows = session().execute(scoped(actor, statement.limit(PER_PAGE * DEEPEST))).all()
    hits = tuple(Hit(row[0], row[1], "") for row in rows[(page - 1) * PER_PAGE : page * PER_PAGE])
    return Answer(total=len(rows), hits=hits, facets={}, incomplete=False)


def _narrowed(statement, filters: Filters):  # type: ignore[no-untyped-def]
    if filters.kind:
        kinds = [Kind(value) for value in filters.kind if value in set(Kind)]
        statement = statement.where(Contribution.kind.in_(kinds))
    if filters.organisation:
        statement = statement.where(Contribution.organisation_id.in_(filters.organisation))
    if filters.region:
        statement = statement.where(Organisation.region_code.in_(filters.region))
    if filters.language:
        statement = statement.where(Edition.language.in_(filters.language))
    for table, column, values in (
        (ContributionTopic, ContributionTopic.topic_code, filters.topic),
        (ContributionCountry, ContributionCountry.country_iso2, filters.country),
    ):
        if values:
            found = select(table.contribution_id).where(column.in_(values))
            statement = statement.where(Contribution.id.in_(found))
    if filters.year:
        years = [int(value) for value in filters.year if value.isdigit()]
        statement = statement.where(func.extract("year", Contribution.published_at).in_(years))
    return statement
