"""Words that were public and their stems, learnt with the index; and what a misspelt word may mean.

What is known here is a hint and no more: texts are withdrawn, and their words stay. `meaning` takes
the words that it proposes out of texts that everybody may read at that moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from string import ascii_lowercase

from sqlalchemy import and_, func, or_, select

from portal.core.db import Database, insert_into, session
from portal.finding.models import PublicWord
from portal.organisations.labels import PUBLIC
from portal.search.analysis import LANGUAGES, analyser, words
from portal.search.index import Document

SHORTEST, LONGEST = 4, 30
"""Letters of a word that is learnt, or looked for in another spelling."""

LONG = 7
"""From so many letters on a word may have two mistakes, but none in its first three letters."""

_SURE = 3
_MOST_READ = 4000
_WRITE_AT = 20_000
_LETTERS = re.compile(r"[^\W\d_]+")

Word = tuple[str, str]
"""A language and a folded word."""


def learning(database: Database, documents: Iterable[Document]) -> Iterator[Document]:
    """The same documents; the words of those that are public are learnt while they pass.

    Writes in units of work of its own. To learn a word again changes nothing.
    """
    fresh: set[Word] = set()
    for document in documents:
        if PUBLIC in document.labels:
            fresh.update(_words_of(document))
        if len(fresh) >= _WRITE_AT:
            _write(database, fresh)
            fresh.clear()
        yield document
    _write(database, fresh)


def learn(database: Database, documents: Iterable[Document]) -> None:
    """Learn the words of those documents that are public."""
    for _document in learning(database, documents):
        pass


def spellings(typed: Sequence[str]) -> dict[str, list[Word]]:
    """For each of the folded words `typed` the words that differ from it by a mistake, else by two.

    A mistake is a letter too few, too many or another one, or two neighbours that changed places.
    Two statements at most.
    """
    near = {word: _one_off(word) for word in typed if SHORTEST <= len(word) <= LONGEST}
    known = _known(set().union(*near.values()))
    found = {word: [one for one in known if one[1] in near[word]] for word in near}
    long = [word for word, others in found.items() if not others and len(word) >= LONG]
    for language, folded in _beginning_like(long):
        for word in long:
            if folded.startswith(word[:_SURE]) and _differs_by_two(word, folded):
                found[word].append((language, folded))
    return found


def _known(candidates: set[str]) -> list[Word]:
    if not candidates:
        return []
    statement = select(PublicWord.language, PublicWord.folded).where(
        PublicWord.language.in_(LANGUAGES), PublicWord.folded.in_(sorted(candidates))
    )
    return [(language, folded) for language, folded in session().execute(statement)]


def _beginning_like(long: Sequence[str]) -> list[Word]:
    """The words that begin like one of these, and are about as long."""
    if not long:
        return []
    alike = or_(
        *(
            and_(
                # Not LIKE, which could not use the key; a folded word holds nothing beyond z.
                PublicWord.folded.between(word[:_SURE], word[:_SURE] + "z" * LONGEST),
                func.length(PublicWord.folded).between(len(word) - 2, len(word) + 2),
            )
            for word in long
        )
    )
    statement = select(PublicWord.language, PublicWord.folded).where(
        PublicWord.language.in_(LANGUAGES), alike
    )
    return [(language, folded) for language, folded in session().execute(statement.limit(_MOST_READ))]


def _one_off(word: str) -> set[str]:
    """All that one mistake makes of a word."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    made = {a + b[1:] for a, b in cuts if b}
    made |= {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    made |= {a + letter + b[1:] for a, b in cuts if b for letter in ascii_lowercase}
    made |= {a + letter + b for a, b in cuts for letter in ascii_lowercase}
    return made - {word}


def _differs_by_two(one: str, other: str) -> bool:
    """True when two mistakes or fewer lie between two words (Damerau-Levenshtein, adjacent letters)."""
    if abs(len(one) - len(other)) > 2 or len(set(one) ^ set(other)) > 4:
        return False
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, against in enumerate(other, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and against == one[row - 2]:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return last[-1] <= 2


def _words_of(document: Document) -> Iterator[Word]:
    """The words of a document that tell something, and their stems: a form may be that of another word."""
    stem = analyser(document.language).stem
    for text in (document.title, document.summary, document.text):
        for word in set(words(text)):
            stemmed = stem(word)
            for form in (word, stemmed) if stemmed is not None else ():
                if SHORTEST <= len(form) <= LONGEST and _LETTERS.fullmatch(form):
                    yield document.language, form


def _write(database: Database, fresh: set[Word]) -> None:
    if not fresh:
        return
    rows = [{"language": language, "folded": folded} for language, folded in sorted(fresh)]
    with database.unit_of_work():
        session().execute(insert_into(PublicWord).on_conflict_do_nothing(), rows)
