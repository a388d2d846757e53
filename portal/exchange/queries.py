"""Reads of imports: where a post came from, conflicts, what left its source; and of what is exported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, or_, select

from portal.accounts.models import Person
from portal.core.access import ANONYMOUS, Actor, require
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.core.pages import Page, cut, keyset
from portal.editorial.models import EXCHANGE, Contribution, Edition, Kind, Revision
from portal.editorial.texts import About, Text
from portal.editorial.visibility import visible_to
from portal.exchange import policy
from portal.exchange.models import Import, ImportConflict, Imported, Presence
from portal.exchange.standing import stands
from portal.organisations.models import Organisation
from portal.organisations.queries import organisations_with
from portal.taxonomy.queries import TopicFacts, taxonomy

SHOWN = 50


@dataclass(frozen=True)
class Provenance:
    """Where a post came from, the file it was in, and the id of an open conflict for who may settle it."""

    imported: Imported
    file_name: str
    conflict_id: str


@dataclass(frozen=True)
class Conflict:
    """A conflict with the programme that it is about."""

    conflict: ImportConflict
    imported: Imported
    organisation: Organisation
    may_settle: bool

    @property
    def language(self) -> str:
        """The language of `title`."""
        return str(next(iter(self.conflict.offered["texts"])))

    @property
    def title(self) -> str:
        """What the source calls it."""
        return str(self.conflict.offered["texts"][self.language][0])


@dataclass(frozen=True)
class Exported:
    """A public need or offer with its published texts, for files that anybody may have."""

    contribution: Contribution
    about: About
    texts: dict[str, Text]
    organisation: Organisation
    topics: tuple[TopicFacts, ...]
    imported: Imported | None


def provenance_of(actor: Actor, contribution: Contribution) -> Provenance | None:
    """Where a post that the actor has before them came from; None for one that was written here."""
    if contribution.kind != Kind.OFFER:
        return None
    statement = (
        select(Imported, Import.file_name, ImportConflict.id)
        .join(Import, Import.id == Imported.import_id)
        .outerjoin(
            ImportConflict,
            and_(ImportConflict.imported_id == Imported.id, ImportConflict.settled_at.is_(None)),
        )
        .where(Imported.contribution_id == contribution.id)
    )
    row = session().execute(scoped(actor, statement)).first()
    if row is None:
        return None
    imported, file_name, conflict_id = row
    may_settle = policy.settle(actor, imported.organisation_id)
    return Provenance(imported, file_name, (conflict_id or "") if may_settle else "")


def conflicts(actor: Actor, cursor: str = "") -> Page[Conflict]:
    """Open conflicts that the actor may see, the newest first."""
    statement, at = keyset(
        _conflicts(actor).where(ImportConflict.settled_at.is_(None)),
        ImportConflict.found_at,
        ImportConflict.id,
        cursor,
    )
    found = [_conflict(actor, *row) for row in session().execute(scoped(actor, statement))]
    return cut(found, at, lambda one: (one.conflict.found_at, one.conflict.id))


def conflict(actor: Actor, conflict_id: str) -> Conflict:
    """One open conflict; NotFound for one that the actor may not see or that is settled."""
    statement = _conflicts(actor).where(ImportConflict.id == conflict_id, ImportConflict.settled_at.is_(None))
    row = session().execute(scoped(actor, statement)).first()
    if row is None:
        raise NotFound
    return _conflict(actor, *row)


def ours(actor: Actor, found: Conflict) -> tuple[dict[str, Text], About]:
    """What stands here: the newest version for the house, for moderators the published one."""
    if found.may_settle:
        there = stands(found.imported.contribution_id)
        return {code: Text.of(revision) for code, revision in there.latest.items()}, About.of(there.original)
    statement = (
        select(Edition, Revision)
        .join(Revision, Revision.id == Edition.published_revision_id)
        .where(Edition.contribution_id == found.imported.contribution_id)
    )
    rows = [(edition, revision) for edition, revision in session().execute(scoped(actor, statement))]
    original = next(revision for edition, revision in rows if edition.is_original)
    return {edition.language: Text.of(revision) for edition, revision in rows}, About.of(original)


def left_their_source(actor: Actor) -> Sequence[tuple[Imported, str, str]]:
    """What its source has no longer, or not open any more; the titles and their languages."""
    statement = (
        select(Imported, Revision.title, Edition.language)
        .join(Contribution, Contribution.id == Imported.contribution_id)
        .join(Edition, and_(Edition.contribution_id == Contribution.id, Edition.is_original))
        .join(Revision, Revision.id == Edition.published_revision_id)
        .where(Imported.presence != Presence.LISTED, Contribution.is_live, _seen_by(actor))
        .order_by(Imported.presence_changed_at.desc(), Imported.id)
        .limit(SHOWN)
    )
    rows = session().execute(scoped(actor, statement))
    return [(imported, title, language) for imported, title, language in rows]


def imports(actor: Actor) -> Sequence[tuple[Import, Organisation, Person]]:
    """The latest imports, with the house and the person in whose name; for administrators."""
    require(policy.run_import(actor))
    statement = (
        select(Import, Organisation, Person)
        .join(Organisation, Organisation.id == Import.organisation_id)
        .join(Person, Person.id == Import.person_id)
        .order_by(Import.started_at.desc(), Import.id)
        .limit(SHOWN)
    )
    return [(begun, house, person) for begun, house, person in session().execute(statement)]


def exported(after: str, limit: int) -> list[Exported]:
    """The next public needs and offers in the order of their ids: what a visitor may read, whoever asks."""
    statement = select(Contribution).where(
        Contribution.kind.in_(EXCHANGE), Contribution.id > after, visible_to(ANONYMOUS)
    )
    found = session().scalars(scoped(ANONYMOUS, statement.order_by(Contribution.id).limit(limit))).all()
    ids = [contribution.id for contribution in found]
    editions = (
        select(Edition, Revision)
        .join(Revision, Revision.id == Edition.published_revision_id)
        .where(Edition.contribution_id.in_(ids))
        .order_by(Edition.is_original.desc(), Edition.language)
    )
    texts: dict[str, dict[str, Text]] = {one: {} for one in ids}
    about: dict[str, About] = {}
    for edition, revision in session().execute(scoped(ANONYMOUS, editions)):
        texts[edition.contribution_id][edition.language] = Text.of(revision)
        if edition.is_original:
            about[edition.contribution_id] = About.of(revision)
    houses = {house.id: house for house in organisations_with({c.organisation_id for c in found})}
    rows = session().scalars(scoped(ANONYMOUS, select(Imported).where(Imported.contribution_id.in_(ids))))
    origins = {row.contribution_id: row for row in rows}
    known = taxonomy().topics
    return [
        Exported(
            c,
            about[c.id],
            texts[c.id],
            houses[c.organisation_id],
            tuple(known[code] for code in about[c.id].topics if code in known),
            origins.get(c.id),
        )
        for c in found
    ]


def _conflict(actor: Actor, found: ImportConflict, imported: Imported, house: Organisation) -> Conflict:
    return Conflict(found, imported, house, policy.settle(actor, imported.organisation_id))


def _conflicts(actor: Actor) -> Select[ImportConflict, Imported, Organisation]:
    return (
        select(ImportConflict, Imported, Organisation)
        .join(Imported, Imported.id == ImportConflict.imported_id)
        .join(Organisation, Organisation.id == Imported.organisation_id)
        .join(Contribution, Contribution.id == Imported.contribution_id)
        .where(_seen_by(actor))
    )


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    """Coordinators: all of their houses; moderators: posts of their languages that they can read."""
    houses = [m.organisation_id for m in actor.memberships if m.at_least("coordinator")]
    languages = {scope.language for scope in actor.scopes}
    moderated = and_(Contribution.original_language.in_(languages), visible_to(actor))
    return or_(Imported.organisation_id.in_(houses), moderated)
