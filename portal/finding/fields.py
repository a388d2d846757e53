"""What stands behind `org:`, `country:` and the other fields of a query, turned into filters.

People write a code or a name in any of the three languages. What is written in full wins; else
everything whose name holds the words that were typed is meant, as long as that is not too much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from portal.core.i18n import LANGUAGES, language_name, localised, territory_name
from portal.editorial.models import Kind
from portal.organisations.queries import named_organisations
from portal.search.analysis import words
from portal.search.index import Filters
from portal.search.query import ErrorCode, Field, Query, QueryError
from portal.taxonomy.queries import taxonomy

MOST_MEANT = 12
"""More than this many things with the typed words in their names, and it says which one less than nothing."""

TOLD_WHOLE = frozenset({"kind", "language"})
"""Facets with so few values that nobody writes one by halves, and a message can tell them all."""

KIND_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "reform_update": {
        "en": ("update", "updates", "reform", "reforms", "reform update", "reform updates"),
        "es": ("avance", "avances", "reforma", "reformas", "avance de reforma", "avances de reforma"),
        "fr": ("avancée", "avancées", "réforme", "réformes", "avancée de réforme", "avancées de réforme"),
    },
    "lesson_learned": {
        "en": ("lesson", "lessons", "lesson learned", "lessons learned"),
        "es": ("lección", "lecciones", "lección aprendida", "lecciones aprendidas"),
        "fr": ("leçon", "leçons", "leçon apprise", "leçons apprises"),
    },
    "need": {
        "en": ("need", "needs"),
        "es": ("necesidad", "necesidades"),
        "fr": ("besoin", "besoins"),
    },
    "offer": {
        "en": ("offer", "offers"),
        "es": ("oferta", "ofertas"),
        "fr": ("offre", "offres"),
    },
}
"""What the kinds of contributions are called in each language, the shortest word first."""


@dataclass(frozen=True)
class Meant:
    """A field of a query and what it means: `named` by the typed value, `values` with all below those."""

    field: Field
    named: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True)
class _Choice:
    """A value that a field can have: its codes, and what else it is called in any language."""

    value: str
    codes: tuple[str, ...]
    names: tuple[str, ...]


def resolve(query: Query) -> tuple[Filters, Filters]:
    """The filters that the fields of `query` ask for, and those of what is to be left out.

    Several values of one facet are either of them, as in a list of boxes. Raises QueryError with
    UNKNOWN_VALUE or AMBIGUOUS_VALUE.
    """
    return narrowing(meanings(query))


def meanings(query: Query) -> tuple[Meant, ...]:
    """What each field of `query` means, in their order. Raises QueryError as `resolve` does."""
    return tuple(_meant(field) for field in query.fields)


def narrowing(meant: Iterable[Meant]) -> tuple[Filters, Filters]:
    """Filters within which a hit has to be, and those outside which it has to be."""
    within: dict[str, dict[str, None]] = {}
    without: dict[str, dict[str, None]] = {}
    for one in meant:
        side = without if one.field.is_excluded else within
        side.setdefault(one.field.facet, {}).update(dict.fromkeys(one.values))
    return _filters(within), _filters(without)


def near(field: Field) -> list[str]:
    """What up to three things are called whose names are spelt much like the value of `field`."""
    if field.facet in TOLD_WHOLE:
        return []
    called = {_key(name): choice.names[0] for choice in _choices(field.facet) for name in choice.names}
    close = get_close_matches(_key(field.values[0]), called, n=6, cutoff=0.75)
    return list(dict.fromkeys(called[key] for key in close))[:3]


def _filters(chosen: dict[str, dict[str, None]]) -> Filters:
    return Filters(**{facet: tuple(values) for facet, values in chosen.items()})


def _meant(field: Field) -> Meant:
    if field.facet == "year":
        return Meant(field, field.values, field.values)
    named = _named(field)
    values = taxonomy().with_below(named) if field.facet == "topic" else named
    return Meant(field, named, values)


def _named(field: Field) -> tuple[str, ...]:
    """The values that the typed one names."""
    typed = field.values[0]
    choices = list(_choices(field.facet))
    code, key = typed.casefold(), _key(typed)
    exact = [c.value for c in choices if code in map(str.casefold, c.codes)]
    if not exact and key:
        exact = [c.value for c in choices if key in map(_key, c.names)]
    if exact:
        return tuple(exact)
    if field.facet in TOLD_WHOLE or not key:
        raise QueryError(ErrorCode.UNKNOWN_VALUE, field.position)
    inside = f" {' '.join(words(typed))} "
    partly = [c.value for c in choices if any(inside in f" {' '.join(words(name))} " for name in c.names)]
    if not partly:
        raise QueryError(ErrorCode.UNKNOWN_VALUE, field.position)
    if len(partly) > MOST_MEANT:
        raise QueryError(ErrorCode.AMBIGUOUS_VALUE, field.position)
    return tuple(partly)


def _key(name: str) -> str:
    """A name without accents, case, blanks and signs: Viet Nam is Vietnam."""
    return "".join(words(name))


def _choices(facet: str) -> Iterator[_Choice]:
    made: Callable[[], Iterator[_Choice]] = {
        "organisation": _organisations,
        "country": _countries,
        "topic": _topics,
        "kind": _kinds,
        "language": _languages,
    }[facet]
    return made()


def _organisations() -> Iterator[_Choice]:
    for one in named_organisations():
        yield _Choice(one.id, (one.code, one.id), (*_all_names(one), *one.aliases))


def _countries() -> Iterator[_Choice]:
    """The portal's names, and those of CLDR, which are shorter: Laos, Russia."""
    for one in taxonomy().countries.values():
        usual = (territory_name(one.iso2, language) for language in LANGUAGES)
        yield _Choice(one.iso2, (one.iso2, one.iso3), (*_all_names(one), *usual))


def _topics() -> Iterator[_Choice]:
    for one in taxonomy().topics.values():
        synonyms = (*one.synonyms_en, *one.synonyms_es, *one.synonyms_fr)
        yield _Choice(one.code, (one.code,), (*_all_names(one), *synonyms))


def _kinds() -> Iterator[_Choice]:
    for kind in Kind:
        called = tuple(name for names in KIND_WORDS[kind.value].values() for name in names)
        yield _Choice(kind.value, (kind.value,), called)


def _languages() -> Iterator[_Choice]:
    for code in LANGUAGES:
        yield _Choice(code, (code,), tuple(language_name(code, inside) for inside in LANGUAGES))


def _all_names(thing: object) -> tuple[str, ...]:
    return (localised(thing, "name"), *(localised(thing, "name", language) for language in LANGUAGES))
