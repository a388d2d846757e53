"""The statement of a search: matches, counts, order and a page of hits, in one look at the index.

Every document that it reads is the viewer's to read: `_Maker._of_viewer` says so and is part of every
scan. So is what orders the hits: how rare a word is, is counted among these documents alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from portal.search.analysis import LANGUAGES
from portal.search.index import Filters, Sort
from portal.search.postgres_index.rows import OWN_COLUMNS, value_of
from portal.search.postgres_index.schema import documents_in, value, value_set
from portal.search.postgres_index.tsquery import Reading, Weighed
from portal.search.postgres_index.viewers import Viewer

MOST_WEIGHED = 1000
"""So many matches of each language are weighed that have all words in the title, the newest of them, and so
many others. What else there is follows by date."""
MOST_NEWEST = 500
"""So many documents of each language are looked at when there is no time for all."""

# What a word is worth in the text (D), in the summary (B) and in the title (A); C is not used.
_WORTH = "'{0.3, 0.3, 0.6, 1.0}'::real[]"
_BY_LENGTH = 1  # divide by one and the logarithm of the length
_FETCHED_OFTEN = 3  # clauses for which it costs less to fetch the words each time than to unpack them

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
        self._build, self._viewer, self._asked, self._among_newest = build, viewer, asked, among_newest
        self.parameters: dict[str, Any] = {}
        languages = asked.filters.language
        self._shown = [one for one in asked.readings if not languages or one.language in languages]
        self._read = asked.readings if asked.with_facets else self._shown
        self._is_weighed = asked.sort == "relevance" and any(one.weighed for one in self._shown)
        typed = {number for one in self._shown for number in one.counted}
        self._rare = sorted(typed) if len(typed) > 1 else []
        self._readable = " AND ".join(self._of_viewer())
        self._narrowed = " AND ".join([self._readable, *self._narrowing()])
        chosen = {facet: values for facet, values in asked.filters.chosen().items() if facet != "language"}
        self._met = {facet: self._carrying(facet, values) for facet, values in chosen.items()}
        # The one filter that a document misses, where a facet is to be counted without its own.
        self._missed = "missed" if self._met and asked.with_facets else "''"

    def sql(self) -> str:
        """The whole statement."""
        parts = [self._found(), self._totals()]
        counts = "NULL"
        if self._asked.with_facets:
            parts.append(self._counted())
            counts = "(SELECT json_agg(json_build_array(value, missed, n)) FROM counted)"
        if self._is_weighed:
            parts += [self._rarity()] if self._rare else []
            parts += [*map(self._weighed, self._shown), self._scored()]
        return f"""
WITH {", ".join([*parts, self._page()])}
SELECT (SELECT coalesce(sum(firsts), 0)::integer FROM totals WHERE missed = ''), {counts}, ({self._hits()})"""

    def _bound(self, value: Any, kind: str) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"CAST(:{name} AS {kind})"

    def _of_viewer(self) -> Iterator[str]:
        """What holds of each document that the viewer may read."""
        yield f"d.audience = ANY({self._bound(list(self._viewer.audiences), 'integer[]')})"
        if self._viewer.hidden:
            yield f"d.contribution_id <> ALL({self._bound(list(self._viewer.hidden), 'text[]')})"

    def _narrowing(self) -> Iterator[str]:
        """What holds of each document that is asked for, whatever facets are chosen."""
        if self._asked.among is not None:
            yield f"d.contribution_id = ANY({self._bound(list(self._asked.among), 'text[]')})"
        for facet, values in self._asked.without.chosen().items():
            if facet != "language":
                yield f"NOT {self._carrying(facet, values)}"

    def _carrying(self, facet: str, values: Sequence[str]) -> str:
        """The condition of carrying one of these values of a facet."""
        wanted = self._bound([value_of(facet, one) for one in values], "text[]")
        ids = f"ARRAY(SELECT id FROM {value(self._build)} WHERE value = ANY({wanted}))"
        sets = f"""SELECT id FROM {value_set(self._build)} WHERE "values" && {ids}"""
        return f"(d.{OWN_COLUMNS.get(facet, 'facts')} IN ({sets}))"

    def _of(self, one: Reading, tsquery: str, conditions: str) -> str:
        """FROM and WHERE of the documents of a language that match, under conditions."""
        source = documents_in(self._build, one.language)
        if self._among_newest:
            newest = f"ORDER BY d.published DESC LIMIT {MOST_NEWEST}"
            source = f"(SELECT * FROM {source} AS d WHERE {self._readable} {newest})"
        return f"FROM {source} AS d WHERE d.words @@ {self._bound(tsquery, 'tsquery')} AND {conditions}"

    def _chosen(self) -> str:
        """What holds of each document within all filters."""
        return " AND ".join([self._narrowed, *self._met.values()])

    def _found(self) -> str:
        """All matches but those that miss more than one filter; `is_first` is one of each contribution.

        NOT IN is a hash of what the languages before have, which is made when one is first looked for.
        """
        columns = "published, facts, topics, countries, contribution_id"
        columns += ", words" if self._is_weighed else ""
        columns += ", adoptions" if self._asked.sort == "adopted" else ""
        conditions, missed, few = self._chosen(), "", "true"
        if self._missed == "missed":
            named = (f"CASE WHEN NOT {met} THEN '{facet}' END" for facet, met in self._met.items())
            conditions, few = self._narrowed, "missed NOT LIKE '% %'"
            columns, missed = f"{columns}, missed", f", concat_ws(' ', {', '.join(named)}) AS missed"
        selects = []
        for one in self._read:
            selects.append(f"""
    SELECT {LANGUAGES.index(one.language)} AS language, {columns}, {self._is_first(one)} AS is_first
    FROM (SELECT d.*{missed} {self._of(one, one.match, conditions)}) AS d WHERE {few}""")
        return f"found AS MATERIALIZED ({' UNION ALL'.join(selects)})"

    def _is_first(self, one: Reading) -> str:
        """Whether a match has none of its contribution in the languages before that are shown."""
        if one not in self._shown:
            return "false"
        before = self._shown[: self._shown.index(one)]
        ids = (f"SELECT contribution_id {self._of(other, other.match, self._narrowed)}" for other in before)
        return " AND ".join(f"d.contribution_id NOT IN ({found})" for found in ids) or "true"

    def _totals(self) -> str:
        return f"""
