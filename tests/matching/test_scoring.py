"""How well an offer fits a need: each criterion by itself, and what holds of every pair."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.editorial.terms import Help
from portal.matching.scoring import (
    LEAST,
    WEIGHTS,
    Criterion,
    Eligible,
    Part,
    Score,
    Scorer,
    Side,
    Strength,
    score,
)
from tests.matching.making import side

ABOVE = {
    "TFA": frozenset[str](), "TFA-3": frozenset({"TFA"}), "TFA-7": frozenset({"TFA"}), "TFA-10": frozenset({"TFA"}),
    "TFA-7.6": frozenset({"TFA-7", "TFA"}),
}  # fmt: skip
FIJI = {"countries": ["FJ"], "regions": ["AP"]}


def parts(need: Side, offer: Side) -> dict[Criterion, Part]:
    """The criteria of a pair that matches."""
    found = score(need, offer, ABOVE)
    assert found is not None
    return {part.criterion: part for part in found.parts}


def test_the_weights_come_to_a_hundred() -> None:
    assert sum(WEIGHTS.values()) == 100
    assert set(WEIGHTS) == set(Criterion)


def test_what_agrees_in_all_is_a_strong_match_of_a_hundred() -> None:
    window = {"starts_on": date(2027, 1, 1), "ends_on": date(2027, 6, 30)}
    found = score(
        side(**FIJI, languages=["en"], **window),
        side(countries=["FJ"], languages=["en", "fr"], **window),
        ABOVE,
    )
    assert found is not None
    assert (found.total, found.strength, found.weaker) == (100, Strength.STRONG, ())


@pytest.mark.parametrize(
    ("wanted", "offered", "share", "near"),
    [
        (["TFA-3"], ["TFA-3", "TFA-10"], 1.0, ()),
        (["TFA-7.6"], ["TFA-7"], 0.7, ("TFA-7.6",)),
        (["TFA-7"], ["TFA-7.6"], 0.7, ("TFA-7",)),
        (["TFA-3", "TFA-10"], ["TFA-3"], 0.8, ()),
        (["TFA-3", "TFA-7"], ["TFA-3", "TFA-7.6"], 0.94, ("TFA-7",)),
    ],
)
def test_topics(wanted: list[str], offered: list[str], share: float, near: tuple[str, ...]) -> None:
    part = parts(side(topics=wanted, **FIJI), side(topics=offered, countries=["FJ"]))[Criterion.TOPIC]
    assert part.share == pytest.approx(share)
    assert part.near == near
    assert set(part.met) | set(part.lacking) == set(wanted)


@pytest.mark.parametrize("offered", [["TFA-10"], ["WCO-UNKNOWN"], []])
def test_another_topic_is_no_match(offered: list[str]) -> None:
    assert score(side(**FIJI), side(topics=offered, countries=["FJ"]), ABOVE) is None


@pytest.mark.parametrize(
    ("asks", "eligible", "share", "by"),
    [
        (FIJI, {"countries": ["FJ", "PE"]}, 1.0, Eligible.COUNTRY),
        (FIJI, {"regions": ["AP"]}, 0.9, Eligible.REGION),
        (FIJI, {"countries": ["FJ"], "regions": ["AP"]}, 1.0, Eligible.COUNTRY),
        (FIJI, {}, 0.7, Eligible.EVERYBODY),
        ({}, {"countries": ["PE"]}, 0.5, None),
    ],
)
def test_who_is_eligible(
    asks: dict[str, list[str]], eligible: dict[str, list[str]], share: float, by: Eligible | None
) -> None:
    part = parts(side(**asks), side(**eligible))[Criterion.PLACE]
    assert (part.share, part.by, part.is_open) == (share, by, by is None)


@pytest.mark.parametrize("eligible", [{"countries": ["PE"]}, {"regions": ["AMS"]}])
def test_who_is_not_eligible_is_no_match(eligible: dict[str, list[str]]) -> None:
    assert score(side(**FIJI), side(**eligible), ABOVE) is None


def test_countries_of_a_need_that_are_not_eligible_are_named() -> None:
    part = parts(side(countries=["FJ", "PE"], regions=["AP", "AMS"]), side(countries=["FJ"]))[Criterion.PLACE]
    assert (part.met, part.lacking) == (("FJ",), ("PE",))


def test_help_that_is_not_offered_is_named() -> None:
    wanted = [Help.EXPERTISE, Help.TRAINING]
    part = parts(side(helps=wanted, **FIJI), side(countries=["FJ"], helps=[Help.TRAINING]))[Criterion.HELP]
    assert (part.share, part.met, part.lacking) == (0.5, ("training",), ("expertise",))


def test_a_need_without_lines_says_nothing_of_help() -> None:
    assert parts(side(helps=[], **FIJI), side(countries=["FJ"]))[Criterion.HELP].share == 0.5


@pytest.mark.parametrize(
    ("need", "offer", "share", "months"),
    [
        (("2027-01-01", "2027-06-30"), ("2026-01-01", "2028-01-01"), 1.0, 6),
        (("2027-01-01", "2027-12-31"), ("2027-07-01", None), 184 / 365, 6),
        (("2027-01-01", "2027-12-31"), (None, "2027-01-10"), 10 / 365, 0),
        (("2027-01-01", "2027-06-30"), ("2028-01-01", None), 0.0, 0),
        (("2027-01-01", None), ("2026-01-01", None), 1.0, None),
        (("2027-01-01", None), ("2026-01-01", "2027-12-31"), 1.0, 12),
    ],
)
def test_windows(
    need: tuple[str, str | None], offer: tuple[str | None, str | None], share: float, months: int | None
) -> None:
    def window(pair: tuple[str | None, str | None]) -> dict[str, date | None]:
        start, end = (date.fromisoformat(day) if day else None for day in pair)
        return {"starts_on": start, "ends_on": end}

    part = parts(side(**FIJI, **window(need)), side(countries=["FJ"], **window(offer)))[Criterion.TIME]
    assert (part.share, part.months) == (pytest.approx(share), months)
    assert not part.is_open


def test_a_window_that_one_side_does_not_state_counts_half() -> None:
    stated = {"starts_on": date(2027, 1, 1)}
    for need, offer in ((stated, {}), ({}, stated)):
        part = parts(side(**FIJI, **need), side(countries=["FJ"], **offer))[Criterion.TIME]
        assert (part.share, part.is_open) == (0.5, True)


def test_working_languages() -> None:
    def part(need: list[str], offer: list[str]) -> Part:
        return parts(side(**FIJI, languages=need), side(countries=["FJ"], languages=offer))[
            Criterion.LANGUAGE
        ]

    assert (part(["en", "fr"], ["fr", "es"]).met, part(["en"], ["es"]).share) == (("fr",), 0.0)
    assert part([], ["en"]).is_open and part(["en"], []).is_open


def test_what_is_too_weak_is_no_match() -> None:
    weak = side(topics=["TFA-7"], helps=[Help.FUNDING], languages=["fr"])
    need = side(topics=["TFA-7.6", "TFA-3"], languages=["en"], **FIJI)
    assert score(need, weak, ABOVE) is None


@pytest.mark.parametrize(
    ("share", "word"), [(1.0, Strength.STRONG), (0.8, Strength.GOOD), (0.6, Strength.POSSIBLE)]
)
def test_the_word_for_a_match_and_what_lowers_it(share: float, word: Strength) -> None:
    found = Score.of(*(Part(criterion, share) for criterion in Criterion))
    assert found.strength == word
    assert found.weaker == (() if share >= 0.8 else tuple(Criterion))


TOPICS = st.frozensets(st.sampled_from(sorted(ABOVE)), max_size=3)
DAYS = st.none() | st.dates(date(2025, 1, 1), date(2030, 1, 1))


@st.composite
def sides(draw: st.DrawFn) -> Side:
    """Any side whose window does not end before it begins."""
    days = sorted((draw(DAYS), draw(DAYS)), key=lambda day: day or date.min)
    start, end = days if None not in days else draw(st.permutations(days))
    codes = {
        name: draw(st.frozensets(st.sampled_from(among), max_size=2))
        for name, among in (
            ("countries", ["FJ", "PE"]),
            ("regions", ["AP", "AMS"]),
            ("languages", ["en", "fr"]),
        )
    }
    return Side(
        draw(TOPICS),
        draw(st.frozensets(st.sampled_from(sorted(Help)), max_size=3)),
        starts_on=start,
        ends_on=end,
        **codes,
    )


@given(sides(), sides())
def test_every_score_is_within_bounds_and_its_parts_add_up(need: Side, offer: Side) -> None:
    found = score(need, offer, ABOVE)
    if found is None:
        return
    assert LEAST <= found.total <= 100
    assert [part.criterion for part in found.parts] == list(Criterion)
    assert all(0 <= part.share <= 1 for part in found.parts)
    assert found.total == round(sum(WEIGHTS[part.criterion] * part.share for part in found.parts))
    assert not set(found.parts[0].met) & set(found.parts[0].lacking)


@given(sides(), sides(), sides())
def test_a_scorer_of_many_says_what_scoring_each_alone_says(need: Side, one: Side, other: Side) -> None:
    scorer = Scorer(ABOVE)
    for offer in (one, other, one):
        assert scorer(need, offer) == score(need, offer, ABOVE)


@given(sides(), sides(), st.sampled_from(sorted(ABOVE)))
def test_offering_the_wanted_topic_too_never_makes_a_match_worse(need: Side, offer: Side, topic: str) -> None:
    before = score(need, offer, ABOVE)
    more = Side(
        offer.topics | {topic},
        offer.helps,
        offer.countries,
        offer.regions,
        offer.languages,
        offer.starts_on,
        offer.ends_on,
    )
    after = score(need, more, ABOVE)
    assert before is None or (after is not None and after.total >= before.total)


@given(sides(), sides())
def test_who_is_not_eligible_never_matches(need: Side, offer: Side) -> None:
    eligible = offer.countries & need.countries or offer.regions & need.regions
    if need.countries and (offer.countries or offer.regions) and not eligible:
        assert score(need, offer, ABOVE) is None
