"""`make_many`: plausible contributions in numbers, for load; the same ones for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate, islice
from random import Random
from typing import Any

from sqlalchemy import insert, select

from portal.core.clock import now
from portal.core.db import ALPHABET, ID_LENGTH, Base, Database, session
from portal.core.guard import scoped
from portal.core.i18n import LANGUAGES
from portal.demo.crowd import Writer, writers
from portal.demo.stories import read_stories
from portal.demo.words import Chain, chains, terms
from portal.editorial.models import (
    PARTS,
    Audience,
    Contribution,
    ContributionCountry,
    ContributionLabel,
    ContributionTopic,
    Edition,
    HistoryEntry,
    Kind,
    Revision,
    Standing,
    State,
)
from portal.editorial.texts import SUMMARY_LIMIT, TITLE_LIMIT, About
from portal.audit.version import bump_visibility
from portal.editorial.visibility import labels_for
from portal.taxonomy.models import Country

BATCH = 400
YEARS = timedelta(days=8 * 365)
AUDIENCES = {
    Audience.PUBLIC: 45, Audience.MEMBERS: 28, Audience.CUSTOMS: 15, Audience.ORGANISATIONS: 8, Audience.OWN: 4,
}  # fmt: skip
TITLES = {
    "en": (
        "{country}: {topic}, results after {n} months",
        "{topic}: what changed in year {n}",
        "{topic}: questions from {n} border posts",
        "{country}: {topic}, from pilot to rule",
        "{term}: a plan with {n} steps",
    ),
    "es": (
        "{country}: {topic}, resultados a los {n} meses",
        "{topic}: qué cambió en el año {n}",
        "{topic}: preguntas de {n} puestos fronterizos",
        "{country}: {topic}, del piloto a la norma",
        "{term}: un plan de {n} pasos",
    ),
    "fr": (
        "{country} : {topic}, résultats après {n} mois",
        "{topic} : ce qui a changé en {n} ans",
        "{topic} : questions de {n} postes frontières",
        "{country} : {topic}, du pilote à la règle",
        "{term} : un plan en {n} étapes",
    ),
}


@dataclass
class Batch:
    """Rows of some contributions, by table, in the order that foreign keys ask for."""

    contributions: list[dict[str, Any]] = field(default_factory=list)
    editions: list[dict[str, Any]] = field(default_factory=list)
    revisions: list[dict[str, Any]] = field(default_factory=list)
    topics: list[dict[str, Any]] = field(default_factory=list)
    countries: list[dict[str, Any]] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)

    def tables(self) -> list[tuple[type[Base], list[dict[str, Any]]]]:
        """Each table with its rows."""
        return [
            (Contribution, self.contributions),
            (Edition, self.editions),
            (Revision, self.revisions),
            (ContributionTopic, self.topics),
            (ContributionCountry, self.countries),
            (ContributionLabel, self.labels),
            (HistoryEntry, self.history),
        ]


@dataclass(frozen=True)
class Stage:
    """All that the made contributions draw on."""

    writers: list[Writer]
    countries: dict[str, dict[str, str]]
    chains: dict[str, Chain]
    terms: dict[str, dict[str, list[str]]]
    topics: list[str]
    topic_weights: list[float]
    writer_weights: list[float]
    today: datetime


def make_many(
    database: Database, n: int, seed: int = 1, progress: Callable[[int, int], None] | None = None
) -> int:
    """Make `n` published contributions in batches and return how many were new.

    The demo world has to be loaded. Those that a former run with this seed made are kept, so a
    run that was stopped can go on. The search index is not touched: `portal reindex` follows.
    """
    with database.unit_of_work():
        stage = _stage()
    rng, done, made = Random(seed), 0, 0
    stream = (_contribution(rng, stage) for _ in range(n))
    while chunk := list(islice(stream, BATCH)):
        with database.unit_of_work():
            made += _write(chunk)
        done += len(chunk)
        if progress is not None:
            progress(done, n)
    return made


def _stage() -> Stage:
    countries = {
        country.iso2: {code: getattr(country, f"name_{code}") for code in LANGUAGES}
        for country in session().scalars(select(Country).order_by(Country.iso2))
    }
    people = writers()
    topics = list(terms("en"))
    Random(2012).shuffle(topics)
    return Stage(
        writers=people,
        countries=countries,
        chains=chains(read_stories()),
        terms={language: terms(language) for language in LANGUAGES},
        topics=topics,
        topic_weights=_zipf(len(topics)),
        writer_weights=_zipf(len(people)),
        today=now().replace(hour=0, minute=0, second=0, microsecond=0),
    )


def _zipf(count: int) -> list[float]:
    return list(accumulate(1 / (rank + 2) for rank in range(count)))


def _write(chunk: list[Batch]) -> int:
    ids = [batch.contributions[0]["id"] for batch in chunk]
    known = set(session().scalars(scoped("demo", select(Contribution.id).where(Contribution.id.in_(ids)))))
    new = [batch for batch, id_ in zip(chunk, ids, strict=True) if id_ not in known]
    if not new:
        return 0
    merged = Batch()
    for batch in new:
        for (_table, rows), (_same, more) in zip(merged.tables(), batch.tables(), strict=True):
            rows.extend(more)
    published = [(row["id"], row.pop("published_revision_id")) for row in merged.editions]
    for table, rows in merged.tables():
        if rows:
            session().execute(insert(table), rows)
    session().bulk_update_mappings(
        Edition.__mapper__, [{"id": id_, "published_revision_id": revision} for id_, revision in published]
    )
    bump_visibility()
    return len(new)


def _contribution(rng: Random, stage: Stage) -> Batch:
    batch = Batch()
    writer = rng.choices(stage.writers, cum_weights=stage.writer_weights)[0]
    kind = Kind.LESSON_LEARNED if rng.random() < 0.35 else Kind.REFORM_UPDATE
    about = _about(rng, stage, writer)
    published = stage.today - YEARS * rng.random() ** 1.4 - timedelta(minutes=rng.randrange(600))
    languages = _languages(rng, writer.language)
    contribution_id = _id(rng)
    last = published
    base: str | None = None
    for language in languages:
        at = published if base is None else min(published + timedelta(days=rng.randrange(1, 40)), stage.today)
        revision = _edition(batch, rng, stage, contribution_id, writer, kind, about, language, base, at)
        base, last = base or revision, max(last, at)
    batch.contributions.append(
        {
            "id": contribution_id,
            "kind": kind,
            "organisation_id": writer.organisation_id,
            "author_id": writer.person_id,
            "original_language": languages[0],
            "audience": about.audience,
            "standing": Standing.UP,
            "is_live": True,
            "created_at": published - timedelta(days=rng.randrange(1, 20)),
            "published_at": published,
            "changed_at": last,
        }
    )
    _file(batch, contribution_id, writer, about)
    return batch


def _file(batch: Batch, contribution_id: str, writer: Writer, about: About) -> None:
    batch.topics += [
        {"contribution_id": contribution_id, "topic_code": code, "position": position}
        for position, code in enumerate(about.topics)
    ]
    batch.countries += [{"contribution_id": contribution_id, "country_iso2": iso2} for iso2 in about.countries]
    batch.labels += [
        {"contribution_id": contribution_id, "label": label}
        for label in sorted(labels_for(about.audience, writer.organisation_id, about.organisations))
    ]


def _about(rng: Random, stage: Stage, writer: Writer) -> About:
    audience = rng.choices(list(AUDIENCES), weights=list(AUDIENCES.values()))[0]
    named: tuple[str, ...] = ()
    if audience == Audience.ORGANISATIONS:
        named = tuple({rng.choice(stage.writers).organisation_id for _ in range(3)} - {writer.organisation_id})
        named = tuple(sorted(named))
    topics = rng.choices(stage.topics, cum_weights=stage.topic_weights, k=rng.choice((1, 2, 2, 3)))
    countries = list(writer.countries[:1]) or [rng.choice(list(stage.countries))]
    if rng.random() < 0.3:
        countries.append(rng.choice(list(stage.countries)))
    return About(audience, named, tuple(dict.fromkeys(topics)), tuple(dict.fromkeys(countries)))


def _languages(rng: Random, original: str) -> list[str]:
    others = [code for code in LANGUAGES if code != original]
    rng.shuffle(others)
    return [original, *others[: rng.choices((0, 1, 2), weights=(50, 30, 20))[0]]]


def _edition(
    batch: Batch,
    rng: Random,
    stage: Stage,
    contribution_id: str,
    writer: Writer,
    kind: Kind,
    about: About,
    language: str,
    base: str | None,
    at: datetime,
) -> str:
    edition_id, revision_id = _id(rng), _id(rng)
    title, summary, parts = _words(rng, stage, kind, about, language)
    batch.editions.append(
        {
            "id": edition_id,
            "contribution_id": contribution_id,
            "language": language,
            "is_original": base is None,
            "published_revision_id": revision_id,
            "is_outdated": False,
        }
    )
    batch.revisions.append(
        {
            "id": revision_id,
            "edition_id": edition_id,
            "number": 1,
            "round": 1,
            "state": State.PUBLISHED,
            "version": 1,
            "author_id": writer.person_id,
            "editor_id": writer.person_id,
            "title": title,
            "summary": summary,
            "parts": parts,
            "about": about.stored() if base is None else None,
            "based_on_id": base,
            "changes_meaning": base is None,
            "created_at": at - timedelta(days=1),
            "updated_at": at - timedelta(days=1),
            "submitted_at": at - timedelta(hours=8),
            "published_at": at,
        }
    )
    batch.history.append(
        {
            "contribution_id": contribution_id,
            "language": language,
            "revision_id": revision_id,
            "revision_number": 1,
            "step": "publish",
            "from_state": "",
            "to_state": str(State.PUBLISHED),
            "person_id": writer.person_id,
            "as_moderator": False,
            "organisation_id": writer.organisation_id,
            "comment": "",
            "at": at,
        }
    )
    return revision_id


def _words(
    rng: Random, stage: Stage, kind: Kind, about: About, language: str
) -> tuple[str, str, dict[str, str]]:
    chain, names = stage.chains[language], stage.terms[language][about.topics[0]]
    title = rng.choice(TITLES[language]).format(
        country=stage.countries[about.countries[0]][language],
        topic=names[0],
        term=rng.choice(names),
        n=rng.randrange(2, 25),
    )
    summary = f"{chain.sentence(rng)}. {chain.sentence(rng)}."
    names = [name for topic in about.topics for name in stage.terms[language][topic]]
    count = 5 if kind == Kind.REFORM_UPDATE else 1
    parts = {
        part: "\n\n".join(f"{rng.choice(names)}: {chain.paragraph(rng, 2)}" for _ in range(count))
        for part in PARTS[kind]
    }
    return title[:1].upper() + title[1:TITLE_LIMIT], summary[:SUMMARY_LIMIT], parts


def _id(rng: Random) -> str:
    return "".join(rng.choices(ALPHABET, k=ID_LENGTH))
