"""Only administrators edit names, and a name is never left empty."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.audit.version import visibility_version
from portal.core.access import ANONYMOUS, Actor
from portal.core.db import session
from portal.core.errors import Forbidden, Invalid
from portal.taxonomy import actions, policy
from portal.taxonomy.models import Country, Topic

ADMINISTRATOR = Actor(is_administrator=True)
NAMES = {"en": " New\nname ", "es": "Nombre nuevo", "fr": "Nouveau nom"}


pytestmark = pytest.mark.usefixtures("spoken", "vocabulary")


def test_only_administrators_may_rename() -> None:
    assert policy.rename(ADMINISTRATOR)
    assert not policy.rename(ANONYMOUS)
    with pytest.raises(Forbidden):
        actions.rename_country(ANONYMOUS, session().get_one(Country, "TH"), NAMES)
    with pytest.raises(Forbidden):
        actions.rename_topic(ANONYMOUS, session().get_one(Topic, "TFA-3"), NAMES)


def test_a_renamed_topic_is_tidied_recorded_and_makes_kept_pages_worthless() -> None:
    before = visibility_version()
    topic = session().get_one(Topic, "TFA-3")
    actions.rename_topic(ADMINISTRATOR, topic, NAMES)
    assert (topic.name_en, topic.name_fr) == ("New name", "Nouveau nom")
    assert visibility_version() == before + 1
    entry = session().scalars(select(AuditEntry)).one()
    assert (entry.verb, entry.object_id, entry.detail) == ("taxonomy.topic_renamed", "TFA-3", {})


@pytest.mark.parametrize("name", ["", "  \n", "x" * 301])
def test_an_empty_or_endless_name_is_refused_at_its_field(name: str) -> None:
    thailand = session().get_one(Country, "TH")
    with pytest.raises(Invalid) as refused:
        actions.rename_country(ADMINISTRATOR, thailand, {**NAMES, "es": name})
    assert list(refused.value.errors) == ["name_es"]
    assert thailand.name_en == "Thailand"
