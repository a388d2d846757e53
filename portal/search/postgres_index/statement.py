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
from portal.search.postgres_index.tsquery import EVERYTHING, Reading, Weighed, quoted
from portal.search.postgres_index.viewers import Viewer
from portal.search.ranking import LANGUAGE, RECENCY, RECENCY_YEARS

MOST_WEIGHED = 2000
"""So many matches of each language are weighed, the likeliest before others and the newest first: see
`Reading.before`. What else there is follows by date."""
MOST_NEWEST = 500
"""So many documents of each language are looked at when there is no time for all."""

# What a word is worth in the text (D), in the summary (B) and in the title (A); C is not used.
_WORTH = "'{0.33, 0.33, 0.67, 1.0}'::real[]"
_USUAL_LENGTH, _LENGTH_SHARE = 300, 4  # a text of so many words weighs by a sixth less than the shortest
_COMMON, _COUNTED_AT_LEAST = 4, 1000  # a fourth of all is common, and so many are always counted
_FETCHED_OFTEN = 3  # clauses for which it costs less to fetch the words each time than to unpack them

_COUNTED = ("facts", *OWN_COLUMNS.values())
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
        chosen = asked.filters.chosen()
        languages = chosen.pop("language", LANGUAGES)
        shown = [one for one in asked.readings if one.language in languages]
        # The reader's own language comes last, for what is found in it is likely to be most; see `_is_first`.
        self._shown = sorted(shown, key=lambda one: one.language in asked.languages[:1])
        self._is_weighed = asked.sort == "relevance" and any(one.groups for one in shown)
        rare = dict.fromkeys(
            (one.language, c.counted) for one in shown for group in one.groups for c in group
        )
        # A word alone is as rare for one document as for another.
        self._rare = list(rare) if any(sum(map(len, one.groups)) > 1 for one in shown) else []
        self._readable = " AND ".join(self._of_viewer())
        self._narrowed = " AND ".join([self._readable, *self._narrowing()])
        self._met = {facet: self._carrying(facet, values) for facet, values in chosen.items()}
        self._chosen = " AND ".join([self._narrowed, *self._met.values()])

    def sql(self) -> str:
        """The whole statement."""
        parts = [*self._ids(), self._groups()]
        if self._asked.with_facets:
            parts.append(self._counted())
        if self._is_weighed:
            parts += [self._rarity()] if self._rare else []
            parts += [part for one in self._shown for part in (*self._first(one), self._weighed(one))]
            parts.append(self._scored())
        if self._shown:
            parts.append(self._page())
        counts = "(SELECT json_agg(json_build_array(value, missed, n)) FROM counted)"
        return f"""
WITH {", ".join(parts)}
SELECT ({self._total()}), {counts if self._asked.with_facets else "NULL"}, ({self._hits()})"""

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

    def _of(self, language: str, tsquery: str, conditions: str) -> str:
        """FROM and WHERE of the documents of a language that match, under conditions."""
        source = documents_in(self._build, language)
        if self._among_newest:
            newest = f"ORDER BY d.published DESC LIMIT {MOST_NEWEST}"
            source = f"(SELECT * FROM {source} AS d WHERE {self._readable} {newest})"
        return f"FROM {source} AS d WHERE {self._matches(tsquery)} AND {conditions}"

    def _matches(self, tsquery: str) -> str:
        """The condition of being found by a tsquery: what stands in every document need not be looked up."""
        if tsquery == quoted(EVERYTHING):
            return "true"
        return f"d.words @@ {self._bound(tsquery, 'tsquery')}"

    def _ids(self) -> Iterator[str]:
        """What is found in all languages but the last; not even looked for until it is asked for."""
        for one in self._shown[:-1]:
            found = f"SELECT d.contribution_id {self._of(one.language, one.match, self._narrowed)}"
            yield f"ids_{one.language} AS MATERIALIZED ({found})"

    def _is_first(self, one: Reading) -> str:
        """Whether a match has none of its contribution in the languages before: each counts once."""
        if one not in self._shown:
            return "false"
        before = self._shown[: self._shown.index(one)]
        conditions = (f"d.contribution_id NOT IN (SELECT * FROM ids_{other.language})" for other in before)
        return " AND ".join(conditions) or "true"

    def _groups(self) -> str:
        """How many matches carry each set of values, and each language: `firsts` counts contributions.

        Those that miss one filter alone are counted for the facet of that filter.
        """
        conditions, missed, by, few = self._chosen, "''", "", "true"
        sets = ["()"]
        if self._asked.with_facets:
            if self._met:
                named = (f"CASE WHEN NOT {met} THEN '{facet}' END" for facet, met in self._met.items())
                conditions, missed = self._narrowed, f"concat_ws(' ', {', '.join(named)})"
                by, few = ", missed", "missed NOT LIKE '% %'"
            sets = [f"({column}{by})" for column in ("language", *_COUNTED)]
        selects = (
            f"""
        SELECT {LANGUAGES.index(one.language)} AS language, {", ".join(_COUNTED)}, {missed} AS missed,
            {self._is_first(one)} AS is_first {self._of(one.language, one.match, conditions)}"""
            for one in (self._asked.readings if self._asked.with_facets else self._shown)
        )
        return f"""
groups AS MATERIALIZED (
    SELECT {"language, " + ", ".join(_COUNTED) if self._asked.with_facets else "0 AS facts"},
        {"missed" if by else "''"} AS missed, count(*) AS n, count(*) FILTER (WHERE is_first) AS firsts
    FROM ({" UNION ALL".join(selects)}) AS found WHERE {few}
    GROUP BY GROUPING SETS ({", ".join(sets)}))"""

    def _total(self) -> str:
        """Every contribution has one set of facts."""
        return "SELECT coalesce(sum(firsts), 0)::integer FROM groups WHERE facts IS NOT NULL AND missed = ''"

    def _counted(self) -> str:
        """How many contributions carry each value, from how many carry each set of values."""
        self.parameters["languages"] = [value_of("language", language) for language in LANGUAGES]
        return f"""
counted AS (
    SELECT v.value, n.missed, n.n
    FROM (
        SELECT unnest(s."values") AS id, g.missed, sum(g.firsts) AS n
        FROM groups AS g JOIN {value_set(self._build)} AS s ON s.id = coalesce({", ".join(_COUNTED)})
        WHERE g.firsts > 0 GROUP BY 1, 2
    ) AS n JOIN {value(self._build)} AS v USING (id)
    UNION ALL
    SELECT (CAST(:languages AS text[]))[language + 1], missed, n FROM groups WHERE language IS NOT NULL)"""

    def _rarity(self) -> str:
        """How much each clause tells in its language, as BM25 has it; counted as far as it matters."""
        counts, tells = [], []
        for number, (language, counted) in enumerate(self._rare):
            everything = self._viewer.counts.get(language, 0)
            most = max(_COUNTED_AT_LEAST, everything // _COMMON)
            found = f"SELECT 1 {self._of(language, counted, self._readable)} LIMIT {most}"
            counts.append(f"(SELECT count(*)::float FROM ({found}) AS c) AS n{number}")
            tells.append(f"ln(1 + ({everything} - n{number} + 0.5) / (n{number} + 0.5)) AS r{number}")
        return f"""
rarity AS MATERIALIZED (SELECT {", ".join(tells)} FROM (SELECT {", ".join(counts)}) AS c)"""

    def _first(self, one: Reading) -> Iterator[str]:
        """The documents of a language that are weighed, the likeliest before others and the newest first."""
        names: list[str] = []
        for number, tsquery in enumerate((*one.before, one.match)):
            names.append(f"first_{one.language}_{number}")
            *before, name = names
            left = " - ".join([str(MOST_WEIGHED), *(f"(SELECT count(*) FROM {other})" for other in before)])
            others = [f"d.contribution_id NOT IN (SELECT contribution_id FROM {other})" for other in before]
            yield f"""
{name} AS MATERIALIZED (
    SELECT d.contribution_id, d.published, d.length, d.words
    {self._of(one.language, tsquery, " AND ".join([self._chosen, *others]))}
    ORDER BY {_BY_DATE} LIMIT greatest(0, {left}))"""
        every = " UNION ALL ".join(f"SELECT * FROM {name}" for name in names)
        yield f"first_{one.language} AS ({every})"

    def _weighed(self, one: Reading) -> str:
        """What these documents weigh: see `ranking`."""
        clauses = sum(map(len, one.groups))
        # Joined with nothing, the words are fetched and unpacked but once for many clauses.
        words = "words" if clauses <= _FETCHED_OFTEN else "words || '' AS words"
        best = [self._best(one, group) for group in one.groups]
        names = [f"g{number}" for number in range(len(best))]
        columns = ", ".join(f"{value} AS {name}" for value, name in zip(best, names, strict=True))
        score = f"({' + '.join(names)})"
        if one.in_part:
            score += f" * ({' + '.join(f'({name} > 0)::integer' for name in names)}) / {len(names)}"
        return f"""
weighed_{one.language} AS (
    SELECT contribution_id, published, {score} * {self._besides(one)} AS score
    FROM (
        SELECT contribution_id, published, length, {columns}
        FROM (SELECT contribution_id, published, length, {words} FROM first_{one.language} OFFSET 0) AS w
        OFFSET 0
    ) AS g)"""

    def _besides(self, one: Reading) -> str:
        """What is made up for, or added, besides the words: length, age and the reader's language."""
        share = 1 + (LANGUAGE / 100 if one.language in self._asked.languages[:1] else 0)
        newest = self._bound(self._viewer.newest, "timestamp with time zone")
        years = f"extract(epoch FROM {newest} - published)::float / {RECENCY_YEARS * 365 * 86_400}"
        freshness = f"(1 + {RECENCY / 100} * greatest(0, 1 - {years}))"
        return f"{share} * {freshness} / (1 + ln(1 + length / {_USUAL_LENGTH}.0::float) / {_LENGTH_SHARE})"

    def _best(self, one: Reading, group: Sequence[Weighed]) -> str:
        """What the best clause of a group is worth."""
        if not group:
            return "0"
        return f"greatest({', '.join(self._worth(one, clause) for clause in group)})"

    def _worth(self, one: Reading, clause: Weighed) -> str:
        """What a clause is worth for a document with these `words`."""
        rank = f"ts_rank({_WORTH}, words, {self._bound(clause.words, 'tsquery')})"
        worth = f"{clause.weight} * {rank}"
        if self._rare:
            worth += f" * (SELECT r{self._rare.index((one.language, clause.counted))} FROM rarity)"
        if clause.gate is None:
            return worth
        return f"CASE WHEN words @@ {self._bound(clause.gate, 'tsquery')} THEN {worth} ELSE 0 END"

    def _scored(self) -> str:
        """What each contribution weighs: as much as the best of its documents."""
        every = " UNION ALL ".join(f"SELECT * FROM weighed_{one.language}" for one in self._shown)
        return f"""
scored AS MATERIALIZED (
    SELECT contribution_id, max(published) AS published, max(score) AS score
    FROM ({every}) AS w GROUP BY contribution_id)"""

    def _page(self) -> str:
        """The contributions of the page, each with its place."""
        start, stop = self._asked.start, self._asked.stop
        sort = self._asked.sort if self._is_weighed or self._asked.sort != "relevance" else "newest"
        source = self._dated(sort)
        if self._is_weighed:
            rest = f"SELECT contribution_id, published, NULL FROM ({source}) AS r"
            rest += " WHERE contribution_id NOT IN (SELECT contribution_id FROM scored)"
            source = f"SELECT * FROM scored{f' UNION ALL {rest}' if stop > MOST_WEIGHED else ''}"
        return f"""
page AS (
    SELECT contribution_id, row_number() OVER (ORDER BY {_ORDERS[sort]}) AS place
    FROM (SELECT * FROM ({source}) AS s ORDER BY {_ORDERS[sort]} LIMIT {stop - start} OFFSET {start}) AS p)"""

    def _dated(self, sort: Sort) -> str:
        """As many contributions as may be asked for, by date: the first of each language, put together."""
        order = _ORDERS["adopted" if sort == "adopted" else "newest"]
        firsts = (
            f"(SELECT contribution_id, published, adoptions {self._of(one.language, one.match, self._chosen)}"
            f" ORDER BY {order} LIMIT {self._asked.stop})"
            for one in self._shown
        )
        columns = "contribution_id, max(published) AS published, max(adoptions) AS adoptions"
        every = (
            " UNION ALL ".join(firsts) or "SELECT NULL AS contribution_id, now() AS published, 0 AS adoptions"
        )
        return f"SELECT {columns} FROM ({every}) AS e GROUP BY contribution_id"

    def _hits(self) -> str:
        """The documents that match, of the contributions of the page."""
        selects = (
            f"""
    SELECT place, d.contribution_id, d.language, d.edition_id, d.is_original
    FROM page JOIN {documents_in(self._build, one.language)} AS d USING (contribution_id)
    WHERE {self._matches(one.match)} AND {self._chosen}"""
            for one in self._shown
        )
        row = "h.place, h.contribution_id, h.language, h.edition_id, h.is_original"
        every = " UNION ALL ".join(selects)
        return f"SELECT json_agg(json_build_array({row})) FROM ({every}) AS h" if every else "NULL"
