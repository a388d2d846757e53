"""The page of files, uploads in pieces and downloads, as browsers and curl meet them."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.core.db import Database
from portal.editorial import actions as editorial
from portal.editorial.models import Audience
from tests import world as w
from tests.attachments.making import attach, contribution, draft, post_with, publish, stored
from tests.conftest import Statements
from tests.files import samples as s
from tests.http import Browser, forms_of, words
from tests.work import work_off
from tests.world import World

NAME = "Año & plan “final”.docx"
REPORT = (NAME, s.docx("levante", s.FRENCH))


def browser(app: Flask, who: str = "author", language: str = "en") -> Browser:
    """Somebody at a browser."""
    return Browser(app, language).sign_in(f"{who}@test.example")


def token(page: TestResponse) -> str:
    """The form token of a page."""
    return next(dict(f["fields"])["csrf_token"] for f in forms_of(page) if "csrf_token" in dict(f["fields"]))


def send(author: Browser, made: str, *files: tuple[str, bytes], **query: str) -> TestResponse:
    """Choose files on the page and press the button."""
    tail = "&".join(f"{k}={v}" for k, v in query.items())
    page = author.get(f"/contributions/{made}/files?{tail}")
    assert page.status_code == 200
    data = {"csrf_token": token(page), "file": [(io.BytesIO(content), name) for name, content in files]}
    return author.post(f"/contributions/{made}/files?{tail}", data, content_type="multipart/form-data")


def test_the_whole_way_without_a_script(app: Flask, database: Database, world: World) -> None:
    made = draft(app, world)
    author = browser(app)
    author.get(f"/contributions/{made}/edit")
    assert author.press("files").status_code == 303
    assert "/files?language=en" in author.page.headers["Location"]  # type: ignore[union-attr]
    assert "Nothing is attached." in words(author.follow())
    assert send(author, made, REPORT, ("plan.pdf", s.pdf())).status_code == 303
    page = words(author.follow())
    assert "2 files are attached." in page
    assert "Being checked" in page
    work_off(app)
    page = words(author.get(f"/contributions/{made}/files"))
    assert "Checked" in page and "Word document" in page and "kB" in page
    author.press("entitle", title="The yearly plan")
    assert "The yearly plan" in words(author.follow())
    assert author.press("entitle", title="").status_code == 422
    author.get(f"/contributions/{made}/files")
    author.press("remove")
    page = words(author.follow())
    assert "The yearly plan" not in page and "plan.pdf" in page


@pytest.mark.parametrize(("language", "sentence"), [("en", "Only PDF"), ("es", ""), ("fr", "")])
@pytest.mark.one_database
def test_what_is_refused_is_said_on_the_page(app: Flask, database: Database, world: World, language: str, sentence: str) -> None:  # fmt: skip
    made = draft(app, world)
    author = browser(app, language=language)
    answer = send(author, made, ("x.pdf", b"<svg/>"))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert send(author, made).status_code == 422
    answer = send(author, made, ("x.pdf", b"<svg/>"), REPORT)
    assert answer.status_code == 200  # one is attached, the other is named
    assert "x.pdf" in words(answer) and NAME in words(answer)


def test_a_form_larger_than_the_limit_is_413_and_a_stranger_is_held_to_that_of_forms(
    app: Flask, world: World
) -> None:
    made = draft(app, world)
    author = browser(app)
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    large = [("a.pdf", b"%PDF-" + bytes(300_000))]
    assert send(author, made, *large).status_code != 413
    stranger = Browser(app)
    page = stranger.get("/sign-in")
    data = {"csrf_token": token(page), "file": [(io.BytesIO(large[0][1]), "a.pdf")]}
    answer = stranger.post(f"/contributions/{made}/files", data, content_type="multipart/form-data")
    assert answer.status_code == 413


def test_a_handed_in_version_is_shown_and_not_changed(app: Flask, database: Database, world: World) -> None:
    made = draft(app, world)
    attach(app, world, made, REPORT)
    author = browser(app)
    author.get(f"/contributions/{made}/files")
    form = next(f for f in forms_of(author.page) if "remove" in f["buttons"])  # type: ignore[arg-type]
    with database.unit_of_work():
        w.submit(world, contribution(made))
    assert author.post(form["action"], dict(form["fields"])).status_code == 409
    assert send(author, made, ("plan.pdf", s.pdf())).status_code == 409
    page = words(author.get(f"/contributions/{made}/files"))
    assert NAME in page and "can no longer be changed" in page


def pieces(author: Browser, made: str, name: str, content: bytes, size: int = 2000) -> TestResponse:
    """What the script does: begin, send in pieces, lose the line once, ask, go on."""
    csrf = {"X-CSRFToken": token(author.get(f"/contributions/{made}/files")), "Accept": "application/json"}
    begun = author.post(f"/contributions/{made}/uploads", {"name": name}, headers={**csrf, "Upload-Length": str(len(content))})  # fmt: skip
    if begun.status_code != 201:
        return begun
    url, offset, answer = begun.headers["Location"], 0, begun
    while offset < len(content):
        asked = author.client.head(url)
        assert asked.headers["Upload-Offset"] == str(offset)
        answer = author.client.patch(
            url, data=content[offset : offset + size], content_type="application/offset+octet-stream",
            headers={**csrf, "Upload-Offset": str(offset)},
        )  # fmt: skip
        if answer.status_code != 204:
            return answer
        again = author.client.patch(url, data=b"x", headers={**csrf, "Upload-Offset": str(offset)})
        assert again.status_code in {404, 409}
        offset = int(answer.headers["Upload-Offset"])
    return answer


def test_an_upload_in_pieces_is_attached(app: Flask, world: World) -> None:
    made = draft(app, world)
    author = browser(app)
    assert pieces(author, made, NAME, REPORT[1], 20_000).status_code == 204
    work_off(app)
    page = words(author.get(f"/contributions/{made}/files"))
    assert NAME in page and "Checked" in page


def test_an_upload_in_pieces_that_is_refused_says_why_as_data(app: Flask, world: World) -> None:
    made = draft(app, world)
    author = browser(app)
    answer = pieces(author, made, "x.pdf", b"<svg/>")
    assert answer.status_code == 422
    assert answer.json["errors"]["file"][0].startswith("x.pdf: Only PDF")
    answer = pieces(author, made, "x.pdf", b"")
    assert answer.status_code == 422
    csrf = {"X-CSRFToken": token(author.get(f"/contributions/{made}/files"))}
    begun = author.post(
        f"/contributions/{made}/uploads", {"name": "a"}, headers={**csrf, "Upload-Length": "9"}
    )
    url = begun.headers["Location"]
    assert browser(app, "colleague").client.head(url).status_code == 404
    assert Browser(app).client.head(url).status_code == 404
    assert author.client.patch(url, data=b"x").status_code == 400  # no token
    assert author.client.delete(url, headers=csrf).status_code == 204
    assert author.client.head(url).status_code == 404


@pytest.fixture
def post(app: Flask, database: Database, world: World) -> tuple[str, str]:
    """A public post with one ready file: its id and the file's address."""
    made, (one,) = post_with(app, world, REPORT)
    work_off(app)
    return made, f"/en/files/{one}/{quote(NAME)}"


