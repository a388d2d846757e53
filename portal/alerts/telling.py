"""What the worker does when something is published: whoever's saved searches find it is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Person
from portal.alerts import queries
from portal.alerts.actions import note_hits
from portal.alerts.models import SavedSearch
from portal.alerts.reading import Meanings, asked_of, readable, spoken
from portal.audit.version import visibility_version
from portal.core.access import SYSTEM, Actor
from portal.core.db import Database, session
from portal.core.failpoints import reached
from portal.core.guard import scoped
from portal.editorial.models import Contribution, Edition
from portal.finding.asking import Asked
from portal.finding.documents import documents_of
from portal.notifications.actions import Tell, tell_each
from portal.notifications.choices import DEFAULTS, SEARCH, SEARCHES, soonest
from portal.notifications.models import Notification
from portal.notifications.queries import choices_of
from portal.organisations.actors import labels_of_people
from portal.publishing.queries import labels
from portal.search.memory_index import MemoryIndex

PEOPLE = 100
Payload = Mapping[str, Any]


class Owner(NamedTuple):
    """The labels that somebody holds now, and the languages that they read."""

    labels: frozenset[str]
    languages: tuple[str, ...]


def tell_owners(app: Flask, payload: dict[str, Any]) -> None:
    """Run everybody's saved searches on what was published and tell those whose searches find it.

    `payload` is that of `following.telling.tell_followers`. Some people at a time: what their
    searches find is worked out while nothing is locked, then noted and told in one unit of work,
    so that after a kill nobody is told twice. To be called outside a unit of work.
    """
    database: Database = app.extensions["portal_database"]
    post: Post | None = None
    after = ""
    while True:
        with database.unit_of_work(write=False):
            owners = queries.running(after, PEOPLE)
            post = _as_it_is(str(payload["contribution"]), post)
            found = _found(post, owners, payload) if post is not None else {}
        if found:
            with database.unit_of_work():
                _tell(found, payload)
            reached("owners_told")
        if post is None or not owners:
            return
        after = max(owners)


class Post:
    """What was published, in an index of its own, with the labels that may read it.

    Each distinct search is run once for each set of rights that makes a difference.
    """

    def __init__(self, contribution: Contribution) -> None:
        self.contribution = contribution
        self.version = visibility_version()
        self.labels = labels(contribution.id)
        self._index = MemoryIndex()
        self._index.rebuild(documents_of(contribution.id))
        self._known: dict[tuple[Asked, tuple[str, ...], frozenset[str]], frozenset[str]] = {}
        self._means = Meanings()

    def languages(self, saved: SavedSearch, owner: Owner) -> frozenset[str]:
        """The languages in which a saved search finds it, run as its owner.

        Of the labels that they hold only those that the post carries can change the answer: people
        who have the same of them have the same answer. A search that cannot be read finds nothing.
        """
        key = (asked_of(saved), spoken(saved, owner.languages), owner.labels & self.labels)
        if key not in self._known:
            self._known[key] = self._run(*key)
        return self._known[key]

    def _run(self, asked: Asked, languages: Sequence[str], rights: frozenset[str]) -> frozenset[str]:
        search = readable(asked, self._means)
        if search is None or not rights:
            return frozenset()
        owner = Actor(labels=rights)
        answer = queries.found(owner, self._index, search, languages, 1, among=[self.contribution.id])
        return frozenset(language for hit in answer.hits for language in hit.languages)


def _as_it_is(contribution_id: str, before: Post | None) -> Post | None:
    """The post as it is now, read again only if anything has changed; None when it is not to be read."""
    if before is not None and before.version == visibility_version():
        return before
    statement = select(Contribution).where(Contribution.id == contribution_id, Contribution.is_live)
    contribution = session().scalars(scoped(SYSTEM, statement)).first()
    return Post(contribution) if contribution is not None else None


def _found(
    post: Post, owners: Mapping[str, Sequence[SavedSearch]], payload: Payload
) -> dict[str, list[SavedSearch]]:
    """The searches of each of these people that find what was published, and ought to say so."""
    people = _owners(list(owners))
    language, is_new_language = str(payload["language"]), payload["event"] == "language"
    found: dict[str, list[SavedSearch]] = defaultdict(list)
    for person_id in sorted(people.keys() - {post.contribution.author_id, *payload["but"]}):
        owner = people[person_id]
        for saved in owners[person_id]:
            languages = post.languages(saved, owner)
            # A new language is news where it is the first they read of those in which it is found.
            if language in languages and (
                not is_new_language or languages & {*owner.languages} == {language}
            ):
                found[person_id].append(saved)
    if is_new_language:
        for person_id in _who_asked(post.contribution.id, language, list(found)):
            del found[person_id]
    return found


def _owners(people: Sequence[str]) -> dict[str, Owner]:
    """These people, without those who may read nothing now."""
    held = labels_of_people(people)
    statement = select(Person.id, Person.language, Person.other_languages).where(Person.id.in_(held))
    return {
        person: Owner(held[person], (language, *others))
        for person, language, others in session().execute(statement)
    }


def _who_asked(contribution_id: str, language: str, people: Sequence[str]) -> Sequence[str]:
    """Those who asked for the translation: they are told anyway."""
    statement = select(Notification.person_id).where(
        Notification.event_key == f"translation.published:{contribution_id}:{language}",
        Notification.person_id.in_(people),
    )
    return session().scalars(statement).all()


def _tell(found: Mapping[str, Sequence[SavedSearch]], payload: Payload) -> None:
    """Note what is found for the first time, and tell each owner once, as soon as any search wants it."""
    edition = select(Edition.id).where(
        Edition.contribution_id == payload["contribution"], Edition.language == payload["language"]
    )
    edition_id = session().scalars(scoped(SYSTEM, edition)).one()
    new = queries.first_time([saved.id for many in found.values() for saved in many], edition_id)
    note_hits(sorted(new), edition_id)
    chosen = choices_of(list(found), [SEARCHES, *(SEARCH + one for one in new)])
    people = []
    for person_id, many in found.items():
        overall = chosen.get((person_id, SEARCHES), DEFAULTS[SEARCHES])
        wishes = {s.id: chosen.get((person_id, SEARCH + s.id), overall) for s in many if s.id in new}
        if not wishes:
            continue
        first = soonest(wishes.values())
        # The mail can be ended for the search that is named first: it is the one that wants it so soon.
        named = sorted(
            ([s.id, s.name] for s in many if s.id in wishes), key=lambda pair: wishes[pair[0]] != first
        )
        params = {"event": payload["event"], "language": payload["language"], "searches": named}
        people.append(Tell(person_id, first, params))
    tell_each(
        people,
        "alert.found",
        event_key=f"alert:{payload['revision']}",
        contribution_id=str(payload["contribution"]),
    )
