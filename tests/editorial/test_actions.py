"""The workflow as people live it: each step with its effects, its refusals and its history."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import delete, select, update

from portal.core.access import SYSTEM
from portal.core.clock import now
from portal.core.db import new_id, session
from portal.core.errors import Forbidden, Invalid, Stale, WrongState
from portal.core.guard import scoped
from portal.editorial import actions
from portal.editorial.actions._steps import move
from portal.editorial.actions.publication import resync_organisation
from portal.editorial.actions.submission import last_case_of
from portal.editorial.models import (
    Audience,
    Case,
    Contribution,
    HistoryEntry,
    Kind,
    Revision,
    Standing,
    State,
)
from portal.editorial.texts import PART_LIMIT, Text, snapshot_digest
from portal.editorial.visibility import can_see
from portal.jobs.models import Job
from portal.notifications.models import Notification
from portal.organisations.models import ModeratorScope, Organisation
from tests import world as w
from tests.world import World


def told(world: World, name: str) -> list[str]:
    statement = (
        select(Notification.kind)
        .where(Notification.person_id == world.people[name])
        .order_by(Notification.id)
    )
    return sorted(session().scalars(statement))


def steps(made: Contribution) -> list[str]:
    statement = (
        select(HistoryEntry.step).where(HistoryEntry.contribution_id == made.id).order_by(HistoryEntry.id)
    )
    return list(session().scalars(scoped(SYSTEM, statement)))


def decide(
    world: World, made: Contribution, step: str, comment: str = "Say when.", moderator: str = "moderator"
) -> Case:
    case = w.open_case(made)
    act = getattr(actions, step)
    act(world.actor(moderator), case, case.version, snapshot_digest(made, w.latest(made)), comment)
    return case


def needs_clearance(world: World, author_may_clear: bool = False) -> None:
    session().execute(
        update(Organisation)
        .where(Organisation.id == world.organisations["thailand"])
        .values(needs_clearance=True, author_may_clear=author_may_clear)
    )


# ---- drafts ----


def test_a_form_posted_twice_makes_one_contribution(world: World) -> None:
    token = new_id()
    first = actions.create(world.actor("author"), Kind.REFORM_UPDATE, "en", w.text(), w.about(), token)
    again = actions.create(world.actor("author"), Kind.REFORM_UPDATE, "en", w.text(), w.about(), token)
    assert first.id == again.id


def test_a_reader_cannot_begin_a_contribution(world: World) -> None:
    with pytest.raises(Forbidden):
        w.make_draft(world, "reader")


def test_a_text_that_is_too_long_is_refused_with_its_length(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        actions.create(
            world.actor("author"), Kind.REFORM_UPDATE, "en",
            Text("T", "S", {"body": "x" * (PART_LIMIT + 1)}), w.about(), new_id(),
        )  # fmt: skip
    assert list(refused.value.errors) == ["body"]


def test_the_second_of_two_editors_is_told_and_gets_both_texts(world: World) -> None:
    made = w.make_draft(world)
    loaded = (w.latest(made).id, w.latest(made).version)
    actions.save(world.actor("author"), made, "en", w.text("First"), w.about(), loaded=loaded)
    with pytest.raises(Stale) as stale:
        actions.save(world.actor("colleague"), made, "en", w.text("Second"), w.about(), loaded=loaded)
    assert stale.value.theirs.title.startswith("First")
    assert w.latest(made).title.startswith("First")


def test_a_form_that_was_made_from_nothing_does_not_overwrite_a_draft(world: World) -> None:
    made = w.make_draft(world)
    with pytest.raises(Stale):
        actions.save(world.actor("author"), made, "en", w.text("Second"), w.about(), loaded=None)


def test_nobody_outside_the_house_saves(world: World) -> None:
    made = w.make_draft(world)
    last = w.latest(made)
    with pytest.raises(Forbidden):
        actions.save(world.actor("fijian"), made, "en", w.text(), w.about(), loaded=(last.id, last.version))


def test_a_frozen_version_is_not_edited(world: World) -> None:
    made = w.make_draft(world)
    last = w.submit(world, made)
    with pytest.raises(Forbidden):
        actions.save(
            world.actor("author"), made, "en", w.text("New"), w.about(), loaded=(last.id, last.version)
        )


def test_editing_what_is_published_begins_a_new_version_and_readers_keep_the_old(world: World) -> None:
    made = w.make_published(world)
    first = w.published(made)
    w.revise(world, made, "Second", publish=False)
    assert w.latest(made).number == first.number + 1
    assert w.published(made).id == first.id


def test_wishing_for_a_translation_twice_counts_once(world: World) -> None:
    made = w.make_published(world)
    for _time in range(2):
        actions.ask_for_translation(world.actor("peruvian"), made, "es")
        session().flush()


# ---- submission and clearance ----


def test_an_incomplete_text_is_refused_with_everything_that_is_missing(world: World) -> None:
    made = actions.create(
        world.actor("author"), Kind.LESSON_LEARNED, "en", Text("", "", {"context": "x"}),
        w.about(Audience.ORGANISATIONS, topics=()), new_id(),
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        w.submit(world, made)
    assert set(refused.value.errors) == {
        "title", "summary", "tried", "result", "advice", "for_whom", "topics", "organisations",
    }  # fmt: skip


def test_a_submission_opens_a_case_that_is_due_in_working_days_and_tells_the_moderators(world: World) -> None:
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):  # a Friday
        made = w.make_draft(world)
        w.submit(world, made)
        case = w.open_case(made)
    assert case.due_at.isoformat() == "2026-11-24T10:00:00+00:00"
    assert told(world, "moderator") == ["case.opened"]
    assert told(world, "spanish moderator") == []
    assert told(world, "author") == []


def test_where_no_moderator_is_eligible_the_administrators_are_told(world: World) -> None:
    session().execute(ModeratorScope.__table__.delete())
    w.submit(world, w.make_draft(world))
    assert told(world, "administrator") == ["case.no_moderator"]


def test_a_house_with_clearance_clears_before_anything_leaves_it(world: World) -> None:
    needs_clearance(world)
    made = w.make_draft(world)
    revision = w.submit(world, made)
    assert revision.state == State.AWAITING_CLEARANCE
    assert told(world, "approver") == ["contribution.awaiting_clearance"]
    with pytest.raises(Forbidden):
        actions.clear(world.actor("author"), made, revision)
    with pytest.raises(Forbidden):
        actions.clear(world.actor("partner"), made, revision)
    actions.clear(world.actor("approver"), made, revision)
    assert revision.state == State.SUBMITTED
    assert w.open_case(made).revision_id == revision.id
    assert told(world, "author") == ["contribution.cleared"]


def test_an_approver_sends_back_with_a_reason(world: World) -> None:
    needs_clearance(world)
    made = w.make_draft(world)
    revision = w.submit(world, made)
    with pytest.raises(Invalid):
        actions.send_back(world.actor("approver"), made, revision, "")
    actions.send_back(world.actor("approver"), made, revision, "Name the month.")
    assert revision.state == State.DRAFT
    assert told(world, "author") == ["contribution.sent_back"]


def test_an_author_clears_their_own_text_only_where_the_house_says_so(world: World) -> None:
    needs_clearance(world, author_may_clear=True)
    made = w.make_draft(world, "approver")
    revision = w.submit(world, made, "approver")
    actions.clear(world.actor("approver"), made, revision)
    assert revision.state == State.SUBMITTED


def test_a_text_for_ones_own_house_needs_no_moderator(world: World) -> None:
    made = w.make_published(world, audience=Audience.OWN)
    assert made.is_live
    assert can_see(world.actor("reader"), made.id)
    assert not can_see(world.actor("fijian"), made.id)
    assert "claim" not in steps(made)


def test_a_text_for_ones_own_house_is_cleared_where_clearance_is_asked(world: World) -> None:
    needs_clearance(world)
    made = w.make_draft(world, audience=Audience.OWN)
    revision = w.submit(world, made)
    actions.clear(world.actor("coordinator"), made, revision)
    assert made.is_live


def test_widening_the_audience_later_needs_a_review(world: World) -> None:
    made = w.make_published(world, audience=Audience.OWN)
    w.revise(world, made, "Wider", publish=False, audience=Audience.PUBLIC)
    w.submit(world, made)
    assert w.latest(made).state == State.SUBMITTED
    assert not can_see(world.actor("fijian"), made.id)


def test_a_translation_is_handed_in_only_when_its_original_is_published(world: World) -> None:
    made = w.make_draft(world)
    actions.save(world.actor("author"), made, "es", w.text("Ventanilla"), None, loaded=None)
    with pytest.raises(WrongState):
        w.submit(world, made, language="es")


# ---- review ----


def test_a_moderator_claims_and_publishes(world: World) -> None:
    made = w.make_draft(world)
    w.submit(world, made)
    w.claim(world, made)
    w.approve(world, made, comment="Clear and dated.")
    assert made.is_live
    assert made.audience == Audience.PUBLIC
    assert w.latest(made).state == State.PUBLISHED
    assert steps(made) == ["create", "submit", "claim", "approve", "publish"]
    assert told(world, "author") == ["contribution.published"]


def test_a_case_is_claimed_once(world: World) -> None:
    made = w.make_draft(world)
    w.submit(world, made)
    w.claim(world, made)
    with pytest.raises(WrongState):
        w.claim(world, made, "second moderator")


def test_a_moderator_never_reviews_a_text_of_their_own_organisation(world: World) -> None:
    made = w.make_draft(world, "fijian")
    w.submit(world, made, "fijian")
    with pytest.raises(Forbidden):
        w.claim(world, made, "second moderator")


def test_a_decision_needs_the_claim(world: World) -> None:
    made = w.make_draft(world)
    w.submit(world, made)
    with pytest.raises(WrongState):
        decide(world, made, "decline")
    with pytest.raises(Forbidden):
        decide(world, made, "decline", moderator="spanish moderator")


def test_a_claim_runs_out_and_the_case_goes_back_to_the_queue(world: World) -> None:
    made = w.make_draft(world)
    w.submit(world, made)
    w.claim(world, made)
    with time_machine.travel(now() + timedelta(days=3, minutes=1), tick=False):
        assert actions.expire_claims() == 1
        assert actions.expire_claims() == 0
    assert w.latest(made).state == State.SUBMITTED
    assert w.open_case(made).claimed_by_id is None
    assert told(world, "moderator") == ["case.claim_expired", "case.opened"]


def test_a_claim_that_ran_out_is_taken_over_before_the_worker_has_seen_it(world: World) -> None:
    made = w.make_draft(world)
    w.submit(world, made)
    w.claim(world, made)
    with time_machine.travel(now() + timedelta(days=4), tick=False):
        w.claim(world, made, "second moderator")
        assert steps(made)[-2:] == ["expire", "claim"]
        assert w.open_case(made).claimed_by_id == world.people["second moderator"]


def test_a_proposed_wording_does_not_expire_with_the_claim(world: World) -> None:
    made = w.make_draft(world)
    w.submit(world, made)
    w.claim(world, made)
    propose(world, made)
    with time_machine.travel(now() + timedelta(days=9), tick=False):
        assert actions.expire_claims() == 0


def test_a_moderator_releases_and_hands_over(world: World) -> None:
    made = w.make_draft(world)
    w.submit(world, made)
    case = w.claim(world, made)
    actions.release(world.actor("moderator"), case, case.version)
    assert w.latest(made).state == State.SUBMITTED
    w.claim(world, made)
    for wrong in ("spanish moderator", "author", "moderator"):
        with pytest.raises(Invalid):
            actions.hand_over(world.actor("moderator"), case, case.version, world.people[wrong])
    actions.hand_over(
        world.actor("moderator"), case, case.version, world.people["second moderator"], "Mine is full."
    )
    assert case.claimed_by_id == world.people["second moderator"]
    assert "case.handed_over" in told(world, "second moderator")


@pytest.mark.parametrize("step", ["request_changes", "decline"])
def test_a_decision_against_the_author_needs_a_comment_and_reaches_them(world: World, step: str) -> None:
    made = w.make_draft(world)
    w.submit(world, made)
    w.claim(world, made)
    with pytest.raises(Invalid):
        decide(world, made, step, comment="")
    decide(world, made, step, comment="Give the month of each figure.")
    expected = {"request_changes": State.CHANGES_REQUESTED, "decline": State.DECLINED}[step]
    assert w.latest(made).state == expected
    assert not made.is_live
    assert len(told(world, "author")) == 1


def test_a_resubmission_is_round_two_and_names_the_case_before(world: World) -> None:
    made = w.make_draft(world)
    w.submit(world, made)
    w.claim(world, made)
    first = decide(world, made, "request_changes")
    w.revise(world, made, "Better", publish=False, audience=Audience.PUBLIC)
    w.submit(world, made)
    second = w.open_case(made)
    assert (second.round, second.previous_id) == (2, first.id)
    assert w.latest(made).number == 2


def test_a_decision_is_refused_when_the_snapshot_changed_after_the_page_was_loaded(world: World) -> None:
    made = w.make_published(world)
    w.revise(world, made, "Second", publish=False)
    w.submit(world, made)
    case = w.claim(world, made)
    seen = snapshot_digest(made, w.latest(made))
    actions.narrow(world.actor("author"), made, Audience.MEMBERS)
    with pytest.raises(Stale):
        actions.approve(world.actor("moderator"), case, case.version, seen)
    with pytest.raises(Stale):
        actions.decline(world.actor("moderator"), case, case.version, seen, "No.")


def test_a_decision_is_refused_when_the_case_changed_after_the_page_was_loaded(world: World) -> None:
    made = w.make_draft(world)
    w.submit(world, made)
    case = w.claim(world, made)
    digest = snapshot_digest(made, w.latest(made))
    with pytest.raises(Stale):
        actions.approve(world.actor("moderator"), case, case.version - 1, digest)


def propose(world: World, made: Contribution, words: str = "Better words") -> None:
    case = w.open_case(made)
    actions.propose_edit(
        world.actor("moderator"),
        case,
        case.version,
        snapshot_digest(made, w.latest(made)),
        w.text(words),
        "Shorter.",
    )


def test_a_proposed_wording_is_published_only_when_the_author_confirms(world: World) -> None:
    made = w.make_draft(world)
    w.submit(world, made)
    w.claim(world, made)
    propose(world, made)
    assert w.latest(made).state == State.EDIT_PROPOSED
    assert not made.is_live
    with pytest.raises(Forbidden):
        actions.confirm_edit(world.actor("colleague"), made, w.latest(made))
    actions.confirm_edit(world.actor("author"), made, w.latest(made))
    assert made.is_live
    assert w.published(made).title.startswith("Better words")
    assert w.published(made).author_id == world.people["author"]
    assert "case.edit_confirmed" in told(world, "moderator")


def test_an_author_who_keeps_their_wording_gives_the_case_back_to_the_moderator(world: World) -> None:
    made = w.make_draft(world)
    w.submit(world, made)
    w.claim(world, made)
    propose(world, made)
    with pytest.raises(Invalid):
        actions.refuse_edit(world.actor("author"), made, w.latest(made), "")
    actions.refuse_edit(world.actor("author"), made, w.latest(made), "The term is the official one.")
    assert w.latest(made).state == State.IN_REVIEW
    assert "case.edit_refused" in told(world, "moderator")
    w.approve(world, made)
    assert w.published(made).title.startswith("Single window")


def test_a_proposal_that_changes_nothing_or_leaves_a_gap_is_refused(world: World) -> None:
    made = w.make_draft(world)
    w.submit(world, made)
    case = w.claim(world, made)
    digest = snapshot_digest(made, w.latest(made))
    moderator = world.actor("moderator")
    with pytest.raises(Invalid):
        actions.propose_edit(moderator, case, case.version, digest, Text.of(w.latest(made)), "Same.")
    with pytest.raises(Invalid):
        actions.propose_edit(moderator, case, case.version, digest, Text("", "S", {"body": "B"}), "Gap.")
    with pytest.raises(Invalid):
        actions.propose_edit(moderator, case, case.version, digest, w.text("New"), "")


def test_an_answer_to_a_proposal_that_is_not_there_is_refused(world: World) -> None:
    made = w.make_draft(world)
    revision = w.latest(made)
    revision.state = State.EDIT_PROPOSED
    session().flush()
    with pytest.raises(WrongState):
        actions.confirm_edit(world.actor("author"), made, revision)
    with pytest.raises(WrongState):
        actions.refuse_edit(world.actor("author"), made, revision, "Why?")


def test_a_comment_is_pinned_to_a_paragraph_by_the_moderator_who_holds_the_case(world: World) -> None:
    made = w.make_draft(world)
    w.submit(world, made)
    case = w.claim(world, made)
    pinned = actions.note(world.actor("moderator"), case, "body", 1, "Which year?")
    assert pinned.quote == "A second paragraph."
    assert actions.note(world.actor("moderator"), case, "body", 99, "Beyond").quote == ""
    with pytest.raises(Invalid):
        actions.note(world.actor("moderator"), case, "body", 0, "")
    with pytest.raises(Invalid):
        actions.note(world.actor("moderator"), case, "nothing", 0, "x")


def test_a_withdrawal_closes_the_case_and_tells_the_moderator_who_held_it(world: World) -> None:
    made = w.make_draft(world)
    revision = w.submit(world, made)
    w.claim(world, made)
    actions.withdraw(world.actor("author"), made, revision)
    assert revision.state == State.WITHDRAWN
    assert last_case_of(SYSTEM, revision).is_open is False  # type: ignore[union-attr]
    assert "case.withdrawn" in told(world, "moderator")
    with pytest.raises(Forbidden):
        actions.withdraw(world.actor("author"), made, revision)


def test_a_draft_or_an_unclaimed_submission_is_withdrawn_quietly(world: World) -> None:
    draft = w.make_draft(world)
    actions.withdraw(world.actor("author"), draft, w.latest(draft))
    made = w.make_draft(world)
    revision = w.submit(world, made)
    actions.withdraw(world.actor("colleague"), made, revision)
    assert told(world, "moderator") == ["case.opened"]


def test_an_appeal_goes_once_to_another_moderator(world: World) -> None:
    made = w.make_draft(world)
    revision = w.submit(world, made)
    w.claim(world, made)
    decide(world, made, "decline")
    with pytest.raises(Invalid):
        actions.appeal(world.actor("author"), made, revision, "")
    case = actions.appeal(world.actor("author"), made, revision, "The figures are dated.")
    assert told(world, "second moderator") == ["case.appealed", "case.opened"]
    assert "case.appealed" not in told(world, "moderator")
    with pytest.raises(Forbidden):
        actions.claim(world.actor("moderator"), case, case.version)
    w.claim(world, made, "second moderator")
    decide(world, made, "decline", moderator="second moderator")
    with pytest.raises(Forbidden):
        actions.appeal(world.actor("author"), made, revision, "Again.")


# ---- publication ----


def test_a_new_version_supersedes_the_former_one(world: World) -> None:
    made = w.make_published(world)
    first = w.published(made)
    w.revise(world, made, "Second")
    assert first.state == State.SUPERSEDED
    assert w.published(made).title.startswith("Second")


def test_publishing_one_language_never_alters_another(world: World) -> None:
    made = w.make_published(world)
    original = w.published(made)
    w.translate(world, made, "es")
    assert w.published(made).id == original.id
    assert w.published(made, "es").based_on_id == original.id


def test_a_change_of_meaning_outdates_the_translation_and_undoing_it_clears_that(world: World) -> None:
    made = w.make_published(world, "Single window")
    w.translate(world, made, "es")
    w.revise(world, made, "Other words", changes_meaning=False)
    assert not w.edition(made, "es").is_outdated
    w.revise(world, made, "Another meaning", changes_meaning=True)
    assert w.edition(made, "es").is_outdated
    w.revise(world, made, "Single window", changes_meaning=True)
    assert not w.edition(made, "es").is_outdated


def test_a_saved_draft_never_outdates_anything(world: World) -> None:
    made = w.make_published(world)
    w.translate(world, made, "es")
    w.revise(world, made, "Another meaning", publish=False)
    assert not w.edition(made, "es").is_outdated


def test_a_coordinator_archives_and_restores(world: World) -> None:
    made = w.make_published(world)
    with pytest.raises(Forbidden):
        actions.unpublish(world.actor("author"), made, "Old.")
    actions.unpublish(world.actor("coordinator"), made, "")
    assert (made.standing, made.is_live) == (Standing.ARCHIVED, False)
    assert not can_see(world.actor("fijian"), made.id)
    with pytest.raises(Forbidden):
        actions.restore(world.actor("moderator"), made)
    actions.restore(world.actor("coordinator"), made)
    assert made.is_live
    assert told(world, "author") == [
        "contribution.published", "contribution.restored", "contribution.unpublished",
    ]  # fmt: skip


def test_a_moderator_takes_down_with_a_reason_and_puts_back(world: World) -> None:
    made = w.make_published(world)
    with pytest.raises(Invalid):
        actions.unpublish(world.actor("moderator"), made, "")
    actions.unpublish(world.actor("moderator"), made, "Names a trader.")
    assert made.standing == Standing.UNPUBLISHED
    with pytest.raises(Forbidden):
        actions.restore(world.actor("coordinator"), made)
    actions.restore(world.actor("moderator"), made, "Corrected.")
    assert made.is_live


@pytest.mark.parametrize(
    ("before", "named_before", "after", "named_after", "allowed"),
    [
        (Audience.PUBLIC, (), Audience.MEMBERS, (), True),
        (Audience.PUBLIC, (), Audience.OWN, (), True),
        (Audience.MEMBERS, (), Audience.CUSTOMS, (), True),
        (Audience.MEMBERS, (), Audience.PUBLIC, (), False),
        (Audience.MEMBERS, (), Audience.ORGANISATIONS, ("jica",), True),
        (Audience.CUSTOMS, (), Audience.MEMBERS, (), False),
        (Audience.CUSTOMS, (), Audience.ORGANISATIONS, ("fiji",), True),
        (Audience.CUSTOMS, (), Audience.ORGANISATIONS, ("jica",), False),
        (Audience.ORGANISATIONS, ("jica", "fiji"), Audience.ORGANISATIONS, ("jica",), True),
        (Audience.ORGANISATIONS, ("jica",), Audience.ORGANISATIONS, ("fiji",), False),
        (Audience.ORGANISATIONS, ("jica",), Audience.OWN, (), True),
        (Audience.OWN, (), Audience.CUSTOMS, (), False),
    ],
)
def test_an_audience_is_narrowed_without_review_and_never_widened(
    world: World, before: Audience, named_before: tuple[str, ...], after: Audience, named_after: tuple[str, ...],
    allowed: bool,
) -> None:  # fmt: skip
    made = w.make_published(
        world, audience=before, organisations=tuple(world.organisations[n] for n in named_before)
    )
    ids = tuple(world.organisations[n] for n in named_after)
    if allowed:
        actions.narrow(world.actor("author"), made, after, ids)
        assert made.audience == after
    else:
        with pytest.raises(Invalid):
            actions.narrow(world.actor("author"), made, after, ids)
        assert made.audience == before


def test_a_renamed_organisation_has_all_its_posts_indexed_again(world: World) -> None:
    made = [w.make_published(world, f"Post {n}").id for n in range(2)]
    w.make_published(world, organisation="fiji", author="fijian", moderator="moderator")
    session().execute(delete(Job))
    resync_organisation(world.organisations["thailand"])
    session().flush()
    waiting = session().scalars(select(Job).where(Job.kind == "sync")).all()
    assert sorted(job.payload["contribution"] for job in waiting) == sorted(made)


def test_a_step_that_somebody_else_has_just_taken_is_refused(world: World) -> None:
    draft = w.make_draft(world)
    revision = w.latest(draft)
    session().execute(
        update(Revision)
        .where(Revision.id == revision.id)
        .values(state=State.WITHDRAWN)
        .execution_options(synchronize_session=False)
    )
    with pytest.raises(Stale):
        move(revision, "submit")


def test_who_leaves_hands_on_what_is_not_published_and_nothing_else(world: World) -> None:
    published = w.make_published(world, "Published")
    draft = w.make_draft(world, words="Draft")
    waiting = w.make_draft(world, words="Waiting")
    w.submit(world, waiting)
    foreign = w.make_draft(world, words="Another's", author="colleague")
    leaver, heir = world.people["author"], world.people["approver"]
    with pytest.raises(Forbidden):
        actions.hand_on(world.actor("approver"), world.organisations["thailand"], leaver, heir)
    actions.hand_on(world.actor("coordinator"), world.organisations["thailand"], leaver, heir)
    assert {w.latest(made).author_id for made in (draft, waiting)} == {draft.author_id} == {heir}
    assert w.latest(published).author_id == published.author_id == leaver
    assert foreign.author_id == world.people["colleague"]
    actions.withdraw(world.actor("approver"), waiting, w.latest(waiting))
