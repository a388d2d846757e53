"""Offers beside each other: the same facts of each, line by line, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from portal.board.queries import Posted, shown
from portal.core.access import Actor
from portal.core.db import session
from portal.core.guard import scoped
from portal.editorial.models import Edition, Kind, Revision
from portal.editorial.texts import About
from portal.publishing.records import Record
from portal.publishing.sections import TermsShown, sections, terms_of

MOST = 4


@dataclass(frozen=True)
class Column:
    """One offer of a comparison; `parts` are its running texts under their headings."""

    posted: Posted
    record: Record
    terms: TermsShown
    parts: tuple[tuple[object, object], ...]


def columns(actor: Actor, offers: Sequence[Posted]) -> list[Column]:
    """The columns for `offers`, which the caller has settled that `actor` may read; one statement."""
    rows = shown(actor, offers)
    original, its_edition = aliased(Revision), aliased(Edition)
    statement = (
        select(Edition.contribution_id, Revision.parts, original)
        .join(Revision, Revision.id == Edition.published_revision_id)
        .join(
            its_edition,
            and_(its_edition.contribution_id == Edition.contribution_id, its_edition.is_original),
        )
        .join(original, original.id == its_edition.published_revision_id)
        .where(Edition.id.in_([row.edition_id for row in rows.values()]))
    )  # fmt: skip
    found = {id_: (parts, about) for id_, parts, about in session().execute(scoped(actor, statement))}
    made = []
    for one in offers:
        parts, about = found[one.id]
        terms = terms_of(Kind.OFFER, parts, About.of(about).terms)
        assert terms is not None  # an offer has terms
        made.append(Column(one, rows[one.id], terms, tuple(sections(Kind.OFFER, parts))))
    return made
