"""Threads: who takes part, messages sent once, files for the parties alone, third organisations, read state."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from portal.attachments.actions import forget_loose
from portal.cooperation import actions, queries, thread_queries
from portal.cooperation.actions.writing import FILE_LIMIT, Attached
from portal.cooperation.models import PartyState, Thread, ThreadMessage
from portal.core.access import ANONYMOUS, SYSTEM
from portal.core.clock import now
from portal.core.db import Database, new_id, session
from portal.core.errors import Forbidden, Invalid, NotFound, WrongState
from portal.core.guard import scoped
from portal.editorial import actions as editorial
from portal.editorial.models import Audience
from portal.notifications.models import Notification
from tests import world as w
from tests.conftest import Statements
from tests.cooperation import talking as t
from tests.files.samples import docx
from tests.http import Browser, words
from tests.work import work_off
from tests.world import World

OUTSIDERS = (
    "reader",
    "bank reader",
    "fijian",
    "named",
    "head of jica",
    "moderator",
    "spanish moderator",
    "administrator",
)


@pytest.fixture
def kept(kept_world: World, database: Database) -> Thread:
    with database.unit_of_work():
        return t.open_thread(kept_world)


def browser(app: Flask, name: str, language: str = "en") -> Browser:
    return Browser(app, language).sign_in(f"{name.replace(' ', '.')}@test.example")


def at(thread: Thread, tail: str = "") -> str:
    return f"/cooperation/threads/{thread.id}{tail}"


def status(app: Flask, name: str, path: str) -> int:
    """What somebody's browser gets for an address, with its bytes."""
    answer = (browser(app, name) if name else Browser(app)).get(path)
    answer.get_data()
    return answer.status_code


def count(database: Database) -> int:
    with database.unit_of_work(write=False):
        return session().scalar(scoped(SYSTEM, select(func.count()).select_from(ThreadMessage))) or 0


def told(kind: str) -> set[str]:
    """Who was told of a kind of event."""
    return set(session().scalars(select(Notification.person_id).where(Notification.kind == kind)))


def test_contributors_of_both_founders_have_a_seat_and_nobody_else(world: World) -> None:
    thread = t.open_thread(world)
    for name in ("author", "colleague", "approver", "coordinator", "partner", "banker"):
        assert queries.seat(world.actor(name), thread.id).party is not None, name
    for name in OUTSIDERS:
        with pytest.raises(NotFound):
            queries.seat(world.actor(name), thread.id)
    with pytest.raises(NotFound):
        queries.seat(ANONYMOUS, thread.id)
    with pytest.raises(NotFound):
        queries.seat(world.actor("author"), "0" * 16)


def test_one_thread_an_answer(world: World) -> None:
    thread = t.open_thread(world)
    need = session().scalars(scoped(SYSTEM, select(t.Contribution))).one()
    assert t.open_thread(world, need).id == thread.id


def test_who_belongs_to_both_sits_for_the_organisation_they_act_for(world: World) -> None:
    thread = t.open_thread(world)
    w.join(world.people["banker"], world.organisations["thailand"], t.Role.CONTRIBUTOR)
    from portal.accounts.models import Person

    person = session().get_one(Person, world.people["banker"])
    for name in ("thailand", "worldbank"):
        person.acting_organisation_id = world.organisations[name]
        session().flush()
        party = queries.seat(world.actor("banker"), thread.id).party
        assert party is not None and party.organisation_id == world.organisations[name]


def test_a_message_is_told_to_all_who_take_part_and_sent_once(world: World) -> None:
    thread = t.open_thread(world)
    seat = t.at_table(world, "partner", thread)
    first = actions.write(*seat, "Good morning.", "en", "same")
    assert actions.write(*seat, "Good morning.", "en", "same").id == first.id
    expected = {"author", "colleague", "approver", "coordinator", "banker"}
    assert told("cooperation.message") == {world.people[name] for name in expected}
    said = thread_queries.messages(seat[0], queries.seat(seat[0], thread.id)).items
    assert [(s.message.body, s.person) for s in said] == [("Good morning.", "Partner")]


