"""The small world with translators: of Spanish everywhere, of Spanish in a partner, of French."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.core.db import session
from portal.organisations.models import Role, TranslatorScope
from tests import world as w
from tests.world import World, build_world

TRANSLATORS = {
    "translator": ("secretariat", ["es"]),
    "partner translator": ("worldbank", ["es", "fr"]),
    "moderating translator": ("secretariat", ["es"]),
}


def build() -> World:
    """The world and its translators, one of whom also moderates Spanish."""
    built = build_world()
    for name, (organisation, languages) in TRANSLATORS.items():
        scopes = ["es"] if name == "moderating translator" else []
        built.people[name] = w.make_person(name, built.organisations[organisation], Role.READER, scopes)
        session().add_all(TranslatorScope(person_id=built.people[name], language=c) for c in languages)
    session().flush()
    return built


@pytest.fixture
def building() -> Callable[[], World]:
    """The small world has translators here."""
    return build
