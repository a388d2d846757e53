"""What people do with saved searches."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from portal.accounts.sessions import token_hash
from portal.alerts import actions, queries
from portal.alerts.models import SavedSearch, SavedSearchHit
from portal.audit.models import AuditEntry
from portal.core.access import ANONYMOUS
from portal.core.db import Database, session
from portal.core.errors import Forbidden, Invalid
from portal.core.guard import scoped
from portal.notifications.models import Choice
from tests import world as w
from tests.alerts.conftest import Saves
from tests.alerts.making import saved, searching
from tests.world import World


def choices() -> dict[str, str]:
    return dict(session().execute(select(Choice.subject, Choice.frequency)).all())  # type: ignore[arg-type]


def test_what_was_asked_is_kept_with_its_language(world: World, database: Database) -> None:
    with database.unit_of_work():
        search = searching(
            "ventanilla -aduana",
            topic=["TFA-3", "TFA-10.4"],
            country="FJ",
            plain="TFA-10.4",
            sort="adopted",
            page="3",
        )
        made = actions.save(world.actor("fijian"), search, " My \n window ", "weekly", "es").id
    with database.unit_of_work(write=False):
        kept = saved(made)
        assert (kept.name, kept.language, kept.text) == ("My window", "es", "ventanilla -aduana")
        assert kept.chosen == {"country": ["FJ"], "topic": ["TFA-3", "TFA-10.4"]}
        assert (kept.plain, kept.sort, kept.paused_at) == (["TFA-10.4"], "adopted", None)
        assert choices() == {f"search:{made}": "weekly"}


def test_what_cannot_be_saved_is_refused(
    world: World, database: Database, saves: Saves, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, frequency in (("", ""), ("x" * 101, ""), ("x", "hourly")):
        with pytest.raises(Invalid), database.unit_of_work():
            actions.save(world.actor("fijian"), searching("x1"), name, frequency, "en")
    with database.unit_of_work(), pytest.raises(Forbidden):
        actions.save(ANONYMOUS, searching("x1"), "x", "", "en")
    monkeypatch.setattr(actions, "MOST", 2)
    for who in ("fijian", "fijian", "partner"):
        saves(who, "x1")
    with database.unit_of_work(), pytest.raises(Invalid, match="delete one first"):
        actions.save(world.actor("fijian"), searching("x1"), "x", "", "en")


def test_name_and_frequency_can_be_changed(world: World, database: Database, saves: Saves) -> None:
    made = saves("fijian", "window", frequency="now")
    with database.unit_of_work():
        actions.change(world.actor("fijian"), saved(made), "Windows", "")
        assert (saved(made).name, choices()) == ("Windows", {})
        actions.change(world.actor("fijian"), saved(made), "Windows", "never")
        assert choices() == {f"search:{made}": "never"}
        for name, frequency in (("", ""), ("x", "hourly")):
            with pytest.raises(Invalid):
                actions.change(world.actor("fijian"), saved(made), name, frequency)


def test_another_query_takes_its_place_under_the_same_name(
    world: World, database: Database, saves: Saves
) -> None:
    made = saves("fijian", "window", name="Mine", frequency="now", topic="TFA-3")
    with database.unit_of_work():
        actions.replace(world.actor("fijian"), saved(made), searching("corridor", country="PE"), "fr")
    with database.unit_of_work(write=False):
        kept = saved(made)
        assert (kept.name, kept.language, kept.text, kept.chosen) == (
            "Mine",
            "fr",
            "corridor",
            {"country": ["PE"]},
        )
        assert choices() == {f"search:{made}": "now"}


def test_a_search_is_paused_and_resumed(world: World, database: Database, saves: Saves) -> None:
    made = saves("fijian", "window")
    with database.unit_of_work():
        actions.pause(world.actor("fijian"), saved(made))
        since = saved(made).paused_at
        actions.pause(world.actor("fijian"), saved(made))
        assert since is not None and saved(made).paused_at == since
        actions.resume(world.actor("fijian"), saved(made))
        assert saved(made).paused_at is None


def test_nothing_is_left_of_a_deleted_search(world: World, database: Database, saves: Saves) -> None:
    made, other = saves("fijian", "window", frequency="now"), saves("fijian", "corridor", frequency="now")
    with database.unit_of_work():
        edition = w.edition(w.make_published(world)).id
        actions.note_hits([made, other], edition)
        actions.note_hits([], edition)
    with database.unit_of_work():
        actions.remove(world.actor("fijian"), saved(made))
    with database.unit_of_work(write=False):
        assert session().scalars(scoped("test", select(SavedSearch.id))).all() == [other]
        assert session().scalars(scoped("test", select(SavedSearchHit.search_id))).all() == [other]
        assert choices() == {f"search:{other}": "now"}


def test_the_key_of_a_feed_is_kept_as_its_hash_and_can_be_revoked(
    world: World, database: Database, saves: Saves
) -> None:
    made = saves("fijian", "window")
    with database.unit_of_work():
        first = actions.new_feed_key(world.actor("fijian"), saved(made))
        second = actions.new_feed_key(world.actor("fijian"), saved(made))
        assert saved(made).feed_hash == token_hash(second) != token_hash(first)
        assert (queries.of_feed(first), queries.of_feed(second)) == (None, saved(made))
        actions.revoke_feed_key(world.actor("fijian"), saved(made))
        assert (saved(made).feed_hash, saved(made).feed_made_at, queries.of_feed(second)) == (
            None,
            None,
            None,
        )
        verbs = session().scalars(select(AuditEntry.verb).where(AuditEntry.object_id == made)).all()
        assert sorted(verbs) == ["feed.key_made", "feed.key_made", "feed.key_revoked"]


def test_others_can_do_nothing_to_it(world: World, database: Database, saves: Saves) -> None:
    made = saves("fijian", "window")
    for who in ("partner", "administrator", "coordinator"):
        with database.unit_of_work():
            other, kept = world.actor(who), saved(made)
            for act, given in (
                (actions.change, ("x", "")),
                (actions.replace, (searching("x1"), "en")),
                (actions.pause, ()),
                (actions.resume, ()),
                (actions.remove, ()),
                (actions.new_feed_key, ()),
                (actions.revoke_feed_key, ()),
            ):
                with pytest.raises(Forbidden):
                    act(other, kept, *given)  # type: ignore[operator]


def test_what_people_look_for_is_nowhere_in_the_audit(world: World, database: Database, saves: Saves) -> None:
    saves("fijian", "zanahoria", name="zanahoria")
    with database.unit_of_work(write=False):
        assert session().scalar(select(func.count()).where(AuditEntry.verb.startswith("search"))) == 0
