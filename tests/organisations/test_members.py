"""Roles, leaving, profiles, clearance and requests to join."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.accounts.models import Person
from portal.audit.models import AuditEntry
from portal.audit.version import visibility_version
from portal.core.access import ANONYMOUS, Actor
from portal.core.db import session
from portal.core.errors import Forbidden, Invalid, NotFound, Stale, WrongState
from portal.jobs.models import Job
from portal.notifications.models import Notification
from portal.organisations import actions, queries
from portal.organisations.models import (
    AccessRequest,
    Invitation,
    Membership,
    MembershipState,
    Organisation,
    OrganisationState,
    Role,
)
from tests.world import World


def organisation(world: World, name: str = "thailand") -> Organisation:
    return session().get_one(Organisation, world.organisations[name])


def membership(world: World, name: str) -> Membership:
    return session().scalars(select(Membership).where(Membership.person_id == world.people[name])).one()


def verbs() -> list[str]:
    return [entry.verb for entry in session().scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_a_coordinator_gives_another_role_which_holds_at_once(working: World) -> None:
    actions.change_role(
        working.actor("coordinator"), organisation(working), membership(working, "reader"), Role.APPROVER
    )
    session().flush()
    assert working.actor("reader").has_role(working.organisations["thailand"], Role.APPROVER)
    entry = session().scalars(select(AuditEntry)).one()
    assert entry.detail["former"] == "reader" and entry.detail["role"] == "approver"


@pytest.mark.parametrize("name", ["approver", "fijian", "moderator"])
def test_others_change_no_role_and_end_no_membership(working: World, name: str) -> None:
    with pytest.raises(Forbidden):
        actions.change_role(
            working.actor(name), organisation(working), membership(working, "reader"), Role.COORDINATOR
        )
    with pytest.raises(Forbidden):
        actions.end_membership(working.actor(name), organisation(working), membership(working, "reader"))


def test_who_leaves_loses_access_at_once_and_acts_for_another_house(working: World) -> None:
    left = session().get_one(Person, working.people["author"])
    left.acting_organisation_id = working.organisations["thailand"]
    actions.end_membership(working.actor("coordinator"), organisation(working), membership(working, "author"))
    session().flush()
    assert working.actor("author") == ANONYMOUS
    assert left.acting_organisation_id is None
    assert membership(working, "author").state == MembershipState.ENDED
    assert verbs() == ["membership.ended"]


def test_who_acts_for_another_house_goes_on_doing_so(working: World) -> None:
    left = session().get_one(Person, working.people["author"])
    left.acting_organisation_id = working.organisations["fiji"]
    actions.end_membership(working.actor("coordinator"), organisation(working), membership(working, "author"))
    assert left.acting_organisation_id == working.organisations["fiji"]


def test_nobody_leaves_twice(working: World) -> None:
    ended = membership(working, "author")
    actions.end_membership(working.actor("coordinator"), organisation(working), ended)
    with pytest.raises(WrongState):
        actions.end_membership(working.actor("coordinator"), organisation(working), ended)
    with pytest.raises(WrongState):
        actions.change_role(working.actor("coordinator"), organisation(working), ended, Role.READER)


def test_drafts_pass_to_a_colleague_who_writes(working: World) -> None:
    passed: list[tuple[str, str, str]] = []

    def hand_on(_actor: Actor, organisation_id: str, leaver: str, heir: str) -> None:
        passed.append((organisation_id, leaver, heir))

    actor, thailand = working.actor("coordinator"), organisation(working)
    for heir in ("reader", "fijian", "author"):
        with pytest.raises(Forbidden):
            actions.end_membership(
                actor, thailand, membership(working, "author"), hand_on=hand_on, heir_id=working.people[heir]
            )
    actions.end_membership(
        actor, thailand, membership(working, "author"), hand_on=hand_on, heir_id=working.people["colleague"]
    )
    assert passed == [(thailand.id, working.people["author"], working.people["colleague"])]


def test_a_coordinator_edits_the_profile_in_three_languages(working: World) -> None:
    before = visibility_version()
    thailand = organisation(working)
    profile = actions.Profile({"en": " We clear. ", "es": "Despachamos."}, "https://customs.example", " XM ")
    actions.edit_profile(working.actor("coordinator"), thailand, profile, thailand.version)
    assert (thailand.profile_en, thailand.profile_es, thailand.profile_fr) == (
        "We clear.",
        "Despachamos.",
        "",
    )
    assert (thailand.website, thailand.iati_identifier) == ("https://customs.example", "XM")
    assert thailand.version == 2
    assert visibility_version() == before + 1


def test_the_second_of_two_editors_is_told_and_nothing_is_overwritten(working: World) -> None:
    thailand = organisation(working)
    actions.edit_profile(working.actor("coordinator"), thailand, actions.Profile({"en": "First"}), 1)
    with pytest.raises(Stale) as refused:
        actions.edit_profile(working.actor("coordinator"), thailand, actions.Profile({"en": "Second"}), 1)
    assert refused.value.theirs.profile_en == "First"
    assert thailand.profile_en == "First"


@pytest.mark.parametrize(
    ("profile", "field"),
    [
        (actions.Profile({"fr": "x" * 6001}), "profile_fr"),
        (actions.Profile({}, "javascript:alert(1)"), "website"),
        (actions.Profile({}, "http://"), "website"),
        (actions.Profile({}, "https://a@b.example/"), "website"),
        (actions.Profile({}, "http://[bad"), "website"),
        (actions.Profile({}, "https://x.example/<b>"), "website"),
        (actions.Profile({}, "https://" + "x" * 300), "website"),
        (actions.Profile({}, "", "x" * 301), "iati_identifier"),
    ],
)
def test_what_does_not_fit_a_profile_is_said_at_its_field(
    working: World, profile: actions.Profile, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        actions.edit_profile(working.actor("coordinator"), organisation(working), profile, 1)
    assert list(refused.value.errors) == [field]


@pytest.mark.parametrize("name", ["author", "approver", "fijian"])
def test_others_edit_neither_profile_nor_clearance(working: World, name: str) -> None:
    with pytest.raises(Forbidden):
        actions.edit_profile(working.actor(name), organisation(working), actions.Profile({}), 1)
    with pytest.raises(Forbidden):
        actions.set_clearance(working.actor(name), organisation(working), True, True)


def test_a_coordinator_says_who_clears(working: World) -> None:
    actions.set_clearance(working.actor("coordinator"), organisation(working), True, False)
    assert organisation(working).needs_clearance and not organisation(working).author_may_clear
    assert verbs() == ["organisation.clearance_set"]


def ask(
    world: World, email: str = "new@test.example", name: str = "thailand", message: str = "I work there."
) -> None:
    actions.request_access(ANONYMOUS, organisation(world, name), "New Person", email, "fr", message)


def test_a_request_reaches_the_coordinators(working: World) -> None:
    ask(working)
    session().flush()
    told = session().scalars(select(Notification)).one()
    assert told.person_id == working.people["coordinator"]
    assert told.kind == "organisation.access_requested"
    request = session().scalars(select(AccessRequest)).one()
    assert (request.email, request.language, request.answered_at) == ("new@test.example", "fr", None)


def test_without_a_coordinator_it_reaches_the_administrators(working: World) -> None:
    ask(working, name="fiji")
    session().flush()
    assert session().scalars(select(Notification.person_id)).all() == [working.people["administrator"]]


def test_a_known_address_gets_the_same_answer_and_a_second_request_replaces_the_first(working: World) -> None:
    ask(working, "fijian@test.example")
    ask(working, "author@test.example")
    ask(working, "fijian@test.example", message="Once more.")
    session().flush()
    requests = session().scalars(select(AccessRequest).order_by(AccessRequest.created_at)).all()
    assert [(request.email, request.message) for request in requests] == [
        ("fijian@test.example", "Once more."),
        ("author@test.example", "I work there."),
    ]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "nonsense"}, "email"),
        ({"language": "de"}, "language"),
        ({"message": " "}, "message"),
        ({"message": "x" * 2001}, "message"),
    ],
)
def test_an_incomplete_request_is_refused_at_its_field(
    working: World, values: dict[str, str], field: str
) -> None:
    typed = {"name": "New", "email": "a@test.example", "language": "en", "message": "Hello.", **values}
    with pytest.raises(Invalid) as refused:
        actions.request_access(ANONYMOUS, organisation(working), **typed)
    assert list(refused.value.errors) == [field]


def test_nobody_can_ask_to_join_a_suspended_organisation_or_none(working: World) -> None:
    organisation(working).state = OrganisationState.SUSPENDED
    for chosen in (organisation(working), None):
        with pytest.raises(Invalid) as refused:
            actions.request_access(ANONYMOUS, chosen, "New", "a@test.example", "en", "Hello.")
        assert list(refused.value.errors) == ["organisation"]


def test_an_accepted_request_sends_an_invitation_in_its_language(working: World) -> None:
    ask(working)
    request = session().scalars(select(AccessRequest)).one()
    actor, thailand = working.actor("coordinator"), organisation(working)
    actions.answer_request(actor, thailand, request, True, Role.CONTRIBUTOR)
    sent = session().scalars(select(Invitation)).one()
    assert (sent.email, sent.role, sent.language) == ("new@test.example", Role.CONTRIBUTOR, "fr")
    with pytest.raises(WrongState):
        actions.answer_request(actor, thailand, request, False)
    assert queries.request_to_mail(request.id) is None


def test_a_declined_request_is_told_by_mail_and_invites_nobody(working: World) -> None:
    ask(working)
    request = session().scalars(select(AccessRequest)).one()
    actions.answer_request(working.actor("coordinator"), organisation(working), request, False)
    assert session().scalars(select(Invitation)).all() == []
    kinds = session().scalars(select(Job.kind)).all()
    assert "mail.access_declined" in kinds
    found = queries.request_to_mail(request.id)
    assert found is not None and found[1].id == working.organisations["thailand"]


def test_accepting_somebody_who_is_a_member_already_invites_nobody(working: World) -> None:
    ask(working, "author@test.example")
    request = session().scalars(select(AccessRequest)).one()
    actions.answer_request(working.actor("coordinator"), organisation(working), request, True)
    assert session().scalars(select(Invitation)).all() == []


def test_only_who_manages_the_organisation_answers(working: World) -> None:
    ask(working)
    request = session().scalars(select(AccessRequest)).one()
    with pytest.raises(Forbidden):
        actions.answer_request(working.actor("approver"), organisation(working), request, True)
    with pytest.raises(Forbidden):
        actions.answer_request(working.actor("administrator"), organisation(working, "fiji"), request, True)


@pytest.mark.parametrize("name", ["author", "approver", "fijian", "moderator"])
def test_people_invitations_and_requests_are_hidden_from_others(working: World, name: str) -> None:
    ask(working)
    actor, thailand = working.actor(name), working.organisations["thailand"]
    for read in (queries.members, queries.open_invitations, queries.open_requests, queries.writers):
        with pytest.raises(NotFound):
            read(actor, thailand)
    with pytest.raises(NotFound):
        queries.membership(actor, thailand, membership(working, "author").id)


def test_a_child_is_found_only_through_its_own_organisation(working: World) -> None:
    ask(working)
    actor, thailand, fiji = (
        working.actor("administrator"),
        working.organisations["thailand"],
        working.organisations["fiji"],
    )
    mine = membership(working, "author")
    request = session().scalars(select(AccessRequest)).one()
    sent = actions.invite(actor, organisation(working), "b@test.example", Role.READER, "en")
    assert queries.membership(actor, thailand, mine.id) is mine
    assert queries.access_request(actor, thailand, request.id) is request
    assert queries.invitation(actor, thailand, sent.id) is sent
    for read, child in (
        (queries.membership, mine.id),
        (queries.access_request, request.id),
        (queries.invitation, sent.id),
    ):
        with pytest.raises(NotFound):
            read(actor, fiji, child)


def test_lists_show_active_members_open_invitations_and_those_who_write(working: World) -> None:
    actor, thailand = working.actor("coordinator"), working.organisations["thailand"]
    actions.end_membership(actor, organisation(working), membership(working, "approver"))
    actions.invite(actor, organisation(working), "b@test.example", Role.READER, "en")
    found = queries.members(actor, thailand)
    assert [line.person.name for line in found.items] == ["Author", "Colleague", "Reader", "Coordinator"]
    assert [one.name for one in queries.writers(actor, thailand)] == ["Author", "Colleague", "Coordinator"]
    assert [one.email for one in queries.open_invitations(actor, thailand)] == ["b@test.example"]
    assert queries.has_members(thailand)
