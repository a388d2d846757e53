"""The figures of the landing page, each over what the actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, case, func, or_, select

from portal.cooperation.models import Progress
from portal.cooperation.queries import STILL_OPEN
from portal.core.access import Actor
from portal.core.clock import now
from portal.core.db import session
from portal.core.guard import scoped
from portal.editorial.models import Contribution, Kind
from portal.editorial.visibility import visible_to
from portal.organisations.models import Organisation, OrganisationKind

RECENT = timedelta(days=90)


@dataclass(frozen=True)
class Activity:
    """Posts of the last 90 days and open needs of administrations, each by code and by region."""

    by_code: dict[str, int]
    by_region: dict[str, int]
    needs_by_code: dict[str, int]
    needs_by_region: dict[str, int]

    @property
    def total(self) -> int:
        """All posts of administrations in that time."""
        return sum(self.by_code.values())


def activity(actor: Actor) -> Activity:
    """How much administrations have posted lately, and what they need now, in one statement."""
    is_recent = Contribution.published_at >= now() - RECENT
    is_needed = and_(Contribution.kind == Kind.NEED, STILL_OPEN)
    statement = (
        select(
            Organisation.code,
            Organisation.region_code,
            func.sum(case((is_recent, 1), else_=0)),
            func.sum(case((is_needed, 1), else_=0)),
        )
        .join(Contribution, Contribution.organisation_id == Organisation.id)
        .outerjoin(Progress, Progress.contribution_id == Contribution.id)
        .where(visible_to(actor), or_(is_recent, is_needed))
        .where(Organisation.kind == OrganisationKind.CUSTOMS)
        .group_by(Organisation.code, Organisation.region_code)
    )
    found = Activity({}, {}, {}, {})
    for code, region, posts, needs in session().execute(scoped(actor, statement)):
        _count(found.by_code, found.by_region, code, region or "", posts)
        _count(found.needs_by_code, found.needs_by_region, code, region or "", needs)
    return found


def _count(by_code: dict[str, int], by_region: dict[str, int], code: str, region: str, count: int) -> None:
    if count:
        by_code[code] = count
        by_region[region] = by_region.get(region, 0) + count
