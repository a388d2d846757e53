"""Loading every organisation of the data files; what people have edited since is left alone."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from portal.core.clock import now
from portal.core.db import session
from portal.organisations.models import Organisation, OrganisationKind, OrganisationState
from portal.organisations.naming import administration_names
from portal.taxonomy.loading import french, rows_of

OWN_NAMES = Path(__file__).parent / "data" / "administration_names.csv"
SECRETARIAT_CODE = "WCO"
# A code names one organisation; administrations have theirs from ISO 3166: CAF is in Central Africa.
PARTNER_CODES = {"CAF": "CAF-AL"}
# Listed among the members for its rights, but not one of the 186: loaded as the partner that it also is.
NOT_AN_ADMINISTRATION = "EU"


@dataclass(frozen=True)
class _Told:
    """An organisation as the files tell of it; `names` in the order en, es, fr."""

    code: str
    kind: OrganisationKind
    names: tuple[str, str, str]
    source: str
    region_code: str | None = None
    countries: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    values: dict[str, str] = field(default_factory=dict)


def load_organisations() -> None:
    """Write the organisations that are missing; may run as often as one likes.

    The vocabulary has to be loaded. A new organisation is `invited` until somebody joins it;
    those that are there keep everything but their source and the names they are searched by.
    """
    known = {organisation.code: organisation for organisation in session().scalars(select(Organisation))}
    for told in (*_administrations(), *_partners(), *_regional_offices()):
        organisation = known.get(told.code)
        if organisation is None:
            organisation = _made(told)
            session().add(organisation)
        organisation.source = told.source
        organisation.aliases = list(told.aliases)
    session().flush()


def _made(told: _Told) -> Organisation:
    name_en, name_es, name_fr = told.names
    return Organisation(
        code=told.code,
        kind=told.kind,
        state=OrganisationState.INVITED,
        name_en=name_en,
        name_es=name_es,
        name_fr=name_fr,
        region_code=told.region_code,
        countries=list(told.countries),
        website=told.values.get("website", ""),
        iati_identifier=told.values.get("iati_identifier", ""),
        created_at=now(),
    )


def _administrations() -> Iterator[_Told]:
    with OWN_NAMES.open(encoding="utf-8", newline="") as file:
        own = {row["iso3"]: row for row in csv.DictReader(file)}
    for row in rows_of("wco_members.csv"):
        if row["iso2"] == NOT_AN_ADMINISTRATION:
            continue
        named = own.get(row["iso3"])
        source = f"member and region: {row['source']}"
        if named is not None:
            names = (named["name_en"], named["name_es"], named["name_fr"])
            source = f"{source}; name: {named['source']}"
        else:
            names = administration_names(row["iso2"], row["name_en"], row["name_es"], french(row["name_fr"]))
        yield _Told(
            code=row["iso3"],
            kind=OrganisationKind.CUSTOMS,
            names=names,
            source=source,
            region_code=row["wco_region_code"],
            countries=(row["iso2"],),
            aliases=_aliases(named["aliases"].split(";")) if named is not None else (),
        )


def _partners() -> Iterator[_Told]:
    for row in rows_of("partners.csv"):
        is_secretariat = row["acronym"] == SECRETARIAT_CODE
        identifier = row["iati_org_id"]
        status = f"; IATI identifier: {row['iati_id_status']}" if identifier else ""
        yield _Told(
            code=PARTNER_CODES.get(row["acronym"], row["acronym"]),
            kind=OrganisationKind.SECRETARIAT if is_secretariat else OrganisationKind.PARTNER,
            names=(row["name_en"], row["name_es"], french(row["name_fr"])),
            source=row["source"] + status,
            aliases=_aliases([row["acronym"], row["acronym_es"], row["acronym_fr"]]),
            values={"iati_identifier": identifier},
        )


def _regional_offices() -> Iterator[_Told]:
    for row in rows_of("rocbs.csv"):
        yield _Told(
            code=row["code"],
            kind=OrganisationKind.REGIONAL_OFFICE,
            names=(row["name_en"], row["name_es"], french(row["name_fr"])),
            source=row["source"],
            region_code=row["wco_region_code"],
            countries=(row["iso2"],),
            aliases=_aliases(["ROCB", "BRRC", "ORFC", row["city"].partition(" (")[0]]),
            values={"website": row["website"]},
        )


def _aliases(words: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
