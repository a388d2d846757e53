"""Posts with files, for tests: each step in a unit of work of its own."""

from __future__ import annotations

import io
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal.attachments import actions
from portal.core.access import SYSTEM, Actor
from portal.core.db import Database, session
from portal.core.guard import scoped
from portal.editorial.models import Audience, Contribution
from portal.files.models import StoredFile
from tests import world as w
from tests.work import work_off
from tests.world import World

LIMIT = 5_000_000


def actor(app: Flask, world: World, name: str = "author") -> Actor:
    """A person as they are now, outside a unit of work."""
    database: Database = app.extensions["portal_database"]
    with database.unit_of_work(write=False):
        return world.actor(name)


def contribution(contribution_id: str) -> Contribution:
    """A contribution by its id."""
    return (
        session()
        .scalars(scoped(SYSTEM, select(Contribution).where(Contribution.id == contribution_id)))
        .one()
    )


def stored(file_id: str) -> StoredFile:
    """A stored file by its id."""
    return session().scalars(scoped(SYSTEM, select(StoredFile).where(StoredFile.id == file_id))).one()


def attach(
    app: Flask,
    world: World,
    contribution_id: str,
    *files: tuple[str, bytes],
    who: str = "author",
    language: str = "en",
) -> list[str]:
    """Attach files to a draft; their ids. What was refused fails the test."""
    database: Database = app.extensions["portal_database"]
    with database.unit_of_work():
        sources = [(io.BytesIO(content), name) for name, content in files]
        attached, refused = actions.attach(
            world.actor(who),
            app.extensions["portal_files"],
            contribution(contribution_id),
            language,
            sources,
            LIMIT,
        )
        assert refused == []
        return [one.id for one in attached]


def draft(app: Flask, world: World, words: str = "Single window", **values: Any) -> str:
    """A draft; its id."""
    database: Database = app.extensions["portal_database"]
    with database.unit_of_work():
        return w.make_draft(world, words=words, **values).id


def publish(app: Flask, world: World, contribution_id: str, language: str | None = None) -> None:
    """Bring the latest version before readers, its files checked."""
    database: Database = app.extensions["portal_database"]
    with database.unit_of_work():
        made = contribution(contribution_id)
        w.submit(world, made, language=language)
        if w.latest(made, language).state != "submitted":
            return
    work_off(app)
    with database.unit_of_work():
        made = contribution(contribution_id)
        w.claim(world, made, language=language)
        w.approve(world, made, language)


def post_with(
    app: Flask, world: World, *files: tuple[str, bytes], audience: Audience = Audience.PUBLIC, **values: Any
) -> tuple[str, list[str]]:
    """A published post with files; its id and theirs."""
    made = draft(app, world, audience=audience, **values)
    ids = attach(app, world, made, *files)
    publish(app, world, made)
    return made, ids
