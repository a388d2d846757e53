"""Non-interference: a hidden item changes no byte of any page of anybody who may not see it.

The world is crawled as each kind of viewer, then one restricted item is added with everything
that hangs on it, the worker runs, and the same addresses are crawled again (security.md 2.3, 2.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from portal.accounts.models import Person, PersonState
from portal.accounts.sessions import token_hash
from portal.alerts.models import SavedSearch
from portal.core.access import ANONYMOUS
from portal.core.db import Database, session
from portal.discussion import actions as discussion
from portal.editorial import actions
from portal.editorial.models import Audience, Contribution, Kind
from portal.editorial.visibility import visible_contributions
from portal.organisations.models import TranslatorScope
from tests import world as w
from tests.attachments.making import attach, contribution, publish
from tests.cooperation.talking import filled, open_thread
from tests.files.samples import docx
from tests.http import Browser
from tests.leaks.census import CENSUS
from tests.matching.making import need, offer
from tests.work import work_off
from tests.world import World, build_world

HIDDEN = (
    "hidden", "hidden_revision", "hidden_case", "hidden_comment", "hidden_file",
    "hidden_thread", "hidden_meeting", "hidden_commitment",
)  # fmt: skip
CANARY = "zanahoria"
MISSPELT = "zanaoria"
NOW = "2026-11-24T09:00:00Z"
VIEWERS = {
    Audience.PUBLIC: set(),
    Audience.MEMBERS: {"visitor", "suspended"},
    Audience.CUSTOMS: {"visitor", "suspended", "partner", "named", "translator"},
    Audience.ORGANISATIONS: {
        "visitor",
        "suspended",
        "partner",
        "fijian",
        "moderator",
        "administrator",
        "translator",
    },
    Audience.OWN: {
        "visitor",
        "suspended",
        "partner",
        "named",
        "fijian",
        "moderator",
        "administrator",
        "translator",
    },
}
SEES = {
    Audience.MEMBERS: "partner",
    Audience.CUSTOMS: "fijian",
    Audience.ORGANISATIONS: "named",
    Audience.OWN: "reader",
}


@pytest.fixture
def world(app: Flask, database: Database) -> Iterator[World]:
    with time_machine.travel(NOW, tick=False):
        with database.unit_of_work():
            built = build_world()
            built.people["suspended"] = w.make_person("suspended", built.organisations["fiji"])
            session().get_one(Person, built.people["suspended"]).state = PersonState.SUSPENDED
            built.people["translator"] = w.make_person("translator", built.organisations["worldbank"])
            session().add_all(
                TranslatorScope(person_id=built.people["translator"], language=code) for code in ("es", "fr")
            )
            for number in range(3):
                w.make_published(built, f"Customs release {number}", topics=("TFA-3",))
            for name in {"moderator", *set().union(*VIEWERS.values())} - {"visitor"}:
                keep_searches(built, name)
            need(built)
            w.make_published(
                built, "Lesson of customs", author="fijian", kind=Kind.LESSON_LEARNED, countries=("FJ",)
            )
        work_off(app)
        yield built


def keep_searches(world: World, name: str) -> None:
    """Searches of a viewer that would find what is hidden; the last has a feed, whose token is the name."""
    for text in ("customs", f"{CANARY[:5]}*", "topic:TFA-3"):
        facts = {"name": "Mine", "language": "en", "text": text, "chosen": {}, "plain": [], "sort": "newest"}
        kept = SavedSearch(person_id=world.people[name], created_at=w.now(), **facts)
        session().add(kept)
    kept.feed_hash = token_hash(name)


def attach_hidden(app: Flask, world: World, made: Contribution, audience: Audience) -> str:
    """A file whose words are the canary's, on what is published; returns its id."""
    named = (world.organisations["jica"],) if audience == Audience.ORGANISATIONS else ()
    database: Database = app.extensions["portal_database"]
    (file,) = attach(app, world, made.id, (f"{CANARY}.docx", docx(f"Customs {CANARY}")))
    publish(app, world, made.id)
    work_off(app)
    with database.unit_of_work():
        w.revise(world, contribution(made.id), f"Customs {CANARY} again", publish=False, organisations=named)
    return file


def add_hidden(world: World, audience: Audience, revised: bool = True) -> Contribution:
    """A restricted item whose every word is the canary's, in two languages, with a version that waits."""
    named = (world.organisations["jica"],) if audience == Audience.ORGANISATIONS else ()
    made = w.make_published(
        world,
        f"Customs {CANARY}",
        audience=audience,
        organisations=named,
        topics=("TFA-3",),
        countries=("FJ",),
    )
    w.translate(world, made, "es", f"Aduanas {CANARY}", publish=audience != Audience.OWN)
    if revised:
        w.revise(world, made, f"Customs {CANARY} again", publish=False, organisations=named)
    offer(world, "author", f"Customs {CANARY}", audience=audience, organisations=named)
    session().flush()
    return made