def test_a_download_has_its_name_and_is_never_run(
    app: Flask, database: Database, post: tuple[str, str]
) -> None:
    answer = Browser(app).get(post[1])
    assert answer.status_code == 200
    assert answer.get_data()[:2] == b"PK"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert f"filename*=UTF-8''{quote(NAME, safe='')}" in answer.headers["Content-Disposition"]
    assert "sandbox" in ";".join(answer.headers.getlist("Content-Security-Policy"))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content_length == len(answer.get_data())
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert b"Amparo" not in s.member(answer.get_data(), "docProps/core.xml")


def test_ranges_and_conditions(either_app: Flask, database: Database, world: World) -> None:
    _made, (one,) = post_with(either_app, world, REPORT)
    work_off(either_app)
    reader, url = Browser(either_app), f"/en/files/{one}/x.docx"
    whole = reader.get(url)
    body, size = whole.get_data(), len(whole.get_data())

    def ask(**headers: str) -> TestResponse:
        return reader.get(url, buffered=True, headers={k.replace("_", "-"): v for k, v in headers.items()})

    part = ask(Range="bytes=10-19")
    assert (part.status_code, part.get_data(), part.headers["Content-Range"]) == (
        206,
        body[10:20],
        f"bytes 10-19/{size}",
    )
    assert ask(Range="bytes=-5").get_data() == body[-5:]
    assert ask(Range=f"bytes={size - 3}-").get_data() == body[-3:]
    past = ask(Range=f"bytes={size}-")
    assert (past.status_code, past.headers["Content-Range"]) == (416, f"bytes */{size}")
    for odd in ("bytes=0-1,4-5", "lines=1-2", "bytes=x"):
        assert ask(Range=odd).status_code == 200
    etag = whole.headers["ETag"]
    same = ask(If_None_Match=etag)
    assert (same.status_code, same.get_data()) == (304, b"")
    assert ask(If_None_Match='"other"').status_code == 200
    assert ask(Range="bytes=0-4", If_Range=etag).status_code == 206
    assert ask(Range="bytes=0-4", If_Range='"other"').status_code == 200
    assert ask(Range="bytes=0-4", If_Range=whole.headers["Last-Modified"]).status_code == 206
    assert ask(Range="bytes=0-4", If_Range="Mon, 01 Jan 2001 00:00:00 GMT").status_code == 200
    head = reader.client.head(url)
    assert (head.status_code, head.content_length, head.get_data()) == (200, size, b"")


