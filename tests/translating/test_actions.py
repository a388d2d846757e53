"""The desk's writes: who may translate, what marks a translation as outdated, what a machine may not do."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from portal.core.access import SYSTEM
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Forbidden, Invalid, NotFound, Stale, WrongState
from portal.core.guard import scoped
from portal.editorial import actions as editorial
from portal.editorial import policy
from portal.editorial.models import (
    Audience,
    Case,
    Contribution,
    HistoryEntry,
    Kind,
    Revision,
    State,
    TranslationRequest,
)
from portal.editorial.texts import Text
from portal.jobs.models import Job
from portal.notifications.messages import said
from portal.notifications.models import Notification
from portal.organisations.models import Organisation
from portal.translating import actions
from portal.translating.queries import Desk, desk, source_named
from tests import world as w
from tests.world import World


def desk_of(world: World, made: Contribution, who: str = "translator", language: str = "es") -> Desk:
    return desk(world.actor(who), made.id, language)


def hand_in(
    world: World, made: Contribution, words: str = "Ventanilla", who: str = "translator", **options: object
) -> Revision:
    found = desk_of(world, made, who)
    loaded = (found.latest.id, found.latest.version) if found.latest is not None else None
    source = options.pop("source", found.source)
    return actions.hand_in(
        world.actor(who), found, w.text(words, made.kind), loaded, source, **options  # type: ignore[arg-type]
    )  # fmt: skip


def publish(world: World, made: Contribution) -> None:
    w.claim(world, made, language="es")
    w.approve(world, made, "es")


def is_outdated(made: Contribution) -> bool:
    return w.edition(made, "es").is_outdated


def steps(made: Contribution) -> list[str]:
    statement = select(HistoryEntry.step).where(HistoryEntry.contribution_id == made.id)
    return list(session().scalars(scoped(SYSTEM, statement)))


def test_a_translator_outside_the_house_brings_a_translation_to_readers(world: World) -> None:
    made = w.make_published(world)
    revision = hand_in(world, made)
    assert revision.state == State.SUBMITTED
    assert revision.based_on_id == w.published(made).id
    publish(world, made)
    assert w.published(made, "es").author_id == world.people["translator"]
    assert not is_outdated(made)


def test_the_house_translates_what_it_published_and_others_do_not(world: World) -> None:
    made = w.make_published(world)
    assert hand_in(world, made, who="colleague").state == State.SUBMITTED
    for who in ("fijian", "reader", "moderator"):
        with pytest.raises(Forbidden):
            desk_of(world, made, who)
    with pytest.raises(Forbidden):
        desk_of(world, made, language="fr")


def test_what_one_may_not_read_is_not_there_for_a_translator_either(world: World) -> None:
    inside = w.make_published(world, audience=Audience.OWN)
    draft = w.make_draft(world, words="Draft")
    customs = w.make_published(world, words="Customs", audience=Audience.CUSTOMS)
    for made, who in ((inside, "translator"), (draft, "author"), (customs, "partner translator")):
        with pytest.raises(NotFound):
            desk_of(world, made, who)
    assert desk_of(world, customs).source.id == w.published(customs).id
    with pytest.raises(NotFound):
        desk_of(world, customs, language="en")


def test_a_translator_never_gets_the_drafts_of_the_original(world: World) -> None:
    made = w.make_published(world)
    draft = w.revise(world, made, "Secret draft", publish=False)
    found = desk_of(world, made)
    assert found.source.id == w.published(made).id != draft.id
    assert source_named(world.actor("translator"), found, draft.id) == found.source
    # A translation that the house began from its draft shows the translator no base.
    editorial.save(
        world.actor("author"), made, "es", w.text("Borrador"), None, loaded=None, based_on=draft.id
    )
    assert desk_of(world, made).base is None


def test_taking_the_original_down_ends_the_work_of_translators(world: World) -> None:
    made = w.make_published(world)
    hand_in(world, made)
    revision = w.latest(made, "es")
    editorial.unpublish(world.actor("coordinator"), made, "")
    assert not policy.translate(world.actor("translator"), made, "es")
    with pytest.raises(NotFound):
        desk_of(world, made)
    with pytest.raises(Forbidden):
        editorial.withdraw(world.actor("translator"), made, revision)


def test_a_draft_says_what_it_was_begun_from_and_moves_up_when_it_is_handed_in(world: World) -> None:
    made = w.make_published(world)
    first = w.published(made)
    actor = world.actor("translator")
    kept = actions.keep(actor, desk_of(world, made), w.text("Uno"), None)
    second = w.revise(world, made, "Second")
    kept = actions.keep(actor, desk_of(world, made), w.text("Dos"), (kept.id, kept.version))
    assert kept.based_on_id == first.id
    assert desk_of(world, made).base == first
    found = desk_of(world, made)
    handed = actions.hand_in(actor, found, w.text("Tres"), (kept.id, kept.version), second)
    assert handed.based_on_id == second.id


def test_what_was_before_the_translators_eyes_counts_not_what_came_since(world: World) -> None:
    made = w.make_published(world)
    seen = desk_of(world, made).source
    w.revise(world, made, "Changed meanwhile")
    found = desk_of(world, made)
    source = source_named(world.actor("translator"), found, seen.id)
    assert source.id == seen.id
    hand_in(world, made, source=source)
    publish(world, made)
    assert is_outdated(made)


def test_a_change_of_meaning_marks_and_undoing_it_clears(world: World) -> None:
    made = w.make_published(world, "One")
    w.translate(world, made, "es")
    assert not is_outdated(made)
    w.revise(world, made, "Two", changes_meaning=True)
    assert is_outdated(made)
    w.revise(world, made, "One", changes_meaning=True)
    assert not is_outdated(made)


def test_a_small_change_after_an_undone_one_does_not_mark(world: World) -> None:
    made = w.make_published(world, "One")
    w.translate(world, made, "es")
    for words in ("Two", "One"):
        w.revise(world, made, words, changes_meaning=True)
    w.revise(world, made, "Onne", changes_meaning=False)
    assert not is_outdated(made)
    w.revise(world, made, "Three", changes_meaning=True)
    assert is_outdated(made)


def test_a_small_change_does_not_mark_and_a_draft_never_does(world: World) -> None:
    made = w.make_published(world, "One")
    w.translate(world, made, "es")
    w.revise(world, made, "Onne", changes_meaning=False)
    assert not is_outdated(made)
    draft = w.revise(world, made, "Another thing", publish=False, changes_meaning=True)
    assert not is_outdated(made)
    w.submit(world, made)
    assert draft.state == State.SUBMITTED
    assert not is_outdated(made)


def test_a_saved_draft_of_the_translation_does_not_clear_the_mark(world: World) -> None:
    made = w.make_published(world, "One")
    w.translate(world, made, "es")
    w.revise(world, made, "Two")
    found = desk_of(world, made)
    assert found.is_outdated
    assert found.is_behind
    assert found.latest is not None
    actions.keep(world.actor("translator"), found, w.text("Dos"), (found.latest.id, found.latest.version))
    assert is_outdated(made)
    assert desk_of(world, made).base is not None


def test_the_first_publication_counts_as_a_change_of_meaning(world: World) -> None:
    assert w.published(w.make_published(world)).changes_meaning


def test_the_author_proposes_the_severity_and_the_moderator_sets_it(world: World) -> None:
    made = w.make_published(world, "One")
    last = w.latest(made)
    proposed = editorial.save(
        world.actor("author"), made, "en", w.text("Two"), w.about(), loaded=(last.id, last.version),
        changes_meaning=True,
    )  # fmt: skip
    assert proposed.changes_meaning
    w.submit(world, made)
    w.claim(world, made)
    w.approve(world, made, changes_meaning=False)
    assert not w.published(made).changes_meaning


def test_publishing_one_language_alters_no_other(world: World) -> None:
    made = w.make_published(world, "One")
    before = (w.published(made).id, Text.of(w.published(made)), w.published(made).changes_meaning)
    editorial.save(
        world.actor("author"), made, "fr", w.text("Guichet"), None, loaded=None, based_on=before[0]
    )
    french = (w.latest(made, "fr").state, w.latest(made, "fr").version)
    hand_in(world, made)
    publish(world, made)
    assert (w.published(made).id, Text.of(w.published(made)), w.published(made).changes_meaning) == before
    assert (w.latest(made, "fr").state, w.latest(made, "fr").version) == french


def test_no_change_needed_moves_the_base_up_without_review_and_is_in_the_history(world: World) -> None:
    made = w.make_published(world, "One")
    w.translate(world, made, "es")
    w.revise(world, made, "Two")
    found = desk_of(world, made)
    assert found.published is not None
    actions.no_change_needed(world.actor("translator"), found, found.source)
    assert not is_outdated(made)
    assert w.published(made, "es").based_on_id == found.source.id
    assert "no_change_needed" in steps(made)
    with pytest.raises(WrongState):
        actions.no_change_needed(world.actor("translator"), desk_of(world, made), found.source)


def test_no_change_needed_is_about_the_version_that_was_read(world: World) -> None:
    made = w.make_published(world, "One")
    with pytest.raises(WrongState):
        actions.no_change_needed(world.actor("translator"), desk_of(world, made), w.published(made))
    kept = actions.keep(world.actor("translator"), desk_of(world, made), w.text("Uno"), None)
    with pytest.raises(WrongState):
        actions.no_change_needed(world.actor("translator"), desk_of(world, made), w.published(made))
    editorial.withdraw(world.actor("translator"), made, kept)
    hand_in(world, made)
    publish(world, made)
    read = w.revise(world, made, "Two")
    w.revise(world, made, "Three")
    with pytest.raises(Stale):
        actions.no_change_needed(world.actor("translator"), desk_of(world, made), read)


def test_no_change_needed_is_for_those_who_may_translate(world: World) -> None:
    made = w.make_published(world, "One")
    w.translate(world, made, "es")
    second = w.revise(world, made, "Two")
    with pytest.raises(Forbidden):
        editorial.no_change_needed(world.actor("fijian"), made, w.edition(made, "es"), second)


def test_a_draft_in_hand_moves_up_with_no_change_needed(world: World) -> None:
    made = w.make_published(world, "One")
    w.translate(world, made, "es")
    w.revise(world, made, "Two")
    found = desk_of(world, made)
    assert found.latest is not None
    draft = actions.keep(
        world.actor("translator"), found, w.text("Dos"), (found.latest.id, found.latest.version)
    )
    found = desk_of(world, made)
    actions.no_change_needed(world.actor("translator"), found, found.source)
    assert draft.based_on_id == found.source.id


def test_a_partial_update_is_published_and_stays_marked(world: World) -> None:
    made = w.make_published(world, "One")
    w.translate(world, made, "es")
    w.revise(world, made, "Two")
    hand_in(world, made, "Dos a medias", is_partial=True)
    publish(world, made)
    assert w.published(made, "es").title.startswith("Dos a medias")
    assert is_outdated(made)
    hand_in(world, made, "Dos")
    publish(world, made)
    assert not is_outdated(made)


def test_only_what_is_published_is_updated_in_part(world: World) -> None:
    made = w.make_published(world)
    with pytest.raises(WrongState):
        hand_in(world, made, is_partial=True)


def test_what_is_incomplete_is_not_handed_in_and_says_all_that_is_missing(world: World) -> None:
    made = w.make_published(world)
    found = desk_of(world, made)
    with pytest.raises(Invalid) as refused:
        actions.hand_in(world.actor("translator"), found, Text(title="Título"), None, found.source)
    assert set(refused.value.errors) == {"summary", "body"}


def test_nobody_reviews_what_they_translated_themselves(world: World) -> None:
    made = w.make_published(world)
    hand_in(world, made, who="moderating translator")
    case = w.open_case(made, "es")
    assert not policy.in_scope(world.actor("moderating translator"), case)
    assert policy.in_scope(world.actor("spanish moderator"), case)
    told = session().scalars(select(Notification.person_id).where(Notification.case_id == case.id)).all()
    assert world.people["spanish moderator"] in told
    assert world.people["moderating translator"] not in told


def test_a_translator_withdraws_what_is_theirs_and_leaves_what_is_the_houses(world: World) -> None:
    made = w.make_published(world)
    mine = hand_in(world, made)
    editorial.withdraw(world.actor("translator"), made, mine)
    assert mine.state == State.WITHDRAWN
    theirs = hand_in(world, made, who="author")
    with pytest.raises(Forbidden):
        editorial.withdraw(world.actor("translator"), made, theirs)


def test_a_translator_answers_the_moderator_and_may_appeal(world: World) -> None:
    made = w.make_published(world)
    revision = hand_in(world, made)
    case = w.claim(world, made, language="es")
    moderator = world.actor("spanish moderator")
    digest = w.snapshot_digest(made, revision)
    editorial.propose_edit(moderator, case, case.version, digest, w.text("Mejor"), "Better so.")
    editorial.refuse_edit(world.actor("translator"), made, revision, "No.")
    editorial.decline(moderator, case, case.version, digest, "Then not.")
    appealed = editorial.appeal(world.actor("translator"), made, revision, "Please look again.")
    assert appealed.writer_id == world.people["translator"]
    kinds = {"contribution.edit_proposed", "contribution.declined"}
    rows = session().scalars(select(Notification).where(Notification.kind.in_(kinds))).all()
    assert {row.person_id for row in rows} == {world.people["translator"]}


def test_a_translator_confirms_the_moderators_wording(world: World) -> None:
    made = w.make_published(world)
    revision = hand_in(world, made)
    case = w.claim(world, made, language="es")
    digest = w.snapshot_digest(made, revision)
    editorial.propose_edit(
        world.actor("spanish moderator"), case, case.version, digest, w.text("Mejor"), "Better so."
    )
    editorial.confirm_edit(world.actor("translator"), made, revision)
    assert w.published(made, "es").title.startswith("Mejor")


def test_a_house_with_clearance_clears_the_translations_of_others(world: World) -> None:
    session().get_one(Organisation, world.organisations["thailand"]).needs_clearance = True
    made = w.make_draft(world)
    revision = w.submit(world, made)
    editorial.clear(world.actor("approver"), made, revision)
    w.claim(world, made)
    w.approve(world, made)
    handed = hand_in(world, made)
    assert handed.state == State.AWAITING_CLEARANCE
    with pytest.raises(Forbidden):
        editorial.clear(world.actor("translator"), made, handed)
    editorial.clear(world.actor("approver"), made, handed)
    assert handed.state == State.SUBMITTED


def ask(world: World, made: Contribution, who: str = "fijian") -> None:
    editorial.ask_for_translation(world.actor(who), made, "es")
    session().flush()


def test_who_asked_for_a_language_is_told_once_when_it_is_there(world: World) -> None:
    made = w.make_published(world)
    ask(world, made, "fijian")
    ask(world, made, "partner")
    hand_in(world, made)
    publish(world, made)
    told = select(Notification).where(Notification.kind == "translation.published")
    assert {n.person_id for n in session().scalars(told)} == {world.people["fijian"], world.people["partner"]}
    assert session().scalar(select(func.count()).select_from(TranslationRequest)) == 0
    ask(world, made, "fijian")
    hand_in(world, made, "Otra vez")
    publish(world, made)
    assert len(session().scalars(told).all()) == 2


def test_who_may_not_read_it_any_more_hears_nothing(world: World, app: object) -> None:
    made = w.make_published(world)
    ask(world, made, "fijian")
    hand_in(world, made)
    publish(world, made)
    row = session().scalars(select(Notification).where(Notification.kind == "translation.published")).one()
    with app.test_request_context():  # type: ignore[attr-defined]
        message = said(row, world.actor("fijian"))
        assert message is not None
        assert "Ventanilla" in message.subject
        session().info.pop("editorial_messages")
        editorial.narrow(world.actor("author"), made, Audience.OWN)
        assert said(row, world.actor("fijian")) is None
        session().info.pop("editorial_messages")
        row.contribution_id = None
        assert said(row, world.actor("fijian")) is None


def test_a_translator_is_told_of_their_text_while_they_translate_it(world: World, app: object) -> None:
    made = w.make_published(world)
    hand_in(world, made)
    publish(world, made)
    row = (
        session()
        .scalars(
            select(Notification).where(
                Notification.kind == "contribution.published",
                Notification.person_id == world.people["translator"],
            )
        )
        .one()
    )
    with app.test_request_context():  # type: ignore[attr-defined]
        message = said(row, world.actor("translator"))
        assert message is not None
        assert message.endpoint == "translating.translate"
        assert said(row, world.actor("fijian")) is None


def ask_machine(world: World, made: Contribution, text: Text | None = None, **options: bool) -> Revision:
    found = desk_of(world, made)
    return actions.ask_machine(
        world.actor("translator"), found, text or Text(title="Título"), None, is_on=options.get("is_on", True)
    )


def test_a_machine_is_asked_for_public_text_alone_when_it_is_on_and_something_is_empty(world: World) -> None:
    made = w.make_published(world)
    with pytest.raises(WrongState):
        ask_machine(world, made, is_on=False)
    with pytest.raises(Invalid):
        ask_machine(world, made, w.text("Todo"))
    members = w.make_published(world, words="Members", audience=Audience.MEMBERS)
    with pytest.raises(Forbidden):
        ask_machine(world, members)
    assert not actions.may_ask_machine(desk_of(world, members))
    assert actions.may_ask_machine(desk_of(world, made))
    revision = ask_machine(world, made)
    assert revision.title == "Título"
    job = session().scalars(select(Job).where(Job.kind == "translate.machine")).one()
    assert job.payload["revision_id"] == revision.id


def drafted_by_machine(world: World, made: Contribution) -> Revision:
    asked = ask_machine(world, made)
    found = desk_of(world, made)
    text = w.text("Máquina", made.kind)
    return actions.fill(world.actor("translator"), found, text, (asked.id, asked.version))


def test_a_machines_draft_is_marked_and_not_handed_in_before_a_person_has_reviewed_it(world: World) -> None:
    made = w.make_published(world)
    drafted = drafted_by_machine(world, made)
    assert drafted.is_machine
    assert drafted.machine_reviewed_by_id is None
    assert "machine_draft" in steps(made)
    with pytest.raises(Invalid) as refused:
        hand_in(world, made)
    assert "reviewed" in refused.value.errors
    handed = hand_in(world, made, reviewed=True)
    assert handed.is_machine
    assert handed.machine_reviewed_by_id == world.people["translator"]
    publish(world, made)


def test_a_mark_survives_saving_and_taking_back_and_a_review_survives_them_too(world: World) -> None:
    made = w.make_published(world)
    drafted = drafted_by_machine(world, made)
    actor = world.actor("translator")
    kept = actions.keep(actor, desk_of(world, made), w.text("Uno"), (drafted.id, drafted.version))
    assert kept.machine_reviewed_by_id is None
    editorial.withdraw(actor, made, kept)
    again = actions.keep(actor, desk_of(world, made), w.text("Dos"), (kept.id, kept.version))
    assert again.id != kept.id
    assert again.is_machine
    assert again.machine_reviewed_by_id is None
    reviewed = actions.keep(
        actor, desk_of(world, made), w.text("Tres"), (again.id, again.version), reviewed=True
    )
    later = actions.keep(actor, desk_of(world, made), w.text("Cuatro"), (reviewed.id, reviewed.version))
    assert later.machine_reviewed_by_id == world.people["translator"]
    assert not actions.keep(
        world.actor("author"), desk_of(world, w.make_published(world, words="Other"), "author"),
        w.text("Sola"), None, reviewed=True,
    ).is_machine  # fmt: skip


def test_a_machine_overwrites_nobody_and_nothing_that_is_not_public_any_more(world: World) -> None:
    made = w.make_published(world)
    actor = world.actor("translator")
    with pytest.raises(Stale):
        actions.fill(actor, desk_of(world, made), w.text("Nada"), ("0" * 16, 1))
    asked = ask_machine(world, made)
    loaded = (asked.id, asked.version)
    actions.keep(actor, desk_of(world, made), w.text("Persona"), loaded)
    with pytest.raises(Stale):
        actions.fill(actor, desk_of(world, made), w.text("Máquina"), loaded)
    handed = hand_in(world, made)
    with pytest.raises(Forbidden):
        actions.fill(actor, desk_of(world, made), w.text("Máquina"), (handed.id, handed.version))
    editorial.narrow(world.actor("author"), made, Audience.MEMBERS)
    with pytest.raises(Forbidden):
        actions.fill(actor, desk_of(world, made), w.text("Máquina"), (handed.id, handed.version))


def test_the_empty_fields_of_a_lesson_are_those_of_its_kind(world: World) -> None:
    whole = w.text("Customs", Kind.LESSON_LEARNED)
    source = Revision(title=whole.title, summary=whole.summary, parts=whole.parts)
    found = actions.empty_pieces(Kind.LESSON_LEARNED, source, Text("T", " ", {"context": "x", "tried": ""}))
    assert found == ["summary", "tried", "result", "advice", "for_whom"]


def test_the_moderator_of_the_language_reads_the_original_whatever_its_audience(world: World) -> None:
    from portal.moderation.queries import review

    named = (world.organisations["jica"],)
    made = w.make_published(world, audience=Audience.ORGANISATIONS, organisations=named)
    hand_in(world, made, who="author")
    case = w.open_case(made, "es")
    found = review(world.actor("spanish moderator"), case.id)
    assert found.source is not None
    assert found.source.id == w.published(made).id
    assert not found.is_partial
    with pytest.raises(NotFound):
        review(world.actor("moderator"), case.id)


def test_an_old_case_without_a_writer_is_reviewed_as_before(world: World) -> None:
    made = w.make_draft(world)
    w.submit(world, made)
    case = w.open_case(made)
    case.writer_id = None
    session().flush()
    from portal.moderation.queries import open_count

    assert open_count(world.actor("moderator")) == 1
    assert isinstance(case, Case)
    assert case.opened_at <= now()
