"""Reading a collection of judged queries: docs.jsonl, queries.tsv and qrels.txt of one folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, TypeVar

from portal.search.analysis import LANGUAGES
from portal.search.index import Document

PUBLISHED = datetime(2026, 1, 1, tzinfo=UTC)
"""One date for all: collections tell none."""

LABEL = "public"

T = TypeVar("T")


class CollectionError(Exception):
    """The collection cannot be used; the message says which file, which line and why."""


class JudgedQuery(NamedTuple):
    """A query, the language that it is written in, and how relevant each judged group is."""

    id: str
    language: str
    text: str
    grades: Mapping[str, int]


@dataclass(frozen=True)
class Collection:
    """The queries with at least one relevant group, and in which languages each group is."""

    folder: Path
    queries: tuple[JudgedQuery, ...]
    languages: Mapping[str, frozenset[str]]

    def documents(self) -> Iterator[Document]:
        """The documents of the groups, one for each of their languages."""
        by_group: dict[str, dict[str, tuple[str, list[str]]]] = {}
        for group, language, title, text in _texts(self.folder):
            # An index has one document for a group and a language: further ones lengthen it.
            _, texts = by_group.setdefault(group, {}).setdefault(language, (title, []))
            texts.append(text if not texts else f"{title}\n{text}")
        for group, editions in by_group.items():
            for number, (language, (title, texts)) in enumerate(editions.items()):
                yield _document(group, language, title, "\n".join(texts), is_original=number == 0)

    def is_across(self, query: JudgedQuery) -> bool:
        """Whether no relevant group has a document in the language of the query."""
        relevant = (group for group, grade in query.grades.items() if grade > 0)
        return not any(query.language in self.languages.get(group, ()) for group in relevant)


def read(folder: Path) -> Collection:
    """The collection in `folder`. Raises CollectionError."""
    languages: dict[str, set[str]] = {}
    for group, language, _, _ in _texts(folder):
        languages.setdefault(group, set()).add(language)
    if not languages:
        raise CollectionError(f"{folder / 'docs.jsonl'}: no document in any of {', '.join(LANGUAGES)}")
    grades = _grades(folder)
    queries = tuple(
        JudgedQuery(query, language, text, grades[query])
        for query, language, text in _queries(folder)
        if any(grade > 0 for grade in grades.get(query, {}).values())
    )
    if not queries:
        raise CollectionError(f"{folder}: no query of queries.tsv has a relevant group in qrels.txt")
    return Collection(folder, queries, {group: frozenset(found) for group, found in languages.items()})


def _texts(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """Group, language, title and text of each document in a language of the portal."""

    def parsed(line: str) -> tuple[str, str, str, str]:
        told = json.loads(line)
        group = told.get("group") or told["id"]
        return str(group), str(told["language"]), str(told.get("title") or ""), str(told.get("text") or "")

    for found in _lines(folder / "docs.jsonl", parsed):
        if found[1] in LANGUAGES:
            yield found


def _queries(folder: Path) -> Iterator[tuple[str, str, str]]:
    def parsed(line: str) -> tuple[str, str, str]:
        query, language, text = line.split("\t", 2)
        return query, language, text

    for query, language, text in _lines(folder / "queries.tsv", parsed):
        if language in LANGUAGES:  # the line of headings has none
            yield query, language, text


def _grades(folder: Path) -> dict[str, dict[str, int]]:
    def parsed(line: str) -> tuple[str, str, int]:
        query, _, group, grade = line.split()
        return query, group, int(grade)

    grades: dict[str, dict[str, int]] = {}
    for query, group, grade in _lines(folder / "qrels.txt", parsed):
        grades.setdefault(query, {})[group] = grade
    return grades


def _lines(path: Path, parsed: Callable[[str], T]) -> Iterator[T]:
    """What stands in each line that is not blank. Raises CollectionError."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    try:
                        yield parsed(line.rstrip("\r\n"))
                    except (ValueError, KeyError, TypeError, AttributeError) as error:
                        raise CollectionError(f"{path}, line {number}: {error!r}") from error
    except OSError as error:
        raise CollectionError(f"{path}: {error.strerror}") from error


def _document(group: str, language: str, title: str, text: str, *, is_original: bool) -> Document:
    return Document(
        edition_id=f"{group}/{language}",
        contribution_id=group,
        language=language,
        is_original=is_original,
        title=title,
        summary="",
        text=text,
        kind="reform_update",
        organisation_id="",
        regions=(),
        countries=(),
        topics=(),
        year=PUBLISHED.year,
        published_at=PUBLISHED,
        labels=(LABEL,),
    )
