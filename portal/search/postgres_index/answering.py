"""From the row of a search's statement to its answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, text

from portal.search.analysis import LANGUAGES
from portal.search.index import FACETS, Answer, FacetCount, Hit
from portal.search.postgres_index.statement import Asked, search_statement
from portal.search.postgres_index.viewers import Viewer


def answered(
    connection: Connection, build: int, viewer: Viewer, asked: Asked, *, among_newest: bool
) -> Answer:
    """What `viewer` is answered from a build; `among_newest` alone it is incomplete."""
    if not asked.readings:
        return nothing(asked, incomplete=False)
    statement = search_statement(build, viewer, asked, among_newest)
    total, counts, documents = connection.execute(text(statement.sql), statement.parameters).one()
    return Answer(
        total=total,
        hits=_hits(documents or (), asked.languages),
        facets=_facets(counts or ()) if asked.with_facets else {},
        incomplete=among_newest,
    )


def nothing(asked: Asked, *, incomplete: bool) -> Answer:
    """The answer without hits."""
    return Answer(0, (), _facets(()) if asked.with_facets else {}, incomplete)


def _facets(counts: Iterable[tuple[str, str, int]]) -> dict[str, list[FacetCount]]:
    """The values of each facet by falling count, then by value: under all filters but the facet's own."""
    found: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
    for pair, missed, contributions in counts:
        facet, _, value = pair.partition(":")
        if missed in ("", facet):
            found[facet][value] = found[facet].get(value, 0) + contributions
    return {
        facet: sorted(map(FacetCount._make, values.items()), key=lambda c: (-c.contributions, c.value))
        for facet, values in found.items()
    }


def _hits(documents: Iterable[Sequence[Any]], languages: Sequence[str]) -> tuple[Hit, ...]:
    """One hit for each contribution, in their order, from all documents of it that match."""
    pages: dict[int, dict[str, Sequence[Any]]] = {}
    for one in sorted(documents, key=lambda one: (one[0], LANGUAGES.index(one[2]))):
        pages.setdefault(one[0], {})[one[2]] = one
    return tuple(_hit(found, languages) for found in pages.values())


def _hit(found: dict[str, Sequence[Any]], languages: Sequence[str]) -> Hit:
    """The hit of a contribution: in the reader's language, else the original, else what there is."""
    originals = [language for language, one in found.items() if one[4]]
    shown = next(language for language in (*languages, *originals, *found) if language in found)
    _, contribution_id, _, edition_id, _ = found[shown]
    return Hit(
        contribution_id=contribution_id,
        edition_id=edition_id,
        language=shown,
        languages=(shown, *(language for language in found if language != shown)),
    )
