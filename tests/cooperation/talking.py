"""A need that was answered and the thread that it opened, for tests; each runs in a unit of work of the caller."""

from __future__ import annotations

import io
from datetime import timedelta

from flask import Flask

from portal.cooperation import actions, agreement_queries, queries, thread_queries
from portal.cooperation.actions.agreements import Promise
from portal.cooperation.actions.meetings import When
from portal.cooperation.actions.replies import Said
from portal.cooperation.actions.writing import Attached
from portal.cooperation.models import Agreement, Answer, Meeting, Party, Thread
from portal.core.access import Actor
from portal.core.clock import now
from portal.core.db import Database, new_id
from portal.editorial.models import Audience, Contribution, Kind
from portal.editorial.terms import Help, Line, Terms
from portal.editorial.texts import Text
from portal.organisations.models import Role
from tests import world as w
from tests.cooperation.asking import line_ids, thread_of
from tests.files.samples import docx
from tests.work import work_off
from tests.world import World

PEOPLE = {
    "banker": ("worldbank", Role.COORDINATOR),
    "bank reader": ("worldbank", Role.READER),
    "head of jica": ("jica", Role.COORDINATOR),
    "head of peru": ("peru", Role.COORDINATOR),
}


def enlist(world: World) -> None:
    """Coordinators for the partners, and a reader of one."""
    for name, (organisation, role) in PEOPLE.items():
        if name not in world.people:
            world.people[name] = w.make_person(name, world.organisations[organisation], role)


def make_need(
    world: World,
    words: str = "Analysts for a time release study",
    audience: Audience = Audience.MEMBERS,
    organisations: tuple[str, ...] = (),
) -> Contribution:
    """A published need of Thailand with two lines."""
    text = Text(
        words, f"{words} in short.", {"situation": f"{words} now.", "line1": "Two", "line2": "Twelve"}
    )
    terms = Terms((Line(1, Help.EXPERTISE, "a"), Line(2, Help.TRAINING, "b")))
    return w.make_published(
        world, words, kind=Kind.NEED, text=text, audience=audience, organisations=organisations,
        topics=("TFA-3",), terms=terms,
    )  # fmt: skip


def open_thread(world: World, need: Contribution | None = None, by: str = "banker") -> Thread:
    """The thread between Thailand, which asked, and the World Bank, which can support the first line.

    `by` names the coordinator of another organisation that can.
    """
    enlist(world)
    need = need or make_need(world)
    first = line_ids(need)[0]
    return thread_of(actions.reply(world.actor(by), need, {first: Said(Answer.CAN_SUPPORT)}, "en"))


def at_table(world: World, name: str, thread: Thread) -> tuple[Actor, Thread, Party]:
    """Somebody with the seat that they have in a thread, as actions take them."""
    actor = world.actor(name)
    party = queries.seat(actor, thread.id).party
    assert party is not None
    return actor, thread, party


def write(world: World, name: str, thread: Thread, body: str = "Good morning.") -> str:
    """A message; its id."""
    return actions.write(*at_table(world, name, thread), body, "en", new_id()).id


def let_in(world: World, thread: Thread, *, accepts: bool = True) -> None:
    """JICA, proposed by one founder, consented to by the other, invited, and in."""
    jica = world.organisations["jica"]
    actions.invite(*at_table(world, "coordinator", thread), jica)
    actions.consent(*at_table(world, "banker", thread), jica)
    actions.answer_invitation(*at_table(world, "head of jica", thread), accepts=accepts)


def propose(
    world: World, thread: Thread, name: str = "coordinator", version: int = 0, summary: str = "Two analysts.",
    by: str = "banker",
) -> Agreement:  # fmt: skip
    """An agreement with a commitment of each founder, due in thirty and sixty days."""
    due = now().date()
    other = world.actor(by).organisation_id
    assert other is not None
    promises = [
        Promise(world.organisations["thailand"], "Name a *host* team", due + timedelta(30)),
        Promise(other, "Send two analysts", due + timedelta(60)),
    ]
    return actions.propose(*at_table(world, name, thread), summary, promises, "en", version)


def agreed(world: World, thread: Thread, by: str = "banker", summary: str = "Two analysts.") -> Agreement:
    """An agreement to which both founders have agreed."""
    found = propose(world, thread, by=by, summary=summary)
    actions.agree(*at_table(world, by, thread), found, found.version)
    return found


def commitments(world: World, thread: Thread, name: str = "banker") -> list[str]:
    """The ids of the commitments of a thread, in their order."""
    found = agreement_queries.agreement(world.actor(name), queries.seat(world.actor(name), thread.id))
    return [one.id for one, _count in found.commitments] if found is not None else []


def when(**changed: object) -> When:
    """A call of an hour tomorrow."""
    start = (now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    defaults = {
        "title": "First call",
        "place": "https://calls.example/1",
        "starts_at": start,
        "ends_at": start + timedelta(hours=1),
    }
    return When(**{**defaults, **changed})  # type: ignore[arg-type]


def meet(world: World, thread: Thread, name: str = "banker") -> Meeting:
    """A meeting of tomorrow."""
    return actions.meet(*at_table(world, name, thread), when())


def filled(app: Flask, world: World, thread: Thread, by: str, words: str) -> dict[str, str]:
    """Everything that a thread can hold, said with `words`; the ids that leak tests ask for."""
    database: Database = app.extensions["portal_database"]
    source = Attached(app.extensions["portal_files"], [(io.BytesIO(docx(words)), f"{words}.docx")], 1_000_000)
    with database.unit_of_work():
        seat = at_table(world, by, thread)
        actions.write(*seat, f"Customs {words}.", "en", new_id(), source)
        meeting = actions.meet(*seat, when(title=f"Customs {words}", place=words))
        agreement = agreed(world, thread, by, f"Customs {words}.")
        here = queries.seat(seat[0], thread.id)
        found = agreement_queries.agreement(seat[0], here)
        assert found is not None
        (mine,) = [c for c, _n in found.commitments if c.organisation_id == seat[2].organisation_id]
        actions.note(seat[0], thread, agreement, mine, f"Customs {words}.", "en")
        file = thread_queries.messages(seat[0], here).items[0].files[0][1].id
    work_off(app)
    return {
        "hidden_thread": thread.id,
        "hidden_meeting": meeting.id,
        "hidden_commitment": mine.id,
        "hidden_file": file,
    }
