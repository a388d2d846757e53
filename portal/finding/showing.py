"""What stands around the hits of a search: filters to choose and chosen, other names, years and countries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.core.tilemap import Tile, TileMap, tile_map
from portal.finding.asking import Asked
from portal.finding.labels import facet_titles, label, label_of_field
from portal.finding.queries import Found
from portal.finding.running import Search
from portal.organisations.queries import organisation_names
from portal.search.expand import BY_DICTIONARY, Also
from portal.search.index import FACETS
from portal.search.query import as_clause, cut, end_of
from portal.taxonomy.queries import taxonomy, topic_name

SHOWN = {"organisation": 10, "country": 10, "topic": 12, "year": 12}
"""How many values of a facet are offered besides the chosen ones; 50 of the others."""

PHRASES_AT_ONCE = 4
"""How many other names a line tells before the rest is folded away."""

YEARS_AT_MOST = 15

LONG_WORD = 6
"""A longer word may be found by its beginning where it is not found whole."""

Names = Mapping[str, str]


@dataclass(frozen=True)
class FacetValue:
    """One line of a facet; `is_typed` when the text of the search chooses it, and no box can."""

    value: str
    label: str
    count: int | None
    is_chosen: bool
    is_typed: bool


@dataclass(frozen=True)
class Chip:
    """A filter that is applied: its words and the address without it."""

    label: str
    url: str


@dataclass(frozen=True)
class OtherNames:
    """What was looked for besides some typed words: phrases by language, and the address without them.

    `more` are those that are folded away.
    """

    name: str
    phrases: Sequence[tuple[str, Sequence[str]]]
    more: Sequence[tuple[str, Sequence[str]]]
    url: str


@dataclass(frozen=True)
class Bar:
    """The posts of one year; `share` is the length of its bar, in per cent of the longest."""

    year: str
    count: int
    share: float
    url: str
    is_chosen: bool


@dataclass(frozen=True)
class Place:
    """The posts about one country; `iso3` is the code of its tile on the map."""

    name: str
    iso3: str
    count: int
    url: str
    is_chosen: bool

    @property
    def said(self) -> str:
        """Its name and its figure."""
        return str(ngettext("%(name)s: %(num)s post", "%(name)s: %(num)s posts", self.count, name=self.name))


@dataclass(frozen=True)
class Figures:
    """What was found by year and by country, each with the sentence that it comes to.

    `years` are the last ones; `earlier` counts what is older.
    """

    years: Sequence[Bar]
    earlier: int
    years_say: str
    map: TileMap
    tiles: Sequence[tuple[Tile, Place | None]]
    places: Sequence[Place]
    places_say: str


def address(parameters: Mapping[str, str | Sequence[str]]) -> str:
    """The address of a search."""
    return url_for("finding.search", **parameters)  # type: ignore[arg-type]


def names_of_organisations(found: Found, search: Search) -> Names:
    """The names of the organisations that the page will name, by id; one statement."""
    ids = {count.value for count in found.answer.facets.get("organisation", [])[: SHOWN["organisation"]]}
    ids.update(search.asked.chosen.organisation)
    ids.update(v for one in search.meant if one.field.facet == "organisation" for v in one.named)
    wanted = sorted(ids)
    return dict(zip(wanted, organisation_names(wanted), strict=True))


def facets(found: Found, search: Search, names: Names) -> list[tuple[str, str, list[FacetValue]]]:
    """Name, title and lines of each facet: what there is most of, and whatever box is ticked."""
    chosen, boxes = search.within.chosen(), search.asked.chosen.chosen()
    shown: list[tuple[str, str, list[FacetValue]]] = []
    for name, title in facet_titles().items():
        counted = {c.value: c.contributions for c in found.answer.facets.get(name, [])}
        values = list(counted)[: SHOWN.get(name, 50)]
        values += [v for v in boxes.get(name, ()) if v not in values]
        if name == "year":
            values.sort(reverse=True)
        lines = [
            FacetValue(
                v,
                label(name, v, names),
                counted.get(v, 0) if found.by_index else None,
                v in chosen.get(name, ()),
                v in chosen.get(name, ()) and v not in boxes.get(name, ()),
            )
            for v in values
        ]
        if lines:
            shown.append((name, title, lines))
    return shown


def chips(search: Search, names: Names) -> list[Chip]:
    """The filters applied: first those of the text, whose removal edits it, then the boxes."""
    asked = search.asked
    typed = [
        Chip(label_of_field(one, names), address(asked.parameters(q=cut(asked.text, one.field.position))))
        for one in search.meant
    ]
    ticked = [
        Chip(label(facet, value, names), address(asked.toggled(facet, value)))
        for facet, values in asked.chosen.chosen().items()
        for value in values
    ]
    return typed + ticked


def without_filters(search: Search) -> str:
    """The address of the same search without any filter."""
    text = search.asked.text
    for field in reversed(search.query.fields):
        text = cut(text, field.position)
    return address(search.asked.parameters(q=text, **dict.fromkeys(FACETS, ())))


def ways_out(search: Search) -> list[tuple[str, str]]:
    """Where nothing was found: searches that ask for less, as pairs of words and address."""
    asked, query = search.asked, search.query
    clauses = [clause for group in query.required for clause in group]
    fields = [asked.text[field.position : end_of(asked.text, field.position)] for field in query.fields]

    def way(words: str, typed: Iterable[str]) -> tuple[str, str]:
        return words, address(asked.parameters(q=" ".join([*typed, *fields])))

    ways = []
    if len(query.required) > 1:
        ways.append(way(_("Any of these words"), [" OR ".join(map(as_clause, clauses))]))
    if any(clause.is_quoted and len(clause.words) > 1 for clause in clauses):
        ways.append(way(_("The words anywhere, not as a phrase"), [w for c in clauses for w in c.words]))
    if len(clauses) == 1 and len(clauses[0].words[-1]) > LONG_WORD and not clauses[0].is_prefix:
        beginning = clauses[0].words[-1][: LONG_WORD - 1]
        ways.append(way(_("Words that begin with %(letters)s", letters=beginning), [f"{beginning}*"]))
    return ways


def other_names(asked: Asked, also: Iterable[Also]) -> list[OtherNames]:
    """What was looked for besides what was typed, a line for each origin."""
    by_origin: dict[str, list[tuple[str, str]]] = {}
    for one in also:
        by_origin.setdefault(one.origin, []).extend(one.phrases)
    return [
        OtherNames(
            _("a dictionary") if origin == BY_DICTIONARY else topic_name(origin),
            _by_language(phrases[:PHRASES_AT_ONCE]),
            _by_language(phrases[PHRASES_AT_ONCE:]),
            address(asked.parameters(plain=(*asked.plain, origin))),
        )
        for origin, phrases in by_origin.items()
    ]


def as_typed(asked: Asked, also: Iterable[Also]) -> str:
    """The address of the search for nothing but what was typed."""
    return address(asked.parameters(plain=tuple(dict.fromkeys((*asked.plain, *(o.origin for o in also))))))


def figures(found: Found, search: Search) -> Figures | None:
    """What was found by year and by country, each counted under all filters but its own; None for nothing."""
    years = _years(found, search)
    if not years:
        return None
    places = _places(found, search)
    earlier = sum(bar.count for bar in years[YEARS_AT_MOST:])
    most = max(years, key=lambda bar: bar.count)
    by_code = {place.iso3: place for place in places}
    tiles = tile_map({code: place.count for code, place in by_code.items()})
    return Figures(
        years[:YEARS_AT_MOST],
        earlier,
        _(
            "Most were published in %(year)s: %(count)s of %(total)s.",
            year=most.year,
            count=most.count,
            total=sum(bar.count for bar in years),
        ),
        tiles,
        [(tile, by_code.get(tile.code)) for tile in tiles.tiles],
        places,
        _said_of(places),
    )


def _said_of(places: Sequence[Place]) -> str:
    if not places:
        return str(_("None of them names a country."))
    return str(
        ngettext(
            "They are about %(num)s country: %(name)s.",
            "They are about %(num)s countries, most often %(name)s.",
            len(places),
            name=places[0].name,
        )
    )


def _years(found: Found, search: Search) -> list[Bar]:
    """Every year from the last to the first in which anything was published, the empty ones between too."""
    counted = {int(c.value): c.contributions for c in found.answer.facets.get("year", [])}
    if not counted:
        return []
    most = max(counted.values())
    return [
        Bar(
            str(year),
            counted.get(year, 0),
            round(100 * counted.get(year, 0) / most, 1),
            *_link(search, "year", str(year)),
        )
        for year in range(max(counted), min(counted) - 1, -1)
    ]


def _places(found: Found, search: Search) -> list[Place]:
    """The countries that the hits are about, most first."""
    countries = taxonomy().countries
    return [
        Place(
            label("country", count.value, {}),
            countries[count.value].iso3 if count.value in countries else "",
            count.contributions,
            *_link(search, "country", count.value),
        )
        for count in found.answer.facets.get("country", [])
    ]


def _link(search: Search, facet: str, value: str) -> tuple[str, bool]:
    """The address that narrows to a value or no longer, "" where the text does it, and whether it does."""
    is_chosen = value in getattr(search.within, facet)
    is_typed = is_chosen and value not in getattr(search.asked.chosen, facet)
    return "" if is_typed else address(search.asked.toggled(facet, value)), is_chosen


def _by_language(phrases: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """The phrases of each language, the languages as they come up."""
    found: dict[str, list[str]] = {}
    for language, phrase in phrases:
        found.setdefault(language, []).append(phrase)
    return list(found.items())
