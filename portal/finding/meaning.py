"""Did you mean: another spelling of what was searched in vain, in words that everybody may read now.

The words learnt (`vocabulary`) only say what to look for. A word is proposed as it stands in a text
that a visitor may read at this moment, and only if the whole search then finds such texts; so no word
comes out of a text that is hidden or was withdrawn, and all readers are proposed the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import NamedTuple

from portal.audit.version import visibility_version
from portal.core.access import ANONYMOUS
from portal.core.i18n import current_language, language_order
from portal.finding import queries
from portal.finding.vocabulary import Word, spellings
from portal.search.analysis import WORD, analyser, fold
from portal.search.index import NO_FILTERS, Filters, Hit, IndexUnavailable, SearchIndex
from portal.search.query import Clause, Query, QueryError, parse, places_of_words

FEW = 3
"""With fewer hits than this a search may have meant something else."""

PROPOSALS = 2
_MOST_WORDS = 3
_MOST_SPELLINGS = 8
_MOST_TRIED = 4
_TOLD_BY = 3
_TEXTS = 6


class Piece(NamedTuple):
    """A part of a proposed search, and whether it is another than what was typed."""

    text: str
    is_mended: bool


@dataclass(frozen=True)
class Proposal:
    """A search that may have been meant; `language` is that of its mended words."""

    pieces: tuple[Piece, ...]
    language: str

    @property
    def text(self) -> str:
        """What to search for."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True)
class Little:
    """A search that found little: its text, what narrows it, and how much it found."""

    text: str
    filters: Filters = NO_FILTERS
    without: Filters = NO_FILTERS
    total: int = 0


class _Place(NamedTuple):
    """Where a word stands in the text that was typed, and the word folded."""

    start: int
    end: int
    word: str


def did_you_mean(index: SearchIndex, asked: Little) -> list[Proposal]:
    """What a search may have meant that found few or none, the likeliest first; nothing without an index."""
    places = list(_places(asked.text))
    near = spellings(list(dict.fromkeys(place.word for place in places))[:_MOST_WORDS])
    try:
        hits = {word: _public_hits(index, word) for word, others in near.items() if others}
        unknown = {word: near[word] for word, found in hits.items() if not found}
        spoken = Counter(code for found in hits.values() for hit in found for code in hit.languages)
        for language in sorted(language_order(current_language()), key=lambda code: -spoken[code]):
            mended = {word: _written(index, word, others, language) for word, others in unknown.items()}
            if found := list(islice(_proposals(index, asked, places, mended, language), PROPOSALS)):
                return found
    except IndexUnavailable:
        return []
    return []


def _places(text: str) -> Iterator[_Place]:
    for start, end in places_of_words(text):
        folded = fold(text[start:end])
        if len(folded) == 1:
            yield _Place(start, end, folded[0])


def _public_hits(index: SearchIndex, word: str) -> Sequence[Hit]:
    """Some of the texts that everybody may read now and that have a form of the word."""
    clause = Clause((word,), is_quoted=True)
    visible = queries.VisibleNow(ANONYMOUS, visibility_version())
    return index.search(
        Query(((clause,),)),
        labels=ANONYMOUS.labels,
        visible=visible,
        sort="newest",
        per_page=_TOLD_BY,
        with_facets=False,
    ).hits


def _written(index: SearchIndex, word: str, others: Sequence[Word], language: str) -> list[str]:
    """How the likeliest of `others` are written in texts of `language` that everybody may read now."""
    stem = analyser(language).stem
    here = (other for code, other in others if code == language and stem(other) != stem(word))
    wanted = sorted(here, key=lambda other: (abs(len(other) - len(word)), other))[:_MOST_SPELLINGS]
    if not wanted:
        return []
    alternatives = tuple(Clause((other,), is_quoted=True, language=language) for other in wanted)
    found = queries.search(
        ANONYMOUS, index, Query((alternatives,)), NO_FILTERS, "relevance", (language,), 1,
        per_page=_TEXTS, with_facets=False,
    )  # fmt: skip
    counted: Counter[str] = Counter()
    forms: dict[str, str] = {}
    for title, text in found.texts.values():
        for written in WORD.findall(f"{title}\n{text}"):
            folded = fold(written)
            for other in {*folded, *filter(None, map(stem, folded))}.intersection(wanted):
                counted[other] += 1
                forms.setdefault(other, written.lower())
    likeliest = sorted(counted, key=lambda other: (other[0] != word[0], -counted[other]))
    return list(dict.fromkeys(forms[other] for other in likeliest))[:PROPOSALS]


def _proposals(
    index: SearchIndex,
    asked: Little,
    places: Sequence[_Place],
    mended: Mapping[str, list[str]],
    language: str,
) -> Iterator[Proposal]:
    """The searches with mended words that find more, for a visitor, than what was typed did."""
    choices = {word: written for word, written in mended.items() if written}
    for chosen in islice(product(*choices.values()), _MOST_TRIED) if choices else ():
        meant = Proposal(_pieces(asked.text, places, dict(zip(choices, chosen, strict=True))), language)
        if _finds(index, asked, meant.text, language) > asked.total:
            yield meant


def _pieces(text: str, places: Sequence[_Place], mended: Mapping[str, str]) -> tuple[Piece, ...]:
    """The text with the mended words in their places; all else stays as it was typed."""
    pieces: list[Piece] = []
    at = 0
    for start, end, word in places:
        if word in mended:
            pieces += [Piece(text[at:start], False), Piece(mended[word], True)]
            at = end
    pieces.append(Piece(text[at:], False))
    return tuple(piece for piece in pieces if piece.text)


def _finds(index: SearchIndex, asked: Little, text: str, language: str) -> int:
    """How much a visitor finds with `text`."""
    try:
        query = parse(text)
    except QueryError:  # a longer word may make the whole too long
        return 0
    found = queries.search(
        ANONYMOUS, index, query, asked.filters, "newest", (language,), 1,
        without=asked.without, per_page=1, with_facets=False, with_texts=False,
    )  # fmt: skip
    return found.answer.total if found.by_index else 0
