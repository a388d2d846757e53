"""What the secretariat does to organisations and to moderators' scopes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete

from portal.accounts.models import Person
from portal.audit.actions import record
from portal.core.access import Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Invalid, WrongState
from portal.core.i18n import LANGUAGES
from portal.jobs.actions import enqueue
from portal.organisations import policy, queries
from portal.organisations.actions._checks import checked_among, checked_line, checked_website
from portal.organisations.actions.profile import write_version
from portal.organisations.models import (
    ModeratorScope,
    Organisation,
    OrganisationKind,
    OrganisationState,
    TranslatorScope,
)
from portal.taxonomy.actions import checked_name
from portal.taxonomy.queries import country_codes, taxonomy

CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z&/.-]{1,19}")


@dataclass(frozen=True)
class OrganisationFacts:
    """What the secretariat keeps of an organisation; `names` by language."""

    kind: str
    names: Mapping[str, str]
    region_code: str = ""
    countries: Iterable[str] = ()
    website: str = ""
    iati_identifier: str = ""
    aliases: Iterable[str] = field(default=())


def create_organisation(actor: Actor, code: str, facts: OrganisationFacts) -> Organisation:
    """Add an organisation, invited until somebody joins it. Raises Forbidden, Invalid at the field."""
    require(policy.administer(actor))
    kept = code.strip()
    if CODE.fullmatch(kept) is None:
        raise Invalid("code", _("A code has 2 to 20 letters and figures, such as THA or UNESCAP."))
    if queries.organisation_with_code(kept) is not None:
        raise Invalid("code", _("Another organisation has this code."))
    organisation = Organisation(
        code=kept, state=OrganisationState.INVITED, created_at=now(), source="secretariat", **_checked(facts)
    )
    if organisation.kind == OrganisationKind.SECRETARIAT:
        raise Invalid("kind", _("There is one secretariat."))
    session().add(organisation)
    session().flush()
    record(actor, "organisation.created", organisation.id, shown=True)
    return organisation


def edit_organisation(
    actor: Actor, organisation: Organisation, facts: OrganisationFacts, version: int
) -> None:
    """Change the facts that the secretariat keeps; the kind decides what its people may read.

    Raises Forbidden, Invalid at the field, Stale when somebody saved others in between.
    """
    require(policy.administer(actor))
    values = _checked(facts)
    secretariat = OrganisationKind.SECRETARIAT
    if (values["kind"] == secretariat) != (organisation.kind == secretariat):
        raise Invalid("kind", _("There is one secretariat."))
    former = organisation.kind
    write_version(organisation, values, version)
    record(
        actor,
        "organisation.edited",
        organisation.id,
        shown=True,
        former_kind=former.value,
        kind=organisation.kind.value,
    )
    _sync(organisation)


def suspend(actor: Actor, organisation: Organisation) -> None:
    """Suspend an organisation: its people lose access at their next request, its posts stay, marked.

    Raises Forbidden, WrongState for one that is suspended already.
    """
    require(policy.suspend(actor, organisation))
    if organisation.state == OrganisationState.SUSPENDED:
        raise WrongState
    organisation.state = OrganisationState.SUSPENDED
    record(actor, "organisation.suspended", organisation.id, shown=True)
    _sync(organisation)


def reactivate(actor: Actor, organisation: Organisation) -> None:
    """Lift a suspension; an organisation without people waits for them again.

    Raises Forbidden, WrongState for one that is not suspended.
    """
    require(policy.reactivate(actor, organisation))
    if organisation.state != OrganisationState.SUSPENDED:
        raise WrongState
    has_people = queries.has_members(organisation.id)
    organisation.state = OrganisationState.ACTIVE if has_people else OrganisationState.INVITED
    record(actor, "organisation.reactivated", organisation.id, shown=True)
    _sync(organisation)


def set_scopes(actor: Actor, person: Person, scopes: Iterable[tuple[str, str | None]]) -> None:
    """Say what somebody moderates: languages, each in some regions or (None) in all of them.

    Raises Forbidden, Invalid at `scopes` for a language or region that is not there.
    """
    require(policy.set_scopes(actor))
    wanted = set(scopes)
    regions = taxonomy().regions
    if any(
        language not in LANGUAGES or (region is not None and region not in regions)
        for language, region in wanted
    ):
        raise Invalid("scopes", _("Choose from the list."))
    everywhere = {language for language, region in wanted if region is None}
    kept = sorted(
        (language, region or "")
        for language, region in wanted
        if region is None or language not in everywhere
    )
    session().execute(delete(ModeratorScope).where(ModeratorScope.person_id == person.id))
    for language, region in kept:
        session().add(ModeratorScope(person_id=person.id, language=language, region_code=region or None))
    session().flush()
    record(actor, "person.scopes_set", person.id, scopes=[f"{lang}:{region}" for lang, region in kept])


def set_translates(actor: Actor, person: Person, languages: Iterable[str]) -> None:
    """Say into which languages somebody translates for everybody. Raises Forbidden, Invalid."""
    require(policy.set_scopes(actor))
    wanted = set(languages)
    if not wanted <= set(LANGUAGES):
        raise Invalid("translates", _("Choose from the list."))
    session().execute(delete(TranslatorScope).where(TranslatorScope.person_id == person.id))
    session().add_all(TranslatorScope(person_id=person.id, language=code) for code in sorted(wanted))
    session().flush()
    record(actor, "person.translates_set", person.id, languages=sorted(wanted))


def _checked(facts: OrganisationFacts) -> dict[str, Any]:
    if facts.kind not in set(OrganisationKind):
        raise Invalid("kind", _("Choose from the list."))
    region = facts.region_code or None
    if region is not None and region not in taxonomy().regions:
        raise Invalid("region_code", _("Choose from the list."))
    names = {f"name_{code}": checked_name(facts.names.get(code, ""), f"name_{code}") for code in LANGUAGES}
    return {
        "kind": OrganisationKind(facts.kind),
        **names,
        "region_code": region,
        "countries": checked_among(facts.countries, country_codes(), "countries"),
        "website": checked_website(facts.website),
        "iati_identifier": checked_line(facts.iati_identifier, "iati_identifier"),
        "aliases": [kept for alias in facts.aliases if (kept := checked_line(alias, "aliases"))],
    }


def _sync(organisation: Organisation) -> None:
    enqueue("sync.organisation", {"organisation_id": organisation.id})
