"""The statement of a search: matches, counts, order and a page of hits, in one look at the index.

Every document that it reads is the viewer's to read: `_Maker._of_viewer` says so and is part of every
scan. So is what orders the hits: how rare a word is, is counted among these documents alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from portal.search.index import Filters, Sort
from portal.search.postgres_index.rows import OWN_COLUMNS, value_of
from portal.search.postgres_index.schema import document, value_set
from portal.search.postgres_index.tsquery import Reading, Weighed
from portal.search.postgres_index.viewers import Viewer

MOST_WEIGHED = 1000
"""So many matches are weighed: of those with all words in title or summary the newest, and so many of all.
What else there is follows by date."""
MOST_NEWEST = 500
"""So many documents of each language are looked at when there is no time for all."""

# What a word is worth in the text (D), in the summary (B) and in the title (A); C is not used.
_WORTH = "'{0.3, 0.3, 0.6, 1.0}'::real[]"
_BY_LENGTH = 1  # divide by one and the logarithm of the length

_BY_DATE = "published DESC, contribution_id"
_ORDERS: dict[Sort, str] = {
    "relevance": f"score DESC NULLS LAST, {_BY_DATE}",
    "newest": _BY_DATE,
    "adopted": f"adoptions DESC, {_BY_DATE}",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A search: the query as it reads in each language that can meet it, and what of it is wanted."""

    readings: tuple[Reading, ...]
    filters: Filters
    without: Filters
    among: Collection[str] | None
    sort: Sort
    languages: tuple[str, ...]
    start: int
    stop: int
    with_facets: bool


class Statement(NamedTuple):
    """SQL and its parameters; it gives one row of three: the total, the counts, and the hits' documents.

    A count is [value, missed, contributions]: `missed` names the one filter that they do not meet,
    if any. A document is [place, contribution, language, edition, is_original].
    """

    sql: str
    parameters: Mapping[str, Any]


def search_statement(build: int, viewer: Viewer, asked: Asked, among_newest: bool) -> Statement:
    """The statement that answers `viewer`; with `among_newest` it looks at a few documents alone, quickly."""
    maker = _Maker(build, viewer, asked, among_newest)
    return Statement(maker.sql(), maker.parameters)


