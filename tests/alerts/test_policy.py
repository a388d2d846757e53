"""Who may keep searches, and whose they are."""

from __future__ import annotations

from portal.alerts import policy
from portal.alerts.models import SavedSearch
from portal.core.access import ANONYMOUS, SYSTEM, Actor


def test_everybody_with_an_account_may_keep_searches() -> None:
    assert policy.save(Actor(person_id="a"))
    assert not policy.save(ANONYMOUS)
    assert not policy.save(SYSTEM)


def test_a_saved_search_is_its_owners_alone() -> None:
    kept = SavedSearch(person_id="a")
    assert policy.own(Actor(person_id="a"), kept)
    assert not policy.own(Actor(person_id="b"), kept)
    assert not policy.own(Actor(person_id="b", is_administrator=True), kept)
    assert not policy.own(ANONYMOUS, kept)
    assert not policy.own(ANONYMOUS, SavedSearch(person_id=None))
