"""Reads of threads: one's list, and what is in a thread for those whom `queries.seat` has let in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, and_, not_, or_, select

from portal.accounts.models import Person
from portal.attachments.queries import Download
from portal.cooperation.models import (
    Agreement,
    AgreementConsent,
    Meeting,
    MessageFile,
    Opening,
    Party,
    PartyConsent,
    PartyState,
    Thread,
    ThreadMessage,
    ThreadSeen,
)
from portal.cooperation.queries import SEATED, Seat, require_inside, seat, taking_part, threads_of
from portal.core.access import Actor
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.core.i18n import current_language
from portal.core.pages import Page, cut, keyset
from portal.editorial.models import Contribution, Edition, Kind, Revision
from portal.editorial.resolve import EditionFacts, resolve
from portal.editorial.visibility import visible_to
from portal.files.models import FileState, StoredFile
from portal.organisations.models import Organisation

MOST_MEETINGS = 50
MOST_OPENINGS = 20


@dataclass(frozen=True)
class ThreadLine:
    """A thread in one's list; not `is_active`: one's organisation is invited."""

    thread: Thread
    kind: Kind
    is_unread: bool
    is_active: bool


@dataclass(frozen=True)
class Title:
    """What a need or an offer is called in an edition that the reader gets."""

    text: str
    language: str


@dataclass
class PartyLine:
    """An organisation in a thread: who has consented that it is let in, the wording it has agreed to."""

    party: Party
    organisation: Organisation
    agreed_version: int | None
    consents: set[str] = field(default_factory=set)


@dataclass
class Said:
    """A message with the name of who wrote it, and its files with what is known of them."""

    message: ThreadMessage
    person: str
    files: list[tuple[MessageFile, StoredFile]] = field(default_factory=list)


def threads(actor: Actor, cursor: str = "", *, unread: bool) -> Page[ThreadLine]:
    """One page of the unread threads of the actor's organisations, or of the others; last changed first."""
    statement = _threads(actor).where(_is_unread() if unread else not_(_is_unread()))
    statement, at = keyset(statement, Thread.changed_at, Thread.id, cursor)
    rows = [
        ThreadLine(thread, kind, unread, bool(is_active))
        for thread, kind, is_active in session().execute(scoped(actor, statement))
    ]
    return cut(rows, at, lambda line: (line.thread.changed_at, line.thread.id))


def titles(actor: Actor, contribution_ids: Iterable[str]) -> dict[str, Title]:
    """What these are called in the reader's language; those that `actor` may not read now are left out."""
    statement = (
        select(Edition, Revision.title)
        .join(Contribution, Contribution.id == Edition.contribution_id)
        .join(Revision, Revision.id == Edition.published_revision_id)
        .where(Edition.contribution_id.in_(set(contribution_ids)), visible_to(actor))
    )
    editions: dict[str, list[EditionFacts]] = {}
    words: dict[str, Title] = {}
    for edition, title in session().execute(scoped(actor, statement)):
        facts = EditionFacts(edition.id, edition.language, edition.is_original, True, edition.is_outdated)
        editions.setdefault(edition.contribution_id, []).append(facts)
        words[edition.id] = Title(title, edition.language)
    found = {key: resolve(these, current_language(), actor.languages) for key, these in editions.items()}
    return {key: words[one.edition.id] for key, one in found.items() if one is not None}


def parties_of(actor: Actor, thread_ids: Iterable[str]) -> dict[str, list[Organisation]]:
    """Who is in each of these threads, for a caller who may know that they exist; founders first."""
    statement = (
        select(Party.thread_id, Organisation)
        .join(Organisation, Organisation.id == Party.organisation_id)
        .where(Party.thread_id.in_(list(thread_ids)), Party.state == PartyState.ACTIVE)
        .order_by(Party.is_founder.desc(), Party.since, Party.organisation_id)
    )
    found: dict[str, list[Organisation]] = {}
    for thread_id, organisation in session().execute(scoped(actor, statement)):
        found.setdefault(thread_id, []).append(organisation)
    return found


def parties(actor: Actor, here: Seat) -> Sequence[PartyLine]:
    """The organisations of a thread, founders first; who is invited sees only who is in it."""
    agreed = and_(
        AgreementConsent.agreement_id == Agreement.id,
        AgreementConsent.organisation_id == Party.organisation_id,
    )
    consent = and_(
        PartyConsent.thread_id == Party.thread_id, PartyConsent.organisation_id == Party.organisation_id
    )
    states = set(PartyState) - {PartyState.DECLINED}
    if here.party is not None and here.party.state == PartyState.INVITED:
        states = {PartyState.ACTIVE}
    statement = (
        select(Party, Organisation, AgreementConsent.version, PartyConsent.by_organisation_id)
        .join(Organisation, Organisation.id == Party.organisation_id)
        .outerjoin(Agreement, Agreement.thread_id == Party.thread_id)
        .outerjoin(AgreementConsent, agreed)
        .outerjoin(PartyConsent, consent)
        .where(Party.thread_id == here.thread.id, Party.state.in_(states))
        .order_by(Party.is_founder.desc(), Party.since, Party.organisation_id)
    )
    found: dict[str, PartyLine] = {}
    for party, organisation, version, by in session().execute(scoped(actor, statement)):
        line = found.setdefault(organisation.id, PartyLine(party, organisation, version))
        if by is not None:
            line.consents.add(by)
    return list(found.values())


