"""Needs and offers with lines, coordinators who answer them, agreements with commitments: plain functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import select

from portal.cooperation import actions
from portal.cooperation.actions.agreements import Promise
from portal.cooperation.actions.replies import Said
from portal.cooperation.models import Agreement, Answer, Commitment, Interest, Party, Progress, Thread
from portal.core.access import SYSTEM, Actor
from portal.core.clock import now
from portal.core.db import session
from portal.core.guard import scoped
from portal.editorial import actions as editorial
from portal.editorial.models import Audience, Contribution, ExchangeLine, Kind
from portal.editorial.terms import Help, Line, Terms
from portal.editorial.texts import About, Text
from portal.notifications.models import Notification
from portal.organisations.models import Role
from tests import world as w
from tests.world import World

COORDINATORS = {"fiji": "fiji coordinator", "worldbank": "bank", "jica": "japan", "peru": "peru coordinator"}
LINES = ("Two analysts for *eight* weeks", "Training of twelve enumerators")


def add_coordinators(world: World) -> None:
    """A coordinator for each of four houses."""
    for organisation, name in COORDINATORS.items():
        world.people[name] = w.make_person(name, world.organisations[organisation], Role.COORDINATOR)


def post(
    world: World, author: str = "fijian", kind: Kind = Kind.NEED, *, words: str = "Time release study",
    reply_by: date | None = None, audience: Audience = Audience.MEMBERS, lines: Mapping[int, str] | None = None,
    topics: tuple[str, ...] = ("TFA-3",), countries: tuple[str, ...] = ("FJ",), regions: tuple[str, ...] = (),
) -> Contribution:  # fmt: skip
    """A published need or offer with two lines, or with those of `lines` by slot."""
    asked = lines or dict(enumerate(LINES, 1))
    made = w.make_published(
        world, words, author=author, kind=kind, text=_text(words, kind, asked), audience=audience,
        topics=topics, countries=countries, terms=terms(asked, reply_by, regions),
    )  # fmt: skip
    session().flush()
    return made


def terms(lines: Mapping[int, str], reply_by: date | None, regions: tuple[str, ...] = ()) -> Terms:
    """Terms whose lines have lasting keys, by their slots."""
    helps = (Help.EXPERTISE, Help.TRAINING)
    made = tuple(Line(slot, helps[(slot - 1) % 2], key=f"key{slot}", topic="TFA-3") for slot in lines)
    return Terms(lines=made, reply_by=reply_by, regions=regions)


def revise(
    world: World, made: Contribution, lines: Mapping[int, str], reply_by: date | None, author: str = "fijian"
) -> None:
    """A next version with other lines or another date for answers, published."""
    last = w.latest(made)
    about = About(made.audience or Audience.MEMBERS, (), ("TFA-3",), ("FJ",), terms(lines, reply_by))
    editorial.save(
        world.actor(author),
        made,
        "en",
        _text("Changed", made.kind, lines),
        about,
        loaded=(last.id, last.version),
    )
    w.submit(world, made, author)
    w.claim(world, made)
    w.approve(world, made, changes_meaning=False)
    session().flush()


def line_ids(made: Contribution) -> list[str]:
    """The ids of its lines by slot, former ones too."""
    statement = (
        select(ExchangeLine.id).where(ExchangeLine.contribution_id == made.id).order_by(ExchangeLine.slot)
    )
    return list(session().scalars(scoped(SYSTEM, statement)))


def answer(
    world: World, who: str, made: Contribution, *said: Answer | None, note: str = "", language: str = "en"
) -> Interest:
    """Have somebody answer the lines of a post in their order; None leaves a line without an answer."""
    chosen = {
        line_id: Said(one, note, "" if one != Answer.COVERED else "https://example.org/programme")
        for line_id, one in zip(line_ids(made), said, strict=False)
        if one is not None
    }
    found = actions.reply(world.actor(who), made, chosen, language)
    session().flush()
    return found


def thread_of(interest: Interest) -> Thread:
    """The thread that an answer opened."""
    return session().scalars(scoped(SYSTEM, select(Thread).where(Thread.interest_id == interest.id))).one()


def agreed(world: World, interest: Interest, *promises: tuple[str, str, int]) -> list[Commitment]:
    """An agreement that both founders agreed to; a promise is (organisation, what, due in so many days)."""
    thread = thread_of(interest)
    made = [
        Promise(world.organisations[who], what, now().date() + timedelta(days=days))
        for who, what, days in promises
    ]
    (proposer, first), (other, second) = _seats(world, thread)
    agreement = actions.propose(proposer, thread, first, "We work together.", made, "en", 0)
    actions.agree(other, thread, second, agreement, 1)
    session().flush()
    return commitments(agreement)


def commitments(agreement: Agreement) -> list[Commitment]:
    """The commitments of an agreement in their order."""
    statement = (
        select(Commitment).where(Commitment.agreement_id == agreement.id).order_by(Commitment.position)
    )
    return list(session().scalars(scoped(SYSTEM, statement)))


def progress(made: Contribution) -> Progress:
    """How far a post has come."""
    return session().get_one(Progress, made.id, execution_options={"scope": SYSTEM})


def told(world: World, who: str) -> list[str]:
    """The kinds of what somebody was told about cooperation, in the order of telling, without the first word."""
    statement = (
        select(Notification.kind)
        .where(Notification.person_id == world.people[who], Notification.kind.startswith("cooperation."))
        .order_by(Notification.created_at, Notification.id)
    )
    return [kind.removeprefix("cooperation.") for kind in session().scalars(statement)]


def _seats(world: World, thread: Thread) -> list[tuple[Actor, Party]]:
    """Both founders of a thread, each with the coordinator who acts for it."""
    statement = select(Party).where(Party.thread_id == thread.id, Party.is_founder)
    names = {world.organisations[organisation]: name for organisation, name in COORDINATORS.items()}
    return [
        (world.actor(names[party.organisation_id]), party)
        for party in session().scalars(scoped(SYSTEM, statement))
    ]


def _text(words: str, kind: Kind, lines: Mapping[int, str]) -> Text:
    first = "situation" if kind == Kind.NEED else "programme"
    parts = {
        first: "Nobody has measured since 2019.",
        **{f"line{slot}": said for slot, said in lines.items()},
    }
    return Text(f"{words}: analysts wanted", f"{words} in two sentences.", parts)


def agreement_by(commitment: Commitment) -> Agreement:
    """The agreement that a commitment belongs to."""
    return session().get_one(Agreement, commitment.agreement_id, execution_options={"scope": SYSTEM})


def thread_by(commitment: Commitment) -> Thread:
    """The thread that a commitment was made in."""
    thread_id = agreement_by(commitment).thread_id
    return session().get_one(Thread, thread_id, execution_options={"scope": SYSTEM})
