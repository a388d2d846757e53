"""What people of the demo world say under the posts, what they used and look for, and a document or two."""

from __future__ import annotations

import hashlib
import io
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from docx import Document

from portal.core.access import Actor
from portal.core.db import new_id, session
from portal.core.text import paragraphs, tidy
from portal.demo.cast import Cast
from portal.demo.ledger import Ledger
from portal.discussion.models import Comment
from portal.editorial.actions.files import put_files
from portal.editorial.models import Contribution, Edition, Revision, TranslationRequest
from portal.files.actions import Kept, enter
from portal.files.kinds import recognise
from portal.files.storage import Storage
from portal.following.models import Follow, Followed
from portal.lessons.models import LessonUse
from portal.translating.models import FallbackView

FILE = Path(__file__).parent / "talk.toml"


def read_talk() -> dict[str, list[dict[str, Any]]]:
    """The tables of the file: `comment`, `use`, `follow`, `wanted` and `annex`."""
    told: dict[str, list[dict[str, Any]]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return told


def converse(cast: Cast, posts: Mapping[str, Contribution], now: datetime) -> None:
    """Write comments, uses, follows and wishes; `posts` are the contributions by the numbers of their files.

    Raises KeyError for a post or an organisation that is not there.
    """
    talk = read_talk()
    for told in talk["comment"]:
        root = _comment(told, posts[told["post"]], cast, now)
        replies = [_comment(reply, posts[told["post"]], cast, now, root) for reply in told.get("reply", ())]
        for written in (root, *replies):
            session().add(written)
            session().flush()
        if "answer" in told:
            root.answer_id = replies[told["answer"] - 1].id
    session().add_all(_use(told, posts[told["post"]], cast, now) for told in talk["use"])
    session().add_all(_follow(told, cast, now) for told in talk["follow"])
    for told in talk["wanted"]:
        session().add_all(_wanted(told, posts[told["post"]], cast, now))
    session().flush()


def annex(ledger: Ledger, posts: Mapping[str, Contribution], storage: Storage) -> None:
    """Hang the documents on their posts; the worker looks at them as at any that comes in."""
    editions = {(row.contribution_id, row.language): row for row in ledger.rows(Edition)}
    revisions = {row.id: row for row in ledger.rows(Revision)}
    for told in read_talk()["annex"]:
        post, made = posts[told["post"]], _document(told)
        actor = Actor(person_id=post.author_id, organisation_id=post.organisation_id)
        known = recognise(io.BytesIO(made), told["name"])
        key = new_id()
        storage.put(key, io.BytesIO(made))
        kept = Kept(key, hashlib.sha256(made).hexdigest(), len(made), known.media_type, known.name)
        revision = revisions[str(editions[post.id, told["language"]].published_revision_id)]
        stored = enter(actor, kept)
        entry = {"id": stored.id, "name": stored.name, "title": told["title"], "sha256": stored.sha256}
        put_files(revision, [entry])


def _comment(
    told: dict[str, Any], post: Contribution, cast: Cast, now: datetime, root: Comment | None = None
) -> Comment:
    house = cast.house(told["by"])
    return Comment(
        id=new_id(),
        contribution_id=post.id,
        thread_id=root.id if root is not None else None,
        author_id=house.author.id,
        organisation_id=house.organisation.id,
        language=told["language"],
        text=_words(told["text"]),
        is_question=told.get("question", False),
        created_at=now - timedelta(days=told["days"], hours=3),
    )


def _use(told: dict[str, Any], post: Contribution, cast: Cast, now: datetime) -> LessonUse:
    at = now - timedelta(days=told["days"])
    house = cast.house(told["by"])
    return LessonUse(
        id=new_id(),
        contribution_id=post.id,
        organisation_id=house.organisation.id,
        person_id=house.author.id,
        language=told["language"],
        note=_words(told["note"]),
        used_on=at.date(),
        created_at=at,
        changed_at=at,
    )


def _follow(told: dict[str, Any], cast: Cast, now: datetime) -> Follow:
    key = told["key"]
    if told["kind"] == Followed.ORGANISATION:
        key = cast.organisations[key].id
    person = cast.house(told["by"]).author
    return Follow(
        person_id=person.id, kind=Followed(told["kind"]), key=key, created_at=now - timedelta(days=30)
    )


def _wanted(
    told: dict[str, Any], post: Contribution, cast: Cast, now: datetime
) -> Iterator[TranslationRequest | FallbackView]:
    key = {"contribution_id": post.id, "language": told["language"]}
    day = (now - timedelta(days=2)).date()
    yield FallbackView(**key, day=day, views=told["views"])
    for code in told["by"]:
        yield TranslationRequest(**key, person_id=cast.house(code).author.id, at=now - timedelta(days=2))


def _words(told: str) -> str:
    """The text of a file without the line breaks that only the file has."""
    return "\n\n".join(" ".join(part.split()) for part in paragraphs(tidy(told)))


def _document(told: dict[str, Any]) -> bytes:
    document = Document()
    document.add_heading(told["title"], 1)
    for words in told["paragraphs"]:
        document.add_paragraph(words)
    table = document.add_table(rows=0, cols=len(told["table"][0]))
    for row in told["table"]:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            cell.text = words
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()
