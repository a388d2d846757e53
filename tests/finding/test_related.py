"""More like this: the likest first, under the reader's own labels, never the post itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask

from portal.app import create_app
from portal.core.access import ANONYMOUS, Actor
from portal.core.db import Database
from portal.editorial import actions
from portal.editorial.models import Audience
from portal.finding.related import Like, more_like
from tests import world as w
from tests.attachments.making import contribution
from tests.http import Browser, words
from tests.work import index_due
from tests.world import World, build_world


@dataclasses.dataclass
class Posts:
    """The ids of what is there, by what they are about."""

    world: World
    ids: dict[str, str]


@pytest.fixture
def posts(app: Flask, database: Database) -> Iterator[Posts]:
    with database.unit_of_work():
        built = build_world()
        made = {
            "one": w.make_published(built, "Perishable mangoes", topics=("TFA-3",)),
            "like": w.make_published(built, "Perishable fish", topics=("TFA-3",)),
            "same topic": w.make_published(built, "Valuation of cars", topics=("TFA-3",)),
            "same words": w.make_published(built, "Perishable mangoes again", topics=("TFA-10.4",)),
        }
        found = {name: one.id for name, one in made.items()}
    index_due(app)
    yield Posts(built, found)


def alike(app: Flask, posts: Posts, actor: Actor = ANONYMOUS, count: int = 4, **changed: object) -> list[str]:
    """What is like `one`, by name."""
    database: Database = app.extensions["portal_database"]
    one = Like(posts.ids["one"], ("TFA-3",), "en", "Perishable mangoes: one submission\nPerishable mangoes")
    names = {id_: name for name, id_ in posts.ids.items()}
    with database.unit_of_work(write=False):
        hits = more_like(
            actor, app.extensions["portal_index"], dataclasses.replace(one, **changed), ("en",), count
        )
    return [names[hit.contribution_id] for hit in hits]


def test_what_shares_topic_and_words_comes_before_what_shares_the_topic(app: Flask, posts: Posts) -> None:
    assert alike(app, posts) == ["like", "same topic"]
    assert alike(app, posts, count=1) == ["like"]


def test_what_has_no_topic_is_likened_by_its_words(app: Flask, posts: Posts) -> None:
    assert alike(app, posts, topics=())[0] == "same words"


def test_what_has_no_telling_words_is_likened_by_its_topics(app: Flask, posts: Posts) -> None:
    assert set(alike(app, posts, text="The 2026 of it")) == {"like", "same topic"}
    assert alike(app, posts, text="", topics=()) == []


def test_a_post_in_another_language_is_like_it_by_its_topic(
    app: Flask, database: Database, posts: Posts
) -> None:
    with database.unit_of_work():
        made = w.make_published(
            posts.world, "Mangos perecederos", author="peruvian", language="es", topics=("TFA-3",)
        )
        posts.ids["spanish"] = made.id
    index_due(app)
    assert set(alike(app, posts)) == {"like", "same topic", "spanish"}


def test_a_long_text_is_likened_by_at_most_twelve_words(app: Flask, posts: Posts) -> None:
    many = " ".join(f"word{letter}" for letter in "abcdefghijkl")
    assert alike(app, posts, topics=(), text=f"{many} perishable") == []
    assert alike(app, posts, topics=(), text=f"perishable {many}") != []


@pytest.mark.parametrize(
    ("audience", "sees", "others"),
    [
        (Audience.MEMBERS, ("partner",), ()),
        (Audience.CUSTOMS, ("fijian",), ("partner",)),
        (Audience.ORGANISATIONS, ("named",), ("partner", "administrator")),
        (Audience.OWN, ("reader",), ("fijian", "administrator")),
    ],
)
def test_only_what_the_reader_may_see_is_named(
    app: Flask,
    database: Database,
    posts: Posts,
    audience: Audience,
    sees: tuple[str, ...],
    others: tuple[str, ...],
) -> None:
    pages = {who: page_of(app, posts, who) for who in (None, *others)}
    with database.unit_of_work():
        named = (posts.world.organisations["jica"],) if audience == Audience.ORGANISATIONS else ()
        made = w.make_published(
            posts.world, "Perishable zanahoria", audience=audience, organisations=named, topics=("TFA-3",)
        )
    index_due(app)
    for who in sees:
        assert all("zanahoria" in page for page in page_of(app, posts, who))
    for who, before in pages.items():
        assert page_of(app, posts, who) == before
        assert Browser(app).get(f"/search/like/{made.id}").status_code == 404


def page_of(app: Flask, posts: Posts, who: str | None) -> tuple[str, ...]:
    """What somebody is shown as like `one`: on a page of its own, and what its own page fetches."""
    browser = Browser(app)
    if who:
        browser.sign_in(f"{who}@test.example")
    path = f"/search/like/{posts.ids['one']}"
    return words(browser.get(path)), words(browser.get(f"{path}?few=1"))


def test_a_narrowed_post_is_gone_at_once(app: Flask, database: Database, posts: Posts) -> None:
    assert "Perishable fish" in page_of(app, posts, None)[1]
    with database.unit_of_work():
        actions.narrow(posts.world.actor("author"), contribution(posts.ids["like"]), Audience.OWN)
    assert "Perishable fish" not in "".join(page_of(app, posts, None))


def test_nothing_is_like_it_without_an_index(app: Flask, database: Database, posts: Posts) -> None:
    folder = app.extensions["portal_settings"].data / "elsewhere"
    bare = create_app(dataclasses.replace(app.extensions["portal_settings"], data=folder), database)
    assert alike(bare, posts) == []
    assert "Nothing like it yet" in words(Browser(bare).get(f"/search/like/{posts.ids['one']}"))
    assert "<article" not in Browser(bare).get(f"/search/like/{posts.ids['one']}?few=1").text


def test_hits_and_pages_lead_to_more_like_them(app: Flask, posts: Posts) -> None:
    browser = Browser(app)
    for path in ("/search?q=mangoes", f"/contributions/{posts.ids['one']}"):
        assert f'href="/en/search/like/{posts.ids["one"]}"' in browser.get(path).text
    page = browser.get(f"/search/like/{posts.ids['one']}")
    assert "Perishable fish" in words(page) and 'content="noindex"' in page.text
    few = browser.get(f"/search/like/{posts.ids['one']}?few=1").text
    assert few.count("<article") == 2 and "<h1" not in few
    assert browser.get("/search/like/0000000000000000").status_code == 404