@pytest.mark.parametrize(("field", "body", "language"), [("body", "", "en"), ("body", "x" * 10_001, "en"), ("language", "x", "de")])  # fmt: skip
def test_what_cannot_be_sent_is_refused(world: World, field: str, body: str, language: str) -> None:
    thread = t.open_thread(world)
    with pytest.raises(Invalid) as refused:
        actions.write(*t.at_table(world, "partner", thread), body, language, "x")
    assert list(refused.value.errors) == [field]


def test_only_a_seat_writes_and_reads_on(world: World) -> None:
    thread = t.open_thread(world)
    _actor, _thread, seat = t.at_table(world, "partner", thread)
    for name in OUTSIDERS:
        with pytest.raises(Forbidden):
            actions.write(world.actor(name), thread, seat, "x", "en", "x")
        with pytest.raises(Forbidden):
            actions.see(world.actor(name), thread, seat, now())


def test_unread_threads_come_first_until_they_are_opened(world: World) -> None:
    older, newer = t.open_thread(world), t.open_thread(world, t.make_need(world, "Scanners"))
    author = world.actor("author")
    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        actions.see(*t.at_table(world, "author", newer), now())
        actions.see(*t.at_table(world, "author", newer), now())
        unread, read = (thread_queries.threads(author, unread=u).items for u in (True, False))
        assert [line.thread.id for line in unread] == [older.id]
        assert [line.thread.id for line in read] == [newer.id]
    with time_machine.travel(now() + timedelta(hours=2), tick=False):
        t.write(world, "banker", newer)
        unread = thread_queries.threads(author, unread=True).items
        assert [line.thread.id for line in unread] == [newer.id, older.id]
        assert not thread_queries.threads(author, unread=False).items
    assert not thread_queries.threads(world.actor("moderator"), unread=True).items


def test_a_thread_is_called_what_its_reader_may_know(world: World) -> None:
    need = t.make_need(world)
    w.translate(world, need, "es", "Analistas")
    thread = t.open_thread(world, need)
    found = thread_queries.titles(world.actor("banker"), [need.id])
    assert found[need.id] == thread_queries.Title("Analysts for a time release study", "en")
    editorial.narrow(world.actor("author"), need, Audience.OWN)
    assert thread_queries.titles(world.actor("banker"), [need.id]) == {}
    assert queries.seat(world.actor("banker"), thread.id).party is not None


def test_a_third_organisation_is_let_in_by_both_founders(world: World) -> None:
    thread = t.open_thread(world)
    jica = world.organisations["jica"]
    t.write(world, "author", thread)
    proposed = actions.invite(*t.at_table(world, "coordinator", thread), jica)
    assert proposed.state == PartyState.PROPOSED
    assert told("cooperation.consent") == {world.people["banker"]}
    with pytest.raises(NotFound):
        queries.seat(world.actor("head of jica"), thread.id)
    actions.consent(*t.at_table(world, "coordinator", thread), jica)  # twice is once
    assert proposed.state == PartyState.PROPOSED
    actions.consent(*t.at_table(world, "banker", thread), jica)
    assert proposed.state == PartyState.INVITED
    assert told("cooperation.invited") == {world.people["head of jica"]}
    invited = queries.seat(world.actor("head of jica"), thread.id)
    assert len(thread_queries.parties(world.actor("head of jica"), invited)) == 2
    with pytest.raises(NotFound):
        thread_queries.messages(world.actor("head of jica"), invited)
    with pytest.raises(NotFound):
        queries.seat(world.actor("named"), thread.id)  # a contributor is not asked
    actions.answer_invitation(*t.at_table(world, "head of jica", thread), accepts=True)
    here = queries.seat(world.actor("named"), thread.id)
    assert len(thread_queries.messages(world.actor("named"), here).items) == 1
    assert len(thread_queries.parties(world.actor("named"), here)) == 3
    with pytest.raises(Forbidden):  # it is no founder
        actions.invite(*t.at_table(world, "head of jica", thread), world.organisations["fiji"])


