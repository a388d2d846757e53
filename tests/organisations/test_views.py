"""The pages of organisations: who may open them, what they show, what they cost."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core.db import Database, session
from portal.editorial.models import Audience
from portal.organisations import actions
from portal.organisations.models import (
    AccessRequest,
    Invitation,
    Membership,
    MembershipState,
    Organisation,
    OrganisationState,
    Role,
)
from tests.by_hand import post
from tests.conftest import Statements
from tests.http import Browser, words
from tests.world import World, make_draft, make_person, make_published

BOUND = 12


def at(app: Flask, name: str | None = None, language: str = "en") -> Browser:
    browser = Browser(app, language)
    return browser.sign_in(f"{name.replace(' ', '.')}@test.example") if name else browser


def url(world: World, tail: str = "", name: str = "thailand") -> str:
    return f"/organisations/{world.organisations[name]}{tail}"


def membership_id(database: Database, person_id: str) -> str:
    with database.unit_of_work(write=False):
        return session().scalars(select(Membership.id).where(Membership.person_id == person_id)).one()


def test_the_directory_is_public_and_shows_sections(app: Flask, world: World) -> None:
    page = at(app).get("/organisations")
    assert page.status_code == 200
    assert "Asia and the Pacific" in words(page) and "Thailand Customs" in words(page)


@pytest.mark.parametrize(
    "query", ["q=thailand", "q=THA", "region=AP", "kind=customs_administration", "q=%00%27&page=zero"]
)
def test_the_directory_is_searched_and_filtered(app: Flask, world: World, query: str) -> None:
    page = at(app, language="es").get(f"/organisations?{query}")
    assert page.status_code == 200
    if "%00" not in query:
        assert "Aduanas Thailand" in words(page)


def test_unknown_filters_are_as_none(app: Flask, world: World) -> None:
    assert "Asia and the Pacific" in words(at(app).get("/organisations?region=MOON&kind=bank"))


def test_an_organisations_page_shows_its_facts_and_no_people(app: Flask, world: World) -> None:
    page = at(app).get(url(world))
    assert page.status_code == 200
    assert "Thailand Customs" in words(page) and "Aduanas Thailand" in words(page)
    assert "Author" not in words(page) and "@test.example" not in words(page)


def test_a_missing_profile_is_shown_in_another_language_and_said_so(
    app: Flask, database: Database, world: World
) -> None:
    with database.unit_of_work():
        session().get_one(Organisation, world.organisations["thailand"]).profile_fr = "Nous *dédouanons*."
    page = at(app, language="es").get(url(world))
    assert "no está disponible en español" in words(page) or "not available in español" in words(page)
    assert 'lang="fr"' in page.text and "<em>dédouanons</em>" in page.text
    assert "not available" not in words(at(app, language="fr").get(url(world)))


def test_its_posts_are_those_that_the_reader_may_see(app: Flask, database: Database, world: World) -> None:
    with database.unit_of_work():
        make_published(world, "Open gate")
        make_published(world, "Closed gate", audience=Audience.CUSTOMS)
    assert "Open gate" in words(at(app).get(url(world)))
    assert "Closed gate" not in words(at(app).get(url(world)))
    assert "Closed gate" not in words(at(app, "partner").get(url(world)))
    assert "Closed gate" in words(at(app, "fijian").get(url(world)))


def test_a_suspended_organisation_is_marked_and_its_people_are_out(
    app: Flask, database: Database, world: World
) -> None:
    author = at(app, "author")
    with database.unit_of_work():
        make_published(world, "Open gate")
        actions.suspend(
            world.actor("administrator"), session().get_one(Organisation, world.organisations["thailand"])
        )
    page = at(app).get(url(world))
    assert "suspended at present" in words(page) and "Open gate" in words(page)
    assert author.get("/workspace").status_code == 303, "at the next request"
    assert author.get(url(world, "/members")).status_code == 404


def test_an_unknown_organisation_is_not_there(app: Flask, world: World) -> None:
    assert at(app).get("/organisations/0000000000000000").status_code == 404


PAGES = ("/edit", "/members")
WRITES = ("/edit", "/invitations", "/clearance", "/invitations/{x}/revoke", "/members/{x}/role",
          "/members/{x}/remove", "/requests/{x}")  # fmt: skip


@pytest.mark.parametrize("name", [None, "author", "approver", "reader", "fijian", "partner", "moderator"])
def test_pages_of_coordinators_are_not_there_for_anybody_else(
    app: Flask, database: Database, world: World, name: str | None
) -> None:
    browser = at(app, name)
    for tail in PAGES:
        there = browser.get(url(world, tail))
        nowhere = browser.get(f"/organisations/{'0' * 16}{tail}")
        assert there.status_code == 404
        assert same(there.text, world) == same(nowhere.text, world)
    theirs = membership_id(database, world.people["author"])
    for tail in WRITES:
        answer = post(
            browser.client, f"/en{url(world, tail.format(x=theirs))}", role="coordinator", answer="accept"
        )
        assert answer.status_code == (401 if name is None else 404), tail
    with database.unit_of_work(write=False):
        kept = session().get_one(Membership, theirs)
        assert (kept.role, kept.state) == (Role.CONTRIBUTOR, MembershipState.ACTIVE)
        assert session().scalars(select(Invitation)).all() == []


def same(page: str, world: World) -> str:
    page = page.replace(world.organisations["thailand"], "0" * 16)
    return re.sub(r'name="(csrf_token|kept)" value="[^"]*"', "", page)


def test_a_coordinator_cannot_reach_members_of_another_organisation_through_their_own(
    app: Flask, database: Database, world: World
) -> None:
    browser = at(app, "coordinator")
    fijian = membership_id(database, world.people["fijian"])
    for tail in (f"/members/{fijian}/role", f"/members/{fijian}/remove"):
        assert post(browser.client, f"/en{url(world, tail)}", role="reader").status_code == 404
    assert browser.get(url(world, "/members", "fiji")).status_code == 404


def test_a_coordinator_changes_roles_and_ends_memberships(
    app: Flask, database: Database, world: World
) -> None:
    browser = at(app, "coordinator")
    reader = membership_id(database, world.people["reader"])
    page = browser.get(url(world, "/members"))
    assert "reader@test.example" in words(page)
    post(browser.client, f"/en{url(world, f'/members/{reader}/role')}", role="approver")
    page = browser.get(url(world, "/members"))
    assert "The role is changed" in words(page)
    post(browser.client, f"/en{url(world, f'/members/{reader}/remove')}")
    assert "reader@test.example" not in words(browser.get(url(world, "/members")))
    with database.unit_of_work(write=False):
        assert session().get_one(Membership, reader).role == Role.APPROVER


@pytest.mark.parametrize("role", ["", "owner", "administrator"])
def test_a_role_that_does_not_exist_is_refused(
    app: Flask, database: Database, world: World, role: str
) -> None:
    browser = at(app, "coordinator")
    reader = membership_id(database, world.people["reader"])
    answer = post(browser.client, f"/en{url(world, f'/members/{reader}/role')}", role=role)
    assert answer.status_code == 422


def test_the_drafts_of_somebody_who_leaves_are_handed_on(
    app: Flask, database: Database, world: World
) -> None:
    with database.unit_of_work():
        draft = make_draft(world, words="Half written").id
    browser = at(app, "coordinator")
    assert "Drafts pass to" in words(browser.get(url(world, "/members")))
    leaving = membership_id(database, world.people["author"])
    post(browser.client, f"/en{url(world, f'/members/{leaving}/remove')}", heir=world.people["colleague"])
    heir = at(app, "colleague")
    assert "Half written" in words(heir.get("/workspace"))
    assert heir.get(f"/contributions/{draft}/edit").status_code == 200


def test_somebody_is_invited_and_the_invitation_revoked(app: Flask, database: Database, world: World) -> None:
    browser = at(app, "coordinator")
    browser.get(url(world, "/members"))
    browser.press("invite", email="new@test.example", role="contributor", language="fr")
    assert "The invitation goes to new@test.example" in words(browser.follow())
    with database.unit_of_work(write=False):
        invitation = session().scalars(select(Invitation)).one().id
    post(browser.client, f"/en{url(world, f'/invitations/{invitation}/revoke')}")
    assert "new@test.example" not in words(browser.get(url(world, "/members")).get_data and browser.page)


def test_what_cannot_be_invited_is_said_beside_the_field_and_kept(app: Flask, world: World) -> None:
    browser = at(app, "coordinator")
    browser.get(url(world, "/members"))
    page = browser.press("invite", email="not an address", role="contributor", language="fr")
    assert page.status_code == 422
    assert 'value="not an address"' in page.text and "is-invalid" in page.text


def test_fields_that_a_form_does_not_have_change_nothing(
    app: Flask, database: Database, world: World
) -> None:
    browser = at(app, "coordinator")
    post(
        browser.client,
        f"/en{url(world, '/edit')}",
        version="1",
        profile_en="Hello.",
        state="suspended",
        kind="secretariat",
        name_en="Owned",
        code="XXX",
        needs_clearance="y",
        id="other",
    )
    with database.unit_of_work(write=False):
        kept = session().get_one(Organisation, world.organisations["thailand"])
        assert (kept.profile_en, kept.state, kept.kind, kept.name_en, kept.code, kept.needs_clearance) == (
            "Hello.",
            OrganisationState.ACTIVE,
            "customs_administration",
            "Thailand Customs",
            "THA",
            False,
        )


def test_the_second_editor_of_a_profile_sees_both_texts(app: Flask, world: World) -> None:
    first, second = at(app, "coordinator"), at(app, "administrator")
    second.get(url(world, "/edit"))
    first.get(url(world, "/edit"))
    first.press("save", profile_en="The first text.")
    page = second.press("save", profile_en="The second text.")
    assert page.status_code == 409
    assert "The first text." in page.text and "The second text." in page.text
    second.press("save", profile_en="Both texts.")
    assert "Both texts." in words(second.follow())


def test_a_bad_website_is_said_beside_its_field_and_nothing_is_lost(app: Flask, world: World) -> None:
    browser = at(app, "coordinator")
    browser.get(url(world, "/edit"))
    page = browser.press("save", profile_en="Kept.", website="javascript:alert(1)")
    assert page.status_code == 422
    assert "Kept." in page.text and "is-invalid" in page.text


def test_hostile_words_in_a_profile_are_only_words(app: Flask, world: World) -> None:
    browser = at(app, "coordinator")
    browser.get(url(world, "/edit"))
    browser.press(
        "save", profile_en="<script>alert(1)</script> [x](javascript:alert(1)) ![x](https://t.example/x.png)"
    )
    page = browser.follow()
    assert "<script>alert" not in page.text
    assert 'href="javascript' not in page.text and "<img" not in page.text


def test_how_texts_leave_the_house_is_set(app: Flask, database: Database, world: World) -> None:
    browser = at(app, "coordinator")
    browser.get(url(world, "/members"))
    browser.press("set_clearance", needs_clearance="y")
    with database.unit_of_work(write=False):
        assert session().get_one(Organisation, world.organisations["thailand"]).needs_clearance


def test_a_visitor_asks_to_join_and_a_coordinator_answers(
    app: Flask, database: Database, world: World
) -> None:
    visitor = at(app, language="fr")
    visitor.get(f"/request-access?organisation={world.organisations['thailand']}")
    page = visitor.press("request_access", name="New", email="new@test.example", message="I work there.")
    assert page.status_code == 200 and "new@test.example" in words(page)
    coordinator = at(app, "coordinator")
    page = coordinator.get(url(world, "/members"))
    assert "I work there." in words(page)
    with database.unit_of_work(write=False):
        request = session().scalars(select(AccessRequest)).one()
    answer = f"/en{url(world, f'/requests/{request.id}')}"
    post(coordinator.client, answer, role="contributor", answer="accept")
    assert "An invitation goes to new@test.example" in words(coordinator.get(url(world, "/members")))
    assert post(coordinator.client, answer, role="reader", answer="decline").status_code == 409


def test_a_request_can_be_declined(app: Flask, database: Database, world: World) -> None:
    visitor = at(app)
    visitor.get("/request-access")
    visitor.press(
        "request_access",
        organisation=world.organisations["thailand"],
        name="N",
        email="n@test.example",
        message="Hi.",
    )
    coordinator = at(app, "coordinator")
    with database.unit_of_work(write=False):
        request = session().scalars(select(AccessRequest)).one()
    post(coordinator.client, f"/en{url(world, f'/requests/{request.id}')}", role="reader", answer="decline")
    assert "The request is declined" in words(coordinator.get(url(world, "/members")))


def test_a_request_never_tells_whether_an_address_is_known(app: Flask, world: World) -> None:
    answers = []
    for email in ("author@test.example", "nobody@test.example"):
        visitor = at(app)
        visitor.get("/request-access")
        page = visitor.press(
            "request_access",
            organisation=world.organisations["thailand"],
            name="Name",
            email=email,
            message="Hello.",
        )
        answers.append((page.status_code, same(page.text, world).replace(email, "ADDRESS")))
    assert answers[0] == answers[1]


def test_an_incomplete_request_keeps_what_was_typed(app: Flask, world: World) -> None:
    visitor = at(app)
    visitor.get("/request-access")
    page = visitor.press("request_access", name="New Person", email="new@test.example", message="Hello.")
    assert page.status_code == 422
    assert 'value="New Person"' in page.text and "Hello." in page.text


def test_hostile_fields_are_refused_and_break_nothing(app: Flask, database: Database, world: World) -> None:
    visitor = at(app)
    hostile = {"organisation": "\x00'", "name": "N\x00", "email": "n@test.example", "message": "\x00Hello."}
    assert post(visitor.client, "/en/request-access", **hostile).status_code == 422
    coordinator = at(app, "coordinator")
    reader = membership_id(database, world.people["reader"])
    tail = f"/members/{reader}/remove"
    assert post(coordinator.client, f"/en{url(world, tail)}", heir="\x00'").status_code == 403
    invited = post(
        coordinator.client, f"/en{url(world, '/invitations')}", email="a\x00@x", role="\x00", language="\x00"
    )
    assert invited.status_code == 422


def test_who_is_signed_in_asks_as_themselves(app: Flask, database: Database, world: World) -> None:
    browser = at(app, "fijian")
    browser.get("/request-access")
    browser.press(
        "request_access",
        organisation=world.organisations["thailand"],
        name="Other",
        email="other@test.example",
        message="I move.",
    )
    with database.unit_of_work(write=False):
        request = session().scalars(select(AccessRequest)).one()
        assert (request.name, request.email) == ("Fijian", "fijian@test.example")


def test_countries_have_the_names_that_the_secretariat_gives_them(
    app: Flask, database: Database, world: World
) -> None:
    with database.unit_of_work():
        session().get_one(Organisation, world.organisations["thailand"]).countries = ["TH"]
    with app.test_request_context("/en/"):
        pass
    assert "Tailandia" in words(at(app, language="es").get(url(world)))


@pytest.mark.parametrize("tail", ["", "/members", "/edit"])
def test_a_page_costs_a_fixed_number_of_statements(
    app: Flask, database: Database, world: World, statements: Statements, tail: str
) -> None:
    browser = at(app, "coordinator")
    browser.get("/organisations")  # the vocabulary is read once a process
    costs = []
    for number in range(2):
        with database.unit_of_work():
            for extra in range(4):
                make_person(f"extra{number}{extra}", world.organisations["thailand"])
                make_published(world, f"Post {number} {extra}")
        statements.clear()
        assert browser.get(url(world, tail)).status_code == 200
        costs.append(len(statements))
    assert costs[0] == costs[1] <= BOUND, statements.all


@pytest.mark.parametrize("path", ["/organisations", "/organisations?q=thai", "/request-access"])
def test_public_pages_cost_little(app: Flask, world: World, statements: Statements, path: str) -> None:
    browser = at(app, "author")
    statements.clear()
    assert browser.get(path).status_code == 200
    assert len(statements) <= BOUND, statements.all
