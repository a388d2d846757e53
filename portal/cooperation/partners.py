"""Whom to send a need or an offer to: who may read it, and why some of them are suggested."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import and_, select

from portal.cooperation.models import Circulation
from portal.core.access import SYSTEM, Actor, MembershipFacts
from portal.core.db import session
from portal.core.guard import scoped
from portal.editorial.models import OTHER_SIDE, Contribution, ContributionTopic, ExchangeTerms, Kind
from portal.editorial.visibility import visible_to
from portal.organisations.labels import labels_of
from portal.organisations.models import Organisation, OrganisationKind, OrganisationState, Role
from portal.publishing.queries import countries_of, labels
from portal.taxonomy.queries import taxonomy

# The posts of others that suggestions are drawn from, the newest first.
LOOKED_AT = 500


@dataclass(frozen=True)
class Reader:
    """An organisation that may read a need or an offer; `was_sent` where it was asked to answer."""

    id: str
    kind: OrganisationKind
    code: str
    name_en: str
    name_es: str
    name_fr: str
    region_code: str | None
    countries: list[str]
    was_sent: bool


@dataclass
class Suggestion:
    """Why an organisation is suggested: topics that its posts share, countries and regions that it serves."""

    reader: Reader
    topics: set[str] = field(default_factory=set)
    countries: set[str] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)

    @property
    def is_about_a_place(self) -> bool:
        """True where it serves a country or region of the post."""
        return bool(self.countries or self.regions)


@dataclass(frozen=True)
class Scope:
    """What a need or an offer is about: topics, and the countries and regions it is for."""

    topics: frozenset[str]
    countries: frozenset[str]
    regions: frozenset[str]


def readers(contribution: Contribution) -> dict[str, Reader]:
    """The active organisations, but for its own, whose members may read a need or an offer, by id."""
    allowed = labels(contribution.id)
    sent = and_(
        Circulation.organisation_id == Organisation.id, Circulation.contribution_id == contribution.id
    )
    statement = (
        select(
            Organisation.id, Organisation.kind, Organisation.code, Organisation.name_en, Organisation.name_es,
            Organisation.name_fr, Organisation.region_code, Organisation.countries,
            Circulation.at.is_not(None),
        )
        .outerjoin(Circulation, sent)
        .where(Organisation.state == OrganisationState.ACTIVE)
        .where(Organisation.id != contribution.organisation_id)
        .order_by(Organisation.code)
    )  # fmt: skip
    found: dict[str, Reader] = {}
    for row in session().execute(scoped(SYSTEM, statement)):
        reader = Reader(*row)
        names = (reader.code, reader.name_en, reader.name_es, reader.name_fr)
        if labels_of([MembershipFacts(reader.id, reader.kind, Role.READER, *names)]) & allowed:
            found[reader.id] = reader
    return found


def scope_of(
    actor: Actor, contribution: Contribution, topics: Iterable[str], regions: Iterable[str]
) -> Scope:
    """What a post is about, of its topics, the regions that its terms name, and its countries with theirs."""
    countries = frozenset(countries_of(actor, [contribution.id]).get(contribution.id, ()))
    return Scope(frozenset(topics), countries, frozenset(regions) | taxonomy().regions_of(countries))


def suggested(
    actor: Actor, contribution: Contribution, scope: Scope, among: Iterable[Reader]
) -> list[Suggestion]:
    """Who of `among` could answer: by what they offer (of a need) or need (of an offer), and by region.

    Only posts that `actor` may see speak for their organisations. The best reasons come first.
    """
    found = {one.id: Suggestion(one) for one in among}
    for organisation_id, topic, countries, regions in _posts(actor, contribution, scope):
        if organisation_id in found:
            one = found[organisation_id]
            one.topics.add(topic)
            one.countries |= scope.countries & countries
            one.regions |= scope.regions & regions
    for one in found.values():
        if one.topics or _serves(one.reader.kind, contribution.kind):
            one.countries |= scope.countries & set(one.reader.countries)
            one.regions |= scope.regions & {one.reader.region_code or ""}
    some = [one for one in found.values() if one.topics or one.is_about_a_place]
    return sorted(some, key=lambda one: (not one.topics, not one.is_about_a_place, one.reader.code))


def _serves(kind: OrganisationKind, asked: Kind) -> bool:
    """Whether an organisation without any post is suggested for its region: who helps, or who is helped."""
    return (kind == OrganisationKind.CUSTOMS) == (asked == Kind.OFFER)


def _posts(
    actor: Actor, contribution: Contribution, scope: Scope
) -> list[tuple[str, str, set[str], set[str]]]:
    """The newest posts of the other kind on the same topics: whose, on which, for which places."""
    statement = (
        select(
            Contribution.id, Contribution.organisation_id, ContributionTopic.topic_code, ExchangeTerms.regions
        )
        .join(ExchangeTerms, ExchangeTerms.contribution_id == Contribution.id)
        .join(ContributionTopic, ContributionTopic.contribution_id == Contribution.id)
        .where(Contribution.kind == OTHER_SIDE[contribution.kind], visible_to(actor))
        .where(ContributionTopic.topic_code.in_(scope.topics))
        .order_by(Contribution.published_at.desc(), Contribution.id)
        .limit(LOOKED_AT)
    )
    rows = session().execute(scoped(actor, statement)).all()
    places = countries_of(actor, [row[0] for row in rows])
    found = []
    for id_, organisation_id, topic, regions in rows:
        countries = set(places.get(id_, ()))
        found.append((organisation_id, topic, countries, set(regions) | taxonomy().regions_of(countries)))
    return found
