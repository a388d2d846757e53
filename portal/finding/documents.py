"""A contribution as search documents: one for each published edition, none when it is not findable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import func, select

from portal.core.access import SYSTEM
from portal.core.db import session
from portal.core.guard import scoped
from portal.core.text import to_plain
from portal.editorial.models import (
    Contribution,
    ContributionCountry,
    ContributionLabel,
    ContributionTopic,
    Edition,
    Revision,
)
from portal.files.queries import texts
from portal.lessons.models import LessonUse
from portal.organisations.models import Organisation
from portal.search.index import Document

BATCH = 500


def documents_of(contribution_id: str) -> list[Document]:
    """The documents of one contribution as the database has it now."""
    return list(_documents([contribution_id]))


def documents_of_many(contribution_ids: Sequence[str]) -> dict[str, list[Document]]:
    """The documents of several contributions; an empty list for each that is not findable."""
    found: dict[str, list[Document]] = {i: [] for i in contribution_ids}
    for document in _documents(contribution_ids):
        found[document.contribution_id].append(document)
    return found


def all_documents() -> Iterator[Document]:
    """Every document that the index should hold, read in batches at constant memory."""
    last = ""
    while True:
        statement = (
            select(Contribution.id)
            .where(Contribution.is_live, Contribution.id > last)
            .order_by(Contribution.id)
            .limit(BATCH)
        )
        ids = list(session().scalars(scoped("reindex", statement)))
        if not ids:
            return
        yield from _documents(ids)
        session().expunge_all()
        last = ids[-1]


def _documents(ids: Sequence[str]) -> Iterator[Document]:
    labels = _grouped(ContributionLabel.contribution_id, ContributionLabel.label, ids)
    topics = _grouped(ContributionTopic.contribution_id, ContributionTopic.topic_code, ids)
    countries = _grouped(ContributionCountry.contribution_id, ContributionCountry.country_iso2, ids)
    adoptions = _adoptions(ids)
    statement = (
        select(Contribution, Edition, Revision, Organisation.region_code)
        .join(Edition, Edition.contribution_id == Contribution.id)
        .join(Revision, Revision.id == Edition.published_revision_id)
        .join(Organisation, Organisation.id == Contribution.organisation_id)
        .where(Contribution.id.in_(ids), Contribution.is_live)
        .order_by(Contribution.id)
    )
    for contribution, edition, revision, region in session().execute(scoped(SYSTEM, statement)):
        published = contribution.published_at or contribution.changed_at
        yield Document(
            edition_id=edition.id,
            contribution_id=contribution.id,
            language=edition.language,
            is_original=edition.is_original,
            title=revision.title,
            summary=revision.summary,
            text="\n".join([*map(to_plain.__wrapped__, revision.parts.values()), *_words_of(revision)]),
            kind=str(contribution.kind),
            organisation_id=contribution.organisation_id,
            regions=(region,) if region else (),
            countries=tuple(countries.get(contribution.id, ())),
            topics=tuple(topics.get(contribution.id, ())),
            year=published.year,
            published_at=published,
            labels=tuple(labels.get(contribution.id, ())),
            adoptions=adoptions.get(contribution.id, 0),
        )


def _words_of(revision: Revision) -> list[str]:
    """The words of the files that readers are shown with it."""
    found = texts(SYSTEM, [file["id"] for file in revision.files])
    return [found[file["id"]] for file in revision.files if file["id"] in found]


def _adoptions(ids: Iterable[str]) -> dict[str, int]:
    """How many organisations say that they use each of these, where any does."""
    statement = (
        select(LessonUse.contribution_id, func.count())
        .where(LessonUse.contribution_id.in_(list(ids)), LessonUse.withdrawn_at.is_(None))
        .group_by(LessonUse.contribution_id)
    )
    return {row[0]: row[1] for row in session().execute(scoped(SYSTEM, statement))}


def _grouped(key, value, ids: Iterable[str]) -> dict[str, list[str]]:  # type: ignore[no-untyped-def]
    found: dict[str, list[str]] = {}
    for contribution_id, item in session().execute(
        select(key, value).where(key.in_(list(ids))).order_by(value)
    ):
        found.setdefault(contribution_id, []).append(item)
    return found
