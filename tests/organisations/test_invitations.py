"""An invitation is bound to an address, a role and its inviter's rights, and works once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.accounts.models import Person, PersonState
from portal.accounts.queries import person_with_address
from portal.audit.models import AuditEntry
from portal.core.access import Actor
from portal.core.clock import now
from portal.core.db import Database, session
from portal.core.errors import Forbidden, Invalid, NotFound
from portal.jobs.models import Job
from portal.organisations import actions, queries
from portal.organisations.actions import invitations as room
from portal.organisations.actors import actor_with_id
from portal.organisations.models import (
    Invitation,
    Membership,
    MembershipState,
    Organisation,
    OrganisationState,
    Role,
)
from tests.world import PASSWORD, World, make_organisation, make_person

SECRET = "crane-lighthouse-tariff-88"


def organisation(world: World, name: str = "thailand") -> Organisation:
    return session().get_one(Organisation, world.organisations[name])


def person(world: World, name: str) -> Person:
    return session().get_one(Person, world.people[name])


def invite(world: World, email: str = "new@test.example", role: Role = Role.CONTRIBUTOR) -> str:
    """An invitation of Thailand's coordinator that was mailed; returns the token."""
    actor = world.actor("coordinator")
    made = actions.invite(actor, organisation(world), email, role, "fr")
    return actions.make_invitation_token(made)


def test_a_coordinator_invites_and_the_worker_is_asked_to_mail(working: World) -> None:
    made = actions.invite(
        working.actor("coordinator"), organisation(working), " New@Test.example ", Role.APPROVER, "es"
    )
    assert (made.email, made.role, made.language) == ("new@test.example", Role.APPROVER, "es")
    assert made.token_hash.startswith("unsent-")
    job = session().scalars(select(Job)).one()
    assert (job.kind, job.payload) == ("mail.invitation", {"invitation_id": made.id})
    entry = session().scalars(select(AuditEntry)).one()
    assert entry.verb == "invitation.sent"
    assert "new@test.example" not in str(entry.detail)


@pytest.mark.parametrize("name", ["author", "reader", "approver", "fijian", "partner", "moderator"])
def test_nobody_else_may_invite(working: World, name: str) -> None:
    with pytest.raises(Forbidden):
        actions.invite(working.actor(name), organisation(working), "a@test.example", Role.READER, "en")


