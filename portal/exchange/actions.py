"""All writes of imports: take a programme in, note a conflict, settle it, flag what left its source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from flask_babel import gettext as _
from sqlalchemy import and_, insert, select, update
from sqlalchemy.orm import aliased

from portal.audit.actions import record, record_all
from portal.core.access import SYSTEM, Actor, require
from portal.core.clock import now
from portal.core.db import ID_LENGTH, new_id, session
from portal.core.errors import Invalid, WrongState
from portal.core.guard import scoped
from portal.editorial import actions as editorial
from portal.editorial.models import Contribution, Edition, Kind, Revision, State
from portal.editorial.texts import About, Text, check_about, check_complete, check_size
from portal.editorial.workflow import PENDING
from portal.exchange import policy
from portal.exchange.houses import acting, writer_for
from portal.exchange.models import Import, ImportConflict, Imported, Presence, Settlement
from portal.exchange.programmes import OWN_MARK, Offered, Programme, mark, mark_of
from portal.exchange.standing import Reason, Stands, reason_words, stands
from portal.organisations.actors import actor_with_id
from portal.organisations.models import Organisation
from portal.taxonomy.queries import country_codes, region_codes, topic_codes

AT_ONCE = 200
_OWN = re.compile(rf"{OWN_MARK}([0-9a-z]{{{ID_LENGTH}}})$")


def begin(
    actor: Actor, file_name: str, *, is_complete: bool, started_by: str | None, organisation_id: str
) -> Import:
    """Note that a file is read for an organisation, in whose name, and who started it."""
    begun = Import(
        organisation_id=organisation_id,
        person_id=actor.person_id,
        started_by_id=started_by,
        file_name=file_name[:200],
        is_complete=is_complete,
        started_at=now(),
    )
    session().add(begun)
    session().flush()
    record(actor, "import.begun", begun.id, started_by=started_by or "command line")
    return begun


def end(actor: Actor, begun: Import, sha256: str, counts: dict[str, int]) -> None:
    """Note what came of it."""
    begun.sha256, begun.counts, begun.ended_at = sha256, counts, now()
    session().add(begun)
    record(actor, "import.ended", begun.id, counts=counts)


def wait_for_turn(organisation_id: str) -> None:
    """Two imports for one organisation at once wait for each other at every batch."""
    session().execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())


def check(programme: Programme) -> None:
    """Raise Invalid for what could not be kept or handed in, and for what this portal exported itself."""
    own = _OWN.search(programme.identifier)
    if own is not None and _is_here(own[1]):
        raise Invalid("identifier", _("It comes from this portal itself."))
    check_about(programme.about, topic_codes(), country_codes(), region_codes())
    for text in programme.texts.values():
        check_size(text)
        check_complete(Kind.OFFER, text, programme.about)


def take_in(actor: Actor, begun: Import, programmes: Sequence[Programme]) -> None:
    """Write programmes as offers of the house and hand them in; their other languages wait as drafts.

    Those are handed in once the original is published (`hand_in_translations`), as those of
    everybody. All of them or none: raises Forbidden and Invalid.
    """
    posts = [editorial.Post(programme.texts, programme.about, new_id()) for programme in programmes]
    made = editorial.create_all(actor, Kind.OFFER, posts)
    editorial.submit_all(actor, [(one.contribution, one.original) for one in made])
    rows = [
        {
            "organisation_id": one.contribution.organisation_id,
            "identifier": programme.identifier,
            "contribution_id": one.contribution.id,
            "import_id": begun.id,
            "digest": programme.digest,
            "written": programme.marks,
            "places": list(programme.places),
            "taken_at": now(),
        }
        for one, programme in zip(made, programmes, strict=True)
    ]
    session().execute(insert(Imported), rows)
    named = [
        (one.contribution.id, {"identifier": programme.identifier})
        for one, programme in zip(made, programmes, strict=True)
    ]
    record_all(actor, "programme.imported", named)


def renew(actor: Actor, begun: Import, imported: Imported, there: Stands, programme: Programme) -> None:
    """Write what changed at the source as new versions, and hand the original in."""
    about = programme.about
    original = there.contribution.original_language
    if mark_of(programme.texts[original], about) != imported.written.get(original):
        revision = _write(actor, there, imported, original, programme.texts[original], about)
        editorial.submit(actor, there.contribution, revision)
    _write_translations(actor, there, imported, programme.texts)
    _note_taken(imported, begun.id, programme.digest, programme.places)
    drop_conflict(imported)
    record(actor, "programme.renewed", imported.contribution_id, identifier=imported.identifier)


def note_conflict(
    actor: Actor, begun: Import, imported: Imported, programme: Programme, reason: Reason
) -> None:
    """Keep what the source says, without writing it over what stands here, until it is settled."""
    conflict = open_conflict(imported)
    if conflict is None:
        conflict = ImportConflict(imported_id=imported.id, found_at=now())
        session().add(conflict)
    elif conflict.offered["digest"] == programme.digest and conflict.reason == reason:
        return
    conflict.import_id, conflict.reason, conflict.offered = begun.id, reason, programme.offered()
    session().flush()
    record(actor, "programme.conflict", imported.contribution_id, shown=True, reason=reason)


def keep_ours(actor: Actor, imported: Imported, conflict: ImportConflict) -> None:
    """Let the text of the house stand; what the source says now is not offered again.

    Raises Forbidden, WrongState.
    """
    _settle(actor, imported, conflict, Settlement.KEEP_OURS)
    imported.digest = conflict.offered["digest"]
    session().add(imported)


def take_theirs(actor: Actor, imported: Imported, conflict: ImportConflict) -> None:
    """Write what the source says as a new draft of the house, to be read and handed in by a person.

    A draft that stands there is withdrawn first, so that it stays in the history. Raises Forbidden,
    and WrongState while a version is being reviewed.
    """
    _settle(actor, imported, conflict, Settlement.TAKE_THEIRS)
    there = stands(imported.contribution_id)
    if any(r.state in {State.IN_REVIEW, State.EDIT_PROPOSED} for r in there.latest.values()):
        raise WrongState(reason_words(Reason.IN_REVIEW))
    offered = Offered.of(conflict.offered)
    original = there.contribution.original_language
    writer = acting(actor, imported.organisation_id)
    if original in offered.texts:
        _write(writer, there, imported, original, offered.texts[original], offered.about)
    _write_translations(writer, there, imported, offered.texts)
    _note_taken(imported, conflict.import_id, offered.digest, offered.places)


def see(imported: Imported, presence: Presence) -> bool:
    """Note how a programme stands at its source; True when that is new."""
    if imported.presence == presence:
        return False
    imported.presence, imported.presence_changed_at = presence, now()
    session().add(imported)
    record(SYSTEM, f"programme.{presence}", imported.contribution_id, shown=True)
    return True


def hand_in_translations() -> int:
    """Hand in the imported translations whose original is published by now; returns how many.

    Only what the import wrote and nobody changed, in the name of whoever wrote the draft; when that
    person has left, of somebody else in the house.
    """
    handed_in = 0
    for imported, contribution, language, draft in _translations_to_hand_in():
        actor = acting(actor_with_id(draft.author_id), imported.organisation_id)
        if not actor.writes:
            actor = writer_for(imported.organisation_id) or actor
        if actor.writes and mark(draft) == imported.written.get(language):
            editorial.submit(actor, contribution, draft)
            handed_in += 1
    return handed_in


def drop_conflict(imported: Imported) -> None:
    """Forget an open conflict that the source or the house has resolved by itself."""
    conflict = open_conflict(imported)
    if conflict is not None:
        session().delete(conflict)
        record(SYSTEM, "programme.conflict_over", imported.contribution_id, shown=True)


def open_conflict(imported: Imported) -> ImportConflict | None:
    """The conflict of a programme that nobody has settled yet."""
    statement = select(ImportConflict).where(
        ImportConflict.imported_id == imported.id, ImportConflict.settled_at.is_(None)
    )
    return session().scalars(scoped(SYSTEM, statement)).first()


def _translations_to_hand_in() -> Iterable[tuple[Imported, Contribution, str, Revision]]:
    """Drafts of translations of the version that is published; a later version's wait for it."""
    original, draft = aliased(Edition), aliased(Revision)
    statement = (
        select(Imported, Contribution, Edition.language, draft)
        .join(Contribution, Contribution.id == Imported.contribution_id)
        .join(original, and_(original.contribution_id == Contribution.id, original.is_original))
        .join(Edition, and_(Edition.contribution_id == Contribution.id, Edition.is_original.is_(False)))
        .join(draft, and_(draft.edition_id == Edition.id, draft.state == State.DRAFT))
        .where(Contribution.is_live, draft.based_on_id == original.published_revision_id)
        .where(draft.version == 1)  # nobody has saved it since
        .order_by(draft.created_at, draft.id)
        .limit(AT_ONCE)
    )
    rows = session().execute(scoped(SYSTEM, statement))
    return [(imported, made, language, text) for imported, made, language, text in rows]


