"""A search under the actor's labels: SQL decides what is shown and counted, the index what matches."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from portal.audit.version import visibility_version
from portal.core.access import Actor
from portal.core.db import session
from portal.core.guard import scoped
from portal.core.text import whole_number
from portal.editorial.models import (
    Contribution,
    ContributionCountry,
    ContributionTopic,
    Edition,
    Kind,
    Revision,
)
from portal.editorial.visibility import visible_contributions, visible_to
from portal.finding.thesaurus import dictionary, thesaurus
from portal.organisations.models import Organisation
from portal.search.expand import Expansion, expand
from portal.search.index import (
    NO_FILTERS,
    Answer,
    Filters,
    Hit,
    IndexUnavailable,
    SearchIndex,
    Sort,
)
from portal.search.query import Query
from portal.search.ranking import ENOUGH

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
    """An answer and whether it came from the index (`by_index`) or, without facets, from SQL.

    `expansion` holds the query that was run, and what it looked for besides what was typed. Where
    some hits have only some of the words, `whole` says how many have them all.
    """

    answer: Answer
    expansion: Expansion
    by_index: bool = True
    whole: int | None = None
    texts: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def search(
    actor: Actor,
    index: SearchIndex,
    query: Query,
    filters: Filters,
    sort: Sort,
    languages: Sequence[str],
    page: int,
    *,
    without: Filters = NO_FILTERS,
    plain: Collection[str] = (),
    among: Collection[str] | None = None,
    per_page: int = PER_PAGE,
    with_facets: bool = True,
    in_part: bool = False,
    with_texts: bool = True,
) -> Found:
    """One page of what `query` finds for `actor`, by its words and by the other names of what they mean.

    `plain` are origins (codes of topics) whose names are not to be looked for; `without` and `among`
    are those of `SearchIndex.search`. With `in_part`, where few posts have all the words, those that
    have some of them follow, by relevance. A lost or broken index is answered from SQL, by the words
    alone.
    """
    expansion = expand(query.of_words(), thesaurus(), plain, dictionary=dictionary(), languages=languages)
    ask = partial(
        index.search, labels=actor.labels, visible=VisibleNow(actor, visibility_version()), filters=filters,
        without=without, among=among, sort=sort, languages=languages, page=page, per_page=per_page,
        with_facets=with_facets,
    )  # fmt: skip
    try:
        found = asked(ask, expansion, in_part=in_part and sort == "relevance")
    except IndexUnavailable:
        answer = _without_index(actor, query, _Narrowing(filters, without, among), page, per_page)
        found = Found(answer, Expansion(query.of_words()), by_index=False)
    return replace(found, texts=_texts(actor, found.answer.hits)) if with_texts else found


def asked(ask: Callable[[Query], Answer], expansion: Expansion, *, in_part: bool) -> Found:
    """What the whole query finds or, with `in_part` and where that is little, what some of its words do."""
    answer = ask(expansion.query)
    if not in_part or answer.total >= ENOUGH or expansion.relaxed is None:
        return Found(answer, expansion)
    return Found(ask(expansion.relaxed.query), expansion.relaxed, whole=answer.total)


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


def _texts(actor: Actor, hits: Sequence[Hit]) -> dict[str, tuple[str, str]]:
    """Title and the Markdown of all parts of published editions that the actor may see."""
    if not hits:
        return {}
    statement = (
        select(Edition.id, Revision.title, Revision.summary, Revision.parts)
        .join(Revision, Revision.id == Edition.published_revision_id)
        .join(Contribution, Contribution.id == Edition.contribution_id)
        .where(Edition.id.in_([hit.edition_id for hit in hits]), visible_to(actor))
    )
    return {
        edition_id: (title, "\n\n".join([summary, *parts.values()]))
        for edition_id, title, summary, parts in session().execute(scoped(actor, statement))
    }


@dataclass(frozen=True)
class _Narrowing:
    """What of the matches is wanted, as `SearchIndex.search` has it."""

    filters: Filters
    without: Filters
    among: Collection[str] | None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What a row must meet."""
        yield from _carrying(self.filters)
        yield from (~func.coalesce(condition, False) for condition in _carrying(self.without))
        if self.among is not None:
            yield Contribution.id.in_(self.among)


def _without_index(actor: Actor, query: Query, narrowing: _Narrowing, page: int, per_page: int) -> Answer:
    """Words looked up in titles and summaries by SQL while the index is being built; no facets."""
    statement = (
        select(Contribution.id, func.min(Edition.id), Contribution.published_at)
        .join(Edition, Edition.contribution_id == Contribution.id)
        .join(Revision, Revision.id == Edition.published_revision_id)
        .join(Organisation, Organisation.id == Contribution.organisation_id)
        .where(visible_to(actor), *narrowing.conditions())
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
    rows = session().execute(scoped(actor, statement.limit(per_page * DEEPEST))).all()
    hits = tuple(Hit(row[0], row[1], "") for row in rows[(page - 1) * per_page : page * per_page])
    return Answer(total=len(rows), hits=hits, facets={}, incomplete=False)


def _carrying(filters: Filters) -> Iterator[ColumnElement[bool]]:
    """For each facet with a choice, the condition of carrying one of its chosen values."""
    if filters.kind:
        yield Contribution.kind.in_([Kind(value) for value in filters.kind if value in set(Kind)])
    if filters.organisation:
        yield Contribution.organisation_id.in_(filters.organisation)
    if filters.region:
        yield Organisation.region_code.in_(filters.region)
    if filters.language:
        yield Edition.language.in_(filters.language)
    for table, column, values in (
        (ContributionTopic, ContributionTopic.topic_code, filters.topic),
        (ContributionCountry, ContributionCountry.country_iso2, filters.country),
    ):
        if values:
            yield Contribution.id.in_(select(table.contribution_id).where(column.in_(values)))
    if filters.year:
        years = [year for value in filters.year if (year := whole_number(value)) is not None]
        yield func.extract("year", Contribution.published_at).in_(years)