class _Maker:
    """Puts one statement together; values only ever go into `parameters`."""

    def __init__(self, build: int, viewer: Viewer, asked: Asked, among_newest: bool) -> None:
        self._documents, self._sets = document(build), value_set(build)
        self._viewer, self._asked, self._among_newest = viewer, asked, among_newest
        self.parameters: dict[str, Any] = {}
        languages = asked.filters.language
        self._shown = [one for one in asked.readings if not languages or one.language in languages]
        self._read = asked.readings if asked.with_facets else self._shown
        self._readable = " AND ".join(self._of_viewer())
        self._narrowed = " AND ".join([self._readable, *self._narrowing()])
        chosen = {f: v for f, v in asked.filters.chosen().items() if f != "language"}
        self._met = {facet: self._carrying(facet, values) for facet, values in chosen.items()}
        typed = {number for one in self._shown for number in one.counted}
        self._rare = typed if len(typed) > 1 else set()

    def sql(self) -> str:
        """The whole statement."""
        is_weighed = self._asked.sort == "relevance" and any(one.weighed for one in self._shown)
        parts = [*self._scans(), self._matched()]
        if self._asked.with_facets:
            parts += self._counted()
        if is_weighed:
            parts += [self._rarity()] if self._rare else []
            parts += [self._candidates(), self._scored()]
        parts.append(self._page(is_weighed))
        counts = "(SELECT json_agg(json_build_array(value, missed, n)) FROM counted)"
        return f"""
WITH {", ".join(parts)}
SELECT (SELECT count(*) FROM matched WHERE missed = ''),
    {counts if self._asked.with_facets else "NULL"},
    ({self._hits()})"""

    def _bound(self, value: Any, kind: str) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"CAST(:{name} AS {kind})"

    def _of_viewer(self) -> Iterator[str]:
        """What holds of each document that the viewer may read."""
        viewer = self._viewer
        yield f"d.audience = ANY({self._bound(list(viewer.audiences), 'integer[]')})"
        if viewer.hidden:
            yield f"d.contribution_id <> ALL({self._bound(list(viewer.hidden), 'text[]')})"

    def _narrowing(self) -> Iterator[str]:
        """What holds of each document that is asked for, whatever facets are chosen."""
        if self._asked.among is not None:
            yield f"d.contribution_id = ANY({self._bound(list(self._asked.among), 'text[]')})"
        for facet, values in self._asked.without.chosen().items():
            if facet != "language":
                yield f"NOT {self._carrying(facet, values)}"

    def _carrying(self, facet: str, values: Sequence[str]) -> str:
        """The condition of carrying one of these values of a facet."""
        wanted = self._bound([value_of(facet, value) for value in values], "text[]")
        column = OWN_COLUMNS.get(facet, "facts")
        return f"""(d.{column} IN (SELECT id FROM {self._sets} WHERE "values" && {wanted}))"""

    def _found(self, language: str, tsquery: str, conditions: str) -> str:
        """The documents of a language that match, under conditions: a FROM and a WHERE."""
        source = self._documents
        if self._among_newest:
            source = f"""(SELECT * FROM {source} AS d WHERE d.language = '{language}' AND {self._readable}
                ORDER BY d.published DESC LIMIT {MOST_NEWEST})"""
        match = self._bound(tsquery, "tsquery")
        return f"FROM {source} AS d WHERE d.language = '{language}' AND d.words @@ {match} AND {conditions}"

    def _scans(self) -> Iterator[str]:
        """The matches of each language, but for those that miss more than one of the chosen facets."""
        conditions, missed, few = self._narrowed, "''", "true"
        if self._met and self._asked.with_facets:
            named = (f"CASE WHEN NOT {met} THEN '{facet}' END" for facet, met in self._met.items())
            missed, few = f"concat_ws(' ', {', '.join(named)})", "missed NOT LIKE '% %'"
        elif self._met:
            conditions = self._shown_conditions()
        for one in self._read:
            yield f"""{one.language} AS MATERIALIZED (
    SELECT contribution_id, published, adoptions, facts, topics, countries, missed
    FROM (SELECT d.*, {missed} AS missed {self._found(one.language, one.match, conditions)}) AS d
    WHERE {few})"""

    def _shown_conditions(self) -> str:
        return " AND ".join([self._narrowed, *self._met.values()])

    def _matched(self) -> str:
        """One row a contribution. NOT IN is a hash of the languages before, made when it is first asked."""
        rows = []
        for number, one in enumerate(self._shown):
            before = (
                f"contribution_id NOT IN (SELECT contribution_id FROM {other.language})"
                for other in self._shown[:number]
            )
            rows.append(f"SELECT * FROM {one.language} WHERE {' AND '.join(before) or 'true'}")
        nothing = f"SELECT * FROM {self._read[0].language} WHERE false"
        return f"matched AS MATERIALIZED ({' UNION ALL '.join(rows) or nothing})"

    def _counted(self) -> Iterator[str]:
        """How many contributions carry each value: added up by set, then by the values of the sets."""
        columns = ("facts", *OWN_COLUMNS.values())
        groups = (f"SELECT {c} AS id, missed, count(*) AS n FROM matched GROUP BY 1, 2" for c in columns)
        languages = (
            f"SELECT '{value_of('language', one.language)}', missed, count(*) FROM {one.language} GROUP BY 2"
            for one in self._read
        )
        yield f'sets AS MATERIALIZED (SELECT id, "values" FROM {self._sets})'
        yield f"""counted AS (
    SELECT value, missed, sum(n) AS n
    FROM (
        SELECT unnest("values") AS value, missed, n
        FROM ({" UNION ALL ".join(groups)}) AS g JOIN sets USING (id)) AS v
    GROUP BY 1, 2
    UNION ALL {" UNION ALL ".join(languages)})"""

    def _rarity(self) -> str:
        """How much each typed clause tells, as BM25 has it; where there is but one it does not matter."""
        everything = self._bound(self._viewer.contributions, "double precision")
        counts = []
        for number in sorted(self._rare):
            found = [
                f"(SELECT count(*) {self._found(one.language, one.counted[number], self._readable)})"
                for one in self._shown
                if number in one.counted
            ]
            counts.append(f"least({everything}, {' + '.join(found)}) AS n{number}")
        tells = (f"ln(1 + ({everything} - n{n} + 0.5) / (n{n} + 0.5)) AS r{n}" for n in sorted(self._rare))
        return f"rarity AS MATERIALIZED (SELECT {', '.join(tells)} FROM (SELECT {', '.join(counts)}) AS c)"

    def _candidates(self) -> str:
        """The documents that are weighed."""
        columns, limit = "contribution_id, language, published", f"ORDER BY {_BY_DATE} LIMIT {MOST_WEIGHED}"
        heads = (
            f"(SELECT {columns} {self._found(one.language, one.head, self._shown_conditions())} {limit})"
            for one in self._shown
        )
        every = (
            f"SELECT contribution_id, '{code}' AS language, published FROM {code} WHERE missed = ''"
            for code in (one.language for one in self._shown)
        )
        return f"""candidates AS MATERIALIZED (
    {" UNION ALL ".join(heads)} UNION SELECT * FROM ({" UNION ALL ".join(every)} {limit}) AS e)"""

    def _scored(self) -> str:
        """What each contribution weighs: as much as the best of its documents."""
        weighed = []
        for one in self._shown:
            # Joined with nothing, the lexemes are fetched once, however often they are weighed.
            weighed.append(f"""
        SELECT contribution_id, published, {" + ".join(map(self._weight, one.weighed))} AS score
        FROM (SELECT d.contribution_id, d.published, d.words || '' AS words
            FROM candidates AS c JOIN {self._documents} AS d USING (contribution_id)
            WHERE c.language = '{one.language}' AND d.language = '{one.language}' OFFSET 0) AS w""")
        return f"""scored AS (
    SELECT contribution_id, max(published) AS published, max(score) AS score
    FROM ({" UNION ALL ".join(weighed)}) AS s GROUP BY contribution_id)"""

    def _weight(self, one: Weighed) -> str:
        """What a clause adds for a document with these `words`."""
        words = self._bound(one.words, "tsquery")
        factors = [str(one.weight), f"ts_rank({_WORTH}, words, {words}, {_BY_LENGTH})"]
        if one.typed in self._rare:
            factors.append(f"(SELECT r{one.typed} FROM rarity)")
        weight = " * ".join(factors)
        if one.gate is None:
            return weight
        return f"CASE WHEN words @@ {self._bound(one.gate, 'tsquery')} THEN {weight} ELSE 0 END"

    def _page(self, is_weighed: bool) -> str:
        """The contributions of the page, each with its place."""
        start, stop = self._asked.start, self._asked.stop
        order = _ORDERS[self._asked.sort] if is_weighed or self._asked.sort != "relevance" else _BY_DATE
        source = "SELECT * FROM matched WHERE missed = ''"
        if is_weighed and stop <= MOST_WEIGHED:
            source = "SELECT * FROM scored"
        elif is_weighed:
            source = f"SELECT m.*, score FROM ({source}) AS m LEFT JOIN scored USING (contribution_id)"
        return f"""page AS (
    SELECT contribution_id, row_number() OVER (ORDER BY {order}) AS place
    FROM ({source} ORDER BY {order} LIMIT {stop - start} OFFSET {start}) AS p)"""

    def _hits(self) -> str:
        """The documents that match, of the contributions of the page."""
        matches = (
            f"d.language = '{one.language}' AND d.words @@ {self._bound(one.match, 'tsquery')}"
            for one in self._shown
        )
        return f"""
    SELECT json_agg(json_build_array(place, d.contribution_id, d.language, d.edition_id, d.is_original))
    FROM page JOIN {self._documents} AS d USING (contribution_id)
    WHERE ({" OR ".join(f"({match})" for match in matches) or "false"}) AND {self._shown_conditions()}"""
