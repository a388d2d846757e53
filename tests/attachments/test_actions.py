"""Attaching, naming, removing, freezing; what hangs on nothing is forgotten, what is in use is kept."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from portal.attachments import actions
from portal.core.access import ANONYMOUS, SYSTEM
from portal.core.db import Database, new_id, session
from portal.core.errors import Forbidden, Invalid, NotFound, Stale, WrongState
from portal.core.guard import scoped
from portal.editorial import actions as editorial
from portal.editorial.models import Attachment, Audience
from portal.editorial.texts import snapshot_digest
from portal.files import actions as files
from portal.files import queries
from portal.files.inspection import Found
from portal.files.known import Refusal
from portal.files.models import FileState, StoredFile, TextState, Upload
from portal.mail.transport import MemoryTransport
from portal.organisations.models import Membership, Role
from tests import world as w
from tests.attachments import making
from tests.attachments.making import actor, attach, contribution, draft, post_with, publish, stored
from tests.files import samples as s
from tests.files import servers
from tests.http import Browser
from tests.work import work_off
from tests.world import World

REPORT = ("report.docx", s.docx("levante"))
PLAN = ("plan.pdf", s.pdf())


@pytest.fixture
def made(app: Flask, world: World) -> str:
    """A draft."""
    return draft(app, world)


@pytest.fixture
def working(app: Flask) -> Iterator[None]:
    """An application context: messages are said in English."""
    with app.test_request_context("/en/"):
        yield


def names(database: Database, made: str, language: str | None = None) -> list[str]:
    """The names of what the newest version carries, which the rows beside it agree with."""
    with database.unit_of_work(write=False):
        revision = w.latest(contribution(made), language)
        rows = session().scalars(
            scoped(SYSTEM, select(Attachment.stored_file_id).where(Attachment.revision_id == revision.id).order_by(Attachment.position))
        )  # fmt: skip
        assert list(rows) == [file["id"] for file in revision.files]
        return [file["name"] for file in revision.files]


def keys(app: Flask) -> set[str]:
    """What the storage holds."""
    return {key for key, _moment in app.extensions["portal_files"].names()}


def test_a_file_is_attached_looked_at_and_ready(either_app: Flask, database: Database, world: World) -> None:
    made = draft(either_app, world)
    ids = attach(either_app, world, made, REPORT, PLAN)
    assert names(database, made) == ["report.docx", "plan.pdf"]
    with database.unit_of_work(write=False):
        assert {stored(i).state for i in ids} == {FileState.CHECKING}
    work_off(either_app)
    with database.unit_of_work(write=False):
        assert {stored(i).state for i in ids} == {FileState.READY}
        assert "levante" in queries.texts(SYSTEM, ids)[ids[0]]
        found = {stored(i).key for i in ids}
    assert keys(either_app) == found


def test_what_is_refused_at_the_door_is_named_and_the_rest_is_attached(
    app: Flask, database: Database, world: World, made: str, working: None
) -> None:
    sources = [(io.BytesIO(c), n) for n, c in (REPORT, ("x.svg", b"<svg/>"), ("y.pdf", b""), REPORT)]
    with database.unit_of_work():
        attached, refused = actions.attach(world.actor("author"), app.extensions["portal_files"], contribution(made), "en", sources, 50_000)  # fmt: skip
    assert [one.name for one in attached] == ["report.docx"]
    assert len(refused) == 3
    assert refused[0].startswith("x.svg: Only PDF")
    assert refused[2] == "report.docx is attached already."
    assert names(database, made) == ["report.docx"]
    with database.unit_of_work():
        large = [(io.BytesIO(s.noise(50_001)), "large.pdf")]
        _attached, refused = actions.attach(world.actor("author"), app.extensions["portal_files"], contribution(made), "en", large, 50_000)  # fmt: skip
    assert refused == ["large.pdf: The file is too large."]


def test_there_is_room_for_twenty(
    app: Flask, database: Database, world: World, made: str, working: None
) -> None:
    attach(app, world, made, *[(f"{i}.png", s.picture("PNG", (10 + i, 10))) for i in range(19)])
    more = [(io.BytesIO(s.picture("PNG", (50 + i, 10))), f"{i}.png") for i in range(2)]
    with database.unit_of_work():
        attached, refused = actions.attach(world.actor("author"), app.extensions["portal_files"], contribution(made), "en", more, 50_000)  # fmt: skip
    assert (len(attached), refused) == (1, ["At most 20 files can be attached."])
    with database.unit_of_work(), pytest.raises(Invalid):
        actions.begin_upload(world.actor("author"), contribution(made), "en", "x.pdf", 10, 100)


@pytest.mark.parametrize("who", ["reader", "fijian", "partner", "moderator", "administrator"])
def test_nobody_but_the_house_attaches(
    app: Flask, database: Database, world: World, made: str, who: str
) -> None:
    with database.unit_of_work(), pytest.raises(Forbidden):
        actions.attach(world.actor(who), app.extensions["portal_files"], contribution(made), "en", [], 9)
    with database.unit_of_work(), pytest.raises(Forbidden):
        actions.remove(world.actor(who), contribution(made), "en", new_id())
    with database.unit_of_work(), pytest.raises(Forbidden):
        files.keep(ANONYMOUS, app.extensions["portal_files"], io.BytesIO(b"x"), "x", 9)
    with database.unit_of_work(), pytest.raises(Forbidden):
        files.begin_upload(ANONYMOUS, "x", 1, {}, 9)
    assert keys(app) == set()


def test_a_title_is_given_and_a_file_removed(app: Flask, database: Database, world: World, made: str, working: None) -> None:  # fmt: skip
    one, two = attach(app, world, made, REPORT, PLAN)
    author = actor(app, world)
    with database.unit_of_work():
        actions.entitle(author, contribution(made), "en", one, "Yearly report")
        actions.remove(author, contribution(made), "en", two)
    with database.unit_of_work():
        revision = w.latest(contribution(made))
        assert [(f["id"], f["title"]) for f in revision.files] == [(one, "Yearly report")]
        for wrong in ("", "x" * 201):
            with pytest.raises(Invalid):
                actions.entitle(author, contribution(made), "en", one, wrong)
        for gone in (two, new_id()):
            with pytest.raises(NotFound):
                actions.remove(author, contribution(made), "en", gone)
            with pytest.raises(NotFound):
                actions.entitle(author, contribution(made), "en", gone, "x")


def test_a_language_that_nobody_has_begun_takes_no_files(app: Flask, database: Database, world: World, made: str) -> None:  # fmt: skip
    with database.unit_of_work():
        with pytest.raises(NotFound):
            actions.attach(
                world.actor("author"), app.extensions["portal_files"], contribution(made), "fr", [], 9
            )
        with pytest.raises(NotFound):
            actions.remove(world.actor("author"), contribution(made), "fr", new_id())


def test_what_is_handed_in_is_frozen(
    app: Flask, database: Database, world: World, made: str, working: None
) -> None:
    (one,) = attach(app, world, made, REPORT)
    with database.unit_of_work():
        w.submit(world, contribution(made))
    author = actor(app, world)
    with database.unit_of_work():
        for change in (
            lambda: actions.remove(author, contribution(made), "en", one),
            lambda: actions.entitle(author, contribution(made), "en", one, "Other"),
            lambda: actions.attach(author, app.extensions["portal_files"], contribution(made), "en", [], 9),
            lambda: actions.begin_upload(author, contribution(made), "en", "x.pdf", 1, 9),
        ):
            with pytest.raises(WrongState):
                change()
    assert names(database, made) == ["report.docx"]


def test_files_are_part_of_what_is_judged(app: Flask, database: Database, world: World, made: str) -> None:
    with database.unit_of_work(write=False):
        bare = snapshot_digest(contribution(made), w.latest(contribution(made)))
    attach(app, world, made, REPORT)
    with database.unit_of_work():
        revision = w.submit(world, contribution(made))
        digest = snapshot_digest(contribution(made), revision)
        assert digest != bare
        case = w.claim(world, contribution(made))
        assert case.digest == digest
        moderator = world.actor("moderator")
        revision.files = [{**revision.files[0], "sha256": "0"}]
        session().flush()
        with pytest.raises(Stale):
            editorial.approve(moderator, case, case.version, digest)
        session().rollback()


def test_what_is_still_being_checked_is_not_published_unseen(
    app: Flask, database: Database, world: World, made: str, working: None
) -> None:
    attach(app, world, made, REPORT)
    with database.unit_of_work():
        revision = w.submit(world, contribution(made))
        case, digest = w.claim(world, contribution(made)), snapshot_digest(contribution(made), revision)
        moderator = world.actor("moderator")
        with pytest.raises(Invalid):
            editorial.approve(moderator, case, case.version, digest)
        with pytest.raises(Invalid):
            editorial.propose_edit(moderator, case, case.version, digest, w.text("Better"), "So.")
    work_off(app)
    with database.unit_of_work():
        case = w.open_case(contribution(made))
        editorial.approve(world.actor("moderator"), case, case.version, digest)
        assert contribution(made).is_live


def test_a_change_by_a_colleague_just_before_the_submission_is_in_the_snapshot(
    app: Flask, database: Database, world: World, made: str
) -> None:
    with database.unit_of_work(write=False):
        before = w.latest(contribution(made))
    attach(app, world, made, REPORT, who="colleague")
    with database.unit_of_work():
        session().add(before)  # loaded before the colleague's change
        editorial.submit(world.actor("author"), contribution(made), before)
        case = w.open_case(contribution(made))
        assert case.digest == snapshot_digest(contribution(made), w.latest(contribution(made)))
    assert names(database, made) == ["report.docx"]


def test_the_next_version_carries_the_same_files_and_the_published_one_keeps_its_own(
    app: Flask, database: Database, world: World
) -> None:
    made, (one, two) = post_with(app, world, REPORT, PLAN)
    with database.unit_of_work():
        actions.remove(world.actor("author"), contribution(made), "en", one)  # begins version 2
    assert names(database, made) == ["plan.pdf"]
    with database.unit_of_work():
        latest = w.latest(contribution(made))
        assert (latest.number, latest.state) == (2, "draft")
        assert [f["id"] for f in w.published(contribution(made)).files] == [one, two]
        assert latest.about is not None
    with database.unit_of_work():
        w.submit(world, contribution(made))
        w.claim(world, contribution(made))
        case = w.open_case(contribution(made))
        revision = w.latest(contribution(made))
        editorial.propose_edit(
            world.actor("moderator"), case, case.version, snapshot_digest(contribution(made), revision),
            w.text("Another wording"), "Shorter.",
        )  # fmt: skip
        following = editorial.confirm_edit(world.actor("author"), contribution(made), revision)
        assert [f["id"] for f in following.files] == [two]
    assert names(database, made) == ["plan.pdf"]
    attach(app, world, made, ("third.png", s.picture("PNG")))
    assert names(database, made) == ["plan.pdf", "third.png"]


def test_a_translation_has_files_of_its_own(app: Flask, database: Database, world: World) -> None:
    made, _ids = post_with(app, world, REPORT)
    with database.unit_of_work():
        w.translate(world, contribution(made), "es")
    attach(app, world, made, ("informe.docx", s.docx("otra")), language="es")
    assert names(database, made, "es") == ["informe.docx"]
    assert names(database, made) == ["report.docx"]
    with database.unit_of_work(write=False):
        assert w.latest(contribution(made), "es").about is None


def test_a_refused_file_cannot_be_handed_in(app: Flask, database: Database, world: World, made: str, working: None) -> None:  # fmt: skip
    (one,) = attach(app, world, made, ("a.docx", s.docx_of("<!DOCTYPE x><x/>")))
    work_off(app)
    with database.unit_of_work():
        assert (stored(one).state, stored(one).reason) == (FileState.REFUSED, Refusal.UNSAFE)
        with pytest.raises(Invalid) as refused:
            w.submit(world, contribution(made))
        assert refused.value.errors == {"files": ["The file a.docx was refused. Remove it first."]}


def test_who_sent_a_file_that_is_refused_is_told_why(
    app: Flask, database: Database, world: World, made: str
) -> None:
    box = MemoryTransport()
    app.extensions["portal_mail"] = box
    attach(app, world, made, ("a.docx", s.docx_of("<!DOCTYPE x><x/>")))
    work_off(app)
    (letter,) = box.sent
    assert letter["To"] == "Author <author@test.example>"
    assert letter["Subject"] == "File refused: a.docx"
    with database.unit_of_work():
        mine = Membership.person_id == world.people["author"]
        session().execute(update(Membership).where(mine).values(role=Role.READER))
    page = Browser(app).sign_in("author@test.example").get("/inbox")
    assert "a.docx" not in page.text


def test_while_the_scanner_is_away_a_file_stays_unseen_and_is_looked_at_later(
    app: Flask, database: Database, world: World, made: str
) -> None:
    app.extensions["portal_settings"] = replace(app.extensions["portal_settings"], clamd="127.0.0.1:9")
    infected = s.zipped({"[Content_Types].xml": s.member(s.docx(), "[Content_Types].xml"), "word/document.xml": "<x/>", "x.bin": s.eicar()}, 0)  # fmt: skip
    one, two = attach(app, world, made, REPORT, ("b.docx", infected))
    work_off(app)
    with database.unit_of_work(write=False):
        assert {stored(i).state for i in (one, two)} == {FileState.CHECKING}
    with servers.clamd() as address, time_machine.travel(datetime.now(UTC) + timedelta(minutes=10)):
        app.extensions["portal_settings"] = replace(app.extensions["portal_settings"], clamd=address)
        work_off(app)
    with database.unit_of_work(write=False):
        assert stored(one).state == FileState.READY
        assert (stored(two).state, stored(two).reason) == (FileState.REFUSED, Refusal.VIRUS)


def test_bytes_that_are_not_those_that_came_in_are_refused(app: Flask, database: Database, world: World, made: str) -> None:  # fmt: skip
    (one,) = attach(app, world, made, REPORT)
    with database.unit_of_work(write=False):
        key = stored(one).key
    app.extensions["portal_files"].put(key, io.BytesIO(s.docx("other")))
    work_off(app)
    with database.unit_of_work(write=False):
        assert stored(one).reason == Refusal.BROKEN


def test_a_file_is_settled_once(
    app: Flask, database: Database, world: World, made: str, tmp_path: Any
) -> None:
    (one,) = attach(app, world, made, REPORT)
    cleaned = tmp_path / "x"
    cleaned.write_bytes(b"cleaned")
    found = Found(None, cleaned, "words", TextState.READ)
    storage = app.extensions["portal_files"]
    with database.unit_of_work():
        assert files.settle(storage, one, found) is not None
    with database.unit_of_work():
        assert files.settle(storage, one, found) is None
        assert stored(one).size == 7
        assert files.settle(storage, new_id(), found) is None


def test_two_workers_that_look_at_one_file_leave_one_result(app: Flask, database: Database, world: World, made: str, tmp_path: Any) -> None:  # fmt: skip
    (one,) = attach(app, world, made, REPORT)
    storage = app.extensions["portal_files"]
    cleaned = tmp_path / "x"
    cleaned.write_bytes(b"cleaned")
    found = Found(None, cleaned, "words", TextState.READ)

    class Slow:
        """Another worker settles the file while this one keeps its bytes."""

        def put(self, key: str, source: Any) -> int:
            token = session()
            with database.unit_of_work():
                assert files.settle(storage, one, found) is not None
            assert session() is token
            return int(storage.put(key, source))

    with database.unit_of_work():
        assert files.settle(Slow(), one, found) is None  # type: ignore[arg-type]


def test_a_file_in_pieces_goes_on_after_a_break_and_is_attached(either_app: Flask, database: Database, world: World) -> None:  # fmt: skip
    made = draft(either_app, world)
    storage, author = either_app.extensions["portal_files"], actor(either_app, world)
    content = s.docx("levante", *[s.noise(3000).hex() for _ in range(3)])
    with database.unit_of_work():
        upload_id = actions.begin_upload(author, contribution(made), "en", "big.docx", len(content), 10**6).id
    half = len(content) // 2
    for offset, piece in ((0, content[:half]), (half, content[half:])):
        with database.unit_of_work():
            upload = queries.upload(author, upload_id)
            with pytest.raises(WrongState):
                files.join_pieces(author, storage, upload, 10**6)
            with pytest.raises(WrongState):
                files.take_piece(author, storage, upload, offset + 1, io.BytesIO(piece))
            assert files.take_piece(author, storage, upload, offset, io.BytesIO(piece)) == offset + len(piece)
    with database.unit_of_work():
        upload = queries.upload(author, upload_id)
        done = actions.finish_upload(author, storage, contribution(made), upload, 10**6)
        key = done.key
    assert names(database, made) == ["big.docx"]
    assert b"".join(storage.open(key)) == content
    with database.unit_of_work(write=False), pytest.raises(NotFound):
        queries.upload(author, upload_id)
    work_off(either_app)
    assert len(keys(either_app)) == 1


def test_pieces_have_one_owner_and_a_size(app: Flask, database: Database, world: World, made: str, working: None) -> None:  # fmt: skip
    storage, author = app.extensions["portal_files"], actor(app, world)
    with database.unit_of_work():
        for size in (0, 101):
            with pytest.raises(Invalid):
                actions.begin_upload(author, contribution(made), "en", "a.pdf", size, 100)
        upload = actions.begin_upload(author, contribution(made), "en", "a.pdf", 10, 100)
    with database.unit_of_work():
        with pytest.raises(NotFound):
            queries.upload(world.actor("colleague"), upload.id)
        for step in (
            lambda who: files.take_piece(who, storage, upload, 0, io.BytesIO(b"x")),
            lambda who: files.join_pieces(who, storage, upload, 100),
            lambda who: files.drop_upload(who, upload),
        ):
            with pytest.raises(Forbidden):
                step(world.actor("colleague"))
        for bad in (b"", b"x" * 11):
            with pytest.raises(WrongState):
                files.take_piece(author, storage, upload, 0, io.BytesIO(bad))
    assert keys(app) == set()


def test_of_the_uploads_that_a_person_leaves_open_the_newest_alone_are_kept(
    app: Flask, database: Database, world: World, made: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_UPLOADS", 2)
    storage, ids = app.extensions["portal_files"], []
    for number in range(3):
        with time_machine.travel(datetime.now(UTC) - timedelta(minutes=3 - number)):
            author = actor(app, world)
            with database.unit_of_work():
                upload = actions.begin_upload(author, contribution(made), "en", f"{number}.pdf", 10, 100)
                ids.append(upload.id)
            with database.unit_of_work():
                files.take_piece(author, storage, queries.upload(author, upload.id), 0, io.BytesIO(b"12345"))
    with database.unit_of_work():
        other = actions.begin_upload(world.actor("colleague"), contribution(made), "en", "c.pdf", 10, 100).id
    with database.unit_of_work(write=False):
        open_ones = set(session().scalars(scoped(SYSTEM, select(Upload.id))))
    assert open_ones == {ids[1], ids[2], other}
    work_off(app)
    assert len(keys(app)) == 2


def test_a_piece_sent_twice_at_once_counts_once(
    app: Flask, database: Database, world: World, made: str
) -> None:
    storage, author = app.extensions["portal_files"], actor(app, world)
    with database.unit_of_work():
        upload_id = actions.begin_upload(author, contribution(made), "en", "a.pdf", 10, 100).id

    class Slow:
        """The same piece arrives by another way while this one is kept."""

        def put(self, key: str, source: Any) -> int:
            with database.unit_of_work():
                files.take_piece(author, storage, queries.upload(author, upload_id), 0, io.BytesIO(b"12345"))
            return int(storage.put(key, source))

    with database.unit_of_work(), pytest.raises(WrongState):
        files.take_piece(author, Slow(), queries.upload(author, upload_id), 0, io.BytesIO(b"12345"))  # type: ignore[arg-type]
    with database.unit_of_work(write=False):
        assert queries.upload(author, upload_id).received == 5


def test_uploads_that_nobody_goes_on_with_are_forgotten(app: Flask, database: Database, world: World, made: str) -> None:  # fmt: skip
    storage, author = app.extensions["portal_files"], actor(app, world)
    with database.unit_of_work():
        upload = actions.begin_upload(author, contribution(made), "en", "a.pdf", 10, 100)
        files.take_piece(author, storage, upload, 0, io.BytesIO(b"12345"))
        other = actions.begin_upload(author, contribution(made), "en", "b.pdf", 10, 100)
        session().flush()
        files.drop_upload(author, other)
    with database.unit_of_work():
        assert files.expire_uploads() == 0
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
        with database.unit_of_work():
            assert files.expire_uploads() == 1
        work_off(app)
    assert keys(app) == set()
    with database.unit_of_work(write=False):
        assert session().scalar(scoped(SYSTEM, select(func.count()).select_from(Upload))) == 0


def test_what_hangs_on_nothing_for_a_day_is_forgotten_and_what_a_version_carries_is_kept(
    app: Flask, database: Database, world: World
) -> None:
    made, (kept,) = post_with(app, world, REPORT)
    loose, *_ = attach(app, world, made, PLAN)
    author = actor(app, world)
    with database.unit_of_work():
        actions.remove(author, contribution(made), "en", loose)
        actions.remove(author, contribution(made), "en", kept)  # from version 2; version 1 is published
    work_off(app)
    with database.unit_of_work():
        assert actions.forget_loose() == 0
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
        with database.unit_of_work():
            assert actions.forget_loose() == 1
            assert actions.forget_loose() == 0
        work_off(app)
    with database.unit_of_work(write=False):
        left = session().scalars(scoped(SYSTEM, select(StoredFile.id))).all()
        assert left == [kept]
        assert keys(app) == {stored(kept).key}


def test_bytes_that_no_row_names_are_swept_after_a_day(app: Flask, database: Database, world: World, made: str) -> None:  # fmt: skip
    attach(app, world, made, REPORT)
    author, storage = actor(app, world), app.extensions["portal_files"]
    with database.unit_of_work():
        upload = actions.begin_upload(author, contribution(made), "en", "a.pdf", 10, 100)
        files.take_piece(author, storage, upload, 0, io.BytesIO(b"12345"))
    work_off(app)
    known = keys(app)
    storage.put("orphan", io.BytesIO(b"left by a kill"))
    with database.unit_of_work():
        files.ask_to_sweep()
    work_off(app)
    assert keys(app) == known | {"orphan"}
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
        with database.unit_of_work():
            files.ask_to_sweep()
        work_off(app)
    assert keys(app) == known


def test_audience_of_the_helpers_is_public(app: Flask, database: Database, world: World) -> None:
    made, _ids = post_with(app, world, REPORT, audience=Audience.OWN)
    publish_twice = making.draft(app, world, audience=Audience.PUBLIC)
    publish(app, world, publish_twice)
    with database.unit_of_work(write=False):
        assert contribution(made).audience == Audience.OWN
