"""Contributions made in numbers: the same for the same seed, plausible, and as the portal files them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.config import Settings
from portal.core.db import Base, Database, session
from portal.core.guard import scoped
from portal.demo.cast import SignIn
from portal.demo.load import make_many
from portal.demo.loading import load_world
from portal.demo.stories import read_stories
from portal.demo.words import TAIL, chains, place
from portal.editorial.models import (
    OPTIONAL_PARTS,
    PARTS,
    Audience,
    Contribution,
    ContributionCountry,
    ContributionLabel,
    ContributionTopic,
    Edition,
    Revision,
)
from portal.editorial.texts import About, Text, check_size
from portal.editorial.visibility import labels_for
from portal.organisations.models import Organisation, OrganisationState
from tests.demo.conftest import PASSWORD

N = 900


@pytest.fixture
def many(announced: list[SignIn], database: Database) -> Iterator[int]:
    """The number of contributions that were there before N more were made."""
    before = len(read_stories())
    assert make_many(database, N, seed=7) == N
    with database.unit_of_work():
        yield before


def every(model: type[Any]) -> list[Any]:
    return list(session().scalars(scoped("test", select(model))))


def test_what_is_made_is_filed_as_the_portal_files_it(many: int) -> None:
    contributions = every(Contribution)
    assert len(contributions) == many + N
    labels: dict[str, set[str]] = {c.id: set() for c in contributions}
    topics: dict[str, set[str]] = {c.id: set() for c in contributions}
    countries: dict[str, set[str]] = {c.id: set() for c in contributions}
    for row in every(ContributionLabel):
        labels[row.contribution_id].add(row.label)
    for row in every(ContributionTopic):
        topics[row.contribution_id].add(row.topic_code)
    for row in every(ContributionCountry):
        countries[row.contribution_id].add(row.country_iso2)
    revisions = {r.id: r for r in every(Revision)}
    originals = {e.contribution_id: e for e in every(Edition) if e.is_original}
    for contribution in contributions:
        if not contribution.is_live:
            continue
        revision = revisions[originals[contribution.id].published_revision_id]
        about = About.of(revision)
        owner = contribution.organisation_id
        assert labels[contribution.id] == labels_for(about.audience, owner, about.organisations)
        assert topics[contribution.id] == set(about.topics)
        assert countries[contribution.id] == set(about.countries)
        needed = set(PARTS[contribution.kind]) - OPTIONAL_PARTS[contribution.kind]
        assert needed <= revision.parts.keys() <= set(PARTS[contribution.kind])
        check_size(Text.of(revision))


def test_languages_audiences_organisations_and_years_are_mixed(many: int) -> None:
    contributions = every(Contribution)
    assert {c.original_language for c in contributions} == {"en", "es", "fr"}
    assert {c.audience for c in contributions if c.audience} == set(Audience)
    editions = Counter(e.contribution_id for e in every(Edition))
    assert set(editions.values()) == {1, 2, 3}
    moments = [c.published_at for c in contributions if c.published_at]
    assert (max(moments) - min(moments)).days > 7 * 365
    active = session().scalar(
        select(func.count()).select_from(Organisation).where(Organisation.state == OrganisationState.ACTIVE)
    )
    assert len({c.organisation_id for c in contributions}) > (active or 0) / 2


def test_words_fall_off_as_zipf_found(many: int) -> None:
    counts: Counter[str] = Counter()
    for revision in every(Revision):
        for part in revision.parts.values():
            counts.update(re.findall(r"\w+", part.lower()))
    frequencies = sorted(counts.values(), reverse=True)
    ranks = [10, 100, 1000]
    slopes = [math.log(frequencies[b] / frequencies[a]) / math.log(b / a) for a, b in pairwise(ranks)]
    assert all(-1.8 < slope < -0.5 for slope in slopes), slopes
    assert sum(count == 1 for count in frequencies) > 500


def test_the_same_seed_goes_on_where_it_stopped(many: int, database: Database) -> None:
    session().commit()
    reported: list[tuple[int, int]] = []
    assert make_many(database, N + 40, seed=7, progress=lambda done, n: reported.append((done, n))) == 40
    assert reported[-1] == (N + 40, N + 40)
    assert make_many(database, 30, seed=8) == 30


@pytest.mark.one_database
def test_the_same_seed_makes_the_same(database_kind: str, tmp_path: Path) -> None:
    told = []
    for name in ("one", "two"):
        database = Database(f"sqlite:///{tmp_path / name}.sqlite3")
        Base.metadata.create_all(database.engine)
        load_world(Settings(data=tmp_path), database, PASSWORD)
        make_many(database, 50, seed=3)
        with database.unit_of_work(write=False):
            statement = select(Contribution.id, Revision.title, Revision.parts).select_from(Contribution)
            statement = statement.join(Edition).join(Revision, Revision.id == Edition.published_revision_id)
            rows = session().execute(scoped("test", statement)).all()
            told.append({(row.id, row.title, repr(row.parts)) for row in rows})
        database.dispose()
    assert len(told[0] & told[1]) >= 50


def test_without_the_world_it_says_what_is_missing(database: Database) -> None:
    with pytest.raises(RuntimeError, match="load the demo world first"):
        make_many(database, 1)


def test_places_are_many_and_the_first_are_common() -> None:
    rng = Random(1)
    counts = Counter(place(rng) for _ in range(20_000))
    assert TAIL > len(counts) > 5_000
    assert counts.most_common(1)[0][1] > 500


def test_a_sentence_ends_and_begins_as_sentences_do() -> None:
    rng = Random(2)
    for chain in chains(read_stories()).values():
        for _ in range(200):
            said = chain.sentence(rng)
            assert said[0] == said[0].upper()
            assert said[-1] not in ",;:"
            assert len(said.split()) <= 30
