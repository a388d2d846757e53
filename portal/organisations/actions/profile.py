"""What an organisation says about itself, and how its texts leave the house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from portal.audit.actions import record
from portal.core.access import Actor, require
from portal.core.db import session
from portal.core.errors import Stale
from portal.core.i18n import LANGUAGES
from portal.organisations import policy
from portal.organisations.actions._checks import checked_line, checked_profile, checked_website
from portal.organisations.models import Organisation


@dataclass(frozen=True)
class Profile:
    """What a coordinator may edit; `texts` are Markdown by language. The names are the secretariat's."""

    texts: Mapping[str, str]
    website: str = ""
    iati_identifier: str = ""


def edit_profile(actor: Actor, organisation: Organisation, profile: Profile, version: int) -> None:
    """Write what the organisation says about itself.

    `version` is the one that the person had before them. Raises Forbidden, Invalid at the field,
    Stale (with the organisation as it is now) when somebody saved another in between.
    """
    require(policy.edit_profile(actor, organisation))
    values: dict[str, Any] = {
        f"profile_{code}": checked_profile(profile.texts.get(code, ""), f"profile_{code}")
        for code in LANGUAGES
    }
    values["website"] = checked_website(profile.website)
    values["iati_identifier"] = checked_line(profile.iati_identifier, "iati_identifier")
    write_version(organisation, values, version)
    record(actor, "organisation.profile_edited", organisation.id, shown=True)


def set_clearance(
    actor: Actor, organisation: Organisation, needs_clearance: bool, author_may_clear: bool
) -> None:
    """Say whether an approver clears texts first, and whether that may be their author. Raises Forbidden."""
    require(policy.set_clearance(actor, organisation))
    organisation.needs_clearance = needs_clearance
    organisation.author_may_clear = author_may_clear
    record(
        actor,
        "organisation.clearance_set",
        organisation.id,
        needs_clearance=needs_clearance,
        author_may_clear=author_may_clear,
    )


def write_version(organisation: Organisation, values: dict[str, Any], version: int) -> None:
    """Write `values` as the version after `version`; raises Stale when that is not the present one."""
    session().flush()
    changed = session().execute(
        update(Organisation)
        .where(Organisation.id == organisation.id, Organisation.version == version)
        .values(**values, version=version + 1)
        .execution_options(synchronize_session=False)
    )
    session().refresh(organisation)
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Stale(theirs=organisation)
