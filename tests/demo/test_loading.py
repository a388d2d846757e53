"""The demo world in the database: what it holds, and that it is as the workflow would have left it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.accounts.models import Person
from portal.accounts.passwords import verify
from portal.audit.version import visibility_version
from portal.config import Settings
from portal.core.access import ANONYMOUS, Actor
from portal.core.clock import now
from portal.core.db import Base, Database, session
from portal.core.guard import scoped
from portal.demo import loading
from portal.demo.cast import SignIn
from portal.demo.loading import load_world
from portal.demo.stories import StoryError, read_stories
from portal.discussion.models import Comment
from portal.editorial import policy
from portal.editorial.actions.publication import refresh_outdated
from portal.editorial.models import (
    Attachment,
    Audience,
    Case,
    CaseNote,
    Contribution,
    ContributionLabel,
    Edition,
    HistoryEntry,
    Kind,
    Revision,
    Standing,
    State,
)
from portal.editorial.texts import About, snapshot_digest
from portal.editorial.visibility import can_see, in_queue_of, labels_for, visible_contributions
from portal.editorial.workflow import STEPS, WITH_MODERATORS
from portal.files.models import StoredFile
from portal.following.models import Follow
from portal.jobs.models import Job
from portal.lessons.models import LessonUse
from portal.notifications.models import Notification
from portal.organisations.actors import actor_of
from portal.organisations.models import AccessRequest, Membership, Organisation, OrganisationState
from portal.taxonomy.models import Topic
from portal.translating.queue import Filters, queue
from tests.demo.conftest import PASSWORD

FIXED = (
    "contributor@thailand", "approver@thailand", "coordinator@thailand", "contributor@fiji", "contributor@peru",
    "contributor@senegal", "analyst@worldbank", "coordinator@fiji", "coordinator@worldbank", "coordinator@jica",
    "analyst@jica", "moderator@secretariat",
    "moderator.es@secretariat", "moderator.fr@secretariat", "moderator@newzealand", "moderator@spain",
    "moderator@canada", "translator.es@secretariat", "translator.fr@secretariat", "translator@france",
    "admin@secretariat", "coordinator@adb",
)  # fmt: skip


def every(model: type[Any]) -> list[Any]:
    return list(session().scalars(scoped("test", select(model))))


def by_id(model: type[Any]) -> dict[str, Any]:
    return {row.id: row for row in every(model)}


def actor(email: str) -> Actor:
    return actor_of(session().scalar(select(Person).where(Person.email == f"{email}.example")))


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    with database.engine.connect().execution_options(scope="test") as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(table.select())), key=repr)
            for table in Base.metadata.sorted_tables
        }


def test_a_second_loading_changes_nothing(
    announced: list[SignIn], settings: Settings, database: Database
) -> None:
    before = contents(database)
    assert load_world(settings, database, "another password altogether") == announced
    assert contents(database) == before


def test_the_fixed_sign_ins_are_there_with_one_password(world: list[SignIn]) -> None:
    assert [one.email for one in world] == [f"{name}.example" for name in FIXED]
    hashes = set(session().scalars(select(Person.password_hash)))
    assert len(hashes) == 1
    assert verify(hashes.pop(), PASSWORD)


def test_the_sign_ins_have_the_roles_that_their_names_say(world: list[SignIn]) -> None:
    assert actor("admin@secretariat").is_administrator
    for name, code in (("thailand", "THA"), ("fiji", "FJI"), ("peru", "PER"), ("senegal", "SEN")):
        contributor = actor(f"contributor@{name}")
        assert contributor.acting is not None
        assert (contributor.acting.code, contributor.acting.role) == (code, "contributor")
    assert {m.code for m in actor("contributor@fiji").memberships} == {"FJI", "OCO"}
    assert actor("contributor@peru").language == "es"
    assert actor("contributor@senegal").language == "fr"
    for email, language in (
        ("moderator@secretariat", "en"),
        ("moderator.es@secretariat", "es"),
        ("moderator.fr@secretariat", "fr"),
        ("moderator@newzealand", "en"),
        ("moderator@spain", "es"),
        ("moderator@canada", "fr"),
    ):
        assert [scope.language for scope in actor(email).scopes] == [language]
    for email, language in (
        ("translator.es@secretariat", "es"),
        ("translator.fr@secretariat", "fr"),
        ("translator@france", "fr"),
    ):
        assert actor(email).translates == (language,)
    thailand = session().scalars(select(Organisation).where(Organisation.code == "THA")).one()
    assert (thailand.needs_clearance, thailand.author_may_clear) == (True, False)


def test_thirty_organisations_are_active_with_people_and_profiles(world: list[SignIn]) -> None:
    active = session().scalars(
        select(Organisation)
        .where(Organisation.state == OrganisationState.ACTIVE)
        .where(Organisation.id.in_(select(Membership.organisation_id)))
    )
    described = [o for o in active if o.profile_en and o.profile_es and o.profile_fr]
    assert len(described) >= 30


def test_coordinators_have_requests_to_answer(world: list[SignIn]) -> None:
    asked = {request.organisation_id for request in every(AccessRequest) if request.answered_at is None}
    for name in ("thailand", "peru", "senegal"):
        coordinator = actor(f"coordinator@{name}")
        assert coordinator.organisation_id in asked
    assert not {request.email for request in every(AccessRequest)} & set(
        session().scalars(select(Person.email))
    )


def test_every_state_and_every_audience_is_there(world: list[SignIn]) -> None:
    contributions = every(Contribution)
    assert len(contributions) == len(read_stories()) >= 60
    assert {c.audience for c in contributions if c.published_at} == set(Audience)
    assert {c.standing for c in contributions} >= {Standing.UP, Standing.UNPUBLISHED}
    assert {revision.state for revision in every(Revision)} == set(State)
    editions = by_id(Edition)
    translated = {r.state for r in every(Revision) if not editions[r.edition_id].is_original}
    assert translated >= {State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.PUBLISHED}
    assert sum(edition.is_outdated for edition in editions.values()) >= 3


def test_labels_are_those_of_the_audience(world: list[SignIn]) -> None:
    labels = defaultdict(set)
    for row in every(ContributionLabel):
        labels[row.contribution_id].add(row.label)
    revisions = by_id(Revision)
    published = {
        e.contribution_id: revisions[e.published_revision_id]
        for e in every(Edition)
        if e.is_original and e.published_revision_id
    }
    for contribution in every(Contribution):
        if contribution.published_at is None:
            assert contribution.id not in labels
            assert not contribution.is_live
            continue
        about = About.of(published[contribution.id])
        assert contribution.audience == about.audience
        assert labels[contribution.id] == labels_for(
            about.audience, contribution.organisation_id, about.organisations
        )
        assert contribution.is_live == (contribution.standing == Standing.UP)


def test_outdated_is_what_the_portal_itself_finds(world: list[SignIn]) -> None:
    before = {e.id: e.is_outdated for e in every(Edition)}
    for contribution in every(Contribution):
        refresh_outdated(contribution)
    assert {e.id: e.is_outdated for e in every(Edition)} == before


def test_each_history_is_a_walk_through_the_workflow(world: list[SignIn]) -> None:
    revisions = by_id(Revision)
    walked: dict[str, list[HistoryEntry]] = defaultdict(list)
    for entry in sorted(every(HistoryEntry), key=lambda e: e.id):
        assert entry.at <= now()
        if entry.revision_id and entry.step != "publish":
            walked[entry.revision_id].append(entry)
    assert walked.keys() == revisions.keys()
    possible = {(source, step.target) for step in STEPS.values() for source in step.sources}
    for revision_id, entries in walked.items():
        assert entries[0].step == "create"
        for entry, following in pairwise(entries):
            assert entry.to_state == following.from_state
            assert entry.at <= following.at
            assert (following.from_state, following.to_state) in possible
        last, state = entries[-1].to_state, revisions[revision_id].state
        assert last == state or (last, state) == (State.PUBLISHED, State.SUPERSEDED)


def test_no_moderator_judged_a_text_of_their_own_house(world: list[SignIn]) -> None:
    home = defaultdict(set)
    for membership in every(Membership):
        home[membership.person_id].add(membership.organisation_id)
    for case in every(Case):
        for moderator in filter(None, (case.claimed_by_id, case.decided_by_id)):
            assert case.organisation_id not in home[moderator]
    owners = by_id(Contribution)
    for entry in every(HistoryEntry):
        if entry.as_moderator:
            assert owners[entry.contribution_id].organisation_id not in home[entry.person_id]
        else:
            assert owners[entry.contribution_id].organisation_id in home[entry.person_id]


def test_open_cases_are_those_that_wait(world: list[SignIn]) -> None:
    revisions, contributions = by_id(Revision), by_id(Contribution)
    waiting = {r.id for r in revisions.values() if r.state in WITH_MODERATORS}
    cases = [case for case in every(Case) if case.is_open]
    assert {case.revision_id for case in cases} == waiting
    for case in cases:
        assert now() - timedelta(days=6, hours=1) < case.opened_at < now()
        revision = revisions[case.revision_id]
        assert case.digest == snapshot_digest(contributions[case.contribution_id], revision)
        is_claimed = revision.state != State.SUBMITTED
        assert (case.claimed_by_id is not None) == is_claimed
        assert (case.claim_expires_at is not None and case.claim_expires_at > now()) == is_claimed
        assert (case.proposal is not None) == (revision.state == State.EDIT_PROPOSED)
    assert any(case.due_at < now() for case in cases)
    assert any(case.due_at > now() for case in cases)
    assert any(case.round == 2 and case.previous_id for case in cases)


def test_what_was_sent_back_says_why(world: list[SignIn]) -> None:
    revisions = by_id(Revision)
    noted = Counter(note.case_id for note in every(CaseNote))
    for case in every(Case):
        if case.decision in {"request_changes", "decline"}:
            assert case.comment
            assert revisions[case.revision_id].state in {
                State.CHANGES_REQUESTED,
                State.DECLINED,
                State.SUBMITTED,
            }
        if case.decision == "request_changes":
            assert noted[case.id] >= 1


def test_the_newest_text_is_two_days_old_and_nothing_is_of_tomorrow(world: list[SignIn]) -> None:
    originals = {e.id for e in every(Edition) if e.is_original}
    published = [r.published_at for r in every(Revision) if r.published_at and r.edition_id in originals]
    assert timedelta(days=1) < now() - max(published) < timedelta(days=3)
    for contribution in every(Contribution):
        assert contribution.created_at <= contribution.changed_at <= now()
        if contribution.published_at:
            assert contribution.created_at < contribution.published_at <= contribution.changed_at
    for revision in every(Revision):
        moments = [revision.created_at, revision.updated_at, revision.submitted_at, revision.published_at]
        known = [moment for moment in moments if moment is not None]
        assert known == sorted(known)
        assert known[-1] <= now()


def test_a_translation_follows_what_it_translates(world: list[SignIn]) -> None:
    revisions = by_id(Revision)
    for revision in revisions.values():
        base = revisions.get(revision.based_on_id or "")
        if base is not None and revision.state != State.DRAFT:
            assert base.published_at is not None
            assert revision.created_at > base.published_at


def test_each_kind_of_viewer_sees_something_else(world: list[SignIn]) -> None:
    def seen(who: Actor) -> set[str]:
        return set(session().scalars(visible_contributions(who, Contribution.id)))

    visitor, partner = seen(ANONYMOUS), seen(actor("analyst@worldbank"))
    customs, owner = seen(actor("contributor@peru")), seen(actor("moderator@newzealand"))
    assert len(visitor) >= 25
    assert visitor < partner
    assert visitor < customs
    assert partner - customs
    assert customs - partner
    assert owner - customs


def test_every_moderator_has_a_queue_and_may_open_it(world: list[SignIn]) -> None:
    for one in world:
        if one.moderates:
            who = actor(one.email.removesuffix(".example"))
            cases = session().scalars(scoped(who, select(Case).where(in_queue_of(who)))).all()
            assert cases, one.email
            assert all(policy.review(who, case) for case in cases)


def test_inboxes_hold_what_happened_lately(world: list[SignIn]) -> None:
    told = Counter(row.kind for row in every(Notification))
    assert told["case.opened"] > 0
    assert {
        "contribution.published",
        "contribution.changes_requested",
        "contribution.edit_proposed",
    } <= told.keys()
    unread = set(session().scalars(select(Notification.person_id).where(Notification.read_at.is_(None))))
    assert actor("moderator@secretariat").person_id in unread
    assert actor("approver@thailand").person_id in unread


def test_the_worker_is_asked_to_index_all_and_caches_are_worthless(world: list[SignIn]) -> None:
    jobs = session().execute(select(Job.kind, func.count()).group_by(Job.kind))
    assert dict(jobs.all()) == {"sync": len(read_stories()), "file.check": 2}
    assert visibility_version() > 0


def test_a_story_of_nobody_is_refused_and_nothing_is_written(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stories = read_stories()
    nobodys = replace(stories[0], name="of-nobody", organisation="AND")
    monkeypatch.setattr(loading, "read_stories", lambda: [*stories, nobodys])
    with pytest.raises(StoryError, match="of-nobody"):
        load_world(settings, database, PASSWORD)
    with database.unit_of_work(write=False):
        assert session().scalar(select(func.count()).select_from(Person)) == 0


def test_a_translation_made_from_what_stands_now_is_not_marked(world: list[SignIn]) -> None:
    stories = [s for s in read_stories() if any(e.is_current for e in s.translations)]
    assert len(stories) >= 5
    contributions = {r.title: e.contribution_id for e, r in published()}
    outdated = {(e.contribution_id, e.language): e.is_outdated for e, _r in published()}
    for story in stories:
        identifier = contributions[story.original_edition.text.title]
        for edition in story.translations:
            if edition.state == State.PUBLISHED:
                assert outdated[identifier, edition.language] is not edition.is_current, story.name


def published() -> list[tuple[Edition, Revision]]:
    statement = select(Edition, Revision).join(Revision, Revision.id == Edition.published_revision_id)
    return [(e, r) for e, r in session().execute(scoped("test", statement))]


def test_the_desk_of_translators_begins_with_what_readers_ask_for_most(world: list[SignIn]) -> None:
    by_email = {person.email: person for person in every(Person)}
    translator = actor_of(by_email["translator@france.example"])
    first, second, third = queue(translator, Filters(language="fr")).lines[:3]
    assert (first.wishes, second.wishes, third.wishes) == (3, 2, 0)
    assert first.views > second.views > third.views == 0


def test_people_talk_use_lessons_and_hang_documents_on_their_posts(world: list[SignIn]) -> None:
    posts, people = by_id(Contribution), by_id(Person)
    comments = by_id(Comment)
    assert len(comments) >= 9
    for comment in comments.values():
        assert posts[comment.contribution_id].is_live
        assert can_see(actor_of(people[comment.author_id]), comment.contribution_id)
        assert comment.thread_id is None or comments[comment.thread_id].created_at < comment.created_at
    assert [c for c in comments.values() if c.answer_id and comments[c.answer_id].thread_id == c.id]
    uses = every(LessonUse)
    assert len(uses) >= 3
    assert all(posts[use.contribution_id].kind == Kind.LESSON_LEARNED for use in uses)
    for follow in every(Follow):
        assert follow.kind != "topic" or session().get(Topic, follow.key) is not None
        assert follow.kind != "organisation" or session().get(Organisation, follow.key) is not None
    assert len(every(Follow)) >= 6
    assert {file.name for file in every(StoredFile)} == {
        "agencies-and-permits.docx",
        "requisitos-agentes-de-carga.docx",
    }
    carried = {row.stored_file_id for row in every(Attachment)}
    assert carried == {file.id for file in every(StoredFile)}
