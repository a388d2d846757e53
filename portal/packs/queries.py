"""Reads of packs, and of posts as a pack or a printed page holds them: whole, and many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy import func, select

from portal.attachments.queries import FileLine, file_line
from portal.core.access import Actor
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.core.i18n import in_language
from portal.editorial.models import Contribution, ContributionTopic, Edition, Revision
from portal.editorial.texts import About
from portal.editorial.visibility import can_see, visible_to
from portal.files.models import StoredFile
from portal.files.queries import by_ids
from portal.organisations.queries import found
from portal.packs import policy
from portal.packs.models import Pack, PackItem, PackState, Subject
from portal.publishing.queries import listed
from portal.publishing.records import Record, records
from portal.publishing.sections import TermsShown, sections, terms_of
from portal.taxonomy.queries import topic_codes


@dataclass(frozen=True)
class Piece:
    """A post in full: its row in the reader's language, its parts and its ready files."""

    record: Record
    sections: tuple[tuple[str, Markup], ...]
    terms: TermsShown | None
    files: tuple[tuple[FileLine, StoredFile], ...]


def is_there(actor: Actor, subject: Subject, key: str) -> bool:
    """True when a pack can be made of it for this actor."""
    if subject == Subject.TOPIC:
        return key in topic_codes()
    return can_see(actor, key) if subject == Subject.CONTRIBUTION else found(key) is not None


def packs(actor: Actor) -> Sequence[Pack]:
    """The actor's packs, the newest first."""
    statement = select(Pack).where(Pack.person_id == actor.person_id, Pack.expires_at > now())
    return session().scalars(scoped(actor, statement.order_by(Pack.created_at.desc(), Pack.id))).all()


def pack(actor: Actor, pack_id: str) -> Pack:
    """One of the actor's packs; NotFound for those of others and those that ran out."""
    statement = select(Pack).where(Pack.id == pack_id, Pack.expires_at > now())
    one = session().scalars(scoped(actor, statement)).first()
    if one is None or not policy.have(actor, one):
        raise NotFound
    return one


def to_build(pack_id: str) -> Pack | None:
    """A pack that is still to be made."""
    statement = select(Pack).where(
        Pack.id == pack_id, Pack.state == PackState.WAITING, Pack.expires_at > now()
    )
    return session().scalars(scoped("packs.build", statement)).first()


def is_still_theirs(actor: Actor, one: Pack) -> bool:
    """True while the actor may read every post that is in the pack."""
    held = select(PackItem.contribution_id).where(PackItem.pack_id == one.id)
    seen = select(func.count()).select_from(Contribution).where(Contribution.id.in_(held), visible_to(actor))
    count = select(func.count()).select_from(PackItem).where(PackItem.pack_id == one.id)
    return session().scalar(scoped(actor, seen)) == session().scalar(scoped(actor, count))


def contained(actor: Actor, subject: Subject, key: str, limit: int, offset: int = 0) -> list[str]:
    """The posts that belong to a subject and that the actor may read, the newest first."""
    statement = select(Contribution.id).where(visible_to(actor))
    if subject == Subject.CONTRIBUTION:
        statement = statement.where(Contribution.id == key)
    elif subject == Subject.ORGANISATION:
        statement = statement.where(Contribution.organisation_id == key)
    else:
        filed = select(ContributionTopic.contribution_id).where(ContributionTopic.topic_code == key)
        statement = statement.where(Contribution.id.in_(filed))
    statement = statement.order_by(Contribution.published_at.desc(), Contribution.id)
    return list(session().scalars(scoped(actor, statement.limit(limit).offset(offset))))


def pieces(actor: Actor, contribution_ids: Sequence[str]) -> list[Piece]:
    """These posts in full, in the current language as far as there is one; five statements."""
    items = listed(actor, contribution_ids)
    rows = records(actor, items)
    shown = {row.edition_id for row in rows}
    originals = {item.contribution.id: item.contribution.original_language for item in items}
    statement = (
        select(Edition, Revision)
        .join(Revision, Revision.id == Edition.published_revision_id)
        .where(Edition.id.in_(shown) | (Edition.contribution_id.in_(originals) & Edition.is_original))
    )
    texts: dict[str, Revision] = {}
    first: dict[str, Revision] = {}
    for edition, revision in session().execute(scoped(actor, statement)):
        texts[edition.id] = revision
        if edition.is_original:
            first[edition.contribution_id] = revision
    named = {file["id"] for revision in texts.values() for file in revision.files}
    stored = by_ids(actor, named)
    return [
        _piece(row, texts[row.edition_id], first[row.id], originals[row.id], stored)
        for row in rows
        if row.edition_id in texts
    ]


def _piece(
    row: Record, revision: Revision, original: Revision, language: str, stored: dict[str, StoredFile]
) -> Piece:
    with in_language(row.language):
        written = tuple((str(label), html) for label, html in sections(row.kind, revision.parts))
    terms = terms_of(row.kind, revision.parts, About.of(original).terms)
    carried = [(file, row.language) for file in revision.files]
    carried += [(file, language) for file in original.files] if original is not revision else []
    files: dict[str, tuple[FileLine, StoredFile]] = {}
    for file, spoken in carried:
        kept = stored.get(file["id"])
        if kept is not None and file["id"] not in files:
            files[file["id"]] = (file_line(file, kept, spoken), kept)
    ready = tuple(pair for pair in files.values() if pair[0].is_ready)
    return Piece(row, written, terms, ready)