def test_a_third_organisation_that_declined_needs_both_again(world: World) -> None:
    thread = t.open_thread(world)
    jica = world.organisations["jica"]
    t.let_in(world, thread, accepts=False)
    assert world.people["banker"] in told("cooperation.declined")
    with pytest.raises(NotFound):
        queries.seat(world.actor("head of jica"), thread.id)
    again = actions.invite(*t.at_table(world, "banker", thread), jica)
    assert again.state == PartyState.PROPOSED
    actions.refuse(*t.at_table(world, "coordinator", thread), jica)
    assert again.state == PartyState.DECLINED
    for act in (actions.consent, actions.refuse):
        with pytest.raises(WrongState):
            act(*t.at_table(world, "coordinator", thread), jica)


def test_who_may_not_be_let_in(world: World) -> None:
    need = t.make_need(
        world, audience=Audience.ORGANISATIONS, organisations=(world.organisations["worldbank"],)
    )
    thread = t.open_thread(world, need)
    founder = t.at_table(world, "coordinator", thread)
    for organisation in (world.organisations["jica"], "0" * 16):
        with pytest.raises(Invalid) as refused:
            actions.invite(*founder, organisation)
        assert "organisation" in refused.value.errors
    with pytest.raises(WrongState):
        actions.invite(*founder, world.organisations["worldbank"])
    with pytest.raises(Forbidden):
        actions.invite(*t.at_table(world, "author", thread), world.organisations["jica"])
    with pytest.raises(Forbidden):
        actions.answer_invitation(*founder, accepts=True)


def sent(app: Flask, *files: tuple[str, bytes], limit: int = 1_000_000) -> Attached:
    """Files that come with a message."""
    return Attached(app.extensions["portal_files"], [(io.BytesIO(b), n) for n, b in files], limit)


@pytest.fixture
def file(app: Flask, database: Database, kept_world: World, kept: Thread) -> str:
    """A file on a message of the World Bank; its id."""
    with database.unit_of_work():
        seat = t.at_table(kept_world, "partner", kept)
        actions.write(*seat, "The plan.", "en", "f", sent(app, ("plan.docx", docx("levante"))))
        here = queries.seat(seat[0], kept.id)
        return thread_queries.messages(seat[0], here).items[0].files[0][1].id


def test_files_are_had_once_they_are_checked_by_the_parties_alone(
    app: Flask, database: Database, kept_world: World, kept: Thread, file: str
) -> None:
    author = browser(app, "author")
    path = f"/cooperation/files/{file}/plan.docx"
    assert author.get(path).status_code == 404
    assert "being checked" in words(author.get(at(kept)))
    work_off(app)
    answer = author.get(path)
    assert answer.status_code == 200 and answer.get_data().startswith(b"PK")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "plan.docx" in words(author.get(at(kept)))
    assert status(app, "partner", path) == 200
    for name in ("", *OUTSIDERS):
        assert status(app, name, path) == 404, name
        assert status(app, name, f"/files/{file}/plan.docx") == 404, name
    assert author.get(f"/files/{file}/plan.docx").status_code == 404


def test_files_of_messages_are_never_loose(app: Flask, database: Database, file: str) -> None:
    work_off(app)
    with time_machine.travel(now() + timedelta(days=30)), database.unit_of_work():
        assert forget_loose(thread_queries.held_files()) == 0


def test_a_message_whose_file_is_refused_is_not_sent(
    app: Flask, database: Database, kept_world: World, kept: Thread
) -> None:
    with database.unit_of_work():
        seat = t.at_table(kept_world, "partner", kept)
        for files in (
            [("x.docx", docx("x")), ("x.pdf", b"<svg/>")],
            [("x.docx", docx("x"))] * (FILE_LIMIT + 1),
        ):
            with pytest.raises(Invalid) as refused:
                actions.write(*seat, "x", "en", "x", sent(app, *files))
            assert list(refused.value.errors) == ["file"]
    assert count(database) == 0