@pytest.mark.one_database
def test_pictures_may_be_shown_and_documents_may_not(app: Flask, world: World) -> None:
    _made, (one, two) = post_with(app, world, ("foto.png", s.picture("PNG")), ("plan.pdf", s.pdf()))
    work_off(app)
    reader = Browser(app)
    assert (
        reader.get(f"/files/{one}/foto.png?view", buffered=True)
        .headers["Content-Disposition"]
        .startswith("inline")
    )
    assert (
        reader.get(f"/files/{one}/foto.png", buffered=True).headers["Content-Disposition"]
        == "attachment; filename=foto.png"
    )
    assert (
        reader.get(f"/files/{two}/plan.pdf?view", buffered=True)
        .headers["Content-Disposition"]
        .startswith("attachment")
    )


# Who gets a file of a published post, by its audience; in words of product.md.
READERS = {
    Audience.PUBLIC: {
        "visitor",
        "reader",
        "author",
        "fijian",
        "partner",
        "named",
        "moderator",
        "administrator",
    },
    Audience.MEMBERS: {"reader", "author", "fijian", "partner", "named", "moderator", "administrator"},
    Audience.CUSTOMS: {"reader", "author", "fijian", "moderator", "administrator"},
    Audience.ORGANISATIONS: {"reader", "author", "named"},
    Audience.OWN: {"reader", "author"},
}


def who_gets(app: Flask, file_id: str, people: set[str] = READERS[Audience.PUBLIC]) -> set[str]:
    """Those who get the bytes; everybody else gets the page of what never existed."""
    found = set()
    for name in people:
        one = Browser(app) if name == "visitor" else browser(app, name)
        for _visit in range(2):  # cookies are set at the first visits
            one.get(f"/files/{'1' * 16}/x.docx")
        answer = one.get(f"/files/{file_id}/x.docx", buffered=True)
        if answer.status_code == 200:
            found.add(name)
            continue
        nothing = one.get(f"/files/{'0' * 16}/x.docx")
        assert (answer.status_code, nothing.status_code) == (404, 404)
        assert sorted(answer.headers.keys()) == sorted(nothing.headers.keys())
        for part in ({"Range": "bytes=0-3"}, {"If-None-Match": "*"}):
            assert one.get(f"/files/{file_id}/x.docx", headers=part).status_code == 404
    return found


@pytest.mark.parametrize("audience", list(Audience))
def test_a_file_is_read_by_the_audience_of_its_post(app: Flask, world: World, audience: Audience) -> None:
    named = (world.organisations["jica"],) if audience == Audience.ORGANISATIONS else ()
    made = draft(app, world, audience=audience, organisations=named)
    (one,) = attach(app, world, made, REPORT)
    assert who_gets(app, one) == set()  # not even its house before it is checked
    publish(app, world, made)
    work_off(app)
    assert who_gets(app, one) == READERS[audience]


