"""The figures of the landing page, each over what the actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, func, select

from portal.board.queries import OPEN
from portal.cooperation.models import Progress
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
    """Posts of the last 90 days: by administration (code) and by region."""

    by_code: dict[str, int]
    by_region: dict[str, int]

    @property
    def total(self) -> int:
        """All posts of administrations in that time."""
        return sum(self.by_code.values())


def activity(actor: Actor) -> Activity:
    """How much administrations have posted lately, in one statement."""
    statement = (
        select(Organisation.code, Organisation.region_code, func.count())
        .join(Contribution, Contribution.organisation_id == Organisation.id)
        .where(visible_to(actor), Contribution.published_at >= now() - RECENT)
        .where(Organisation.kind == OrganisationKind.CUSTOMS)
        .group_by(Organisation.code, Organisation.region_code)
    )
    return Activity(*_counted(actor, statement))


@dataclass(frozen=True)
class OpenNeeds:
    """Needs of administrations that nobody has closed: by administration (code) and by region."""

    by_code: dict[str, int]
    by_region: dict[str, int]


def open_needs(actor: Actor) -> OpenNeeds:
    """What administrations need now, in one statement."""
    statement = (
        select(Organisation.code, Organisation.region_code, func.count())
        .join(Contribution, Contribution.organisation_id == Organisation.id)
        .outerjoin(Progress, Progress.contribution_id == Contribution.id)
        .where(Contribution.kind == Kind.NEED, visible_to(actor), OPEN)
        .where(Organisation.kind == OrganisationKind.CUSTOMS)
        .group_by(Organisation.code, Organisation.region_code)
    )
    return OpenNeeds(*_counted(actor, statement))


def _counted(actor: Actor, statement: Select[str, str | None, int]) -> tuple[dict[str, int], dict[str, int]]:
    """Rows of an administration's code, its region and a number, summed up by either."""
    by_code: dict[str, int] = {}
    by_region: dict[str, int] = {}
    for code, region, count in session().execute(scoped(actor, statement)):
        by_code[code] = count
        by_region[region or ""] = by_region.get(region or "", 0) + count
    return by_code, by_region
