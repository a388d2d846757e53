"""Documents and viewers for the tests of search."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, Text, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from portal.search.index import NO_FILTERS, Answer, Document, Filters, SearchIndex, Sort
from portal.search.query import Query, parse

START = datetime(2024, 1, 1, tzinfo=UTC)


def document(contribution_id: str, text: str = "", language: str = "en", **given: Any) -> Document:
    """A public document; `days` is how long after the start of 2024 it was published."""
    published = START + timedelta(days=given.pop("days", 0))
    facts: dict[str, Any] = {
        "edition_id": f"{contribution_id}-{language}",
        "is_original": language == "en",
        "title": "",
        "summary": "",
        "kind": "reform_update",
        "organisation_id": "thailand",
        "regions": ("AP",),
        "countries": ("TH",),
        "topics": ("TFA-10.4",),
        "year": published.year,
        "published_at": published,
        "labels": ("public",),
    }
    return Document(contribution_id=contribution_id, language=language, text=text, **(facts | given))


@dataclass
class Seen:
    """A set of visible contributions that counts how often it is loaded."""

    ids: Iterable[str]
    key: object = None
    loads: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        self.ids = tuple(self.ids)
        self.key = self.key or self.ids

    def load(self) -> Iterable[str]:
        """The ids, as SQL would give them."""
        self.loads += 1
        return self.ids

    def statement(self) -> Select[Any]:
        """The ids, as an index in PostgreSQL selects them."""
        self.loads += 1
        return select(func.unnest(cast(list(self.ids), ARRAY(Text))))


LETTERS = Seen([f"{a}{b}" for a in "abcdefghijklmnopqrstuvwxyz" for b in ("", *"0123456789")], key="letters")


def ask(
    index: SearchIndex,
    text: str | Query = "",
    *,
    labels: Iterable[str] = ("public",),
    visible: Seen = LETTERS,
    filters: Filters = NO_FILTERS,
    without: Filters = NO_FILTERS,
    among: Collection[str] | None = None,
    sort: Sort = "relevance",
    languages: Iterable[str] = ("en", "es", "fr"),
    page: int = 1,
    per_page: int = 20,
    with_facets: bool = True,
) -> Answer:
    """Search as a visitor who may see every contribution named by a letter, and a digit perhaps."""
    return index.search(
        parse(text) if isinstance(text, str) else text,
        labels=frozenset(labels),
        visible=visible,
        filters=filters,
        without=without,
        among=among,
        sort=sort,
        languages=tuple(languages),
        page=page,
        per_page=per_page,
        with_facets=with_facets,
    )


def found(index: SearchIndex, text: str | Query = "", **given: Any) -> list[str]:
    """The contributions that a search finds, in their order."""
    return [hit.contribution_id for hit in ask(index, text, **given).hits]


def fill(index: SearchIndex, *documents: Document) -> None:
    """Put the documents into the index by `sync`, contribution by contribution."""
    by_contribution: dict[str, list[Document]] = {}
    for one in documents:
        by_contribution.setdefault(one.contribution_id, []).append(one)
    for contribution_id, many in by_contribution.items():
        index.sync(contribution_id, many)
