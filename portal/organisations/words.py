"""The names of roles, kinds and states, as pages and mails say them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from portal.organisations.models import OrganisationKind, OrganisationState, Role

ROLES = {
    Role.READER: (_("Reader"), _("Reads what the organisation may read.")),
    Role.CONTRIBUTOR: (_("Contributor"), _("Writes, translates and submits.")),
    Role.APPROVER: (_("Approver"), _("Also clears texts before they leave the organisation.")),
    Role.COORDINATOR: (_("Coordinator"), _("Also keeps the members, the roles and the profile.")),
}

KINDS = {
    OrganisationKind.CUSTOMS: _("Customs administration"),
    OrganisationKind.PARTNER: _("Development partner"),
    OrganisationKind.REGIONAL_OFFICE: _("Regional office"),
    OrganisationKind.SECRETARIAT: _("Secretariat"),
}

KINDS_PLURAL = {
    OrganisationKind.CUSTOMS: _("Customs administrations"),
    OrganisationKind.PARTNER: _("Development partners"),
    OrganisationKind.REGIONAL_OFFICE: _("Regional offices"),
    OrganisationKind.SECRETARIAT: _("Secretariat"),
}

STATES = {
    OrganisationState.INVITED: _("Not on the portal yet"),
    OrganisationState.ACTIVE: _("Takes part"),
    OrganisationState.SUSPENDED: _("Suspended"),
}
