"""What readers see: publish, narrow, take down, put back; and which translations are outdated."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import delete, or_, select

from portal.audit.actions import record
from portal.core.access import SYSTEM, Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Invalid, Stale, WrongState
from portal.core.guard import scoped
from portal.editorial import policy
from portal.editorial.actions._steps import log, members_with, tell
from portal.editorial.actions.terms import file_terms
from portal.editorial.models import (
    EXCHANGE,
    Audience,
    Contribution,
    ContributionCountry,
    ContributionLabel,
    ContributionTopic,
    Edition,
    Revision,
    Standing,
    State,
    TranslationRequest,
)
from portal.editorial.texts import About, text_hash
from portal.editorial.visibility import labels_for
from portal.editorial.workflow import advance
from portal.jobs.actions import enqueue
from portal.notifications.actions import notify
from portal.organisations.labels import organisation_label
from portal.organisations.models import Organisation, OrganisationKind, Role

CONVENED = (OrganisationKind.CUSTOMS, OrganisationKind.REGIONAL_OFFICE, OrganisationKind.SECRETARIAT)


def publish(actor: Actor, contribution: Contribution, edition: Edition, revision: Revision) -> None:
    """Put a revision that has reached `published` before readers; the former one is superseded.

    The first publication of an original counts as changing the meaning. Called by the steps
    that lead to `published`, never from a view.
    """
    former = _revision(edition.published_revision_id)
    if former is not None:
        former.state = advance("supersede", former.state)
    revision.published_at = now()
    if former is None and edition.is_original:
        revision.changes_meaning = True
    edition.published_revision_id = revision.id
    if edition.is_original:
        about = About.of(revision)
        _file(contribution, about)
        file_terms(contribution, about)
        contribution.published_at = contribution.published_at or now()
        contribution.is_live = contribution.standing == Standing.UP
    else:
        _tell_who_asked(actor, contribution, edition.language)
    contribution.changed_at = now()
    session().flush()
    refresh_outdated(contribution)
    _have_readers_told(actor, contribution, edition, revision, former)
    log(
        actor,
        "publish",
        contribution,
        revision,
        former.state if former is not None else "",
        language=edition.language,
        as_moderator=not actor.belongs_to(contribution.organisation_id),
        sync=True,
    )


def no_change_needed(
    actor: Actor, contribution: Contribution, edition: Edition, current: Revision, comment: str = ""
) -> None:
    """Say that a published translation still says what the original says: `based_on` moves up.

    Needs no review, since no word changes. A draft that is in hand moves with it. Raises
    Forbidden, WrongState when nothing is published or it is based on `current` already, and
    Stale when `current` is not what is published now.
    """
    require(policy.translate(actor, contribution, edition.language))
    translated = _revision(edition.published_revision_id)
    if translated is None or translated.based_on_id == current.id:
        raise WrongState(_("This translation follows the present version of the original already."))
    if _current_original(contribution) != current.id:
        raise Stale
    drafts = select(Revision).where(Revision.edition_id == edition.id, Revision.state == State.DRAFT)
    for revision in (translated, *session().scalars(scoped(SYSTEM, drafts))):
        revision.based_on_id = current.id
    session().flush()
    refresh_outdated(contribution)
    log(
        actor, "no_change_needed", contribution, translated, translated.state, language=edition.language,
        comment=comment, sync=True,
    )  # fmt: skip


def unpublish(actor: Actor, contribution: Contribution, reason: str) -> None:
    """Take a published contribution down: `archived` by its own coordinator, else `unpublished`.

    Readers get the 404 of a thing that never existed, in every language. A moderator gives a
    reason. Raises Forbidden, Invalid.
    """
    require(policy.unpublish(actor, contribution))
    own = policy.archive(actor, contribution)
    if not own and not reason:
        raise Invalid("comment", _("Write a comment: the author needs to know why."))
    _stand(
        actor, contribution, Standing.ARCHIVED if own else Standing.UNPUBLISHED, "unpublish", reason, not own
    )
    people = {contribution.author_id, *members_with(contribution.organisation_id, Role.COORDINATOR)}
    tell(people, "contribution.unpublished", actor, contribution, comment=reason, by_moderator=not own)


def restore(actor: Actor, contribution: Contribution, reason: str = "") -> None:
    """Put back what was taken down. Raises Forbidden."""
    require(policy.restore(actor, contribution))
    own = contribution.standing == Standing.ARCHIVED
    _stand(actor, contribution, Standing.UP, "restore", reason, not own)
    tell([contribution.author_id], "contribution.restored", actor, contribution)


def narrow(
    actor: Actor, contribution: Contribution, audience: Audience, organisations: tuple[str, ...] = ()
) -> None:
    """Narrow the audience of a published contribution, at once and without review.

    Raises Forbidden, and Invalid when the new audience would let anybody in who was not.
    """
    require(policy.narrow(actor, contribution))
    wanted = labels_for(audience, contribution.organisation_id, organisations)
    if not is_narrower(_labels(contribution), wanted, contribution.organisation_id):
        raise Invalid(
            "audience", _("This would let more people read it; change it in a new version instead.")
        )
    before = str(contribution.audience)
    contribution.audience = audience
    _relabel(contribution, wanted)
    log(
        actor,
        "narrow",
        contribution,
        None,
        before,
        to=str(audience),
        language=contribution.original_language,
        sync=True,
    )


def is_narrower(held: frozenset[str], wanted: frozenset[str], owner: str) -> bool:
    """True when nobody may read under `wanted` who may not under `held`.

    Organisations named anew must be readers already: members of the convened kinds under
    `customs`, anybody under `members` and `public`.
    """
    own = organisation_label(owner)
    if wanted <= held | {own} or "public" in held:
        return True
    if "public" in wanted:
        return False
    if "members" in held:
        return True
    if "members" in wanted or "customs" not in held:
        return False
    named = [label.removeprefix("org:") for label in wanted - held - {own}]
    kinds = session().scalars(select(Organisation.kind).where(Organisation.id.in_(named))).all()
    return len(kinds) == len(named) and all(kind in CONVENED for kind in kinds)


def refresh_outdated(contribution: Contribution) -> None:
    """Set each translation's `is_outdated` from the chain of the original.

    Outdated: a later published version of the original changed the meaning, and was not undone: only
    what came after the last version with the words that were translated counts.
    """
    editions = (
        session()
        .scalars(scoped(SYSTEM, select(Edition).where(Edition.contribution_id == contribution.id)))
        .all()
    )
    original = next(e for e in editions if e.is_original)
    for edition in editions:
        translated = _revision(edition.published_revision_id)
        if edition.is_original or translated is None:
            continue
        base = _revision(translated.based_on_id)
        edition.is_outdated = base is not None and _is_behind(original, base)
    session().flush()


def _current_original(contribution: Contribution) -> str | None:
    statement = select(Edition.published_revision_id).where(
        Edition.contribution_id == contribution.id, Edition.is_original
    )
    return session().scalar(scoped(SYSTEM, statement))


def _tell_who_asked(actor: Actor, contribution: Contribution, language: str) -> None:
    """Tell those who asked for this language, once; their wishes are granted and go."""
    mine = (TranslationRequest.contribution_id == contribution.id, TranslationRequest.language == language)
    people = session().scalars(select(TranslationRequest.person_id).where(*mine)).all()
    notify(
        people,
        "translation.published",
        event_key=f"translation.published:{contribution.id}:{language}",
        contribution_id=contribution.id,
        actor=actor,
        language=language,
    )
    session().execute(delete(TranslationRequest).where(*mine))


def _have_readers_told(
    actor: Actor, contribution: Contribution, edition: Edition, revision: Revision, former: Revision | None
) -> None:
    """Ask the worker to tell of a first publication, a changed meaning or a new language.

    Told are followers, and those whose saved searches find it; of every version of a need or an
    offer, whose terms may differ, those for whom it is a new match.
    """
    if edition.is_original:
        event = "first" if former is None else "changed" if revision.changes_meaning else ""
    else:
        event = "language" if former is None else ""
    if event and contribution.is_live:
        facts = {"contribution": contribution.id, "revision": revision.id, "language": edition.language}
        but = [person for person in (actor.person_id, revision.author_id) if person is not None]
        told = {**facts, "event": event, "but": but}
        enqueue("follow.published", told)
        enqueue("alert.published", told)
    if edition.is_original and contribution.kind in EXCHANGE and contribution.is_live:
        enqueue("match.published", {"contribution": contribution.id, "revision": revision.id})


def _is_behind(original: Edition, base: Revision) -> bool:
    """True when the meaning changed since readers last had the words of `base`."""
    statement = (
        select(Revision)
        .where(Revision.edition_id == original.id, Revision.number > base.number)
        .where(or_(Revision.state == State.PUBLISHED, Revision.published_at.is_not(None)))
        .order_by(Revision.number.desc())
    )
    translated, changed = text_hash(base), False
    for revision in session().scalars(scoped(SYSTEM, statement)):
        if text_hash(revision) == translated:
            return changed
        changed = changed or revision.changes_meaning
    return changed


def _stand(
    actor: Actor, contribution: Contribution, standing: Standing, step: str, reason: str, as_moderator: bool
) -> None:
    before = contribution.standing
    contribution.standing = standing
    contribution.is_live = standing == Standing.UP and contribution.published_at is not None
    contribution.changed_at = now()
    log(
        actor,
        step,
        contribution,
        None,
        before,
        to=str(standing),
        language=contribution.original_language,
        comment=reason,
        as_moderator=as_moderator,
        sync=True,
    )


def _file(contribution: Contribution, about: About) -> None:
    contribution.audience = about.audience
    for table in (ContributionTopic, ContributionCountry):
        session().execute(delete(table).where(table.contribution_id == contribution.id))
    for position, code in enumerate(about.topics):
        session().add(ContributionTopic(contribution_id=contribution.id, topic_code=code, position=position))
    for iso2 in about.countries:
        session().add(ContributionCountry(contribution_id=contribution.id, country_iso2=iso2))
    _relabel(contribution, labels_for(about.audience, contribution.organisation_id, about.organisations))


def _relabel(contribution: Contribution, labels: frozenset[str]) -> None:
    session().execute(delete(ContributionLabel).where(ContributionLabel.contribution_id == contribution.id))
    session().add_all(
        ContributionLabel(contribution_id=contribution.id, label=label) for label in sorted(labels)
    )
    session().flush()


def _labels(contribution: Contribution) -> frozenset[str]:
    found = session().scalars(
        select(ContributionLabel.label).where(ContributionLabel.contribution_id == contribution.id)
    )
    return frozenset(found)


def _revision(revision_id: str | None) -> Revision | None:
    if revision_id is None:
        return None
    return session().scalars(scoped(SYSTEM, select(Revision).where(Revision.id == revision_id))).one()


def resync_organisation(organisation_id: str) -> None:
    """Ask the worker to index everything of an organisation again (its name or region changed)."""
    statement = select(Contribution.id).where(Contribution.organisation_id == organisation_id)
    for contribution_id in session().scalars(scoped(SYSTEM, statement)):
        record(SYSTEM, "contribution.resync", contribution_id, sync=contribution_id)
