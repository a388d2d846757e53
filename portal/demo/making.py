"""One contribution made for load: its rows, drawn from a stage of writers, topics and words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from portal.core.db import ALPHABET, ID_LENGTH, Base
from portal.core.i18n import LANGUAGES
from portal.demo.crowd import Writer
from portal.demo.words import Chain
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
from portal.editorial.visibility import labels_for

YEARS = timedelta(days=8 * 365)
AUDIENCES = {
    Audience.PUBLIC: 45,
    Audience.MEMBERS: 28,
    Audience.CUSTOMS: 15,
    Audience.ORGANISATIONS: 8,
    Audience.OWN: 4,
}
TITLES = {
    "en": (
        "{country}: {topic}, results after {n} months",
        "{topic}: what changed in year {year}",
        "{topic}: questions from {n} border posts",
        "{country}: {topic}, from pilot to rule",
        "{term}: a plan with {n} steps",
    ),
    "es": (
        "{country}: {topic}, resultados a los {n} meses",
        "{topic}: qué cambió en el año {year}",
        "{topic}: preguntas de {n} puestos fronterizos",
        "{country}: {topic}, del piloto a la norma",
        "{term}: un plan de {n} pasos",
    ),
    "fr": (
        "{country} : {topic}, résultats après {n} mois",
        "{topic} : ce qui a changé en {year} ans",
        "{topic} : questions de {n} postes frontières",
        "{country} : {topic}, du pilote à la règle",
        "{term} : un plan en {n} étapes",
    ),
}

Rows = list[dict[str, Any]]


@dataclass
class Batch:
    """Rows of some contributions, by table."""

    contributions: Rows = field(default_factory=list)
    editions: Rows = field(default_factory=list)
    revisions: Rows = field(default_factory=list)
    topics: Rows = field(default_factory=list)
    countries: Rows = field(default_factory=list)
    labels: Rows = field(default_factory=list)
    history: Rows = field(default_factory=list)

    def tables(self) -> list[tuple[type[Base], Rows]]:
        """Each table with its rows, in the order that foreign keys ask for."""
        return [
            (Contribution, self.contributions),
            (Edition, self.editions),
            (Revision, self.revisions),
            (ContributionTopic, self.topics),
            (ContributionCountry, self.countries),
            (ContributionLabel, self.labels),
            (HistoryEntry, self.history),
        ]

    def take(self, other: Batch) -> None:
        """Add the rows of another batch."""
        for (_table, rows), (_same, more) in zip(self.tables(), other.tables(), strict=True):
            rows.extend(more)


@dataclass(frozen=True)
class Stage:
    """All that the made contributions draw on; weights are cumulative."""

    writers: list[Writer]
    countries: dict[str, dict[str, str]]
    chains: dict[str, Chain]
    terms: dict[str, dict[str, list[str]]]
    topics: list[str]
    topic_weights: list[float]
    writer_weights: list[float]
    today: datetime


@dataclass(frozen=True)
class Made:
    """What is settled of a contribution before its texts are written."""

    id: str
    kind: Kind
    writer: Writer
    about: About
    published_at: datetime


def make_one(rng: Random, stage: Stage) -> Batch:
    """The rows of one published contribution in one to three languages, of some day in eight years."""
    writer = rng.choices(stage.writers, cum_weights=stage.writer_weights)[0]
    made = Made(
        id=_id(rng),
        kind=Kind.LESSON_LEARNED if rng.random() < 0.35 else Kind.REFORM_UPDATE,
        writer=writer,
        about=_about(rng, stage, writer),
        published_at=stage.today - YEARS * rng.random() ** 1.4 - timedelta(minutes=rng.randrange(600)),
    )
    batch = Batch()
    last, base = made.published_at, None
    for language in _languages(rng, writer.language):
        if base is not None:
            last = max(last, min(made.published_at + timedelta(days=rng.randrange(1, 40)), stage.today))
        revision = _edition(batch, rng, stage, made, language, base, last)
        base = base or revision
    _file(batch, made, last, made.published_at - timedelta(days=rng.randrange(1, 20)))
    return batch


def _file(batch: Batch, made: Made, last: datetime, begun: datetime) -> None:
    about, owner = made.about, made.writer.organisation_id
    batch.contributions.append(
        {
            "id": made.id,
            "kind": made.kind,
            "organisation_id": owner,
            "author_id": made.writer.person_id,
            "original_language": made.writer.language,
            "audience": about.audience,
            "standing": Standing.UP,
            "is_live": True,
            "created_at": begun,
            "published_at": made.published_at,
            "changed_at": last,
        }
    )
    batch.topics += [
        {"contribution_id": made.id, "topic_code": code, "position": position}
        for position, code in enumerate(about.topics)
    ]
    batch.countries += [{"contribution_id": made.id, "country_iso2": iso2} for iso2 in about.countries]
    batch.labels += [
        {"contribution_id": made.id, "label": label}
        for label in sorted(labels_for(about.audience, owner, about.organisations))
    ]


def _about(rng: Random, stage: Stage, writer: Writer) -> About:
    audience = rng.choices(list(AUDIENCES), weights=list(AUDIENCES.values()))[0]
    named: set[str] = set()
    if audience == Audience.ORGANISATIONS:
        named = {rng.choice(stage.writers).organisation_id for _ in range(3)} - {writer.organisation_id}
    topics = rng.choices(stage.topics, cum_weights=stage.topic_weights, k=rng.choice((1, 2, 2, 3)))
    countries = [*writer.countries[:1]] or [rng.choice(list(stage.countries))]
    if rng.random() < 0.3:
        countries.append(rng.choice(list(stage.countries)))
    return About(
        audience, tuple(sorted(named)), tuple(dict.fromkeys(topics)), tuple(dict.fromkeys(countries))
    )


def _languages(rng: Random, original: str) -> list[str]:
    others = [code for code in LANGUAGES if code != original]
    rng.shuffle(others)
    return [original, *others[: rng.choices((0, 1, 2), weights=(50, 30, 20))[0]]]


def _edition(
    batch: Batch, rng: Random, stage: Stage, made: Made, language: str, base: str | None, at: datetime
) -> str:
    """Add an edition published at `at`, a translation of `base` if any; returns its revision's id."""
    edition = {
        "id": _id(rng),
        "contribution_id": made.id,
        "language": language,
        "is_original": base is None,
        "published_revision_id": _id(rng),
        "is_outdated": False,
    }
    revision = {
        "id": edition["published_revision_id"],
        "edition_id": edition["id"],
        "number": 1,
        "round": 1,
        "state": State.PUBLISHED,
        "version": 1,
        "author_id": made.writer.person_id,
        "editor_id": made.writer.person_id,
        "about": made.about.stored() if base is None else None,
        "based_on_id": base,
        "changes_meaning": base is None,
        "created_at": at - timedelta(days=1),
        "updated_at": at - timedelta(days=1),
        "submitted_at": at - timedelta(hours=8),
        "published_at": at,
    }
    batch.editions.append(edition)
    batch.revisions.append(revision | _words(rng, stage, made, language))
    batch.history.append(_history(made, language, str(revision["id"]), at))
    return str(revision["id"])


