"""Saved searches for tests."""

from __future__ import annotations

from sqlalchemy import delete, select
from werkzeug.datastructures import MultiDict

from portal.alerts import actions
from portal.alerts.models import SavedSearch
from portal.alerts.reading import read
from portal.audit.version import bump_visibility
from portal.core.db import session
from portal.core.guard import scoped
from portal.finding.asking import asked
from portal.finding.running import Search
from portal.taxonomy.models import Topic
from tests.world import World


def searching(text: str = "", **chosen: str | list[str]) -> Search:
    """The search that an address with these parameters asks for."""
    return read(asked(MultiDict({"q": text, **chosen})))


def save(
    world: World, who: str, text: str = "", name: str = "", frequency: str = "", **chosen: str | list[str]
) -> str:
    """Have somebody save a search; returns its id."""
    search = searching(text, **chosen)
    return actions.save(world.actor(who), search, name or text or "Mine", frequency, "en").id


def saved(search_id: str) -> SavedSearch:
    """A saved search by its id."""
    statement = select(SavedSearch).where(SavedSearch.id == search_id)
    return session().scalars(scoped("test", statement)).one()


def lose_topic(code: str) -> None:
    """Take a topic away, as newer data may."""
    session().execute(delete(Topic).where(Topic.code == code))
    bump_visibility()
