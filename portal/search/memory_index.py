"""A search index of a few documents in memory: what one publication is matched against many times.

Every term is looked up by going through all documents, so that a search costs the same however
much else the portal holds, and no statement or file. Matching and counting are those of `matching`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count as numbers

from portal.search.analysis import LANGUAGES, Term, analyser, words
from portal.search.bits import bits_of_weights
from portal.search.catalogue import (
    NOTHING,
    WIDTH,
    Facts,
    Generation,
    Ordinals,
    Part,
    SegmentFacts,
    Sets,
    both,
)
from portal.search.index import NO_FILTERS, Answer, Document, Filters, IndexUnavailable, Sort, VisibleSet
from portal.search.matching import Narrowing, Postings, answer, match
from portal.search.query import Query
from portal.search.ranking import SUMMARY_WORTH, TITLE_WORTH, USUAL_TEXT, USUAL_TITLE, word_weight

_HEAVIEST = 255
_APART = 100
"""Words between the summary and the text, so that no phrase reaches across."""
_serials = numbers()


class MemoryIndex:
    """A `SearchIndex` that is gone with the object; for one thread."""

    def __init__(self) -> None:
        self._documents: dict[str, Sequence[Document]] = {}
        self._held: _Held | None = None
        self._allowed: dict[Hashable, Sets] = {}

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
        """See SearchIndex.search."""
        held = self._newest()
        known = None if among is None else held.ordinals.known(among)
        start = max(page - 1, 0) * per_page
        return answer(
            match(query, held, held.generation.live),
            held.generation,
            self._allowed_to(held, frozenset(labels), visible),
            Narrowing(filters, without, known, with_facets),
            sort=sort,
            languages=languages,
            start=start,
            stop=start + per_page,
        )

    def _newest(self) -> _Held:
        if self._held is None:
            raise IndexUnavailable("missing")
        return self._held

    def _allowed_to(self, held: _Held, labels: frozenset[str], visible: VisibleSet) -> Sets:
        """The documents under `labels` that are in `visible`; fails closed, as no labels are nothing."""
        if not labels:
            return NOTHING
        key = (labels, visible.key)
        if key not in self._allowed:
            loaded = held.ordinals.known(visible.load())
            self._allowed[key] = both(held.generation.readable_with(labels), (loaded,) * WIDTH)
        return self._allowed[key]

    def sync(self, contribution_id: str, documents: Sequence[Document]) -> None:
        """See SearchIndex.sync."""
        self.sync_many({contribution_id: documents})

    def sync_many(self, changes: Mapping[str, Sequence[Document]]) -> None:
        """See SearchIndex.sync_many. Raises ValueError for a document of another contribution."""
        self._newest()
        for contribution_id, documents in changes.items():
            if any(document.contribution_id != contribution_id for document in documents):
                raise ValueError(f"a document of another contribution than {contribution_id}")
        self._hold({**self._documents, **changes})

    def rebuild(self, documents: Iterable[Document]) -> int:
        """See SearchIndex.rebuild. When it fails the live index stays as it was."""
        held: dict[str, list[Document]] = {}
        for one in documents:
            held.setdefault(one.contribution_id, []).append(one)
        self._hold(held)
        return sum(map(len, held.values()))

    def _hold(self, documents: Mapping[str, Sequence[Document]]) -> None:
        self._held = _Held([one for many in documents.values() for one in many])
        self._documents = dict(documents)
        self._allowed.clear()

    def written_at(self) -> datetime:
        """See SearchIndex.written_at."""
        return self._newest().made_at

    def check(self) -> None:
        """See SearchIndex.check."""
        self._newest()

    def is_ready(self) -> bool:
        """See SearchIndex.is_ready."""
        return self._held is not None

    def generation(self) -> Hashable:
        """See SearchIndex.generation."""
        return self._newest().serial

    def document_ids(self) -> frozenset[str]:
        """See SearchIndex.document_ids."""
        return self._newest().generation.edition_ids()


class _Held:
    """Some documents and where their words stand, as the Terms of one generation; it never changes."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.serial, self.made_at = next(_serials), datetime.now(UTC)
        self.ordinals = Ordinals()
        segment = SegmentFacts(map(Facts.of, documents), self.ordinals)
        self.generation = Generation([Part(segment, segment.live(()))], self.ordinals)
        self._texts = [
            (*divmod(slot, WIDTH), _Text(document))
            for slot, document in zip(segment.slots, documents, strict=True)
        ]

    def word(self, stem: str) -> Postings:
        """The documents with a word of this stem."""
        return self._postings(lambda text: text.worth.get(stem, 0))

    def phrase(self, terms: tuple[Term, ...]) -> Postings:
        """The documents with these stems at these distances from each other."""
        return self._postings(lambda text: text.count(terms))

    def prefix(self, beginning: str) -> Postings:
        """The documents with a word that begins so."""
        return self._postings(lambda text: any(word.startswith(beginning) for word in text.words))

    def _postings(self, weigh: Callable[[_Text], int]) -> Postings:
        weights = [bytearray(len(self.ordinals)) for _ in LANGUAGES]
        for ordinal, language, text in self._texts:
            weights[language][ordinal] = min(weigh(text), _HEAVIEST)
        laid = tuple(map(bytes, weights))
        return Postings(tuple(map(bits_of_weights, laid)), laid)


class _Text:
    """The words of one document: where each stem stands in each part, and what it is worth."""

    def __init__(self, document: Document) -> None:
        analysed = analyser(document.language)
        title, summary, text = (words(part) for part in (document.title, document.summary, document.text))
        self.words = {word for word in {*title, *summary, *text} if analysed.stem(word) is not None}
        self.worth: Counter[str] = Counter()
        self._places: dict[str, set[int]] = {}
        start = 0
        fields = (
            (((title, 1),), TITLE_WORTH, USUAL_TITLE),
            (((summary, SUMMARY_WORTH), (text, 1)), 1, USUAL_TEXT),
        )
        for parts, worth, usual_length in fields:
            counts: Counter[str] = Counter()
            length = 0
            for folded, times in parts:
                terms = analysed.terms(folded)
                length += len(terms)
                for stem, position in terms:
                    counts[stem] += times
                    self._places.setdefault(stem, set()).add(start + position)
                start += len(folded) + _APART
            for stem, count in counts.items():
                self.worth[stem] += word_weight(worth, count, length, usual_length)

    def count(self, terms: Sequence[Term]) -> int:
        """How many times these stems stand at these distances from each other."""
        starts = ({place - term.position for place in self._places.get(term.stem, ())} for term in terms)
        return len(set.intersection(*starts))
