"""`load_world`: the demo world, written once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from portal.accounts.models import Person
from portal.accounts.passwords import hash_password
from portal.audit.version import bump_visibility
from portal.config import Settings
from portal.core.clock import now
from portal.core.db import Database, session
from portal.core.guard import scoped
from portal.core.i18n import LANGUAGES
from portal.demo.cast import Cast, SignIn, engage, sign_ins
from portal.demo.cooperating import cooperate
from portal.demo.days import Days
from portal.demo.inboxes import fill
from portal.demo.ledger import Ledger
from portal.demo.playing import Play
from portal.demo.reviews import Review, read_reviews
from portal.demo.stories import Story, StoryError, read_stories
from portal.demo.talk import annex, converse
from portal.demo.trail import Rules, Trail
from portal.editorial.actions.publication import refresh_outdated
from portal.editorial.models import Contribution
from portal.editorial.texts import About
from portal.files.storage import storage_of
from portal.jobs.actions import enqueue
from portal.organisations.loading import load_organisations
from portal.organisations.models import Organisation
from portal.taxonomy.loading import load_taxonomy

PROFILES = Path(__file__).parent / "profiles.toml"


def load_world(settings: Settings, database: Database, password: str) -> list[SignIn]:
    """Write the demo world unless it is there, and return the sign-ins to print.

    All its people get `password`, hashed once. What a former run wrote, and what people did
    since, is left alone. Raises StoryError for a file that cannot be used.
    """
    announced = sign_ins()
    with database.unit_of_work():
        if not _is_loaded(announced[0].email):
            _write(settings, password)
    return announced


def _is_loaded(email: str) -> bool:
    return session().scalar(select(Person.id).where(Person.email == email)) is not None


def _write(settings: Settings, password: str) -> None:
    load_taxonomy()
    load_organisations()
    organisations = {row.code: row for row in session().scalars(select(Organisation))}
    moment = now()
    _profile(organisations)
    cast = engage(organisations, hash_password(password), moment)
    rules = Rules(settings.answer_days, settings.claim_days)
    ledger = Ledger()
    stories, reviews = read_stories(), read_reviews()
    days = Days(stories, moment)
    posts = {}
    for story in stories:
        number = story.name.partition("-")[0]
        posts[number] = _play(story, reviews.get(story.name, Review()), cast, rules, ledger, days)
    fill(ledger, cast, moment)
    ledger.write()
    converse(cast, posts, moment)
    annex(ledger, posts, storage_of(settings))
    cooperate(cast, posts, moment)
    _finish()


def read_profiles() -> dict[str, dict[str, Any]]:
    """What organisations say about themselves, by code: `en`, `es`, `fr` and `needs_clearance`."""
    profiles: dict[str, dict[str, Any]] = tomllib.loads(PROFILES.read_text(encoding="utf-8"))
    return profiles


def _profile(organisations: Mapping[str, Organisation]) -> None:
    for code, told in read_profiles().items():
        organisation = organisations[code]
        organisation.needs_clearance = told.get("needs_clearance", False)
        organisation.author_may_clear = False
        for language in LANGUAGES:
            setattr(organisation, f"profile_{language}", told[language].strip())
    session().flush()


def _play(story: Story, review: Review, cast: Cast, rules: Rules, ledger: Ledger, days: Days) -> Contribution:
    try:
        house = cast.house(story.organisation)
        named = tuple(cast.organisations[code].id for code in story.organisations)
    except (KeyError, StopIteration) as error:
        raise StoryError(f"{story.name}: {story.organisation} or one of {story.organisations}") from error
    about = About(story.audience, named, story.topics, story.countries, story.terms)
    moderators = cast.moderators_for(story.organisation)
    trail = Trail.begin(ledger, rules, house, moderators, story.kind, story.original, days.now)
    try:
        Play(story, review, about, trail, days).run()
    except ValueError as error:
        raise StoryError(f"{story.name}: {error}") from error
    return trail.contribution


def _finish() -> None:
    """What follows from the rows: which translations are outdated, who may see, what is findable."""
    for contribution in session().scalars(scoped("demo", select(Contribution))):
        refresh_outdated(contribution)
        enqueue("sync", {"contribution": contribution.id})
    bump_visibility()
