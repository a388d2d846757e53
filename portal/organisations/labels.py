"""`labels`: which audience labels a person holds; the one rule behind all that anybody sees."""

from __future__ import annotations

from collections.abc import Iterable

from portal.core.access import MembershipFacts
from portal.organisations.models import OrganisationKind

PUBLIC = "public"
MEMBERS = "members"
CUSTOMS = "customs"
_CONVENED = {OrganisationKind.CUSTOMS, OrganisationKind.REGIONAL_OFFICE, OrganisationKind.SECRETARIAT}


def organisation_label(organisation_id: str) -> str:
    """The label that every active member of one organisation holds."""
    return f"org:{organisation_id}"


def labels_of(memberships: Iterable[MembershipFacts]) -> frozenset[str]:
    """The labels of somebody with these active memberships (product.md, "Audience")."""
    held = {PUBLIC}
    for membership in memberships:
        held |= {MEMBERS, organisation_label(membership.organisation_id)}
        if membership.kind in _CONVENED:
            held.add(CUSTOMS)
    return frozenset(held)
