"""Reads of the desk's editor: an original, what is translated of it, and what was said of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from portal.core.access import Actor, require
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.editorial import policy
from portal.editorial.models import Case, CaseNote, Contribution, Edition, Revision, State
from portal.editorial.texts import Text
from portal.editorial.visibility import visible_to
from portal.organisations.models import Organisation
from portal.publishing.history import SHOWN_CASES
from portal.publishing.history import notes as notes_of
from portal.publishing.queries import last_case


@dataclass(frozen=True)
class Desk:
    """A published original and its translation into one language, as its translator has them.

    `base` is the version of the original that the translation was made from, where the present
    one differs; `latest` is the newest version of the translation, `published` what readers see.
    """

    contribution: Contribution
    organisation: Organisation
    language: str
    works: bool
    source: Revision
    base: Revision | None
    edition: Edition | None
    latest: Revision | None
    published: Revision | None
    case: Case | None
    notes: Sequence[CaseNote]

    @property
    def is_outdated(self) -> bool:
        """True when readers are told that the translation is older than the original."""
        return self.edition is not None and self.edition.is_outdated

    @property
    def is_behind(self) -> bool:
        """True when the published translation was made from an earlier version of the original."""
        return self.published is not None and self.published.based_on_id != self.source.id

    @property
    def text(self) -> Text:
        """What is translated so far."""
        return Text.of(self.latest) if self.latest is not None else Text()

    @property
    def kept_base_id(self) -> str:
        """What a draft says it is based on until it is handed in: what it was begun from."""
        if self.latest is not None and self.latest.based_on_id is not None:
            return self.latest.based_on_id
        return self.source.id


def desk(actor: Actor, contribution_id: str, language: str) -> Desk:
    """The desk of one translation. NotFound for what `actor` may not read, Forbidden to others' readers.

    A translator gets the published original and the chain of this language alone: never the
    house's other drafts.
    """
    statement = (
        select(Contribution, Organisation)
        .join(Organisation, Organisation.id == Contribution.organisation_id)
        .where(Contribution.id == contribution_id, visible_to(actor))
        .where(Contribution.original_language != language)
    )
    row = session().execute(scoped(actor, statement)).first()
    if row is None:
        raise NotFound
    contribution, organisation = row
    require(policy.translate(actor, contribution, language))
    source, edition, revisions = _texts(actor, contribution, language)
    latest = max(revisions, key=lambda r: r.number, default=None)
    published = next((r for r in revisions if edition and r.id == edition.published_revision_id), None)
    case = last_case(actor, latest.id) if latest is not None and latest.state in SHOWN_CASES else None
    return Desk(
        contribution=contribution,
        organisation=organisation,
        language=language,
        works=policy.work_on(actor, contribution),
        source=source,
        base=_base(actor, source, published or latest),
        edition=edition,
        latest=latest,
        published=published,
        case=case,
        notes=notes_of(actor, case),
    )


def source_named(actor: Actor, found: Desk, revision_id: str) -> Revision:
    """The version of the original that a form was made from; the present one for any other name."""
    if revision_id == found.source.id:
        return found.source
    return _published_version(actor, found.source.edition_id, revision_id) or found.source


def _texts(
    actor: Actor, contribution: Contribution, language: str
) -> tuple[Revision, Edition | None, list[Revision]]:
    other = aliased(Revision)
    newest = select(func.max(other.number)).where(other.edition_id == Edition.id).scalar_subquery()
    is_public = Revision.id == Edition.published_revision_id
    statement = (
        select(Edition, Revision)
        .join(Revision, Revision.edition_id == Edition.id)
        .where(Edition.contribution_id == contribution.id)
        .where(
            or_(
                and_(Edition.is_original, is_public),
                and_(Edition.language == language, or_(is_public, Revision.number == newest)),
            )
        )
    )
    rows = session().execute(scoped(actor, statement)).all()
    source = next(revision for edition, revision in rows if edition.is_original)
    mine = [(edition, revision) for edition, revision in rows if not edition.is_original]
    return source, mine[0][0] if mine else None, [revision for _edition, revision in mine]


def _base(actor: Actor, source: Revision, translated: Revision | None) -> Revision | None:
    if translated is None or translated.based_on_id in {None, source.id}:
        return None
    return _published_version(actor, source.edition_id, str(translated.based_on_id))


def _published_version(actor: Actor, edition_id: str, revision_id: str) -> Revision | None:
    """A version of the original that readers once had: never a draft of the house."""
    statement = select(Revision).where(
        Revision.id == revision_id,
        Revision.edition_id == edition_id,
        Revision.published_at.is_not(None),
        Revision.state.in_((State.PUBLISHED, State.SUPERSEDED)),
    )
    return session().scalars(scoped(actor, statement)).first()
