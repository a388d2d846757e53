"""Every engine against a slow and simple reading of the same rules, over random worlds."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import fields, replace

import pytest

from portal.search.analysis import LANGUAGES, analyser, words
from portal.search.index import FACETS, Document, Filters, SearchIndex
from portal.search.query import Clause, Query, parse
from tests.search.builders import Seen, ask, document

VOCABULARY = (
    *("customs", "reform", "reforms", "reforma", "reforme", "transit", "tránsito", "window", "ventanilla"),
    *("única", "the", "de", "la", "du", "2024"),
)
LABELS = ("public", "members", "org:1", "org:2")
SHAPES = (
    "{}",
    "{} {}",
    "{} OR {}",
    '"{} {}"',
    "{} -{}",
    "-{}",
    "{} {} OR {}",
    "ref* {}",
    "tran*",
    '-"{} {}" {}',
    "win* OR {}",
)


def text(chance: random.Random, most: int) -> str:
    """Some words."""
    return " ".join(chance.choices(VOCABULARY, k=chance.randrange(most)))


def contribution(chance: random.Random, contribution_id: str) -> list[Document]:
    """A contribution in some languages, with random facts."""
    shared = {
        "labels": tuple(chance.sample(LABELS, chance.choice((1, 1, 2)))),
        "topics": tuple(chance.sample(("T1", "T2", "T3"), chance.randrange(3))),
        "organisation_id": chance.choice(("thailand", "peru")),
        "kind": chance.choice(("reform_update", "lesson_learned")),
        "days": chance.choice((0, 100, 500)),
    }
    return [
        document(
            contribution_id, text(chance, 9), code, title=text(chance, 4), summary=text(chance, 4), **shared
        )
        for code in chance.sample(LANGUAGES, chance.choice((1, 2, 3)))
    ]


def stems(document: Document, part: str) -> list[str | None]:
    """The stems of one part of a document, None for its stop words."""
    return [analyser(document.language).stem(word) for word in words(part)]


def meets(document: Document, clause: Clause) -> bool | None:
    """Whether the document meets the clause; None when it is all stop words in its language."""
    analysed = analyser(document.language)
    parts = (document.title, document.summary, document.text)
    if clause.is_prefix:
        every = {word for part in parts for word in words(part) if analysed.stem(word)}
        others = [analysed.stem(word) for word in clause.words[:-1]]
        present = {stem for part in parts for stem in stems(document, part)}
        return any(w.startswith(clause.words[-1]) for w in every) and all(s in present for s in others if s)
    wanted = analysed.terms(clause.words)
    if not wanted:
        return None
    for found in (stems(document, part) for part in parts):
        for start in range(len(found)):
            places = [start + position - wanted[0].position for _, position in wanted]
            if places[-1] < len(found) and all(
                found[p] == t.stem for p, t in zip(places, wanted, strict=True)
            ):
                return True
    return False


def matches(document: Document, query: Query) -> bool:
    """Whether the document is what the query asks for."""
    required, wanted = (
        [found for group in groups if (found := [m for c in group if (m := meets(document, c)) is not None])]
        for groups in (query.required, query.wanted)
    )
    if query.groups and not required and not wanted:
        return False
    if not all(map(any, required)) or (query.wanted and not required and not any(map(any, wanted))):
        return False
    return not any(meets(document, clause) for clause in query.excluded)


def some_query(chance: random.Random) -> Query:
    """A query as it may be typed, or one that only wants some of its words."""
    typed = parse(chance.choice(SHAPES).format(*chance.choices(VOCABULARY, k=3)))
    required = chance.randrange(len(typed.required) + 1)
    return chance.choice(
        (typed, replace(typed, required=typed.required[:required], wanted=typed.required[required:]))
    )


def within(document: Document, filters: Filters, but: str = "") -> bool:
    """Whether the document is within all filters but one."""
    values = set(document.facet_values())
    return all(any((f, v) in values for v in chosen) for f, chosen in filters.chosen().items() if f != but)


def expected(
    documents: Iterable[Document], query: Query, filters: Filters
) -> tuple[set[str], dict[str, dict[str, int]]]:
    """The contributions and the facet counts, from documents that the viewer may see."""
    matching = [one for one in documents if matches(one, query)]
    ids = {one.contribution_id for one in matching if within(one, filters)}
    facets = {}
    for facet in FACETS:
        pairs = {
            (one.contribution_id, value)
            for one in matching
            if within(one, filters, but=facet)
            for name, value in one.facet_values()
            if name == facet
        }
        facets[facet] = dict(Counter(value for _, value in pairs))
    return ids, facets


def some_filters(chance: random.Random) -> Filters:
    """Filters on a facet or two, of values that exist, mostly."""
    values = {
        "topic": ("T1", "T2", "T9"),
        "language": LANGUAGES,
        "year": ("2024", "2025"),
        "organisation": ("peru", "x"),
    }
    chosen = chance.sample([f.name for f in fields(Filters) if f.name in values], chance.randrange(3))
    return Filters(**{name: tuple(chance.sample(values[name], chance.choice((1, 2)))) for name in chosen})


@pytest.mark.parametrize("seed", range(12))
def test_answers_are_those_of_a_slow_reading_of_the_rules(index: SearchIndex, seed: int) -> None:
    chance = random.Random(seed)
    ids = [f"c{number:02}" for number in range(30)]
    held = {one: contribution(chance, one) for one in ids}
    index.rebuild(document for documents in held.values() for document in documents)
    for step in range(40):
        if step % 8 == 7:
            changed = {one: chance.choice(([], contribution(chance, one))) for one in chance.sample(ids, 3)}
            held |= changed
            index.sync_many(changed)
        labels = chance.sample(LABELS, chance.randrange(4))
        visible = Seen(chance.sample(ids, chance.choice((0, 15, 30))))
        query = some_query(chance)
        filters = some_filters(chance)
        seen = [
            one
            for documents in held.values()
            for one in documents
            if one.contribution_id in visible.ids and set(one.labels) & set(labels)
        ]
        contributions, facets = expected(seen, query, filters)
        answer = ask(index, query, labels=labels, visible=visible, filters=filters, per_page=100)
        assert {hit.contribution_id for hit in answer.hits} == contributions, query
        assert len(answer.hits) == answer.total == len(contributions)
        assert {facet: dict(counts) for facet, counts in answer.facets.items()} == facets
        shown = {one.edition_id for one in seen if matches(one, query) and within(one, filters)}
        assert {hit.edition_id for hit in answer.hits} <= shown
