"""The cooperation of the demo world: one need that is answered, talked about and agreed on, and kept late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from portal.cooperation import actions, queries
from portal.cooperation.actions.agreements import Promise
from portal.cooperation.actions.replies import Said
from portal.cooperation.models import Answer, Commitment, Party, Thread
from portal.core.access import Actor
from portal.core.db import new_id, session
from portal.core.guard import scoped
from portal.demo.cast import Cast
from portal.editorial.models import Contribution
from portal.jobs.models import Job
from portal.organisations.actors import actor_with_id
from portal.organisations.models import Role

NEED = "74"
"""The number of the file of the need that Samoa states."""

ANSWERED = "We have run a study at a port of two ships a week, and can send the person who did."
MESSAGES = (
    ("ADB", "Our expert is free from the middle of March. Which weeks have two ships?"),
    ("WSM", "The second and the fourth of each month. We can give her a desk at the port and the manifests."),
)
SUMMARY = (
    "One expert, three weeks on site, and two days of review of the draft report. The figures stay Samoa’s."
)
PROMISES = (
    ("WSM", "The manifests of the last three years are sent, without names.", -3),
    ("ADB", "The plan of the count is sent for remarks.", 21),
    ("WSM", "Results and method are published.", 240),
)
NOTE = "Two of the three years are sent; the third lies on paper and is being typed."


def cooperate(cast: Cast, posts: Mapping[str, Contribution], moment: datetime) -> None:
    """Have the organisations do all this by the actions that people use; nobody is mailed of it."""
    need = posts[NEED]
    bank, samoa = (_coordinator(cast, code) for code in ("ADB", "WSM"))
    lines = queries.lines(bank, need)
    actions.reply(bank, need, {lines[0].id: Said(Answer.CAN_SUPPORT, ANSWERED)}, "en")
    thread = session().scalars(scoped(bank, select(Thread).where(Thread.contribution_id == need.id))).one()
    people = {"ADB": bank, "WSM": samoa}
    parties = {code: _party(actor, thread) for code, actor in people.items()}
    for code, words in MESSAGES:
        actions.write(people[code], thread, parties[code], words, "en", new_id())
    promises = [
        Promise(cast.organisations[code].id, what, (moment + timedelta(days=days)).date())
        for code, what, days in PROMISES
    ]
    agreement = actions.propose(bank, thread, parties["ADB"], SUMMARY, promises, "en", 0)
    actions.agree(samoa, thread, parties["WSM"], agreement, agreement.version)
    first = select(Commitment).where(Commitment.agreement_id == agreement.id).order_by(Commitment.position)
    late = session().scalars(scoped(samoa, first)).first()
    assert late is not None  # it was promised above
    actions.note(samoa, thread, agreement, late, NOTE, "en")
    session().execute(delete(Job).where(Job.kind == "mail"))


def _party(actor: Actor, thread: Thread) -> Party:
    found = queries.seat(actor, thread.id).party
    assert found is not None  # both began the thread
    return found


def _coordinator(cast: Cast, code: str) -> Actor:
    return actor_with_id(cast.members[code][Role.COORDINATOR][0].id)