def test_a_file_of_a_draft_is_the_houses_and_under_review_the_moderators_too(app: Flask, database: Database, world: World) -> None:  # fmt: skip
    made = draft(app, world)
    (one,) = attach(app, world, made, REPORT)
    work_off(app)
    people = READERS[Audience.PUBLIC] | {"spanish moderator", "colleague"}
    people = {name for name in people if " " not in name}
    assert who_gets(app, one, people) == {"author", "colleague"}
    with database.unit_of_work():
        w.submit(world, contribution(made))
    assert who_gets(app, one, people) == {"author", "colleague", "moderator"}
    with database.unit_of_work():
        case = w.claim(world, contribution(made))
        revision = w.latest(contribution(made))
        digest = w.snapshot_digest(contribution(made), revision)
        editorial.request_changes(world.actor("moderator"), case, case.version, digest, "More.")
    assert who_gets(app, one, people) == {"author", "colleague", "moderator"}
    with database.unit_of_work():
        revision = w.latest(contribution(made))
        editorial.save(world.actor("author"), contribution(made), "en", w.text("Two"), w.about(), loaded=(revision.id, revision.version))  # fmt: skip
    assert who_gets(app, one, people) >= {"author", "colleague"}


def test_what_the_published_version_no_longer_carries_is_the_houses_alone(app: Flask, database: Database, world: World) -> None:  # fmt: skip
    from portal.attachments import actions

    made, (one,) = post_with(app, world, REPORT)
    work_off(app)
    with database.unit_of_work():
        actions.remove(world.actor("author"), contribution(made), "en", one)
    people = {"visitor", "author", "partner"}
    assert who_gets(app, one, people) == people
    publish(app, world, made)
    assert who_gets(app, one, people) == {"author"}
    with database.unit_of_work():
        editorial.unpublish(world.actor("coordinator"), contribution(made), "Old.")
    assert who_gets(app, one, people) == {"author"}


def test_a_narrowed_audience_holds_for_files_at_once(app: Flask, database: Database, world: World) -> None:
    made, (one,) = post_with(app, world, REPORT)
    work_off(app)
    with database.unit_of_work():
        editorial.narrow(world.actor("author"), contribution(made), Audience.OWN)
    assert who_gets(app, one, {"visitor", "reader", "partner"}) == {"reader"}


def test_another_posts_page_does_not_open_a_file_or_change_it(
    app: Flask, database: Database, world: World
) -> None:
    """Swapped parents: the file of one post named on the page of another."""
    hidden, (one,) = post_with(app, world, REPORT, audience=Audience.OWN)
    theirs = draft(app, world, author="partner", words="Theirs")
    partner = browser(app, "partner")
    page = partner.get(f"/contributions/{theirs}/files")
    data = {"csrf_token": token(page), "file_id": one, "title": "Mine"}
    for step in ("remove", "title"):
        assert partner.post(f"/contributions/{theirs}/files/{step}", data).status_code == 404
        assert partner.post(f"/contributions/{hidden}/files/{step}", data).status_code == 404
    assert partner.get(f"/contributions/{hidden}/files").status_code == 404
    assert Browser(app).get(f"/contributions/{hidden}/files").status_code == 303


def test_readers_see_what_is_attached_in_their_language_and_on_paper(app: Flask, database: Database, world: World, post: tuple[str, str], statements: Statements) -> None:  # fmt: skip
    made = post[0]
    reader = Browser(app)
    statements.clear()
    page = words(reader.get(f"/contributions/{made}"))
    assert len(statements) <= 12
    assert "Files" in page and "Word document" in page
    assert post[1][:26] in reader.get(f"/contributions/{made}").get_data(as_text=True)
    assert NAME in words(reader.get(f"/contributions/{made}/print"))
    with database.unit_of_work():
        w.translate(world, contribution(made), "es")
    attach(app, world, made, ("informe.pdf", s.pdf()), language="es")
    page = words(Browser(app, "es").get(f"/contributions/{made}"))
    assert NAME.rpartition(".")[0] in page  # of the original; the translation's own waits for review
    assert "informe" not in page


def test_a_page_that_is_shared_changes_when_the_file_is_checked(
    app: Flask, database: Database, world: World
) -> None:
    made, (one,) = post_with(app, world, REPORT, audience=Audience.OWN)  # no moderator has to wait for it
    reader, member = browser(app, "reader"), browser(app, "colleague")
    for one_reader in (reader, member):
        assert "being checked" in words(one_reader.get(f"/contributions/{made}"))
    work_off(app)
    for one_reader in (reader, member):
        page = one_reader.get(f"/contributions/{made}").get_data(as_text=True)
        assert "being checked" not in page
        assert f"/en/files/{one}/" in page