def commented(world: World, made: Contribution) -> str:
    """A reported question under it, reworded and calling everybody; returns its id."""
    author = world.actor("author")
    written = discussion.post(author, made, f"Customs {CANARY} @PER @WB?", "en", is_question=True)
    discussion.reword(author, made, written, f"Which customs {CANARY}? @FJI", "en", 1)
    discussion.report(world.actor("reader"), made, written, f"Too much {CANARY}.")
    session().flush()
    return written.id


EVERY_PAGE = tuple(path for reach in CENSUS.values() if reach.method == "GET" for path in reach.paths)


def crawl(
    browsers: dict[str, Browser], ids: dict[str, str], paths: tuple[str, ...] = EVERY_PAGE
) -> dict[tuple[str, str], bytes]:
    """Every page of the census for each viewer, or these; what differs by nature is taken out."""
    found: dict[tuple[str, str], bytes] = {}
    for viewer, browser in browsers.items():
        for path in paths:
            if viewer == "administrator" and path.startswith("/administration"):
                continue  # figures of the workflow and the audit, without titles, are their task
            answer = browser.get(path.format(**ids, viewer=viewer))
            head = f"{answer.status_code} {sorted(answer.headers.keys())}"
            found[viewer, path] = head.encode() + normal(answer.get_data(), ids)
    return found


def normal(body: bytes, ids: dict[str, str]) -> bytes:
    """A page without form tokens, nonces and the id that was asked for."""
    body = re.sub(rb'name="csrf_token" value="[^"]*"', b"", body)
    body = re.sub(rb'name="form_token" value="[^"]*"', b"", body)
    for name in ids.keys() & HIDDEN:
        body = body.replace(ids[name].encode(), b"ID")
    return body


def opened(app: Flask, names: set[str]) -> dict[str, Browser]:
    """Each viewer at a browser of their own, signed in as far as they can be, with cookies."""
    found: dict[str, Browser] = {}
    for name in sorted(names):
        found[name] = Browser(app)
        if name not in {"visitor", "suspended"}:
            found[name].sign_in(f"{name.replace(' ', '.')}@test.example")
        for path in ("/", "/contributions/0000000000000000", "/"):
            found[name].get(path)  # the language and the form's secret are set at the first visit
    return found


@pytest.mark.timeout(600)
def test_hidden_items_change_nothing_for_those_who_may_not_see_them(
    app: Flask, database: Database, world: World
) -> None:
    hidden_things_change_nothing(
        app, database, world, (Audience.OWN, Audience.ORGANISATIONS, Audience.CUSTOMS, Audience.MEMBERS)
    )


def hidden_things_change_nothing(
    app: Flask, database: Database, world: World, audiences: tuple[Audience, ...]
) -> None:
    """Add one item for each audience in turn, the narrowest first, and crawl whom it is hidden from."""
    with time_machine.travel(NOW, tick=False):
        browsers = opened(app, VIEWERS[audiences[0]] - {"moderator"})
        absent = {
            **dict.fromkeys(HIDDEN, "0" * 16), "canary": CANARY,
            "canary_start": CANARY[:5], "canary_misspelt": MISSPELT, "owner": world.organisations["thailand"],
            "other": world.organisations["peru"], "public": public_id(database), "matched": need_id(database),
        }  # fmt: skip
        before: dict[str, dict[tuple[str, str], bytes]] = {}
        knowing: set[str] = set()  # who read an earlier one
        for audience in audiences:
            kept_from = {name: one for name, one in browsers.items() if name in VIEWERS[audience]}
            for name, browser in kept_from.items():
                if name not in before:
                    before[name] = crawl({name: browser}, absent)
            present = absent | hide(app, world, audience)
            for name, browser in browsers.items():
                if name not in kept_from:
                    before.pop(name, None)  # what they saw before says nothing more
                    knowing.add(name)
                    continue
                after = crawl({name: browser}, present)
                different = [key for key in after if before[name][key] != after[key]]
                assert different == [], f"{audience}: {first_difference(before[name], after, different)}"
                told = {
                    path
                    for (_who, path), body in after.items()
                    if CANARY.encode() in body.replace(b"q=" + CANARY.encode(), b"") and "canary" not in path
                }
                assert name in knowing or not told, audience


def hide(app: Flask, world: World, audience: Audience) -> dict[str, str]:
    """A restricted item with everything that hangs on it, indexed and told; returns the ids by name."""
    database: Database = app.extensions["portal_database"]
    with database.unit_of_work():
        made = add_hidden(world, audience, revised=False)
    found = {"hidden": made.id, "hidden_file": attach_hidden(app, world, made, audience)}
    with database.unit_of_work():
        made = contribution(made.id)
        found |= {"hidden_revision": w.latest(made).id, "hidden_comment": commented(world, made)}
        if audience != Audience.OWN:
            w.submit(world, made)
            found["hidden_case"] = w.open_case(made).id
    work_off(app)
    return found


