"""Importing: offers enter review, nothing comes twice, and what was edited here is never written over."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.audit.models import AuditEntry
from portal.core.access import SYSTEM
from portal.core.db import Database, session
from portal.core.errors import Forbidden, Invalid, WrongState
from portal.core.guard import scoped
from portal.editorial import actions as editorial
from portal.editorial.models import Audience, Case, Contribution, Edition, HistoryEntry, Kind, Revision, State
from portal.editorial.texts import About, Text
from portal.exchange import actions, queries
from portal.exchange.delivery import import_file
from portal.exchange.houses import acting, writer_for
from portal.exchange.models import Import, Imported, Presence
from portal.exchange.running import Verdict
from portal.jobs.actions import Final
from portal.organisations.models import Membership, MembershipState, Organisation
from tests import world as w
from tests.conftest import Statements
from tests.exchange.making import bring, conflicts, imported, publish
from tests.exchange.samples import DESCRIPTIONS, TITLES, activity, file_of
from tests.world import World

ONE = file_of(activity())
CHANGED = file_of(activity(titles=TITLES.replace("Faster release", "Much faster release")))
OTHERS = file_of(activity(), activity("44000-P9"), activity("44000-P8", sector='<sector code="15112"/>'))


def states(made: Contribution) -> dict[str, list[str]]:
    """The states of every version of each language, in order."""
    statement = (
        select(Edition.language, Revision.state)
        .join(Revision, Revision.edition_id == Edition.id)
        .where(Edition.contribution_id == made.id)
        .order_by(Edition.language, Revision.number)
    )
    found: dict[str, list[str]] = {}
    for language, state in session().execute(scoped(SYSTEM, statement)):
        found.setdefault(language, []).append(str(state))
    return found


def edit_here(world: World, made: Contribution, **metadata: object) -> Revision:
    """A coordinator of the bank writes something else, as a draft."""
    last = w.latest(made)
    banker = acting(world.actor("banker"), made.organisation_id)
    text = Text(last.title, "Written here, by hand.", dict(last.parts))
    return editorial.save(banker, made, "en", text, About.of(last), loaded=(last.id, last.version))


def test_a_programme_enters_review_as_an_offer_with_its_languages(
    app: Flask, database: Database, world: World
) -> None:
    counts, (verdict,) = bring(app, database, world, ONE)
    assert counts == {"created": 1}
    assert (verdict.identifier, verdict.title) == ("44000-P1", "Faster release of goods")
    with database.unit_of_work():
        row, made = imported()
        assert made.kind == Kind.OFFER and not made.is_live
        assert made.organisation_id == world.organisations["worldbank"]
        assert states(made) == {"en": ["submitted"], "es": ["draft"], "fr": ["draft"]}
        assert w.open_case(made).writer_id == world.people["banker"]
        assert actions.hand_in_translations() == 0
        publish(world)
        assert actions.hand_in_translations() == 2
        assert states(made) == {"en": ["published"], "es": ["submitted"], "fr": ["submitted"]}
        assert actions.hand_in_translations() == 0
        assert row.presence == Presence.LISTED


def test_who_ran_it_is_recorded(app: Flask, database: Database, world: World) -> None:
    bring(app, database, world, ONE)
    with database.unit_of_work(write=False):
        begun = session().scalars(select(Import)).one()
        assert (begun.person_id, begun.started_by_id) == (world.people["banker"], None)
        assert (begun.counts["created"], len(begun.sha256), begun.ended_at is not None) == (1, 64, True)
        verbs = set(session().scalars(select(AuditEntry.verb)))
        assert {"import.begun", "programme.imported", "import.ended"} <= verbs
        history = session().scalars(scoped(SYSTEM, select(HistoryEntry)))
        assert {entry.person_id for entry in history} == {world.people["banker"]}


def test_a_dry_run_says_the_same_and_writes_nothing(app: Flask, database: Database, world: World) -> None:
    dry, said = bring(app, database, world, OTHERS, is_dry=True)
    with database.unit_of_work(write=False):
        for table in (Import, Imported, Contribution, AuditEntry):
            assert session().scalar(scoped(SYSTEM, select(func.count()).select_from(table))) == 0
    wet, told = bring(app, database, world, OTHERS)
    assert dry == wet == {"created": 2, "refused": 1}
    assert said == told


def test_the_same_file_twice_changes_nothing(app: Flask, database: Database, world: World) -> None:
    bring(app, database, world, OTHERS)
    assert bring(app, database, world, OTHERS)[0] == {"unchanged": 2, "refused": 1}
    with database.unit_of_work():
        publish(world)
    assert bring(app, database, world, OTHERS)[0] == {"unchanged": 2, "refused": 1}
    with database.unit_of_work(write=False):
        assert session().scalar(scoped(SYSTEM, select(func.count()).select_from(Contribution))) == 2


def test_an_identifier_twice_in_a_file_comes_once(app: Flask, database: Database, world: World) -> None:
    counts, verdicts = bring(app, database, world, file_of(activity(), activity()))
    assert counts == {"created": 1, "refused": 1}
    assert "twice" in verdicts[1].reason


def test_the_same_title_many_times_is_as_many_programmes(
    app: Flask, database: Database, world: World
) -> None:
    same = file_of(*(activity(f"44000-P{number}") for number in range(5)))
    assert bring(app, database, world, same)[0] == {"created": 5}


def test_a_change_at_the_source_becomes_a_new_version_in_review(
    app: Flask, database: Database, world: World
) -> None:
    bring(app, database, world, ONE)
    with database.unit_of_work():
        made = publish(world)
        actions.hand_in_translations()
    assert bring(app, database, world, CHANGED)[0] == {"updated": 1}
    with database.unit_of_work():
        assert states(made) == {"en": ["published", "submitted"], "es": ["submitted"], "fr": ["submitted"]}
        assert w.published(made).title == "Faster release of goods"
        publish(world)
        assert w.published(made).title == "Much faster release of goods"
    assert bring(app, database, world, CHANGED)[0] == {"unchanged": 1}


def test_a_change_while_it_waits_replaces_what_waits(app: Flask, database: Database, world: World) -> None:
    bring(app, database, world, ONE)
    assert bring(app, database, world, CHANGED)[0] == {"updated": 1}
    with database.unit_of_work():
        _row, made = imported()
        assert states(made)["en"] == ["withdrawn", "submitted"]
        assert states(made)["fr"] == ["draft"]
        publish(world)
        assert w.published(made).title == "Much faster release of goods"


def test_a_change_of_a_translation_alone_leaves_the_original(
    app: Flask, database: Database, world: World
) -> None:
    bring(app, database, world, ONE)
    with database.unit_of_work():
        made = publish(world)
        actions.hand_in_translations()
    french = TITLES.replace("plus rapide", "bien plus rapide")
    assert bring(app, database, world, file_of(activity(titles=french)))[0] == {"updated": 1}
    with database.unit_of_work():
        assert states(made)["en"] == ["published"]
        assert states(made)["fr"] == ["withdrawn", "draft"]
        assert actions.hand_in_translations() == 1


def test_a_translation_that_was_edited_here_is_not_handed_in(
    app: Flask, database: Database, world: World
) -> None:
    bring(app, database, world, ONE)
    with database.unit_of_work():
        _row, made = imported()
        draft = w.latest(made, "fr")
        banker = acting(world.actor("banker"), made.organisation_id)
        text = Text("Autre titre", draft.summary, dict(draft.parts))
        editorial.save(banker, made, "fr", text, None, loaded=(draft.id, draft.version))
        publish(world)
        assert actions.hand_in_translations() == 1
        assert states(made)["fr"] == ["draft"]


def test_translations_of_somebody_who_left_are_handed_in_by_the_house(
    app: Flask, database: Database, world: World
) -> None:
    bring(app, database, world, ONE, who="partner")
    with database.unit_of_work():
        made = publish(world)
        member = (
            session().scalars(select(Membership).where(Membership.person_id == world.people["partner"])).one()
        )
        member.state = MembershipState.ENDED
        session().flush()
        assert actions.hand_in_translations() == 2
        assert states(made)["fr"] == ["submitted"]


def test_translations_of_a_house_without_writers_wait(app: Flask, database: Database, world: World) -> None:
    bring(app, database, world, ONE)
    with database.unit_of_work():
        made = publish(world)
        members = select(Membership).where(Membership.organisation_id == made.organisation_id)
        for member in session().scalars(members):
            member.state = MembershipState.ENDED
        session().flush()
        assert actions.hand_in_translations() == 0
        assert states(made)["fr"] == ["draft"]


def test_an_edit_made_here_is_never_written_over(app: Flask, database: Database, world: World) -> None:
    bring(app, database, world, ONE)
    with database.unit_of_work():
        made = publish(world)
        edit_here(world, made)
    counts, (verdict,) = bring(app, database, world, CHANGED)
    assert counts == {"conflict": 1} and "edited here" in verdict.reason
    assert bring(app, database, world, CHANGED)[0] == {"conflict": 1}
    with database.unit_of_work(write=False):
        assert states(made)["en"] == ["published", "draft"]
        assert w.latest(made).summary == "Written here, by hand."
        assert len(conflicts()) == 1


def test_a_source_that_goes_back_leaves_nothing_to_settle(
    app: Flask, database: Database, world: World
) -> None:
    bring(app, database, world, ONE)
    with database.unit_of_work():
        edit_here(world, publish(world))
    bring(app, database, world, CHANGED)
    assert bring(app, database, world, ONE)[0] == {"unchanged": 1}
    with database.unit_of_work(write=False):
        assert conflicts() == []


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("claim", "reviewing"), ("request_changes", "asked for changes"), ("archive", "taken down"),
        ("narrow", "narrowed"), ("withdraw", "at work"),
    ],
)  # fmt: skip
def test_what_a_person_has_in_hand_is_left_to_them(
    app: Flask, database: Database, world: World, what: str, says: str
) -> None:
    bring(app, database, world, ONE)
    with database.unit_of_work():
        _row, made = imported()
        banker = acting(world.actor("banker"), made.organisation_id)
        if what in {"claim", "request_changes"}:
            case = w.claim(world, made)
        if what == "request_changes":
            editorial.request_changes(
                world.actor("moderator"),
                case,
                case.version,
                w.snapshot_digest(made, w.latest(made)),
                "Say more.",
            )
        if what == "withdraw":
            editorial.withdraw(banker, made, w.latest(made))
        if what == "archive":
            editorial.unpublish(banker, publish(world), "")
        if what == "narrow":
            editorial.narrow(banker, publish(world), Audience.MEMBERS)
        before = states(made)
    counts, (verdict,) = bring(app, database, world, CHANGED)
    assert counts == {"conflict": 1} and says in verdict.reason
    with database.unit_of_work(write=False):
        assert states(made) == before


def test_once_it_is_free_again_the_change_comes_in_and_the_conflict_is_over(
    app: Flask, database: Database, world: World
) -> None:
    bring(app, database, world, ONE)
    with database.unit_of_work():
        w.claim(world, imported()[1])
    assert bring(app, database, world, CHANGED)[0] == {"conflict": 1}
    with database.unit_of_work():
        w.approve(world, imported()[1])
    assert bring(app, database, world, CHANGED)[0] == {"updated": 1}
    with database.unit_of_work(write=False):
        assert conflicts() == []


def test_keeping_ours_ends_the_conflict_until_the_source_changes_again(
    app: Flask, database: Database, world: World
) -> None:
    bring(app, database, world, ONE)
    with database.unit_of_work():
        edit_here(world, publish(world))
    bring(app, database, world, CHANGED)
    with database.unit_of_work():
        banker = world.actor("banker")
        found = queries.conflict(banker, conflicts()[0].id)
        actions.keep_ours(banker, found.imported, found.conflict)
        with pytest.raises(WrongState):
            actions.take_theirs(banker, found.imported, found.conflict)
    assert bring(app, database, world, CHANGED)[0] == {"unchanged": 1}
    assert bring(
        app, database, world, file_of(activity(descriptions=DESCRIPTIONS.replace("Support", "Aid")))
    )[0] == {"conflict": 1}


def test_taking_theirs_makes_a_draft_and_keeps_ours_in_the_history(
    app: Flask, database: Database, world: World
) -> None:
    bring(app, database, world, ONE)
    with database.unit_of_work():
        made = publish(world)
        edit_here(world, made)
    bring(app, database, world, CHANGED)
    with database.unit_of_work():
        banker = world.actor("banker")
        found = queries.conflict(banker, conflicts()[0].id)
        for name in ("partner", "moderator", "administrator"):
            with pytest.raises(Forbidden):
                actions.take_theirs(world.actor(name), found.imported, found.conflict)
        actions.take_theirs(banker, found.imported, found.conflict)
        assert states(made)["en"] == ["published", "withdrawn", "draft"]
        assert w.latest(made).title == "Much faster release of goods"
        assert w.published(made).title == "Faster release of goods"
        assert conflicts() == []
    assert bring(app, database, world, CHANGED)[0] == {"unchanged": 1}


def test_theirs_cannot_be_taken_while_a_moderator_reads_ours(
    app: Flask, database: Database, world: World
) -> None:
    bring(app, database, world, ONE)
    with database.unit_of_work():
        w.claim(world, imported()[1])
    bring(app, database, world, CHANGED)
    with database.unit_of_work():
        found = queries.conflict(world.actor("banker"), conflicts()[0].id)
    with pytest.raises(WrongState), database.unit_of_work():
        actions.take_theirs(world.actor("banker"), found.imported, found.conflict)
    with database.unit_of_work(write=False):
        assert len(conflicts()) == 1


def test_what_a_complete_file_lacks_is_marked_and_comes_back(
    app: Flask, database: Database, world: World
) -> None:
    bring(app, database, world, OTHERS)
    assert bring(app, database, world, ONE)[0] == {"unchanged": 1}
    with database.unit_of_work(write=False):
        assert imported("44000-P9")[0].presence == Presence.LISTED
    _counts, verdicts = bring(app, database, world, ONE, is_complete=True, is_dry=True)
    assert verdicts[-1].verdict == Verdict.REMOVED
    counts, verdicts = bring(app, database, world, ONE, is_complete=True)
    assert counts == {"unchanged": 1}
    assert (verdicts[-1].identifier, verdicts[-1].verdict) == ("44000-P9", Verdict.REMOVED)
    with database.unit_of_work(write=False):
        row, made = imported("44000-P9")
        assert row.presence == Presence.REMOVED
        assert states(made)["en"] == ["submitted"]
    bring(app, database, world, OTHERS, is_complete=True)
    with database.unit_of_work(write=False):
        assert imported("44000-P9")[0].presence == Presence.LISTED


def test_a_programme_that_closed_at_its_source_is_marked(
    app: Flask, database: Database, world: World
) -> None:
    bring(app, database, world, ONE)
    closed = file_of(activity(status='<activity-status code="4"/>'))
    counts, (verdict,) = bring(app, database, world, closed, is_complete=True)
    assert counts == {"refused": 1} and "marked" in verdict.reason
    with database.unit_of_work(write=False):
        assert imported()[0].presence == Presence.NOT_OPEN


def test_a_programme_that_is_refused_for_its_row_alone_is_not_called_over(
    app: Flask, database: Database, world: World
) -> None:
    bring(app, database, world, ONE)
    counts, (verdict,) = bring(
        app, database, world, file_of(activity(attributes='xml:lang="en" hierarchy="2"')), is_complete=True
    )
    assert counts == {"refused": 1} and "marked" not in verdict.reason
    with database.unit_of_work(write=False):
        assert imported()[0].presence == Presence.LISTED


def test_a_file_that_breaks_off_keeps_what_is_whole_and_flags_nothing(
    app: Flask, database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.exchange.running.BATCH", 1)
    bring(app, database, world, file_of(activity("44000-P7")))
    broken = file_of(activity(), activity("44000-P9"))[:-300]
    with pytest.raises(Invalid):
        bring(app, database, world, broken, is_complete=True)
    with database.unit_of_work(write=False):
        assert imported("44000-P1")[0].presence == imported("44000-P7")[0].presence == Presence.LISTED
        last = session().scalars(select(Import).order_by(Import.started_at.desc(), Import.id)).first()
        assert last is not None and last.ended_at is not None
    assert bring(app, database, world, OTHERS)[0] == {"unchanged": 1, "created": 1, "refused": 1}


def test_a_house_that_asks_for_clearance_is_asked(app: Flask, database: Database, world: World) -> None:
    with database.unit_of_work():
        session().get_one(Organisation, world.organisations["worldbank"]).needs_clearance = True
    bring(app, database, world, ONE)
    with database.unit_of_work(write=False):
        assert states(imported()[1])["en"] == [State.AWAITING_CLEARANCE]


def test_somebody_who_may_not_write_imports_nothing(app: Flask, database: Database, world: World) -> None:
    with pytest.raises(Forbidden):
        bring(app, database, world, ONE, who="fijian")
    with database.unit_of_work(write=False):
        assert session().scalar(scoped(SYSTEM, select(func.count()).select_from(Imported))) == 0


def test_in_whose_name_an_import_writes(database: Database, world: World) -> None:
    with database.unit_of_work(write=False):
        bank, jica = world.organisations["worldbank"], world.organisations["secretariat"]
        coordinator = writer_for(bank)
        assert coordinator is not None and coordinator.person_id == world.people["banker"]
        named = writer_for(bank, "PARTNER@test.example")
        assert named is not None and named.person_id == world.people["partner"]
        assert writer_for(bank, "fijian@test.example") is None
        assert writer_for(bank, "nobody@test.example") is None
        assert writer_for(jica) is None


def test_a_source_without_the_language_of_the_original_is_left_to_the_house(
    app: Flask, database: Database, world: World
) -> None:
    bring(app, database, world, ONE)
    with database.unit_of_work():
        made = publish(world)
    french = "<narrative>Une mainlevée plus rapide et mesurée des marchandises</narrative>"
    other = file_of(activity(titles=f"<title>{french}</title>", descriptions=""))
    counts, (verdict,) = bring(app, database, world, other)
    assert counts == {"conflict": 1} and "language of the original" in verdict.reason
    with database.unit_of_work():
        found = queries.conflict(world.actor("banker"), conflicts()[0].id)
        actions.take_theirs(world.actor("banker"), found.imported, found.conflict)
        assert states(made)["en"] == ["published"]
        assert w.latest(made, "fr").title == "Une mainlevée plus rapide et mesurée des marchandises"


def test_the_worker_says_which_file_it_could_not_read(app: Flask, database: Database, world: World) -> None:
    app.extensions["portal_files"].put("brokenfile000000", io.BytesIO(b"<feed/>"))
    payload = {
        "key": "brokenfile000000", "organisation": world.organisations["worldbank"], "file_name": "p.xml",
        "is_complete": False, "started_by": world.people["administrator"],
    }  # fmt: skip
    with pytest.raises(Final, match="no file of IATI"):
        import_file(app, payload)


def test_a_change_that_touches_no_word_is_noted_and_writes_no_version(
    app: Flask, database: Database, world: World
) -> None:
    bring(
        app,
        database,
        world,
        file_of(activity(place='<recipient-country code="FJ"/><recipient-country code="XK"/>')),
    )
    with database.unit_of_work():
        made = publish(world)
    assert bring(app, database, world, ONE)[0] == {"updated": 1}
    with database.unit_of_work(write=False):
        assert states(made)["en"] == ["published"]
        assert imported()[0].places == []


def test_what_is_refused_after_all_does_not_keep_the_others_out(
    app: Flask, database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check before a batch is written might know less than the workflow does."""
    monkeypatch.setattr("portal.exchange.actions.check", lambda _programme: None)
    monkeypatch.setattr("portal.exchange.writing.TITLE_LIMIT", 10_000)
    long = activity("44000-P9", titles=f"<title><narrative>{'Release ' * 100}</narrative></title>")
    counts, verdicts = bring(app, database, world, file_of(activity(), long, activity("44000-P7")))
    assert counts == {"created": 2, "refused": 1}
    assert [verdict.verdict for verdict in verdicts] == ["created", "refused", "created"]
    assert "characters" in verdicts[1].reason
    with database.unit_of_work(write=False):
        assert states(imported("44000-P7")[1])["en"] == ["submitted"]
        assert session().scalar(scoped(SYSTEM, select(func.count()).select_from(Contribution))) == 2


def test_an_import_that_was_killed_goes_on_where_it_was(
    app: Flask, database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.exchange.running.BATCH", 2)
    file = file_of(*(activity(f"44000-P{number}") for number in range(5)))
    record_all = actions.record_all
    batches = []

    def killed(*given: Any) -> None:
        record_all(*given)
        batches.append(given)
        if len(batches) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(actions, "record_all", killed)
        bring(app, database, world, file)
    assert bring(app, database, world, file)[0] == {"created": 3, "unchanged": 2}
    with database.unit_of_work(write=False):
        for model in (Contribution, Imported, Case):
            assert session().scalar(scoped(SYSTEM, select(func.count()).select_from(model))) == 5


def test_the_statements_of_a_batch_do_not_grow_with_it(
    app: Flask, database: Database, world: World, statements: Statements
) -> None:
    counted = []
    for count in (2, 40):
        statements.clear()
        bring(app, database, world, file_of(*(activity(f"44000-{count}-{n}") for n in range(count))))
        counted.append(len(statements))
    assert counted[1] <= counted[0] <= 40
