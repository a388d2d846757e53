"""Who acts: the actor, built once a request from the database, and `require`."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from portal.core.errors import Forbidden

ROLE_ORDER = ("reader", "contributor", "approver", "coordinator")


@dataclass(frozen=True)
class MembershipFacts:
    """One active membership: which organisation, of what kind, in which role."""

    organisation_id: str
    kind: str
    role: str
    code: str
    name_en: str
    name_es: str
    name_fr: str

    def at_least(self, role: str) -> bool:
        """True when the membership's role is `role` or one that includes it."""
        return ROLE_ORDER.index(self.role) >= ROLE_ORDER.index(role)


@dataclass(frozen=True)
class ScopeFacts:
    """What a moderator may review: one language, in one region or (None) in all."""

    language: str
    region: str | None = None


@dataclass(frozen=True)
class Actor:
    """The person who acts and all that policies ask about them.

    `labels` are the audience labels they hold (see `organisations.labels`), `translates` the
    languages that they translate into for everybody; `None` as
    `person_id` means a visitor or the system itself, which `is_system` tells apart.
    """

    person_id: str | None = None
    name: str = ""
    email: str = ""
    language: str = "en"
    languages: tuple[str, ...] = ("en",)
    organisation_id: str | None = None
    memberships: tuple[MembershipFacts, ...] = ()
    scopes: tuple[ScopeFacts, ...] = ()
    translates: tuple[str, ...] = ()
    is_administrator: bool = False
    labels: frozenset[str] = field(default_factory=lambda: frozenset({"public"}))
    is_system: bool = False

    @property
    def is_signed_in(self) -> bool:
        """True for a person, false for a visitor and for the system."""
        return self.person_id is not None

    @property
    def is_moderator(self) -> bool:
        """True for a person who may review in at least one language."""
        return bool(self.scopes)

    @cached_property
    def acting(self) -> MembershipFacts | None:
        """The membership that the person writes for now."""
        return self.membership_in(self.organisation_id) if self.organisation_id else None

    def membership_in(self, organisation_id: str) -> MembershipFacts | None:
        """The person's active membership of that organisation, if any."""
        return next((m for m in self.memberships if m.organisation_id == organisation_id), None)

    def belongs_to(self, organisation_id: str) -> bool:
        """True when the person has any active membership there."""
        return self.membership_in(organisation_id) is not None

    def has_role(self, organisation_id: str, role: str) -> bool:
        """True when the person holds `role`, or one that includes it, in that organisation."""
        membership = self.membership_in(organisation_id)
        return membership is not None and membership.at_least(role)

    @property
    def writes(self) -> bool:
        """True when the acting organisation lets the person write for it."""
        return self.acting is not None and self.acting.at_least("contributor")

    @property
    def organisation_ids(self) -> frozenset[str]:
        """The organisations that the person is an active member of."""
        return frozenset(m.organisation_id for m in self.memberships)


ANONYMOUS = Actor()
SYSTEM = Actor(name="system", is_system=True)


def require(allowed: bool) -> None:
    """Raise Forbidden unless a policy allowed the act."""
    if not allowed:
        raise Forbidden