@pytest.mark.parametrize(
    ("email", "language", "field"),
    [
        ("nonsense", "en", "email"),
        ("author@test.example", "en", "email"),
        ("a@test.example", "de", "language"),
    ],
)
def test_what_cannot_be_invited_is_said_at_its_field(
    working: World, email: str, language: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        actions.invite(working.actor("coordinator"), organisation(working), email, Role.READER, language)
    assert list(refused.value.errors) == [field]


def test_a_second_invitation_of_an_address_makes_the_first_void(working: World) -> None:
    first = invite(working)
    second = invite(working, role=Role.READER)
    with pytest.raises(NotFound):
        actions.accept_invitation(first, name="New", password=SECRET)
    assert actions.accept_invitation(second, name="New", password=SECRET).email == "new@test.example"


def test_a_newcomer_gets_an_account_with_the_invited_address_and_role(working: World) -> None:
    made = actions.accept_invitation(invite(working), name=" New Person ", password=SECRET)
    assert (made.email, made.name, made.language) == ("new@test.example", "New Person", "fr")
    actor = actor_with_id(made.id)
    assert actor.has_role(working.organisations["thailand"], Role.CONTRIBUTOR)
    assert not actor.has_role(working.organisations["thailand"], Role.APPROVER)
    assert actor.organisation_id == working.organisations["thailand"]
    verbs = [entry.verb for entry in session().scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert verbs == ["invitation.sent", "person.created", "invitation.accepted"]


def test_it_works_once(working: World) -> None:
    token = invite(working)
    actions.accept_invitation(token, name="New", password=SECRET)
    with pytest.raises(NotFound):
        actions.accept_invitation(token, name="Other", password=SECRET)


def test_of_two_at_once_one_gets_through(working: World) -> None:
    token = invite(working)
    session().execute(update(Invitation).values(used_at=now()).execution_options(synchronize_session=False))
    with pytest.raises(NotFound):
        room._use_up(token)


def test_one_that_is_spent_between_asking_and_taking_is_refused(
    working: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = invite(working)
    found = queries.open_invitation(token)
    monkeypatch.setattr(queries, "open_invitation", lambda _token: found)
    session().execute(update(Invitation).values(used_at=now()).execution_options(synchronize_session=False))
    with pytest.raises(NotFound):
        room._use_up(token)


@pytest.mark.parametrize("token", ["", "nonsense", "unsent-0000000000000000"])
def test_an_unknown_link_leads_nowhere(working: World, token: str) -> None:
    invite(working)
    with pytest.raises(NotFound):
        actions.accept_invitation(token, name="New", password=SECRET)


def test_one_that_was_not_mailed_yet_cannot_be_guessed(working: World) -> None:
    made = actions.invite(
        working.actor("coordinator"), organisation(working), "new@test.example", Role.READER, "en"
    )
    with pytest.raises(NotFound):
        queries.open_invitation(made.token_hash)


def test_a_revoked_invitation_is_void(working: World) -> None:
    token = invite(working)
    made, its_organisation = queries.open_invitation(token)
    actions.revoke_invitation(working.actor("coordinator"), its_organisation, made)
    with pytest.raises(NotFound):
        actions.accept_invitation(token, name="New", password=SECRET)
    with pytest.raises(NotFound):
        actions.revoke_invitation(working.actor("coordinator"), its_organisation, made)


def test_only_who_manages_the_organisation_revokes(working: World) -> None:
    made, its_organisation = queries.open_invitation(invite(working))
    with pytest.raises(Forbidden):
        actions.revoke_invitation(working.actor("author"), its_organisation, made)
    with pytest.raises(NotFound):
        actions.revoke_invitation(working.actor("administrator"), organisation(working, "fiji"), made)


def test_it_runs_out(working: World) -> None:
    token = invite(working)
    session().execute(
        update(Invitation)
        .values(expires_at=now() - timedelta(seconds=1))
        .execution_options(synchronize_session=False)
    )
    with pytest.raises(NotFound):
        actions.accept_invitation(token, name="New", password=SECRET)


def test_an_inviter_who_may_not_invite_any_more_makes_it_void(working: World) -> None:
    token = invite(working)
    coordinator = (
        session()
        .scalars(select(Membership).where(Membership.person_id == working.people["coordinator"]))
        .one()
    )
    coordinator.role = Role.APPROVER
    with pytest.raises(NotFound):
        actions.accept_invitation(token, name="New", password=SECRET)
    coordinator.role = Role.COORDINATOR
    person(working, "coordinator").state = PersonState.SUSPENDED
    with pytest.raises(NotFound):
        actions.accept_invitation(token, name="New", password=SECRET)


def test_a_suspended_organisation_takes_nobody_in(working: World) -> None:
    made = actions.invite(
        working.actor("administrator"), organisation(working), "new@test.example", Role.READER, "en"
    )
    token = actions.make_invitation_token(made)
    organisation(working).state = OrganisationState.SUSPENDED
    with pytest.raises(NotFound):
        actions.accept_invitation(token, name="New", password=SECRET)


def test_an_existing_account_is_entered_only_by_its_owner(working: World) -> None:
    token = invite(working, "fijian@test.example", Role.READER)
    with pytest.raises(Invalid) as refused:
        actions.accept_invitation(token, name="Thief", password=SECRET)
    assert list(refused.value.errors) == ["password"]
    with pytest.raises(Invalid) as refused:
        actions.accept_invitation(token, person(working, "peruvian"), password=PASSWORD)
    assert list(refused.value.errors) == ["email"]
    assert not queries.is_member(working.organisations["thailand"], "fijian@test.example")
    assert person(working, "fijian").name == "Fijian"


def test_its_password_or_its_session_opens_it(working: World) -> None:
    token = invite(working, "fijian@test.example", Role.READER)
    joined = actions.accept_invitation(token, password=PASSWORD, name="Ignored")
    assert (joined.id, joined.name) == (working.people["fijian"], "Fijian")
    token = invite(working, "peruvian@test.example", Role.READER)
    joined = actions.accept_invitation(token, person(working, "peruvian"))
    actor = actor_with_id(joined.id)
    assert actor.belongs_to(working.organisations["thailand"])
    assert actor.belongs_to(working.organisations["peru"])
    assert actor.organisation_id == working.organisations["peru"]


def test_a_password_that_changed_meanwhile_does_not_open_it(
    working: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = invite(working, "fijian@test.example", Role.READER)

    def meanwhile(_hashed: str, _password: str) -> bool:
        session().execute(
            update(Person)
            .where(Person.id == working.people["fijian"])
            .values(password_hash="another")
            .execution_options(synchronize_session=False)
        )
        return True

    monkeypatch.setattr(room.passwords, "verify", meanwhile)
    with pytest.raises(Invalid):
        actions.accept_invitation(token, password=PASSWORD)


def test_a_suspended_person_joins_nothing(working: World) -> None:
    token = invite(working, "fijian@test.example", Role.READER)
    person(working, "fijian").state = PersonState.SUSPENDED
    with pytest.raises(NotFound):
        actions.accept_invitation(token, password=PASSWORD)


@pytest.mark.parametrize(
    ("name", "password", "field"),
    [("", SECRET, "name"), ("New", "short", "password"), ("New", "passwordpassword", "password")],
)
def test_what_a_newcomer_types_is_checked_and_the_invitation_kept(
    working: World, name: str, password: str, field: str
) -> None:
    token = invite(working)
    with pytest.raises(Invalid) as refused:
        actions.accept_invitation(token, name=name, password=password)
    assert list(refused.value.errors) == [field]
    assert actions.accept_invitation(token, name="New", password=SECRET)


def test_two_invitations_of_one_address_make_one_account(
    working: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = invite(working)

    def taken(*_args: object, **_values: object) -> Person:
        raise IntegrityError("INSERT", {}, Exception("unique"))

    monkeypatch.setattr(room, "create_person", taken)
    with pytest.raises(Invalid):
        actions.accept_invitation(token, name="New", password=SECRET)


def test_the_first_member_makes_an_invited_organisation_active(working: World) -> None:
    made = session().get_one(Organisation, make_organisation("KEN", region="AP"))
    made.state = OrganisationState.INVITED
    invitation = actions.invite(
        working.actor("administrator"), made, "first@test.example", Role.COORDINATOR, "en"
    )
    token = actions.make_invitation_token(invitation)
    actions.accept_invitation(token, name="First", password=SECRET)
    assert made.state == OrganisationState.ACTIVE


def test_who_left_may_be_invited_again_into_the_new_role(working: World) -> None:
    left = (
        session().scalars(select(Membership).where(Membership.person_id == working.people["approver"])).one()
    )
    actions.end_membership(working.actor("coordinator"), organisation(working), left)
    token = invite(working, "approver@test.example", Role.READER)
    actions.accept_invitation(token, password=PASSWORD)
    assert (left.state, left.role, left.ended_at) == (MembershipState.ACTIVE, Role.READER, None)


def test_who_joined_in_another_way_meanwhile_keeps_their_role(working: World) -> None:
    loner = make_person("loner")
    token = invite(working, "loner@test.example", Role.READER)
    actions.join(organisation(working), session().get_one(Person, loner), Role.APPROVER)
    actions.accept_invitation(token, password=PASSWORD)
    assert actor_with_id(loner).has_role(working.organisations["thailand"], Role.APPROVER)


def test_an_invitation_that_was_void_before_it_was_mailed_is_not_mailed(working: World) -> None:
    made = actions.invite(
        working.actor("coordinator"), organisation(working), "new@test.example", Role.READER, "en"
    )
    assert queries.invitation_to_mail(made.id) is not None
    person(working, "coordinator").state = PersonState.SUSPENDED
    assert queries.invitation_to_mail(made.id) is None
    assert queries.invitation_to_mail("nonsense") is None


def test_one_token_serves_once_however_many_try_at_the_same_time(database: Database, world: World) -> None:
    with database.unit_of_work():
        token = invite(world)
    joined = 0
    for number in range(3):
        try:
            with database.unit_of_work():
                actions.accept_invitation(token, name=f"New {number}", password=SECRET)
                joined += 1
        except NotFound:
            continue
    assert joined == 1
    with database.unit_of_work(write=False):
        actor: Actor = actor_with_id(person_with_address("new@test.example").id)
        assert actor.name == "New 0"
