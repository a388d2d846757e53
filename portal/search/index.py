"""The search index as the rest of the portal knows it: documents in, answers out, whatever the engine."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol

from sqlalchemy import Select

from portal.search.query import Query

FACETS = ("kind", "organisation", "region", "country", "topic", "language", "year")

Sort = Literal["relevance", "newest", "adopted"]


class IndexUnavailable(Exception):
    """The index is missing, broken or of another version; answer from SQL and rebuild it.

    `reason` is a word for the log: `missing`, `old`, `unsafe` or `broken`.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class IndexBusy(Exception):
    """Another process writes the index (a rebuild, perhaps); try the job again later."""


@dataclass(frozen=True, slots=True)
class Document:
    """One published edition, as the index holds it.

    `text` is plain text without markup; `published_at` is aware and is the date that lists sort
    by; `labels` are the audience labels that may read it, of which there is at least one;
    `adoptions` says how many organisations have used it.
    """

    edition_id: str
    contribution_id: str
    language: str
    is_original: bool
    title: str
    summary: str
    text: str
    kind: str
    organisation_id: str
    regions: tuple[str, ...]
    countries: tuple[str, ...]
    topics: tuple[str, ...]
    year: int
    published_at: datetime
    labels: tuple[str, ...]
    adoptions: int = 0

    def facet_values(self) -> tuple[tuple[str, str], ...]:
        """The pairs (facet, value) that the document counts under."""
        return (
            ("kind", self.kind),
            ("organisation", self.organisation_id),
            *(("region", code) for code in dict.fromkeys(self.regions)),
            *(("country", code) for code in dict.fromkeys(self.countries)),
            *(("topic", code) for code in dict.fromkeys(self.topics)),
            ("language", self.language),
            ("year", str(self.year)),
        )


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader narrowed the search to: any of the values within a facet, and every facet."""

    kind: tuple[str, ...] = ()
    organisation: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    year: tuple[str, ...] = ()

    def chosen(self) -> dict[str, tuple[str, ...]]:
        """The facets with at least one value chosen."""
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: values for name, values in pairs if values}


NO_FILTERS = Filters()


class FacetCount(NamedTuple):
    """How many contributions of the answer carry one value of a facet."""

    value: str
    contributions: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One contribution found, and the edition of it to show; text and highlights come from SQL.

    `languages` are those of all its editions that match, the shown one first.
    """

    contribution_id: str
    edition_id: str
    language: str
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found among that which the viewer may see.

    `total` counts contributions; `facets` names every facet, its values by falling count, none
    with a count of 0. `incomplete` says that the time ran out: what is there is right, more may
    be missing.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: dict[str, list[FacetCount]]
    incomplete: bool = False


class VisibleSet(Protocol):
    """The contributions that the viewer may see now, as SQL says."""

    @property
    def key(self) -> Hashable:
        """Changes whenever the set may have changed; equal keys mean equal sets for all viewers."""

    def load(self) -> Iterable[str]:
        """The ids of those contributions; called only when `key` is new to the index."""

    def statement(self) -> Select[Any]:
        """What selects these ids, for an index in the portal's own database: instead of `load`."""


class SearchIndex(Protocol):
    """What every engine does; `tests/search/test_contract.py` holds them to it."""

    def search(
        self,
        query: Query,
        *,
        labels: Collection[str],
        visible: VisibleSet,
        filters: Filters = NO_FILTERS,
        without: Filters = NO_FILTERS,
        among: Collection[str] | None = None,
        sort: Sort = "relevance",
        languages: Sequence[str] = (),
        page: int = 1,
        per_page: int = 20,
        with_facets: bool = True,
    ) -> Answer:
        """What `query` finds under `labels`, in `visible`, within `filters` and outside `without`.

        One hit a contribution: the edition is the first of `languages` (the reader's order)
        among those that match, else the original, else another that matches. A document that
        carries any value of `without` is as if it were not there, and so are all contributions
        but those `among`, if that is given. Facets are counted under all filters but their own,
        unless they are not wanted. Total, facets and hits never depend on documents outside
        labels and visible, and no labels means no answers. An empty query finds everything,
        newest first. `adopted` sorts by the number of organisations that use it. Ties fall by
        date, newest first, then by id. Raises IndexUnavailable.
        """

    def sync(self, contribution_id: str, documents: Sequence[Document]) -> None:
        """Replace all documents of the contribution by `documents`; none removes it.

        Safe to repeat. Raises IndexUnavailable, or IndexBusy while another process writes.
        """

    def sync_many(self, changes: Mapping[str, Sequence[Document]]) -> None:
        """`sync` for several contributions at the price of one write."""

    def rebuild(self, documents: Iterable[Document]) -> int:
        """Build the index anew beside the live one and put it in its place; returns the count.

        Readers keep answering from the old one. `documents` is iterated after the write lock is
        taken, so that a lazy query sees all that was synced before. Raises IndexBusy.
        """

    def check(self) -> None:
        """Read the whole index from disk; raises IndexUnavailable when anything is wrong."""

    def is_ready(self) -> bool:
        """True when a search would be answered; cheap."""

    def generation(self) -> Hashable:
        """Changes with every commit, so that answers can be kept by it. Raises IndexUnavailable."""

    def document_ids(self) -> frozenset[str]:
        """The edition ids that the index holds. Raises IndexUnavailable."""

    def written_at(self) -> datetime:
        """When the index was last written, by sync or rebuild. Raises IndexUnavailable."""