def messages(actor: Actor, here: Seat, cursor: str = "") -> Page[Said]:
    """One page of a thread's messages with their files, the latest first, in one statement."""
    require_inside(here)
    chosen, at = keyset(
        select(ThreadMessage.id).where(ThreadMessage.thread_id == here.thread.id),
        ThreadMessage.at,
        ThreadMessage.id,
        cursor,
    )
    ids = chosen.cte("chosen")
    statement = (
        select(ThreadMessage, Person.name, MessageFile, StoredFile)
        .join(ids, ids.c.id == ThreadMessage.id)
        .join(Person, Person.id == ThreadMessage.person_id)
        .outerjoin(MessageFile, MessageFile.message_id == ThreadMessage.id)
        .outerjoin(StoredFile, StoredFile.id == MessageFile.stored_file_id)
        .order_by(ThreadMessage.at.desc(), ThreadMessage.id.desc(), MessageFile.position)
    )
    found: dict[str, Said] = {}
    for message, person, file, stored in session().execute(scoped(actor, statement)):
        said = found.setdefault(message.id, Said(message, person))
        if file is not None:
            said.files.append((file, stored))
    rows = list(found.values())
    if at is not None and at.backwards:
        rows.reverse()
    return cut(rows, at, lambda said: (said.message.at, said.message.id))


def meetings(actor: Actor, here: Seat) -> Sequence[Meeting]:
    """The dates of a thread, the latest first."""
    require_inside(here)
    statement = (
        select(Meeting)
        .where(Meeting.thread_id == here.thread.id)
        .order_by(Meeting.starts_at.desc(), Meeting.id)
        .limit(MOST_MEETINGS)
    )
    return session().scalars(scoped(actor, statement)).all()


def meeting(actor: Actor, here: Seat, meeting_id: str) -> tuple[Meeting, Organisation]:
    """One date of a thread and who set it; NotFound for any other."""
    require_inside(here)
    statement = (
        select(Meeting, Organisation)
        .join(Organisation, Organisation.id == Meeting.organisation_id)
        .where(Meeting.id == meeting_id, Meeting.thread_id == here.thread.id)
    )
    row = session().execute(scoped(actor, statement)).first()
    if row is None:
        raise NotFound
    return row[0], row[1]


def openings(actor: Actor, thread_id: str) -> Sequence[tuple[Opening, str]]:
    """When administrators opened a thread, why, and their names; the latest first.

    For a caller who has settled that the actor may know that it exists.
    """
    statement = (
        select(Opening, Person.name)
        .join(Person, Person.id == Opening.person_id)
        .where(Opening.thread_id == thread_id)
        .order_by(Opening.at.desc(), Opening.id)
        .limit(MOST_OPENINGS)
    )
    return [(opening, name) for opening, name in session().execute(scoped(actor, statement))]


def download(actor: Actor, file_id: str) -> Download:
    """A file of a message, when it is ready and the actor may read the thread; NotFound otherwise."""
    statement = (
        select(StoredFile, ThreadMessage.thread_id)
        .join(MessageFile, MessageFile.stored_file_id == StoredFile.id)
        .join(ThreadMessage, ThreadMessage.id == MessageFile.message_id)
        .where(StoredFile.id == file_id, StoredFile.state == FileState.READY)
    )
    row = session().execute(scoped(actor, statement)).first()
    if row is None:
        raise NotFound
    require_inside(seat(actor, row[1]))
    return Download(row[0], is_public=False)


def held_files() -> Select[str]:
    """The ids of the files that messages carry: they are not loose."""
    return select(MessageFile.stored_file_id)


def _threads(actor: Actor) -> Select[Thread, Kind, bool]:
    seated = select(Party.thread_id).where(taking_part(actor, SEATED))
    seen = and_(ThreadSeen.thread_id == Thread.id, ThreadSeen.person_id == actor.person_id)
    return (
        select(Thread, Contribution.kind, threads_of(actor))
        .join(Contribution, Contribution.id == Thread.contribution_id)
        .outerjoin(ThreadSeen, seen)
        .where(Thread.id.in_(seated))
    )


def _is_unread() -> ColumnElement[bool]:
    return or_(ThreadSeen.seen_at.is_(None), Thread.changed_at > ThreadSeen.seen_at)