totals AS (
    SELECT language, {self._missed} AS missed, count(*) AS n, count(*) FILTER (WHERE is_first) AS firsts
    FROM found GROUP BY 1, 2)"""

    def _counted(self) -> str:
        """How many contributions carry each value: added up by set, then by the values of the sets."""
        by = "" if self._missed == "''" else ", missed"
        self.parameters["languages"] = [value_of("language", language) for language in LANGUAGES]
        columns = ("facts", *OWN_COLUMNS.values())
        return f"""
counted AS (
    SELECT v.value, n.missed, n.n
    FROM (
        SELECT unnest(s."values") AS id, g.missed, sum(g.n) AS n
        FROM (
            SELECT coalesce({", ".join(columns)}) AS id, {self._missed} AS missed, count(*) AS n
            FROM found WHERE is_first
            GROUP BY GROUPING SETS ({", ".join(f"({column}{by})" for column in columns)})
        ) AS g JOIN {value_set(self._build)} AS s USING (id)
        GROUP BY 1, 2
    ) AS n JOIN {value(self._build)} AS v USING (id)
    UNION ALL SELECT (CAST(:languages AS text[]))[language + 1], missed, n FROM totals)"""

    def _rarity(self) -> str:
        """How much each typed clause tells, as BM25 has it; where there is but one it does not matter."""
        everything = self._bound(self._viewer.contributions, "double precision")
        counts = []
        for number in self._rare:
            found = [
                f"(SELECT count(*) {self._of(one, one.counted[number], self._readable)})"
                for one in self._shown
                if number in one.counted
            ]
            counts.append(f"least({everything}, {' + '.join(found)}) AS n{number}")
        tells = (f"ln(1 + ({everything} - n{n} + 0.5) / (n{n} + 0.5)) AS r{n}" for n in self._rare)
        return f"""
rarity AS MATERIALIZED (SELECT {", ".join(tells)} FROM (SELECT {", ".join(counts)}) AS c)"""

    def _weighed(self, one: Reading) -> str:
        """The documents of a language that are weighed, with what they weigh."""
        columns, first = "contribution_id, published, words", f"ORDER BY {_BY_DATE} LIMIT {MOST_WEIGHED}"
        titles = f"titles_{one.language}"
        # Joined with nothing, the words are fetched and unpacked but once for many clauses.
        words = "words" if len(one.weighed) <= _FETCHED_OFTEN else "words || '' AS words"
        return f"""
{titles} AS MATERIALIZED (SELECT {columns} {self._of(one, one.title, self._chosen())} {first}),
weighed_{one.language} AS (
    SELECT contribution_id, published, {" + ".join(map(self._weight, one.weighed))} AS score
    FROM (
        SELECT contribution_id, published, {words}
        FROM (
            SELECT * FROM {titles} UNION ALL (
                SELECT {columns} FROM found
                WHERE language = {LANGUAGES.index(one.language)} AND {self._missed} = ''
                    AND contribution_id NOT IN (SELECT contribution_id FROM {titles}) {first})
        ) AS c OFFSET 0
    ) AS w)"""

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

    def _scored(self) -> str:
        """What each contribution weighs: as much as the best of its documents."""
        every = " UNION ALL ".join(f"SELECT * FROM weighed_{one.language}" for one in self._shown)
        return f"""
scored AS (
    SELECT contribution_id, max(published) AS published, max(score) AS score
    FROM ({every}) AS w GROUP BY contribution_id)"""

    def _page(self) -> str:
        """The contributions of the page, each with its place."""
        start, stop = self._asked.start, self._asked.stop
        order = _ORDERS[self._asked.sort if self._asked.sort != "relevance" or self._is_weighed else "newest"]
        source = f"SELECT * FROM found WHERE is_first AND {self._missed} = ''"
        if self._is_weighed and stop <= MOST_WEIGHED:
            source = "SELECT * FROM scored"
        elif self._is_weighed:
            scores = "SELECT contribution_id, score FROM scored"
            source = f"SELECT * FROM ({source}) AS f LEFT JOIN ({scores}) AS s USING (contribution_id)"
        return f"""
page AS (
    SELECT contribution_id, row_number() OVER (ORDER BY {order}) AS place
    FROM ({source} ORDER BY {order} LIMIT {stop - start} OFFSET {start}) AS p)"""

    def _hits(self) -> str:
        """The documents that match, of the contributions of the page."""
        selects = (
            f"""
    SELECT place, d.contribution_id, d.language, d.edition_id, d.is_original
    FROM page JOIN {documents_in(self._build, one.language)} AS d USING (contribution_id)
    WHERE d.words @@ {self._bound(one.match, "tsquery")} AND {self._chosen()}"""
            for one in self._shown
        )
        row = "h.place, h.contribution_id, h.language, h.edition_id, h.is_original"
        return (
            f"SELECT json_agg(json_build_array({row})) FROM ({' UNION ALL '.join(selects)}) AS h"
            if self._shown
            else "NULL"
        )