@pytest.mark.parametrize("audience", sorted(SEES, key=str))
def test_the_crawl_is_not_blind(app: Flask, database: Database, world: World, audience: Audience) -> None:
    with time_machine.travel(NOW, tick=False):
        with database.unit_of_work():
            made = add_hidden(world, audience)
        work_off(app)
        reader = opened(app, {SEES[audience]})[SEES[audience]]
        for path in (f"/contributions/{need_id(database)}/matches", "/cooperation/coverage/posts?kind=offer&topic=TFA-3",
                     "/", f"/search?q={CANARY}", f"/search/suggestions?q={CANARY[:5]}", f"/search/like/{made.id}",
                     f"/contributions/{made.id}", "/contributions?kind=reform_update",
                     f"/organisations/{world.organisations['thailand']}"):  # fmt: skip
            assert CANARY.encode() in reader.get(path).get_data().replace(f"q={CANARY}".encode(), b""), path


@pytest.mark.parametrize("viewer", ["visitor", "partner", "fijian", "administrator"])
def test_a_write_to_a_hidden_thing_is_answered_like_one_to_nothing(
    app: Flask, database: Database, world: World, viewer: str
) -> None:
    with time_machine.travel(NOW, tick=False):
        with database.unit_of_work():
            made = add_hidden(world, Audience.OWN)
            revision = w.latest(made).id
            comment = commented(world, made)
        app.config["WTF_CSRF_ENABLED"] = False
        browser = opened(app, {viewer})[viewer]
        nothing = dict.fromkeys(HIDDEN, "0" * 16)
        something = {"hidden": made.id, "hidden_revision": revision, "hidden_case": "1" * 16}
        something |= {"hidden_comment": comment, "hidden_file": "1" * 16}
        with database.unit_of_work():
            thread = open_thread(world, by="head of peru")
        something |= filled(app, world, thread, "head of peru", CANARY)
        for reach in CENSUS.values():
            if reach.method != "POST" or "{hidden" not in reach.paths[0]:
                continue
            answers = [
                (a.status_code, normal_write(a.get_data(), ids))
                for ids in (nothing, something)
                for a in [browser.post(reach.paths[0].format(**ids), reach.form)]
            ]
            assert answers[0] == answers[1], reach.paths[0]
            assert answers[0][0] in {401, 404}, (reach.paths[0], answers[0][0])


def normal_write(body: bytes, ids: dict[str, str]) -> bytes:
    """An answer to a write, without the kept form, which is signed."""
    return re.sub(rb'name="(kept|csrf_token)" value="[^"]*"', b"", normal(body, ids))


def test_a_narrowed_audience_holds_with_the_worker_stopped(
    app: Flask, database: Database, world: World
) -> None:
    with database.unit_of_work():
        made = w.make_published(world, f"Customs {CANARY}")
    work_off(app)
    visitor = Browser(app)
    assert b"1 result" in visitor.get(f"/search?q={CANARY}").get_data()
    with database.unit_of_work():
        actions.narrow(world.actor("author"), made, Audience.OWN)
    for path in (f"/search?q={CANARY}", f"/contributions/{made.id}", "/", "/contributions"):
        page = visitor.get(path).get_data().replace(CANARY.encode() + b"\xe2\x80\x9d", b"")
        assert f"Customs {CANARY}".encode() not in page, path
    assert b"0 results" in visitor.get(f"/search?q={CANARY}").get_data()


def public_id(database: Database) -> str:
    """One contribution that everybody may read."""
    with database.unit_of_work(write=False):
        statement = visible_contributions(ANONYMOUS, Contribution.id).order_by(Contribution.published_at)
        return str(session().scalars(statement.limit(1)).one())


def need_id(database: Database) -> str:
    """The need that the hidden offer fits."""
    with database.unit_of_work(write=False):
        statement = visible_contributions(ANONYMOUS, Contribution.id).where(Contribution.kind == Kind.NEED)
        return str(session().scalars(statement).one())


def first_difference(
    before: dict[tuple[str, str], bytes], after: dict[tuple[str, str], bytes], keys: list[tuple[str, str]]
) -> str:
    """The lines of each page that differ, to see what leaks."""
    found = []
    for key in keys:
        pairs = zip(before[key].splitlines(), after[key].splitlines(), strict=False)
        lines = next(((a, b) for a, b in pairs if a != b), (b"", b""))
        found.append(f"{key}: {lines[0][:300]!r} -> {lines[1][:300]!r}")
    return "\n".join(found)
