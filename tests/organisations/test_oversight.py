"""What the secretariat does to organisations and to moderators' scopes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.accounts.models import Person
from portal.audit.models import AuditEntry
from portal.audit.version import visibility_version
from portal.core.access import ANONYMOUS
from portal.core.db import session
from portal.core.errors import Forbidden, Invalid, Stale, WrongState
from portal.jobs.models import Job
from portal.organisations import actions, queries
from portal.organisations.actions.oversight import OrganisationFacts
from portal.organisations.models import Organisation, OrganisationKind, OrganisationState
from tests.world import World, make_organisation

FACTS = OrganisationFacts(
    kind="customs_administration",
    names={"en": "Customs of Kenya", "es": "Aduana de Kenia", "fr": "Douanes du Kenya"},
    region_code="AP",
    countries=["TH", "", "TH"],
    website="https://kenya.example",
    aliases=["KRA", " "],
)


def organisation(world: World, name: str = "thailand") -> Organisation:
    return session().get_one(Organisation, world.organisations[name])


def test_a_suspended_organisation_loses_access_at_the_next_request(working: World) -> None:
    before = visibility_version()
    actions.suspend(working.actor("administrator"), organisation(working))
    session().flush()
    assert working.actor("author") == ANONYMOUS
    assert visibility_version() == before + 1
    job = session().scalars(select(Job)).one()
    assert (job.kind, job.payload) == (
        "sync.organisation",
        {"organisation_id": working.organisations["thailand"]},
    )
    with pytest.raises(WrongState):
        actions.suspend(working.actor("administrator"), organisation(working))


def test_lifting_the_suspension_gives_access_back(working: World) -> None:
    administrator = working.actor("administrator")
    actions.suspend(administrator, organisation(working))
    actions.reactivate(administrator, organisation(working))
    session().flush()
    assert working.actor("author").is_signed_in
    with pytest.raises(WrongState):
        actions.reactivate(administrator, organisation(working))


def test_one_without_people_waits_for_them_again(working: World) -> None:
    made = session().get_one(Organisation, make_organisation("KEN"))
    actions.suspend(working.actor("administrator"), made)
    actions.reactivate(working.actor("administrator"), made)
    assert made.state == OrganisationState.INVITED


@pytest.mark.parametrize("name", ["coordinator", "moderator", "fijian"])
def test_only_administrators_oversee(working: World, name: str) -> None:
    actor, thailand = working.actor(name), organisation(working)
    with pytest.raises(Forbidden):
        actions.suspend(actor, thailand)
    with pytest.raises(Forbidden):
        actions.reactivate(actor, thailand)
    with pytest.raises(Forbidden):
        actions.create_organisation(actor, "KEN", FACTS)
    with pytest.raises(Forbidden):
        actions.edit_organisation(actor, thailand, FACTS, 1)
    with pytest.raises(Forbidden):
        actions.set_scopes(actor, session().get_one(Person, working.people["author"]), [("en", None)])


def test_the_secretariat_is_never_suspended(working: World) -> None:
    with pytest.raises(Forbidden):
        actions.suspend(working.actor("administrator"), organisation(working, "secretariat"))


def test_an_organisation_is_added_and_waits_for_its_people(working: World) -> None:
    made = actions.create_organisation(working.actor("administrator"), " KEN ", FACTS)
    assert (made.code, made.state, made.countries, made.aliases) == (
        "KEN",
        OrganisationState.INVITED,
        ["TH"],
        ["KRA"],
    )
    assert queries.organisation_with_code("ken") is made


@pytest.mark.parametrize("code", ["", "K", "K" * 21, "K N", "<b>", "THA", "tha"])
def test_a_code_is_short_plain_and_nobody_elses(working: World, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        actions.create_organisation(working.actor("administrator"), code, FACTS)
    assert list(refused.value.errors) == ["code"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "bank"}, "kind"),
        ({"kind": "secretariat"}, "kind"),
        ({"names": {"en": "A", "es": "B"}}, "name_fr"),
        ({"region_code": "MOON"}, "region_code"),
        ({"countries": ["XX"]}, "countries"),
        ({"website": "ftp://x.example"}, "website"),
        ({"iati_identifier": "x" * 301}, "iati_identifier"),
        ({"aliases": ["x" * 301]}, "aliases"),
    ],
)
def test_facts_that_cannot_be_are_said_at_their_field(
    working: World, changes: dict[str, object], field: str
) -> None:
    administrator = working.actor("administrator")
    with pytest.raises(Invalid) as refused:
        actions.create_organisation(administrator, "KEN", replace(FACTS, **changes))
    assert list(refused.value.errors) == [field]
    with pytest.raises(Invalid) as refused:
        actions.edit_organisation(administrator, organisation(working), replace(FACTS, **changes), 1)
    assert list(refused.value.errors) == [field]


def test_facts_are_edited_by_version_and_its_posts_are_indexed_anew(working: World) -> None:
    administrator, thailand = working.actor("administrator"), organisation(working)
    actions.edit_organisation(
        administrator, thailand, replace(FACTS, region_code="", kind="regional_office"), 1
    )
    assert (thailand.name_en, thailand.region_code, thailand.kind) == (
        "Customs of Kenya",
        None,
        OrganisationKind.REGIONAL_OFFICE,
    )
    assert thailand.code == "THA"
    entry = session().scalars(select(AuditEntry)).one()
    assert entry.detail == {"former_kind": "customs_administration", "kind": "regional_office"}
    assert session().scalars(select(Job.kind)).all() == ["sync.organisation"]
    with pytest.raises(Stale):
        actions.edit_organisation(administrator, thailand, FACTS, 1)


def test_the_secretariat_stays_the_secretariat(working: World) -> None:
    administrator, house = working.actor("administrator"), organisation(working, "secretariat")
    with pytest.raises(Invalid):
        actions.edit_organisation(administrator, house, FACTS, 1)
    actions.edit_organisation(administrator, house, replace(FACTS, kind="secretariat"), 1)
    assert house.kind == OrganisationKind.SECRETARIAT


def test_scopes_are_replaced_and_all_regions_include_each(working: World) -> None:
    administrator = working.actor("administrator")
    someone = session().get_one(Person, working.people["moderator"])
    actions.set_scopes(administrator, someone, [("fr", "AP"), ("es", "AMS"), ("es", None), ("fr", "AMS")])
    scopes = working.actor("moderator").scopes
    assert {(scope.language, scope.region) for scope in scopes} == {("es", None), ("fr", "AP"), ("fr", "AMS")}
    actions.set_scopes(administrator, someone, [])
    assert not working.actor("moderator").is_moderator


@pytest.mark.parametrize("scope", [("de", None), ("en", "MOON")])
def test_a_scope_names_a_language_and_a_region_that_exist(
    working: World, scope: tuple[str, str | None]
) -> None:
    with pytest.raises(Invalid) as refused:
        actions.set_scopes(
            working.actor("administrator"), session().get_one(Person, working.people["author"]), [scope]
        )
    assert list(refused.value.errors) == ["scopes"]
