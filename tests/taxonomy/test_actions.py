"""Only administrators edit names, and a name is never left empty; moderators add synonyms and take them away."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.audit.version import visibility_version
from portal.core.access import ANONYMOUS, Actor, ScopeFacts
from portal.core.db import session
from portal.core.errors import Forbidden, Invalid, WrongState
from portal.taxonomy import actions, policy, queries
from portal.taxonomy.loading import load_taxonomy
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


MODERATOR = Actor(person_id=None, scopes=(ScopeFacts("en"),))


@pytest.fixture
def window() -> Topic:
    """A topic with synonyms."""
    return session().get_one(Topic, "TFA-10.4")


def test_moderators_and_administrators_extend_the_thesaurus_and_nobody_else(window: Topic) -> None:
    assert policy.extend(MODERATOR) and policy.extend(ADMINISTRATOR)
    assert not policy.extend(ANONYMOUS)
    with pytest.raises(Forbidden):
        actions.add_synonym(ANONYMOUS, window, "en", "one stop shop")
    with pytest.raises(Forbidden):
        actions.remove_synonym(ANONYMOUS, window, "en", window.synonyms_en[0])


def test_a_synonym_is_tidied_recorded_and_known_at_once(window: Topic) -> None:
    before = visibility_version()
    assert actions.add_synonym(MODERATOR, window, "fr", "  Portail\n du  commerce ") == []
    assert window.synonyms_fr[-1] == "Portail du commerce"
    assert queries.taxonomy().topics["TFA-10.4"].synonyms_fr[-1] == "Portail du commerce"
    assert visibility_version() == before + 1
    entry = session().scalars(select(AuditEntry)).one()
    assert (entry.verb, entry.object_id) == ("taxonomy.synonym_added", "TFA-10.4")
    assert entry.detail == {"language": "fr", "phrase": "Portail du commerce"}


@pytest.mark.parametrize(
    ("language", "phrase", "field"),
    [
        ("de", "Fenster", "language"),
        ("en", "", "phrase"),
        ("en", "of the", "phrase"),
        ("en", "…", "phrase"),
        ("en", "x" * 81, "phrase"),
        ("en", "Single Windows", "phrase"),
        ("fr", "guichets uniques", "phrase"),
    ],
)
def test_what_says_nothing_or_is_there_in_another_form_is_refused_at_its_field(
    window: Topic, language: str, phrase: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        actions.add_synonym(MODERATOR, window, language, phrase)
    assert list(refused.value.errors) == [field]
    assert session().scalars(select(AuditEntry)).all() == []


def test_a_topic_has_no_endless_list_of_synonyms(window: Topic) -> None:
    window.synonyms_en = [f"window{number}" for number in range(actions.MOST_SYNONYMS)]
    session().flush()
    with pytest.raises(Invalid):
        actions.add_synonym(MODERATOR, window, "en", "one stop shop")


def test_whoever_adds_what_another_topic_is_called_is_told_which(window: Topic) -> None:
    others = actions.add_synonym(MODERATOR, window, "en", "advance ruling")
    assert [topic.code for topic in others] == ["TFA-3"]


def test_a_synonym_is_removed_once(window: Topic) -> None:
    first, *others = window.synonyms_en
    actions.remove_synonym(MODERATOR, window, "en", first)
    assert window.synonyms_en == others
    entry = session().scalars(select(AuditEntry)).one()
    assert (entry.verb, entry.detail) == ("taxonomy.synonym_removed", {"language": "en", "phrase": first})
    for language in ("en", "de"):
        with pytest.raises(WrongState):
            actions.remove_synonym(MODERATOR, window, language, first)


def test_loading_the_data_again_keeps_what_moderators_decided(window: Topic) -> None:
    came_with_the_data = window.synonyms_es[0]
    actions.remove_synonym(MODERATOR, window, "es", came_with_the_data)
    actions.add_synonym(MODERATOR, window, "es", "taquilla del comercio")
    actions.add_synonym(MODERATOR, window, "en", "one stop shop")
    actions.remove_synonym(MODERATOR, window, "en", "one stop shop")
    load_taxonomy()
    assert came_with_the_data not in window.synonyms_es
    assert window.synonyms_es.count("taquilla del comercio") == 1
    assert "one stop shop" not in window.synonyms_en
    assert queries.decided_synonyms("TFA-10.4") == {
        ("en", "one stop shop"): False,
        ("es", "taquilla del comercio"): True,
        ("es", came_with_the_data): False,
    }


def test_what_was_removed_can_be_put_back(window: Topic) -> None:
    first = window.synonyms_en[0]
    actions.remove_synonym(MODERATOR, window, "en", first)
    actions.add_synonym(MODERATOR, window, "en", first)
    load_taxonomy()
    assert first in window.synonyms_en
