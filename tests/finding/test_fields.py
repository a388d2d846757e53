"""Fields of a query as filters: every way to name a thing, names that fit several, and what is no name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.core.db import Database, session
from portal.core.i18n import LANGUAGES
from portal.editorial.models import Kind
from portal.finding.fields import KIND_WORDS, MOST_MEANT, near, resolve
from portal.organisations.models import Organisation, OrganisationKind
from portal.search.index import NO_FILTERS, Filters
from portal.search.query import ErrorCode, QueryError, parse
from portal.taxonomy.models import Country, Topic
from tests.world import World, build_world, make_organisation


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    """The small world, with an acronym in other languages, synonyms and a topic further down."""
    with database.unit_of_work():
        built = build_world()
        session().get_one(Organisation, built.organisations["worldbank"]).aliases = ["BM"]
        session().get_one(Topic, "TFA-10.4").synonyms_es = ["VUCE"]
        session().add(
            Topic(
                code="TFA-10.4.1", parent_code="TFA-10.4", name_en="Port community", name_es="Comunidad portuaria",
                name_fr="Communauté portuaire", synonyms_en=[], synonyms_es=[], synonyms_fr=[], position=1,
                source="test",
            )
        )  # fmt: skip
        session().add(
            Country(
                iso2="LA", iso3="LAO", region_code="AP", name_en="Lao People's Democratic Republic",
                name_es="República Democrática Popular Lao", name_fr="République démocratique populaire lao",
                source="test",
            )
        )  # fmt: skip
        session().flush()
        yield built


def within(text: str) -> Filters:
    """What a query has to be within; it leaves nothing out."""
    found, without = resolve(parse(text))
    assert without == NO_FILTERS
    return found


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("country:PE", {"country": ("PE",)}),
        ("country:per", {"country": ("PE",)}),
        ("country:Peru", {"country": ("PE",)}),
        ("country:perú", {"country": ("PE",)}),
        ("country:Pérou", {"country": ("PE",)}),
        ("COUNTRY:tailandia", {"country": ("TH",)}),
        ("country:laos", {"country": ("LA",)}),
        ("country:“République démocratique”", {"country": ("LA",)}),
        ("topic:tfa-10.4", {"topic": ("TFA-10.4", "TFA-10.4.1")}),
        ("topic:vuce", {"topic": ("TFA-10.4", "TFA-10.4.1")}),
        ('topic:"ventanilla unica"', {"topic": ("TFA-10.4", "TFA-10.4.1")}),
        ("topic:guichet", {"topic": ("TFA-10.4", "TFA-10.4.1")}),
        ("topic:TFA-10.4.1", {"topic": ("TFA-10.4.1",)}),
        ("topic:TFA-3", {"topic": ("TFA-3",)}),
        ("kind:lesson", {"kind": ("lesson_learned",)}),
        ("kind:lesson_learned", {"kind": ("lesson_learned",)}),
        ("kind:Lecciones", {"kind": ("lesson_learned",)}),
        ("kind:leçons", {"kind": ("lesson_learned",)}),
        ('kind:"avancée de réforme"', {"kind": ("reform_update",)}),
        ("kind:reforma", {"kind": ("reform_update",)}),
        ("lang:fr", {"language": ("fr",)}),
        ("lang:Francés", {"language": ("fr",)}),
        ("lang:espagnol", {"language": ("es",)}),
        ("lang:english", {"language": ("en",)}),
        ("year:2024", {"year": ("2024",)}),
        ("year:2024..2026", {"year": ("2024", "2025", "2026")}),
        ("country:PE OR country:TH", {"country": ("PE", "TH")}),
        ("country:PE kind:lesson", {"country": ("PE",), "kind": ("lesson_learned",)}),
    ],
)
def test_a_field_is_understood_by_code_and_by_name_in_any_language(
    world: World, typed: str, expected: dict[str, tuple[str, ...]]
) -> None:
    assert within(f"customs {typed}") == Filters(**expected)


@pytest.mark.parametrize(
    "typed", ["THA", "tha", '"Thailand Customs"', '"aduanas thailand"', '"Douanes Thaïland"', "thailand"]
)
def test_an_organisation_is_known_by_code_name_and_part_of_a_name(world: World, typed: str) -> None:
    assert within(f"org:{typed}") == Filters(organisation=(world.organisations["thailand"],))


def test_an_organisation_is_known_by_its_acronym_in_other_languages_and_by_its_id(world: World) -> None:
    bank = world.organisations["worldbank"]
    assert within("org:bm").organisation == (bank,)
    assert within(f"org:{bank}").organisation == (bank,)


def test_what_is_written_in_full_wins_over_names_that_hold_it(world: World) -> None:
    own = make_organisation("THX", name="Thailand Customs Brokers")
    assert within('org:"thailand customs"').organisation == (world.organisations["thailand"],)
    assert set(within("org:thailand").organisation) == {world.organisations["thailand"], own}


def test_two_organisations_of_one_name_are_both_meant(world: World) -> None:
    twin = make_organisation("TH2", OrganisationKind.PARTNER, name="Thailand")
    assert set(within('org:"thailand customs"').organisation) == {world.organisations["thailand"], twin}


def test_a_name_that_fits_too_many_is_asked_to_be_longer(world: World) -> None:
    for number in range(MOST_MEANT):
        make_organisation(f"X{number}", name=f"Port {number}")
    with pytest.raises(QueryError) as refused:
        resolve(parse("release org:customs"))
    assert refused.value.code == ErrorCode.AMBIGUOUS_VALUE
    assert refused.value.position == 8


def test_a_parent_topic_takes_everything_below_it_in_and_out(world: World) -> None:
    every = ("TFA", "TFA-10.4", "TFA-3", "TFA-10.4.1")
    assert set(within("topic:TFA").topic) == set(every)
    found, without = resolve(parse("customs -topic:TFA-10.4 topic:TFA"))
    assert set(found.topic) == set(every)
    assert set(without.topic) == {"TFA-10.4", "TFA-10.4.1"}


def test_a_minus_leaves_out_and_words_are_left_alone(world: World) -> None:
    assert resolve(parse("customs -country:PE -kind:lesson")) == (
        NO_FILTERS,
        Filters(country=("PE",), kind=("lesson_learned",)),
    )
    assert resolve(parse("customs country")) == (NO_FILTERS, NO_FILTERS)


@pytest.mark.parametrize(
    ("typed", "position"),
    [
        ("country:Atlantis", 0),
        ("release country:Atlantis", 8),
        ("release -org:nobody", 8),
        ("topic:TFA-99", 0),
        ("kind:poem", 0),
        ("kind:less", 0),
        ("lang:de", 0),
        ("lang:eng", 0),
        ("country:--", 0),
        ('org:"%"', 0),
        ("country:'; DROP TABLE country", 0),
        ("org:<script>", 0),
        ("topic:\u202eTFA-3", 0),
    ],
)
def test_what_is_not_known_is_refused_at_its_place(world: World, typed: str, position: int) -> None:
    with pytest.raises(QueryError) as refused:
        resolve(parse(typed))
    assert refused.value.code == ErrorCode.UNKNOWN_VALUE
    assert refused.value.position == position


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(st.sampled_from(["org", "country", "topic", "kind", "lang", "year"]), st.text(max_size=150))
def test_any_value_resolves_or_is_refused(world: World, field: str, value: str) -> None:
    try:
        resolve(parse(f"{field}:{value}"))
    except QueryError as refused:
        assert 0 <= refused.position <= len(value) + len(field) + 1


def test_names_spelt_alike_are_proposed_once_in_the_language_of_the_page(world: World) -> None:
    (country,) = parse("country:tailand").fields
    assert near(country) == ["Thailand"]
    (topic,) = parse('topic:"ventanila unica"').fields
    assert near(topic) == ["Single window"]
    (nothing,) = parse("country:xyzxyz").fields
    assert near(nothing) == []


def test_every_kind_has_words_in_every_language() -> None:
    assert {str(kind) for kind in Kind} <= set(KIND_WORDS)
    assert all(set(words) == set(LANGUAGES) and all(words.values()) for words in KIND_WORDS.values())
