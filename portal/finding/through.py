"""Through what each hit was found, where that is not simply what was typed in the text that is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.attachments.queries import words_of_editions
from portal.core.access import Actor
from portal.core.text import to_plain
from portal.finding.queries import Found
from portal.search.analysis import analyser, words
from portal.search.expand import Expansion
from portal.search.highlight import look, met
from portal.search.query import Clause, Query

LONGEST_FILE = 200_000
FILES_AT_MOST = 20
CHARACTERS_AT_MOST = 600_000
"""How much of attached files is read for one page of hits."""

Group = tuple[Clause, ...]
Phrases = Mapping[tuple[str | None, tuple[str, ...]], str]
_File = tuple[str, frozenset[Clause]]


@dataclass(frozen=True)
class Note:
    """That a hit was found through a `phrase` that nobody typed, or in an attached `file`, or both.

    `phrase` is as its language writes it.
    """

    phrase: str
    language: str
    file: str = ""


@dataclass(frozen=True)
class Shown:
    """A hit's title and a fragment of its text with what was found marked, and what to say of it besides."""

    title: Markup
    fragment: Markup
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class _Text:
    language: str
    title: str
    body: str


def shown(actor: Actor, found: Found) -> dict[str, Shown]:
    """How each hit of a search for words is shown, by edition; one statement if words are in files alone."""
    query = found.expansion.query
    texts: dict[str, _Text] = {}
    for hit in found.answer.hits:
        if hit.language and hit.edition_id in found.texts:
            title, markdown = found.texts[hit.edition_id]
            texts[hit.edition_id] = _Text(hit.language, title, to_plain(markdown))
    seen = {i: look(query, text.language, text.title, text.body) for i, text in texts.items()}
    unmet = {i: _unmet(query, texts[i].language, one.met) for i, one in seen.items()}
    in_files = _in_files(actor, query, {i: texts[i] for i, groups in unmet.items() if groups})
    phrases = _phrases(found.expansion)
    return {
        i: Shown(
            one.title,
            one.fragment,
            (
                *_through_phrases(query, texts[i].language, one.met, phrases),
                *_through_files(unmet[i], texts[i].language, in_files.get(i, ()), phrases),
            ),
        )
        for i, one in seen.items()
    }


def _unmet(query: Query, language: str, there: Collection[Clause]) -> list[Group]:
    """The groups that have to be met, and that the clauses `there` do not meet.

    No text has to meet a group of nothing but common words, and one of the `wanted` groups will do.
    """
    needed = query.required or query.wanted
    unmet = [
        group
        for group in needed
        if not any(clause in there for clause in group)
        and any(clause.is_prefix or analyser(language).terms(clause.words) for clause in group)
    ]
    return unmet if query.required or len(unmet) == len(needed) else []


def _in_files(actor: Actor, query: Query, texts: Mapping[str, _Text]) -> dict[str, list[_File]]:
    """The attached files of these editions, each with the clauses that it meets together with the text."""
    found: dict[str, list[_File]] = {}
    left = CHARACTERS_AT_MOST
    for file in words_of_editions(actor, list(texts), characters=LONGEST_FILE, limit=FILES_AT_MOST):
        text, part = texts[file.edition_id], file.text[:left]
        left -= len(part)
        there = met(query, text.language, text.title, text.body, part)
        found.setdefault(file.edition_id, []).append((file.title, there))
    return found


def _phrases(expansion: Expansion) -> Phrases:
    """How the phrases that nobody typed are written, by language and folded words."""
    return {(language, tuple(words(text))): text for one in expansion.also for language, text in one.phrases}


def _through_phrases(query: Query, language: str, there: Collection[Clause], phrases: Phrases) -> list[Note]:
    """A note for each group that only other names meet: what was typed stands first in its group."""
    notes: dict[Note, None] = {}
    for group in query.groups:
        first = next((clause for clause in group if clause in there), None)
        if first is not None and first.origin:
            notes[Note(_written(first, phrases), language)] = None
    return list(notes)


def _through_files(
    unmet: Iterable[Group], language: str, files: Sequence[_File], phrases: Phrases
) -> list[Note]:
    """A note for each group that stands in an attached file."""
    notes: dict[Note, None] = {}
    for group in unmet:
        held = next(((name, c) for c in group for name, there in files if c in there), None)
        if held is not None:
            name, clause = held
            notes[Note(_written(clause, phrases) if clause.origin else "", language, name)] = None
    return list(notes)


def _written(clause: Clause, phrases: Phrases) -> str:
    return phrases.get((clause.language, clause.words), " ".join(clause.words))