def _history(made: Made, language: str, revision_id: str, at: datetime) -> dict[str, Any]:
    return {
        "contribution_id": made.id,
        "language": language,
        "revision_id": revision_id,
        "revision_number": 1,
        "step": "publish",
        "from_state": "",
        "to_state": str(State.PUBLISHED),
        "person_id": made.writer.person_id,
        "as_moderator": False,
        "organisation_id": made.writer.organisation_id,
        "comment": "",
        "at": at,
    }


def _words(rng: Random, stage: Stage, made: Made, language: str) -> dict[str, Any]:
    chain = stage.chains[language]
    names = [name for topic in made.about.topics for name in stage.terms[language][topic]]
    title = rng.choice(TITLES[language]).format(
        country=stage.countries[made.about.countries[0]][language],
        topic=stage.terms[language][made.about.topics[0]][0],
        term=rng.choice(names),
        n=rng.randrange(3, 25),
        year=rng.randrange(2, 7),
    )
    count = 5 if made.kind == Kind.REFORM_UPDATE else 1
    return {
        "title": title[:1].upper() + title[1:TITLE_LIMIT],
        "summary": f"{chain.sentence(rng)}. {chain.sentence(rng)}."[:SUMMARY_LIMIT],
        "parts": {
            part: "\n\n".join(_paragraph(rng, chain, rng.choice(names)) for _ in range(count))
            for part in PARTS[made.kind]
        },
    }


def _paragraph(rng: Random, chain: Chain, term: str) -> str:
    return f"{term[:1].upper()}{term[1:]}: {chain.paragraph(rng, 4)}"


def _id(rng: Random) -> str:
    return "".join(rng.choices(ALPHABET, k=ID_LENGTH))
