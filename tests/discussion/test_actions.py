"""Writing under a contribution: threads, wordings, reports, answers, moderation, and who is told."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from portal.core.access import SYSTEM
from portal.core.db import session
from portal.core.errors import Forbidden, Invalid, NotFound, Stale, WrongState
from portal.core.guard import scoped
from portal.discussion import actions, queries
from portal.discussion.models import Comment, CommentReport, CommentVersion
from portal.discussion.telling import MOST_MENTIONS, mentioned
from portal.editorial import actions as editorial
from portal.editorial.models import Audience, Contribution
from portal.notifications.models import Notification
from portal.organisations.models import Membership, MembershipState, Organisation, OrganisationState, Role
from tests import world as w
from tests.world import World


@pytest.fixture
def made(world: World) -> Contribution:
    return w.make_published(world)


def write(
    world: World, made: Contribution, who: str = "fijian", text: str = "A word.", **values: object
) -> Comment:
    return actions.post(world.actor(who), made, text, "en", **values)  # type: ignore[arg-type]


def told(world: World, who: str) -> list[str]:
    statement = select(Notification.kind).where(Notification.person_id == world.people[who])
    rows = session().scalars(statement.order_by(Notification.created_at, Notification.id))
    return [kind for kind in rows if kind.startswith("comment.")]


def test_a_comment_is_written_once_a_form_and_its_author_is_told(world: World, made: Contribution) -> None:
    first = write(world, made, token="t1")
    assert write(world, made, token="t1").id == first.id
    assert write(world, made, token="t2").id != first.id
    assert told(world, "author") == ["comment.posted", "comment.posted"]
    assert told(world, "fijian") == []


def test_what_is_empty_too_long_or_in_no_language_is_refused(world: World, made: Contribution) -> None:
    for text, language, field in (("", "en", "text"), ("x" * 5001, "en", "text"), ("x", "de", "language")):
        with pytest.raises(Invalid) as refused:
            actions.post(world.actor("fijian"), made, text, language)
        assert field in refused.value.errors
    with pytest.raises(Forbidden):
        from portal.core.access import ANONYMOUS

        actions.post(ANONYMOUS, made, "x", "en")


def test_a_reply_to_a_reply_stands_in_the_same_thread_and_both_writers_are_told(
    world: World, made: Contribution
) -> None:
    root = write(world, made, is_question=True)
    reply = write(world, made, "author", reply_to=root, is_question=True)
    third = write(world, made, "partner", reply_to=reply)
    assert reply.thread_id == third.thread_id == root.id
    assert root.is_question and not reply.is_question
    assert told(world, "fijian") == ["comment.replied", "comment.replied"]
    assert told(world, "author") == ["comment.question", "comment.replied"]
    write(world, made, "reader", reply_to=third)
    assert told(world, "partner") == ["comment.replied"]


def test_when_the_author_has_left_the_house_its_coordinators_hear_of_comments(
    world: World, made: Contribution
) -> None:
    leaves = Membership.person_id == world.people["author"]
    session().execute(update(Membership).where(leaves).values(state=MembershipState.ENDED))
    write(world, made, is_question=True)
    assert told(world, "author") == []
    assert told(world, "coordinator") == ["comment.question"]


def test_where_no_moderator_may_decide_on_a_report_the_administrators_are_told(world: World) -> None:
    made = w.make_published(world)
    written = actions.post(world.actor("fijian"), made, "Un mot.", "fr")
    actions.report(world.actor("partner"), made, written, "Rude.")
    inside = w.make_published(world, "Inside", audience=Audience.OWN)
    theirs = actions.post(world.actor("author"), inside, "Un mot.", "fr")
    actions.report(world.actor("reader"), inside, theirs, "Rude.")
    assert told(world, "administrator") == ["comment.no_moderator"]
    assert told(world, "moderator") == []


def test_what_is_gone_takes_no_reply(world: World, made: Contribution) -> None:
    root = write(world, made)
    reply = write(world, made, "author", reply_to=root)
    actions.remove(world.actor("author"), made, reply)
    with pytest.raises(WrongState):
        write(world, made, reply_to=reply)
    actions.remove(world.actor("fijian"), made, root)
    with pytest.raises(WrongState):
        write(world, made, reply_to=root)


def test_who_is_mentioned_is_found_in_the_text() -> None:
    assert mentioned("@THA, (@fji) and @ROCB-AP; a@b.example, @THA, foo/@x @THA@") == [
        "THA",
        "FJI",
        "ROCB-AP",
    ]
    assert len(mentioned(" ".join(f"@A{n}" for n in range(40)))) == MOST_MENTIONS


def test_coordinators_of_a_mentioned_organisation_who_can_read_it_are_told_once(
    world: World, made: Contribution
) -> None:
    for name, house in (("peruvian head", "peru"), ("jica head", "jica")):
        world.people[name] = w.make_person(name, world.organisations[house], Role.COORDINATOR)
    hidden = w.make_published(world, "Hidden", audience=Audience.CUSTOMS)
    written = write(world, made, text="What does @per say, @JICA? And @nobody?")
    actions.reword(world.actor("fijian"), made, written, "What does @PER say now?", "en", 1)
    write(world, hidden, text="@PER @JICA @WCO")
    assert told(world, "peruvian head") == ["comment.mentioned"] * 2
    assert told(world, "jica head") == ["comment.mentioned"]
    session().get_one(Organisation, world.organisations["peru"]).state = OrganisationState.SUSPENDED
    session().flush()
    write(world, made, text="@PER")
    assert told(world, "peruvian head") == ["comment.mentioned"] * 2


def test_rewording_keeps_the_former_words_and_refuses_a_stale_form(world: World, made: Contribution) -> None:
    written, writer = write(world, made), world.actor("fijian")
    actions.reword(writer, made, written, "A word.", "en", 1)
    assert written.version == 1
    actions.reword(writer, made, written, "Another.", "es", 1)
    actions.reword(writer, made, written, "A third.", "es", 2)
    found, former = queries.wordings(writer, made.id, written.id)
    assert (found.comment.text, [v.text for v in former]) == ("A third.", ["Another.", "A word."])
    with pytest.raises(Stale):
        actions.reword(writer, made, written, "Too late.", "en", 1)
    with pytest.raises(Invalid):
        actions.reword(writer, made, written, "", "en", 3)
    with pytest.raises(Forbidden):
        actions.reword(world.actor("author"), made, written, "Mine", "en", 3)


def test_a_removed_comment_keeps_its_place_and_loses_every_word(world: World, made: Contribution) -> None:
    written, writer = write(world, made), world.actor("fijian")
    reply = write(world, made, "author", reply_to=written)
    actions.reword(writer, made, written, "Another.", "en", 1)
    actions.report(world.actor("partner"), made, written, "Wrong.")
    actions.remove(writer, made, written)
    assert session().scalars(scoped(SYSTEM, select(CommentVersion))).all() == []
    found = queries.threads(writer, made.id)
    assert found.count == 1
    assert found.page.items[0].root.comment.text == ""
    assert [line.comment.id for line in found.page.items[0].replies] == [reply.id]
    assert session().scalars(scoped(SYSTEM, select(CommentReport.decision))).one() == "removed"
    with pytest.raises(NotFound):
        queries.wordings(writer, made.id, written.id)
    with pytest.raises(Forbidden):
        actions.remove(writer, made, written)


def test_a_report_is_made_once_a_person_and_told_to_moderators_of_the_language(
    world: World, made: Contribution
) -> None:
    written = write(world, made, "author")
    for reason in ("", "x" * 1001):
        with pytest.raises(Invalid):
            actions.report(world.actor("partner"), made, written, reason)
    actions.report(world.actor("partner"), made, written, "Names a trader.")
    with pytest.raises(WrongState):
        actions.report(world.actor("partner"), made, written, "Again.")
    actions.report(world.actor("fijian"), made, written, "Me too.")
    assert told(world, "moderator") == told(world, "second moderator") == ["comment.reported"]
    assert told(world, "spanish moderator") == []
    with pytest.raises(Forbidden):
        actions.report(world.actor("author"), made, written, "My own.")
    assert queries.reported_comment(world.actor("moderator"), written.id).comment.id == written.id


def test_moderators_of_the_writers_house_and_those_who_cannot_read_it_are_not_told(world: World) -> None:
    made = w.make_published(world, audience=Audience.OWN)
    written = write(world, made, "author")
    actions.report(world.actor("reader"), made, written, "Wrong.")
    assert told(world, "moderator") == told(world, "second moderator") == []
    open_to_all = w.make_published(world, "Open")
    theirs = write(world, open_to_all, "fijian")
    actions.report(world.actor("reader"), open_to_all, theirs, "Wrong.")
    assert told(world, "second moderator") == []
    with pytest.raises(NotFound):
        queries.reported_comment(world.actor("second moderator"), theirs.id)


@pytest.mark.parametrize("step", ["hide_comment", "keep_comment"])
def test_a_moderator_decides_with_a_reason_that_the_writer_is_told(
    world: World, made: Contribution, step: str
) -> None:
    asked = write(world, made, is_question=True)
    written = write(world, made, "partner", reply_to=asked)
    actions.mark_answered(world.actor("author"), made, asked, written)
    actions.report(world.actor("author"), made, written, "Names a trader.")
    decide, moderator = getattr(actions, step), world.actor("moderator")
    for comment in ("", "x" * 1001):
        with pytest.raises(Invalid):
            decide(moderator, made, written, None, comment)
    with pytest.raises(Forbidden):
        decide(world.actor("fijian"), made, written, None, "No.")
    decide(moderator, made, written, None, "The rules of the portal.")
    is_hidden = step == "hide_comment"
    assert (written.hidden_at is not None, asked.answer_id is None) == (is_hidden, is_hidden)
    assert told(world, "partner")[-1] == ("comment.hidden" if is_hidden else "comment.kept")
    with pytest.raises(WrongState):
        decide(moderator, made, written, None, "Twice.")
    assert queries.reported(moderator).items == []


def test_a_question_is_answered_by_a_reply_and_can_be_opened_again(world: World, made: Contribution) -> None:
    asked = write(world, made, is_question=True)
    reply = write(world, made, "colleague", reply_to=asked)
    other = write(world, made)
    author = world.actor("author")
    for wrong in (other, asked):
        with pytest.raises(WrongState):
            actions.mark_answered(author, made, asked, wrong)
    actions.mark_answered(author, made, asked, reply)
    actions.mark_answered(author, made, asked, reply)
    assert asked.answer_id == reply.id
    assert told(world, "fijian") == ["comment.replied", "comment.answered"]
    actions.mark_answered(author, made, asked, None)
    assert asked.answer_id is None
    actions.mark_answered(author, made, asked, reply)
    actions.remove(world.actor("colleague"), made, reply)
    assert asked.answer_id is None
    with pytest.raises(WrongState):
        actions.mark_answered(author, made, asked, reply)
    with pytest.raises(Forbidden):
        actions.mark_answered(world.actor("fijian"), made, asked, None)


def test_with_the_contribution_goes_all_that_was_said_of_it(world: World, made: Contribution) -> None:
    written = write(world, made, "author")
    actions.report(world.actor("partner"), made, written, "Wrong.")
    editorial.unpublish(world.actor("coordinator"), made, "")
    session().flush()
    reader = world.actor("fijian")
    assert queries.threads(reader, made.id).page.items == []
    assert queries.threads(reader, made.id).count == 0
    for ask in (
        lambda: queries.contribution(reader, made.id),
        lambda: queries.one(reader, made.id, written.id),
        lambda: queries.thread(reader, made.id, written.id),
        lambda: queries.reported_comment(world.actor("moderator"), written.id),
    ):
        with pytest.raises(NotFound):
            ask()
    assert queries.reported(world.actor("moderator")).items == []
    with pytest.raises(Forbidden):
        write(world, made)


def test_threads_are_paged_both_ways_and_replies_are_bounded(world: World, made: Contribution) -> None:
    roots = [write(world, made, text=f"Thread {n}") for n in range(25)]
    for n in range(12):
        write(world, made, "author", text=f"Reply {n}", reply_to=roots[0])
    reader = world.actor("fijian")
    first = queries.threads(reader, made.id)
    assert first.count == 37
    ids = [thread.root.comment.id for thread in first.page.items]
    second = queries.threads(reader, made.id, first.page.next).page
    assert ids + [t.root.comment.id for t in second.items] == [root.id for root in roots]
    back = queries.threads(reader, made.id, second.previous).page
    assert [t.root.comment.id for t in back.items] == ids
    assert (first.page.items[0].reply_count, len(first.page.items[0].replies)) == (12, queries.REPLIES)
    root, replies = queries.thread(reader, made.id, roots[0].id)
    assert (root.comment.id, len(replies.items)) == (roots[0].id, 12)
    with pytest.raises(NotFound):
        queries.thread(reader, made.id, replies.items[0].comment.id)


def test_a_moderator_of_a_region_has_its_writers_alone(world: World, made: Contribution) -> None:
    from portal.organisations.models import ModeratorScope

    person = w.make_person("regional", world.organisations["secretariat"], Role.READER)
    session().add(ModeratorScope(person_id=person, language="en", region_code="AMS"))
    world.people["regional"] = person
    for who, reporter in (("peruvian", "fijian"), ("fijian", "peruvian")):
        actions.report(world.actor(reporter), made, write(world, made, who), "Wrong.")
    found = queries.reported(world.actor("regional")).items
    assert [line.person for line in found] == ["Peruvian"]
    assert [reason for line in found for report, _name in line.reports for reason in [report.reason]] == [
        "Wrong."
    ]
    assert told(world, "regional") == ["comment.reported"]