def _is_here(contribution_id: str) -> bool:
    statement = select(Contribution.id).where(Contribution.id == contribution_id)
    return session().scalar(scoped(SYSTEM, statement)) is not None


def _settle(actor: Actor, imported: Imported, conflict: ImportConflict, how: Settlement) -> None:
    """Mark a conflict as settled, once."""
    require(policy.settle(actor, imported.organisation_id))
    changed = session().execute(
        update(ImportConflict)
        .where(ImportConflict.id == conflict.id, ImportConflict.settled_at.is_(None))
        .values(settled_at=now(), settled_by_id=actor.person_id, settlement=how)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise WrongState(_("Somebody has settled this already."))
    record(actor, f"programme.{how}", imported.contribution_id, shown=True)


def _write(
    actor: Actor, there: Stands, imported: Imported, language: str, text: Text, about: About | None,
    based_on: str | None = None,
) -> Revision:  # fmt: skip
    """Save a text as a new version of its language; one that waits there is withdrawn, so that it is kept."""
    latest = there.latest.get(language)
    if latest is not None and (latest.state in PENDING or latest.state == State.DRAFT):
        editorial.withdraw(actor, there.contribution, latest)
    revision = editorial.save(
        actor,
        there.contribution,
        language,
        text,
        about,
        loaded=(latest.id, latest.version) if latest is not None else None,
        changes_meaning=about is not None,
        based_on=based_on,
    )
    there.latest[language] = revision
    imported.written = {**imported.written, language: mark(revision)}
    session().add(imported)
    return revision


def _write_translations(actor: Actor, there: Stands, imported: Imported, texts: Mapping[str, Text]) -> None:
    for language, text in texts.items():
        is_new = mark_of(text, None) != imported.written.get(language)
        if language != there.contribution.original_language and is_new:
            _write(actor, there, imported, language, text, None, based_on=there.original.id)


def _note_taken(imported: Imported, import_id: str, digest: str, places: Sequence[str]) -> None:
    imported.import_id, imported.digest, imported.places = import_id, digest, list(places)
    imported.taken_at = now()
    session().add(imported)
