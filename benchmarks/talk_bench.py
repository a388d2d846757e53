"""A page of a post with 500 comments against one with 20, and packing posts against zipping their bytes.

One figure a line.
"""

from __future__ import annotations

import io
import time
import zipfile
from datetime import timedelta
from statistics import median

from sqlalchemy import event, insert, select

from benchmarks.demo import demo_world
from portal.core.clock import now
from portal.core.db import Database, new_id, session
from portal.core.guard import scoped
from portal.demo.load import make_many
from portal.discussion.models import Comment
from portal.editorial.models import Contribution
from portal.organisations.actors import actor_with_id
from portal.packs import actions, queries
from portal.packs.building import build
from portal.packs.models import Pack

ROUNDS = 15


def main() -> None:
    """Measure both."""
    with demo_world() as (app, database, _folder):
        make_many(database, 600)
        with database.unit_of_work():
            posts = (
                session()
                .scalars(
                    scoped(
                        "bench",
                        select(Contribution).where(Contribution.audience == "public", Contribution.is_live),
                    )
                )
                .all()
            )
            few, many = posts[0], posts[1]
            _comment(few, 20)
            _comment(many, 500)
            ids, author = (few.id, many.id), few.author_id
        statements: list[int] = []
        event.listen(database.engine, "before_cursor_execute", lambda *_all: statements.append(1))
        client = app.test_client()
        for post in ids:  # the first page of all compiles its templates
            client.get(f"/en/contributions/{post}/comments")
        taken = {}
        for number, post in zip((20, 500), ids, strict=True):
            times = []
            for _round in range(ROUNDS):
                statements.clear()
                began = time.perf_counter()
                page = client.get(f"/en/contributions/{post}/comments")
                times.append(time.perf_counter() - began)
            taken[number] = median(times)
            shown = page.text.count('id="c-')
            cost = f"{taken[number] * 1000:.1f} ms, {len(statements)} statements"
            print(f"talk: {number} comments, {shown} on the page, {cost}")
        print(f"talk: 500 comments cost {taken[500] / taken[20]:.2f} of 20")
        _pack(app, database, author)


def _comment(post: Contribution, count: int) -> None:
    moment = now() - timedelta(days=1)
    session().execute(insert(Comment), [
        {"id": new_id(), "contribution_id": post.id, "author_id": post.author_id,
         "organisation_id": post.organisation_id, "language": "en", "text": f"Comment {i} on release times.",
         "is_question": False, "version": 1, "created_at": moment + timedelta(seconds=i)}
        for i in range(count)
    ])  # fmt: skip


def _pack(app, database: Database, person_id: str) -> None:  # type: ignore[no-untyped-def]
    with database.unit_of_work():
        actor = actor_with_id(person_id)
        houses = session().scalars(scoped("bench", select(Contribution.organisation_id).distinct())).all()
        topics = max(
            houses, key=lambda house: len(queries.contained(actor, queries.Subject.ORGANISATION, house, 300))
        )
        pack = actions.order(actor, "organisation", topics, "en").id
    began = time.perf_counter()
    build(app, {"pack": pack})
    taken = time.perf_counter() - began
    with database.unit_of_work(write=False):
        made = session().scalars(scoped("bench", select(Pack).where(Pack.id == pack))).one()
        packed = b"".join(app.extensions["portal_files"].open(made.storage_key or ""))
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        content = {name: opened.read(name) for name in opened.namelist()}
    began = time.perf_counter()
    with zipfile.ZipFile(io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as again:
        for name, data in content.items():
            again.writestr(name, data)
    bare = time.perf_counter() - began
    print(f"packs: {made.done} posts packed in {taken:.2f} s, {taken / made.done * 1000:.0f} ms each")
    print(f"packs: zipping their bytes alone takes {bare:.3f} s, {taken / bare:.0f}x")


if __name__ == "__main__":
    main()
