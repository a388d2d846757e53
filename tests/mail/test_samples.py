"""Every mail in every language, compared with a sample that somebody has read.

`UPDATE_SAMPLES=1 pytest tests/mail/test_samples.py` writes the samples anew; look at the
difference before it is committed. A language is compared from the day its catalogue is complete.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Message
from babel.messages.pofile import read_po
from flask import Flask
from sqlalchemy import delete, select, update

from portal.accounts.delivery import mail_reset
from portal.accounts.models import Person
from portal.cooperation.models import Answer, Meeting, Party, PartyState
from portal.core.access import ANONYMOUS
from portal.core.clock import now
from portal.core.db import Database, new_id, session
from portal.core.i18n import LANGUAGES
from portal.discussion import actions as discussion
from portal.editorial.actions import ask_for_translation
from portal.editorial.models import Contribution, Kind
from portal.mail.transport import MemoryTransport
from portal.notifications.actions import gather_digests, notify
from portal.notifications.delivery import deliver, deliver_digest
from portal.notifications.messages import kinds
from portal.notifications.models import Digest, Notification
from portal.organisations import actions
from portal.organisations.delivery import mail_access_declined, mail_invitation
from portal.organisations.models import AccessRequest, Organisation, Role
from tests.alerts.making import save
from tests.cooperation import asking
from tests.world import World, make_draft, make_published, open_case, submit, translate

ROOT = Path(__file__).parents[2]
SAMPLES = Path(__file__).parent / "samples"
COMMENT = "Say which ports took part.\n\nThe figures of 2025 need a source."
# Facts that some kinds have besides the comment.
EXTRA: dict[str, dict[str, Any]] = {
    "contribution.unpublished": {"by_moderator": True},
    "file.refused": {"name": "informe.docx", "reason": "macros"},
}


def _complete_languages() -> list[str]:
    complete = ["en"]
    for code in LANGUAGES[1:]:
        with (ROOT / "translations" / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
            entries = [entry for entry in read_po(file) if entry.id]
        if entries and all(all(_strings(entry)) for entry in entries):
            complete.append(code)
    return complete


def _strings(entry: Message) -> tuple[str, ...]:
    return (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ("",))


def _recipient(kind: str) -> str:
    if kind in {"case.no_moderator", "organisation.access_requested"}:
        return "administrator"
    return "author" if kind.startswith(("contribution.", "file.")) else "moderator"


def _mail_of(kind: str) -> Callable[[Flask, World, Database], None]:
    def send(app: Flask, world: World, database: Database) -> None:
        with database.unit_of_work():
            made = make_draft(world)
            submit(world, made)
            notify(
                [world.people[_recipient(kind)]], kind, event_key=new_id(), contribution_id=made.id,
                case_id=open_case(made).id, language="en", comment=COMMENT,
                organisation_id=world.organisations["thailand"], **EXTRA.get(kind, {}),
            )  # fmt: skip
            session().flush()
            told = (
                session()
                .query(Notification.id)
                .filter_by(kind=kind, person_id=world.people[_recipient(kind)])
            )
            wanted = told.order_by(Notification.created_at.desc()).first()
            assert wanted is not None
        deliver(app, {"notification_id": wanted[0]})

    return send


def _mail_reset(app: Flask, world: World, database: Database) -> None:
    mail_reset(app, {"person_id": world.people["author"]})


def _mail_invitation(app: Flask, world: World, database: Database) -> None:
    with database.unit_of_work():
        thailand = session().get_one(Organisation, world.organisations["thailand"])
        language = session().get_one(Person, world.people["author"]).language
        actor = world.actor("coordinator")
        made = actions.invite(actor, thailand, "new@frcs.example", Role.CONTRIBUTOR, language)
    mail_invitation(app, {"invitation_id": made.id})


def _mail_access_declined(app: Flask, world: World, database: Database) -> None:
    with database.unit_of_work():
        thailand = session().get_one(Organisation, world.organisations["thailand"])
        language = session().get_one(Person, world.people["author"]).language
        actions.request_access(
            ANONYMOUS, thailand, "Lita Waqa", "lita@frcs.example", language, "I work there."
        )
        session().flush()
        request = session().scalars(select(AccessRequest).order_by(AccessRequest.created_at.desc())).first()
        assert request is not None
        actions.answer_request(world.actor("coordinator"), thailand, request, accept=False)
    mail_access_declined(app, {"request_id": request.id})


def _mail_of_a_translation(app: Flask, world: World, database: Database) -> None:
    with database.unit_of_work():
        made = make_published(world)
        ask_for_translation(world.actor("fijian"), made, "es")
        translate(world, made, "es")
        session().flush()
        wanted = select(Notification.id).where(Notification.kind == "translation.published")
        told = session().scalars(wanted).one()
    deliver(app, {"notification_id": told})


def _mail_of_a_discussion(kind: str) -> Callable[[Flask, World, Database], None]:
    def send(app: Flask, world: World, database: Database) -> None:
        recipients = {"comment.reported": "moderator", "comment.no_moderator": "administrator"}
        who = world.people[recipients.get(kind, "author")]
        with database.unit_of_work():
            made = make_published(world, kind=Kind.LESSON_LEARNED)
            asks = kind == "comment.question"
            words = "Which ports took part?\n\nAnd since when?"
            written = discussion.post(world.actor("fijian"), made, words, "en", is_question=asks)
            if kind == "comment.reported":
                discussion.report(world.actor("partner"), made, written, "Names a trader.")
            session().execute(delete(Notification).where(Notification.person_id == who))
            notify(
                [who], kind, event_key=new_id(), contribution_id=made.id, comment_id=written.id, comment=COMMENT,
                language="en", organisation_id=world.organisations["fiji"],
            )  # fmt: skip
            session().flush()
            wanted = session().scalars(select(Notification.id).where(Notification.person_id == who)).one()
        deliver(app, {"notification_id": wanted})

    return send


def _mail_of_what_is_followed(app: Flask, world: World, database: Database) -> None:
    with database.unit_of_work():
        made = make_published(world)
        params = {"event": "changed", "language": "en", "reason": "organisation"}
        notify(
            [world.people["fijian"]], "follow.published", event_key=new_id(), contribution_id=made.id,
            key=world.organisations["thailand"], **params,
        )  # fmt: skip
        wanted = session().scalars(select(Notification.id).where(Notification.kind == "follow.published"))
        told = wanted.one()
    deliver(app, {"notification_id": told})


def _mail_of_a_saved_search(app: Flask, world: World, database: Database) -> None:
    with database.unit_of_work():
        searches = [(save(world, "fijian", "window", name=name), name) for name in ("Windows", "Ventanillas")]
        notify(
            [world.people["fijian"]], "alert.found", event_key=new_id(), contribution_id=make_published(world).id,
            event="first", language="en", searches=searches,
        )  # fmt: skip
        told = session().scalars(select(Notification.id).where(Notification.kind == "alert.found")).one()
    deliver(app, {"notification_id": told})


def _digest(app: Flask, world: World, database: Database) -> None:
    with database.unit_of_work():
        session().execute(update(Notification).values(waits=None))
        for words, event in (("Single window", "first"), ("Risk management", "changed")):
            notify(
                [world.people["fijian"]], "follow.published", event_key=new_id(),
                contribution_id=make_published(world, words).id, event=event, language="en", reason="topic",
                key="TFA-3",
            )  # fmt: skip
        for number, row in enumerate(
            session().scalars(select(Notification).order_by(Notification.created_at))
        ):
            row.created_at = now() - timedelta(days=2, minutes=number)
    with database.unit_of_work():
        gather_digests(6)
        digest_id = session().scalars(select(Digest.id)).one()
    deliver_digest(app, {"digest_id": digest_id})


def _mail_of_cooperation(kind: str) -> Callable[[Flask, World, Database], None]:
    def send(app: Flask, world: World, database: Database) -> None:
        key = new_id()
        with database.unit_of_work():
            if "bank" not in world.people:
                asking.add_coordinators(world)
            made = asking.post(world)
            who = world.people[
                {"answered": "fijian", "unanswered": "fijian", "invited": "japan"}.get(kind, "bank")
            ]
            session().get_one(Person, who).language = (
                session().get_one(Person, world.people["author"]).language
            )
            facts = {
                "organisation_id": world.organisations["fiji" if who == world.people["bank"] else "worldbank"]
            }
            facts |= {"day": "2027-01-15", "outcome": "partly_met", "reason": "A complaint by a third party."}
            notify(
                [who],
                f"cooperation.{kind}",
                event_key=key,
                contribution_id=made.id,
                **facts,
                **_talks(world, made),
            )
            told = session().scalars(select(Notification.id).where(Notification.event_key == key)).one()
        deliver(app, {"notification_id": told})

    return send


def _talks(world: World, made: Contribution) -> dict[str, str]:
    """A thread on a need with a late commitment and a meeting, to which JICA is invited."""
    (promised,) = asking.agreed(
        world,
        asking.answer(world, "bank", made, Answer.CAN_SUPPORT),
        ("worldbank", "Send *two* analysts.", 9),
    )
    promised.due_on, promised.reason = date(2027, 3, 31), "The budget was cut."
    thread = asking.thread_by(promised)
    starts = datetime(2027, 2, 3, 8, 30, tzinfo=UTC)
    meeting = Meeting(
        thread_id=thread.id, organisation_id=world.organisations["fiji"], person_id=world.people["fijian"],
        title="How we measure", place="Suva, room 3", starts_at=starts, ends_at=starts + timedelta(hours=1),
    )  # fmt: skip
    session().add(meeting)
    session().add(
        Party(
            thread_id=thread.id,
            organisation_id=world.organisations["jica"],
            state=PartyState.INVITED,
            since=now(),
        )
    )
    session().flush()
    return {"thread_id": thread.id, "commitment_id": promised.id, "meeting_id": meeting.id}


COOPERATED = (
    "agreed", "answered", "circulated", "closed", "commitment_dropped", "commitment_due", "commitment_late",
    "commitment_met", "consent", "declined", "invited", "joined", "meeting", "meeting_moved", "meeting_off",
    "message", "opened", "progress", "proposed", "reopened", "reply_due", "reply_late", "unanswered",
)  # fmt: skip
DISCUSSED = (
    "comment.answered", "comment.hidden", "comment.kept", "comment.mentioned", "comment.no_moderator", "comment.posted",
    "comment.question", "comment.replied", "comment.reported", "lesson.asked", "lesson.used",
)  # fmt: skip
MAILS: dict[str, Callable[[Flask, World, Database], None]] = {
    "account.new_password": _mail_reset,
    "organisation.access_declined": _mail_access_declined,
    "organisation.invitation": _mail_invitation,
    "translation.published": _mail_of_a_translation,
    "alert.found": _mail_of_a_saved_search,
    "follow.published": _mail_of_what_is_followed,
    "notifications.digest": _digest,
    **{kind: _mail_of_a_discussion(kind) for kind in DISCUSSED},
    **{f"cooperation.{kind}": _mail_of_cooperation(kind) for kind in COOPERATED},
}


# All letters are made by two templates: of these the HTML is kept whole as well, of all it says what the text says.
WHOLE = ("notifications.digest", "comment.question", "account.new_password")


def _kinds() -> list[str]:
    import portal.app  # noqa: F401 - registers the words of every room

    return [*MAILS, *(kind for kind in kinds() if kind not in MAILS)]


@pytest.mark.one_database
@pytest.mark.parametrize("language", _complete_languages())
def test_each_mail_reads_like_its_sample(
    app: Flask, world: World, database: Database, post_box: MemoryTransport, language: str
) -> None:
    with database.unit_of_work():
        session().execute(update(Person).values(language=language))
    differing = []
    for kind in _kinds():
        MAILS.get(kind, _mail_of(kind))(app, world, database)
        letter = post_box.sent[-1]
        parts = {"txt": _readable(letter)}
        if kind in WHOLE:
            parts["html"] = _blurred(letter.get_body(("html",)).get_content())  # type: ignore[union-attr]
        for ending, text in parts.items():
            sample = SAMPLES / f"{kind}.{language}.{ending}"
            if os.environ.get("UPDATE_SAMPLES"):
                sample.write_text(text, encoding="utf-8")
            elif not sample.exists() or sample.read_text(encoding="utf-8") != text:
                differing.append(f"{sample.name}:\n{text}")
        assert _unlike_its_text(letter) == [], f"{kind}: HTML and text say different things"
    assert not differing, "read these, then UPDATE_SAMPLES=1:\n" + "\n".join(differing)
    assert len(post_box.sent) == len(_kinds())


def test_there_is_no_sample_of_a_mail_that_nobody_sends() -> None:
    expected = {f"{kind}.{code}.txt" for kind in _kinds() for code in LANGUAGES}
    assert {path.name for path in SAMPLES.glob("*.txt")} <= expected
    whole = {f"{kind}.{code}.html" for kind in WHOLE for code in LANGUAGES}
    assert {path.name for path in SAMPLES.glob("*.html")} == whole


def _unlike_its_text(letter: EmailMessage) -> list[str]:
    """What the text part says or leads to and the HTML part does not, and the other way round."""
    text, html = (letter.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    body = html.partition("<body>")[2]
    shown = " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
    missing = []
    for line in filter(None, (line.strip().removeprefix("* ") for line in text.splitlines())):
        words, _blank, address = line.rpartition(" ")
        is_address = address.startswith("http")
        if f'href="{escape(address)}"' not in body if is_address else " ".join(line.split()) not in shown:
            missing.append(line)
        if is_address and " ".join(words.rstrip(" \u00a0:").split()) not in shown:
            missing.append(words)
    return [line for line in missing if line != "--"] + [
        address for address in map(unescape, re.findall(r'href="([^"]+)"', body)) if address not in text
    ]


def _blurred(text: str) -> str:
    """Without tokens and ids, which differ each time."""
    text = re.sub(r"(reset-password/)[^\s\"<]+", r"\1TOKEN", text.replace("\r\n", "\n"))
    text = re.sub(r"(invitations/)[^\s\"<]+", r"\1TOKEN", text)
    text = re.sub(r"(unsubscribe/)[^\s\"<]+", r"\1TOKEN", text)
    return re.sub(r"(/|thread=|#c-)[0-9a-z]{16}\b", r"\1ID", text)


def _readable(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    heads = "".join(f"{name}: {letter[name]}\n" for name in ("Subject", "Content-Language"))
    return _blurred(f"{heads}\n{body.get_content()}")