def test_a_refused_file_is_shown_to_its_house_alone(app: Flask, database: Database, world: World) -> None:
    made, _ids = post_with(app, world, ("bad.docx", s.docx_of("<!DOCTYPE x><x/>")))
    work_off(app)
    assert "bad" not in words(Browser(app).get(f"/contributions/{made}"))
    page = words(browser(app).get(f"/contributions/{made}/files"))
    assert "Refused" in page and "instructions that documents do not need" in page


def test_the_moderator_sees_files_and_what_became_of_them(app: Flask, database: Database, world: World, statements: Statements) -> None:  # fmt: skip
    from portal.attachments import actions

    made, (one,) = post_with(app, world, REPORT)
    (two,) = attach(app, world, made, ("second.pdf", s.pdf()))
    with database.unit_of_work():
        actions.remove(world.actor("author"), contribution(made), "en", one)
        w.submit(world, contribution(made))
        case = w.claim(world, contribution(made)).id
    work_off(app)
    moderator = browser(app, "moderator")
    moderator.get(f"/moderation/{case}")
    statements.clear()
    page = moderator.get(f"/moderation/{case}")
    assert len(statements) <= 14
    assert "New file" in words(page) and "Removed file" in words(page) and NAME in words(page)
    assert f"/en/files/{two}/second.pdf" in page.get_data(as_text=True)
    assert moderator.get(f"/files/{two}/second.pdf", buffered=True).status_code == 200


def test_the_page_of_files_costs_few_statements(app: Flask, world: World, statements: Statements) -> None:
    made = draft(app, world)
    attach(app, world, made, *[(f"{i}.png", s.picture("PNG", (10 + i, 10))) for i in range(12)])
    author = browser(app)
    statements.clear()
    author.get(f"/contributions/{made}/files")
    assert len(statements) <= 12


def search(app: Flask, who: str, word: str, language: str = "en") -> Any:
    """The words of a page of results."""
    one = Browser(app, language) if who == "visitor" else browser(app, who, language)
    return words(one.get(f"/search?q={word}"))


@pytest.mark.parametrize("content", [s.docx("zanahoria"), s.pdf("zanahoria"), s.odt("zanahoria"), s.pptx("zanahoria"), s.xlsx("zanahoria")], ids=["docx", "pdf", "odt", "pptx", "xlsx"])  # fmt: skip
@pytest.mark.one_database
def test_a_word_that_stands_only_in_the_file_finds_the_post_for_a_member_and_not_for_a_visitor(
    app: Flask, database: Database, world: World, index: Any, content: bytes
) -> None:
    kind = next(k for k in ("docx", "pdf", "odt", "pptx", "xlsx") if _is(k, content))
    _made, _ids = post_with(app, world, (f"a.{kind}", content), audience=Audience.MEMBERS, words="Carrots")
    assert "Carrots:" not in search(app, "partner", "zanahoria")
    work_off(app)
    assert "Carrots:" in search(app, "partner", "zanahoria")
    assert "Carrots:" not in search(app, "visitor", "zanahoria")


def test_words_of_a_new_versions_file_are_not_found_before_it_is_published(app: Flask, database: Database, world: World, index: Any) -> None:  # fmt: skip
    made, _ids = post_with(app, world, ("a.docx", s.docx("zanahoria")), words="Carrots")
    attach(app, world, made, ("b.docx", s.docx("remolacha")))
    work_off(app)
    assert "Carrots:" in search(app, "visitor", "zanahoria")
    assert "Carrots:" not in search(app, "visitor", "remolacha")
    assert "Carrots:" not in search(app, "author", "remolacha")
    publish(app, world, made)
    work_off(app)
    assert "Carrots:" in search(app, "visitor", "remolacha")


def _is(kind: str, content: bytes) -> bool:
    from portal.files.kinds import recognise
    from portal.files.known import ENDINGS

    return (
        kind in ENDINGS[recognise(io.BytesIO(content), f"x.{kind}").media_type]
        if _opens(kind, content)
        else False
    )


def _opens(kind: str, content: bytes) -> bool:
    from portal.files.kinds import recognise
    from portal.files.known import Refused

    try:
        recognise(io.BytesIO(content), f"x.{kind}")
    except Refused:
        return False
    return True


def test_the_helpers_tell_the_state(app: Flask, database: Database, world: World) -> None:
    made = draft(app, world)
    (one,) = attach(app, world, made, REPORT)
    with database.unit_of_work(write=False):
        assert stored(one).name == NAME
