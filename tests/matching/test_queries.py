"""What fits a need or an offer, for whom, and what stays out of sight and out of count."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal.core.access import ANONYMOUS, Actor
from portal.core.db import session
from portal.core.errors import Forbidden, NotFound
from portal.core.guard import scoped
from portal.editorial import actions as editorial
from portal.editorial.actions.terms import mark_closed
from portal.editorial.models import Audience, Contribution
from portal.editorial.terms import Help
from portal.editorial.visibility import visible_contributions, visible_to
from portal.matching import actions, queries
from portal.matching.scoring import Strength
from tests import world as w
from tests.conftest import Statements
from tests.matching.making import line, need, offer
from tests.world import World


def found(actor: Actor, contribution_id: str) -> list[str]:
    """The ids of what fits, best first."""
    return [match.known.id for match in queries.matches(actor, contribution_id).found]


def test_both_ways_best_first(world: World) -> None:
    asked = need(world, lines=(line(Help.EXPERTISE, "TFA-3"), line(Help.TRAINING, slot=2)))
    whole = offer(world, lines=(line(Help.EXPERTISE), line(Help.TRAINING, slot=2)))
    partly = offer(world, "named", words="Half of it", countries=(), languages=("fr",))
    offer(world, "named", words="Elsewhere", countries=("PE",))
    offer(world, "named", words="Other topic", topics=("TFA-10.4",))
    matches = queries.matches(ANONYMOUS, asked.id).found
    assert [match.known.id for match in matches] == [whole.id, partly.id]
    assert [match.score.strength for match in matches] == [Strength.STRONG, Strength.GOOD]
    assert found(ANONYMOUS, whole.id) == found(ANONYMOUS, partly.id) == [asked.id]


@pytest.mark.parametrize(
    ("changed", "fits"),
    [
        ({"countries": ("FJ", "PE")}, True),
        ({"countries": (), "regions": ("AP",)}, True),
        ({"countries": ("PE",), "regions": ("AP",)}, True),
        ({"countries": (), "regions": ("AMS",)}, False),
        ({"countries": ()}, True),
        ({"topics": ("TFA",)}, True),
        ({"topics": ("TFA-10.4",), "lines": (line(topic="TFA-3"),)}, True),
        ({"topics": ("TFA-10.4",)}, False),
        ({"starts_on": None, "ends_on": None}, True),
        ({"starts_on": date(2020, 1, 1), "ends_on": date(2020, 12, 31)}, False),
    ],
)
def test_what_is_a_candidate(world: World, changed: dict[str, Any], fits: bool) -> None:
    asked, offered = need(world), offer(world, **changed)
    assert found(ANONYMOUS, asked.id) == ([offered.id] if fits else [])
    if changed.get("ends_on", date.max) is None or changed.get("ends_on", date.max) > date(2026, 1, 1):
        assert found(ANONYMOUS, offered.id) == ([asked.id] if fits else [])


def test_a_need_of_no_country_fits_offers_to_anybody(world: World) -> None:
    asked, offered = need(world, countries=()), offer(world, countries=("PE",))
    assert (found(ANONYMOUS, asked.id), found(ANONYMOUS, offered.id)) == ([offered.id], [asked.id])


def test_what_is_closed_taken_down_or_of_the_same_house_does_not_match(world: World) -> None:
    asked = need(world)
    closed, down = offer(world), offer(world, words="Taken down")
    offer(world, "fijian", words="Of the house")
    mark_closed(closed, w.now())
    world.people["wb coordinator"] = w.make_person(
        "wb coordinator", world.organisations["worldbank"], w.Role.COORDINATOR
    )
    editorial.unpublish(world.actor("wb coordinator"), down, "")
    assert found(ANONYMOUS, asked.id) == []
    mark_closed(closed, None)
    assert found(ANONYMOUS, asked.id) == [closed.id]


def test_what_is_over_matches_no_more(world: World) -> None:
    asked, _offered = need(world), offer(world)
    with time_machine.travel("2029-01-01T09:00:00Z"):
        assert found(ANONYMOUS, asked.id) == []


READERS = ("visitor", "fijian", "partner", "named", "reader", "moderator")
MAY_READ = {
    Audience.MEMBERS: {"fijian", "partner", "named", "reader", "moderator"},
    Audience.CUSTOMS: {"fijian", "partner", "reader", "moderator"},
    Audience.ORGANISATIONS: {"partner", "named"},
    Audience.OWN: {"partner"},
}


@pytest.mark.parametrize("audience", sorted(MAY_READ))
def test_a_match_that_one_may_not_read_is_neither_shown_nor_counted(world: World, audience: Audience) -> None:
    asked = need(world)
    hidden = offer(world, audience=audience, organisations=(world.organisations["jica"],))
    for name in READERS:
        actor = ANONYMOUS if name == "visitor" else world.actor(name)
        expected = [hidden.id] if name in MAY_READ[audience] else []
        assert found(actor, asked.id) == expected, name
        assert queries.match_counts(actor, [asked.id]) == {asked.id: len(expected)}
        if not expected:
            with pytest.raises(NotFound):
                queries.matches(actor, hidden.id)
            assert queries.match_counts(actor, [hidden.id]) == {}


@pytest.mark.parametrize("name", READERS)
def test_visible_among_few_is_the_same_rule(world: World, name: str) -> None:
    actor = ANONYMOUS if name == "visitor" else world.actor(name)
    for audience in Audience:
        offer(world, words=str(audience), audience=audience, organisations=(world.organisations["jica"],))
    w.make_draft(world)
    every = session().scalars(visible_contributions(actor, Contribution.id)).all()
    among_few = select(Contribution.id).where(visible_to(actor, among_few=True))
    assert set(session().scalars(scoped(actor, among_few))) == set(every) != set()


def test_what_is_neither_a_need_nor_an_offer_has_no_matches(world: World) -> None:
    with pytest.raises(NotFound):
        queries.matches(ANONYMOUS, w.make_published(world).id)


def test_not_relevant_is_remembered_for_the_organisation_both_ways_and_can_be_undone(world: World) -> None:
    asked, offered = need(world), offer(world)
    world.people["second"] = w.make_person("second", world.organisations["worldbank"])
    actions.dismiss(world.actor("partner"), offered.id, asked.id)
    actions.dismiss(world.actor("second"), asked.id, offered.id)
    for one, other in ((asked, offered), (offered, asked)):
        matches = queries.matches(world.actor("second"), one.id)
        assert (list(matches.found), [m.known.id for m in matches.dismissed]) == ([], [other.id])
        assert found(world.actor("fijian"), one.id) == found(ANONYMOUS, one.id) == [other.id]
    actions.take_back(world.actor("second"), asked.id, offered.id)
    assert found(world.actor("partner"), offered.id) == [asked.id]


def test_dismissing_takes_a_need_and_an_offer_that_one_may_read(world: World) -> None:
    asked, offered, shown = need(world), offer(world, audience=Audience.OWN), offer(world)
    for act in (actions.dismiss, actions.take_back):
        with pytest.raises(NotFound):
            act(world.actor("reader"), asked.id, offered.id)
        with pytest.raises(Forbidden):
            act(world.actor("reader"), asked.id, shown.id)
        for one, other in ((asked.id, offered.id), (asked.id, asked.id), (asked.id, "0" * 16)):
            with pytest.raises(NotFound):
                act(world.actor("fijian"), one, other)


def test_many_at_once_say_what_each_alone_says_in_few_statements(
    world: World, statements: Statements
) -> None:
    asked = [
        need(world),
        need(world, "peruvian", countries=("PE",)),
        need(world, countries=(), topics=("TFA-10.4",)),
    ]
    offered = [offer(world), offer(world, "named", countries=("PE",)), offer(world, "named", topics=("TFA",))]
    every = [one.id for one in (*asked, *offered)]
    statements.clear()
    many = queries.many(ANONYMOUS, every)
    assert len(statements) <= 6
    assert {id_: [m.known.id for m in one.found] for id_, one in many.items()} == {
        id_: found(ANONYMOUS, id_) for id_ in every
    }


def test_only_so_many_are_judged_and_they_are_the_newest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "CANDIDATES", 2)
    asked = need(world)
    made = []
    for day in ("2026-11-01", "2026-11-02", "2026-11-03"):
        with time_machine.travel(f"{day}T09:00:00Z"):
            made.append(offer(world, words=day).id)
    assert set(found(ANONYMOUS, asked.id)) == set(made[1:])