def test_a_form_keeps_what_was_typed_and_sends_once(
    app: Flask, database: Database, kept_world: World, kept: Thread
) -> None:
    partner = browser(app, "partner")
    partner.get(at(kept))
    answer = partner.press("write", body="x" * 10_001, language="fr")
    assert answer.status_code == 422
    assert "x" * 10_001 in answer.get_data(as_text=True)
    assert partner.filled("write")["language"] == ["fr"]
    page = partner.get(at(kept))
    assert partner.press("write", body="Good *morning*.").status_code == 303
    partner.page = page
    assert partner.press("write", body="Good *morning*.").status_code == 303
    assert count(database) == 1
    assert "<em>morning</em>" in partner.follow().get_data(as_text=True)
    assert "Your message is sent." in words(partner.page)  # type: ignore[arg-type]


def test_files_come_with_the_form_and_are_asked_for_again_when_it_is_refused(
    app: Flask, database: Database, kept_world: World, kept: Thread
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    partner = browser(app, "partner")
    form = {"body": "", "language": "en", "form_token": "a", "file": [(io.BytesIO(docx("x")), "x.docx")]}
    answer = partner.post(at(kept, "/messages"), form, content_type="multipart/form-data")
    assert answer.status_code == 422 and "Choose the files again" in words(answer)
    form |= {"body": "Here it is.", "file": [(io.BytesIO(docx("x")), "x.docx")]}
    assert partner.post(at(kept, "/messages"), form, content_type="multipart/form-data").status_code == 303
    assert "x.docx" in words(partner.follow())


def test_new_messages_are_marked_once(
    app: Flask, database: Database, kept_world: World, kept: Thread
) -> None:
    with database.unit_of_work():
        t.write(kept_world, "banker", kept, "Good morning.")
    author = browser(app, "author")
    assert "Unread" in words(author.get("/cooperation/threads"))
    assert " New " in words(author.get(at(kept)))
    assert " New " not in words(author.get(at(kept)))
    page = words(author.get("/cooperation/threads"))
    assert "Read before" in page and "Unread" not in page
    assert "Nothing is unread" in words(author.get("/cooperation/threads?show=unread"))
    assert "Unread" in words(browser(app, "colleague").get("/cooperation/threads"))


def test_two_hundred_messages_are_paged_and_cost_no_more(
    app: Flask, database: Database, kept_world: World, kept: Thread, statements: Statements
) -> None:
    with database.unit_of_work():
        t.write(kept_world, "banker", kept, "Message 000.")
        t.meet(kept_world, kept)
        t.agreed(kept_world, kept)
        t.let_in(kept_world, kept)
        actor, thread, party = t.at_table(kept_world, "banker", kept)
        start = now()
        session().add_all(
            ThreadMessage(
                thread_id=thread.id, organisation_id=party.organisation_id, person_id=actor.person_id,
                form_token=new_id(), language="en", body=f"Message {n:03}.", at=start + timedelta(seconds=n),
            )
            for n in range(1, 200)
        )  # fmt: skip
        actions.open_with_reason(kept_world.actor("administrator"), kept, "A complaint.")
    author = browser(app, "author")
    statements.clear()
    page = words(author.get(at(kept)))
    assert len(statements) <= 12, "\n".join(statements.all)
    assert "Message 199." in page and "Message 180." in page and "Message 179." not in page
    assert page.index("Message 180.") < page.index("Message 199.")
    earlier = author.page.get_data(as_text=True).split('rel="prev" href="')[1].split('"')[0]  # type: ignore[union-attr]
    page = words(author.get(earlier.replace("&amp;", "&").split("#")[0]))
    assert "Message 179." in page and "Message 180." not in page and "Later messages" in page
    later = author.page.get_data(as_text=True).split('rel="next" href="')[1].split('"')[0]  # type: ignore[union-attr]
    assert "Message 199." in words(author.get(later.replace("&amp;", "&").split("#")[0]))
    admin = browser(app, "administrator")
    statements.clear()
    assert "Message 199." in words(admin.get(at(kept)))
    assert len(statements) <= 12, "\n".join(statements.all)


def test_the_list_is_paged_and_costs_no_more(
    app: Flask, database: Database, kept_world: World, kept: Thread, statements: Statements
) -> None:
    with database.unit_of_work():
        for number in range(23):
            t.open_thread(kept_world, t.make_need(kept_world, f"Need {number:02}"))
    author = browser(app, "author")
    statements.clear()
    page = words(author.get("/cooperation/threads"))
    assert len(statements) <= 12
    assert "All that is unread" in page and "Need 22" in page and "Need 00" not in page
    author.get("/cooperation/threads?show=unread")
    following = author.page.get_data(as_text=True).split('rel="next" href="')[1].split('"')[0]  # type: ignore[union-attr]
    assert "Need 00" in words(author.get(following.replace("&amp;", "&")))


def test_a_third_organisation_at_the_browser(app: Flask, kept_world: World, kept: Thread) -> None:
    coordinator, banker, head = (browser(app, n) for n in ("coordinator", "banker", "head of jica"))
    coordinator.get(at(kept, "/invite"))
    assert coordinator.press("invite", organisation=kept_world.organisations["jica"]).status_code == 303
    assert "Proposed by Thailand Customs" in words(coordinator.follow())
    assert "You have consented" in words(coordinator.page)  # type: ignore[arg-type]
    assert "Consent" not in words(browser(app, "author").get(at(kept))).replace("consented", "")
    banker.get(at(kept))
    assert banker.press("consent").status_code == 303
    assert "Invited on" in words(banker.follow())
    page = words(head.get(at(kept)))
    assert "Your organisation is invited to a thread" in page and "Messages" not in page
    assert "Your organisation is invited" in words(head.get("/cooperation/threads"))
    head.get(at(kept))
    assert head.press("accept").status_code == 303
    assert "Write a message" in words(head.follow())
    assert head.get(at(kept, "/invite")).status_code == 403


def test_a_proposal_is_refused_and_an_invitation_declined_at_the_browser(
    app: Flask, kept_world: World, kept: Thread
) -> None:
    coordinator, banker, head = (browser(app, n) for n in ("coordinator", "banker", "head of jica"))
    coordinator.get(at(kept, "/invite"))
    assert coordinator.press("invite", organisation="0" * 16).status_code == 422
    coordinator.press("invite", organisation=kept_world.organisations["jica"])
    banker.get(at(kept))
    assert banker.press("refuse").status_code == 303
    assert "Jica" not in words(banker.follow())
    banker.get(at(kept, "/invite"))
    banker.press("invite", organisation=kept_world.organisations["jica"])
    coordinator.get(at(kept))
    coordinator.press("consent")
    head.get(at(kept))
    assert head.press("decline").status_code == 303
    assert "No thread yet" in words(head.follow())


def test_a_visitor_is_asked_to_sign_in_and_a_reader_told_what_a_thread_is(
    app: Flask, kept_world: World, kept: Thread
) -> None:
    assert Browser(app).get("/cooperation/threads").status_code == 303
    page = words(browser(app, "bank reader").get("/cooperation/threads"))
    assert "No thread yet" in page


@pytest.mark.parametrize("language", ["es", "fr"])
def test_nothing_of_a_thread_is_left_in_english(
    app: Flask, database: Database, kept_world: World, kept: Thread, language: str
) -> None:
    with database.unit_of_work():
        t.write(kept_world, "banker", kept, "7.")
        t.agreed(kept_world, kept)
        t.meet(kept_world, kept)
    page = words(browser(app, "coordinator", language).get(at(kept)))
    for english in (
        "Messages",
        "Meetings",
        "Commitments",
        "Send the",
        "Opened by",
        "Agreed on",
        "Set a date",
    ):
        assert english not in page.replace("Messages" if language == "fr" else "\0", "")
