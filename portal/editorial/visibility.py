"""`visible_to`: the one SQL expression that says which published contributions an actor may read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from portal.core.access import Actor
from portal.core.db import session
from portal.core.guard import scoped
from portal.editorial.models import (
    Audience,
    Case,
    Contribution,
    ContributionLabel,
)
from portal.organisations.labels import CUSTOMS, MEMBERS, PUBLIC, organisation_label


def labels_for(audience: Audience, organisation_id: str, organisations: Iterable[str] = ()) -> frozenset[str]:
    """The labels that may read an item of this audience; the owner's people always may.

    `organisations` are the ids of the chosen ones, used by Audience.ORGANISATIONS alone.
    """
    own = organisation_label(organisation_id)
    if audience == Audience.PUBLIC:
        return frozenset({PUBLIC})
    if audience == Audience.MEMBERS:
        return frozenset({MEMBERS})
    if audience == Audience.CUSTOMS:
        return frozenset({CUSTOMS, own})
    if audience == Audience.ORGANISATIONS:
        return frozenset({own, *map(organisation_label, organisations)})
    return frozenset({own})


def visible_to(actor: Actor, *, among_few: bool = False) -> ColumnElement[bool]:
    """True for a contribution that is published, up, and carries a label that `actor` holds.

    The comparison is an IN over the label index: its cost does not grow with what is hidden. A
    statement that looks at a small part of a large table says so (`among_few`): the same labels are
    then looked up for each row, where SQLite would gather all that the actor may read first.
    """
    held = ContributionLabel.label.in_(sorted(actor.labels))
    if among_few:
        one = exists().where(ContributionLabel.contribution_id == Contribution.id, held)
        # Not an equality: SQLite, which thinks little of how many are live, would walk all of them.
        return and_(Contribution.is_live.is_not(False), one)
    readable = select(ContributionLabel.contribution_id).where(held)
    return and_(Contribution.is_live, Contribution.id.in_(readable))


def can_see(actor: Actor, contribution_id: str) -> bool:
    """True when `visible_to` holds for this one contribution; never a second rule."""
    found = session().scalar(
        scoped(actor, select(exists().where(Contribution.id == contribution_id, visible_to(actor))))
    )
    return bool(found)


def worked_on_by(actor: Actor) -> ColumnElement[bool]:
    """True for a contribution whose drafts and history `actor` may open: contributors of its organisation.

    Ordinary readers of the owning organisation see what is published, as everybody else does.
    """
    ids = [m.organisation_id for m in actor.memberships if m.at_least("contributor")]
    return Contribution.organisation_id.in_(ids)


def in_queue_of(actor: Actor) -> ColumnElement[bool]:
    """True for an open case in the actor's scope as a moderator, of an organisation not their own.

    An appeal against the actor's own decision is for others to decide, and so is what they wrote.
    """
    scopes = [
        Case.language == s.language
        if s.region is None
        else and_(Case.language == s.language, Case.region_code == s.region)
        for s in actor.scopes
    ]
    return and_(
        Case.is_open,
        or_(*scopes) if scopes else Case.id.is_(None),
        Case.organisation_id.not_in(sorted(actor.organisation_ids)),
        or_(Case.excluded_moderator_id.is_(None), Case.excluded_moderator_id != actor.person_id),
        or_(Case.writer_id.is_(None), Case.writer_id != actor.person_id),
    )


def visible_contributions(actor: Actor, *columns: Any) -> Select[Any]:
    """A select of `columns` (default: the contribution) over what `actor` may read, already scoped."""
    statement: Select[Any] = select(*(columns or (Contribution,))).where(visible_to(actor))
    return scoped(actor, statement)
