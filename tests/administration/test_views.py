"""The secretariat's pages: for administrators alone, with real figures, without any title."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Person, PersonState, SignInSession
from portal.audit.models import AuditEntry
from portal.core.clock import now
from portal.core.db import Database, session
from portal.jobs.models import Job, JobState
from portal.organisations.models import Organisation, OrganisationState
from portal.taxonomy.models import Country, Topic
from tests.by_hand import post
from tests.conftest import Statements
from tests.http import Browser, words
from tests.world import World, make_draft, make_organisation, make_person, make_published, submit

BOUND = 12
PAGES = (
    "", "/organisations", "/organisations?q=thai&state=active", "/organisations/new", "/organisations/{thailand}",
    "/people", "/people?q=auth&part=moderators&state=active", "/people?part=administrators", "/people/{author}",
    "/jobs", "/audit", "/audit?verb=contribution&person=author@test.example&object={thailand}", "/vocabulary",
    "/vocabulary?tab=topics", "/vocabulary/countries/TH", "/vocabulary/topics/TFA-10.4",
)  # fmt: skip
WRITES = (
    "/organisations/new", "/organisations/{thailand}", "/organisations/{thailand}/suspend",
    "/organisations/{thailand}/reactivate", "/people/{author}/suspend", "/people/{author}/reinstate",
    "/people/{author}/end-sessions", "/people/{author}/administrator", "/people/{author}/scopes", "/jobs/1/retry",
    "/vocabulary/countries/TH", "/vocabulary/topics/TFA-3",
)  # fmt: skip


def at(app: Flask, name: str | None = "administrator", language: str = "en") -> Browser:
    browser = Browser(app, language)
    return browser.sign_in(f"{name.replace(' ', '.')}@test.example") if name else browser


def path(world: World, tail: str) -> str:
    return "/administration" + tail.format(
        thailand=world.organisations["thailand"], author=world.people["author"]
    )


def send(browser: Browser, world: World, tail: str, **fields: str) -> int:
    return post(browser.client, f"/en{path(world, tail)}", **fields).status_code


@pytest.mark.parametrize("name", [None, "coordinator", "moderator", "partner"])
def test_for_anybody_else_there_is_nothing(app: Flask, world: World, name: str | None) -> None:
    browser = at(app, name)
    nowhere = re.sub(
        r'(name="(csrf_token|kept|next)" value=)"[^"]*"', r"\1", browser.get("/nowhere-at-all").text
    )
    for tail in PAGES:
        answer = browser.get(path(world, tail))
        assert answer.status_code == 404, tail
        assert "There is nothing here" in words(answer)
        assert len(answer.text) - len(nowhere) < 2000
    for tail in WRITES:
        assert send(browser, world, tail, name_en="X") == (401 if name is None else 404), tail


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_an_administrator_opens_every_page_in_every_language(
    app: Flask, database: Database, world: World, language: str
) -> None:
    with database.unit_of_work():
        make_published(world)
    browser = at(app, language=language)
    for tail in PAGES:
        assert browser.get(path(world, tail)).status_code == 200, tail


def test_figures_are_real(app: Flask, database: Database, world: World) -> None:
    with database.unit_of_work():
        session().get_one(Organisation, make_organisation("KEN")).state = OrganisationState.INVITED
        session().get_one(Organisation, make_organisation("UGA")).state = OrganisationState.SUSPENDED
        session().get_one(Person, make_person("gone")).state = PersonState.SUSPENDED
        made = make_draft(world)
        submit(world, made)
        session().add(Job(kind="mail", payload={}, state=JobState.FAILED, run_at=now(), created_at=now()))
    shown = words(at(app).get("/administration"))
    for figure in ("Take part 6", "Not on the portal yet 1", "Suspended 1", "With access 13",
                   "Submissions with moderators 1", "Overdue 0", "Failed jobs 1"):  # fmt: skip
        assert figure in shown, figure


@pytest.mark.parametrize("tail", ["/people", "/audit", "/jobs", "/people/{author}", "/organisations", ""])
def test_a_page_costs_a_fixed_number_of_statements(
    app: Flask, database: Database, world: World, statements: Statements, tail: str
) -> None:
    browser = at(app)
    browser.get("/administration/organisations")  # the vocabulary is read once a process
    costs = []
    for number in range(2):
        with database.unit_of_work():
            for extra in range(5):
                make_person(f"extra{number}{extra}", world.organisations["thailand"], scopes=["en"])
                make_draft(world, words=f"Draft {number}{extra}")
                session().add(
                    Job(kind="k", payload={}, state=JobState.FAILED, run_at=now(), created_at=now())
                )
        statements.clear()
        assert browser.get(path(world, tail)).status_code == 200
        costs.append(len(statements))
    assert costs[0] == costs[1] <= BOUND, statements.all


def test_an_organisation_is_added_edited_suspended_and_reactivated(
    app: Flask, database: Database, world: World
) -> None:
    browser = at(app)
    browser.get("/administration/organisations/new")
    page = browser.press("save", code="KEN", name_en="Kenya Revenue Authority", kind="customs_administration")
    assert page.status_code == 422 and 'value="Kenya Revenue Authority"' in page.text
    page = browser.press("save", name_es="Autoridad Tributaria de Kenia", name_fr="Autorité fiscale du Kenya")
    assert page.status_code == 303
    with database.unit_of_work(write=False):
        made = session().scalars(select(Organisation).where(Organisation.code == "KEN")).one().id
    browser.get(f"/administration/organisations/{made}")
    browser.press("save", aliases="KRA, Kenya Customs", region_code="AP", countries=["TH"])
    assert "The organisation is saved" in words(browser.follow())
    assert send(browser, world, f"/organisations/{made}/suspend") == 303
    assert send(browser, world, f"/organisations/{made}/suspend") == 409
    assert "Suspended" in words(browser.get(f"/administration/organisations/{made}"))
    assert send(browser, world, f"/organisations/{made}/reactivate") == 303
    with database.unit_of_work(write=False):
        kept = session().get_one(Organisation, made)
        assert (kept.state, kept.aliases, kept.region_code, kept.countries) == (
            OrganisationState.INVITED,
            ["KRA", "Kenya Customs"],
            "AP",
            ["TH"],
        )


def test_the_second_of_two_administrators_is_told_and_keeps_what_was_typed(app: Flask, world: World) -> None:
    first, second = at(app), at(app)
    for browser in (first, second):
        browser.get(path(world, "/organisations/{thailand}"))
    first.press("save", name_en="First")
    page = second.press("save", name_en="Second")
    assert page.status_code == 409 and 'value="Second"' in page.text
    assert second.press("save").status_code == 303


def test_a_wrong_fact_is_said_beside_its_field(app: Flask, world: World) -> None:
    browser = at(app)
    browser.get(path(world, "/organisations/{thailand}"))
    page = browser.press("save", website="javascript:x")
    assert page.status_code == 422 and "is-invalid" in page.text


def test_the_secretariat_itself_cannot_be_suspended(app: Flask, world: World) -> None:
    browser = at(app)
    assert send(browser, world, f"/organisations/{world.organisations['secretariat']}/suspend") == 403


def test_people_are_found_by_name_address_part_and_state(
    app: Flask, database: Database, world: World
) -> None:
    with database.unit_of_work():
        session().get_one(Person, world.people["partner"]).state = PersonState.SUSPENDED
    browser = at(app)

    def names(query: str) -> set[str]:
        page = browser.get(f"/administration/people?{query}").text
        return set(re.findall(r">([^<]+)@test\.example<", page))

    assert names("q=AUTHOR") == {"author"}
    assert names("q=spanish.moderator@") == {"spanish.moderator"}
    assert names("part=moderators") == {"moderator", "second.moderator", "spanish.moderator"}
    assert names("part=administrators") == {"administrator"}
    assert names("state=suspended") == {"partner"}
    assert names("q=%25") == set()
    assert len(names("state=nonsense")) == 13


def test_a_person_is_suspended_at_once_and_reinstated(app: Flask, database: Database, world: World) -> None:
    author, browser = at(app, "author"), at(app)
    assert "Signed in in 1 browser" in words(browser.get(path(world, "/people/{author}")))
    assert send(browser, world, "/people/{author}/suspend") == 303
    assert author.get("/workspace").status_code == 303
    assert "Suspended" in words(browser.get(path(world, "/people/{author}")))
    assert send(browser, world, "/people/{author}/reinstate") == 303
    at(app, "author")


def test_sessions_are_revoked_at_once(app: Flask, database: Database, world: World) -> None:
    author, browser = at(app, "author"), at(app)
    assert send(browser, world, "/people/{author}/end-sessions") == 303
    assert author.get("/workspace").status_code == 303
    with database.unit_of_work(write=False):
        theirs = select(SignInSession).where(SignInSession.person_id == world.people["author"])
        assert all(one.revoked_at for one in session().scalars(theirs))
    assert "Not signed in anywhere" in words(browser.get(path(world, "/people/{author}")))


def test_somebody_becomes_an_administrator_and_is_none_any_more(app: Flask, world: World) -> None:
    browser = at(app)
    send(browser, world, "/people/{author}/administrator", is_administrator="y")
    assert at(app, "author").get("/administration").status_code == 200
    send(browser, world, "/people/{author}/administrator")
    assert at(app, "author").get("/administration").status_code == 404


def test_nobody_changes_their_own_access(app: Flask, world: World) -> None:
    browser = at(app)
    own = f"/people/{world.people['administrator']}"
    assert send(browser, world, f"{own}/suspend") == 403
    assert send(browser, world, f"{own}/administrator") == 403
    assert "another administrator does" in words(browser.get(f"/administration{own}"))


def test_moderators_are_appointed_by_language_and_region(
    app: Flask, world: World, database: Database
) -> None:
    browser = at(app)
    browser.get(path(world, "/people/{author}"))
    browser.press("set_scopes", scopes=["en:", "es:AMS"])
    assert "saved" in words(browser.follow())
    with database.unit_of_work(write=False):
        assert {(s.language, s.region) for s in world.actor("author").scopes} == {("en", None), ("es", "AMS")}
    page = browser.get(path(world, "/people/{author}")).text
    assert re.search(r'value="es:AMS"[^>]* checked', page)
    assert send(browser, world, "/people/{author}/scopes", scopes="de:") == 422


def test_a_failed_job_is_tried_again(app: Flask, database: Database, world: World) -> None:
    with database.unit_of_work():
        job = Job(
            kind="mail", payload={"notification_id": "n1"}, state=JobState.FAILED, attempts=30,
            error="ConnectionRefusedError", run_at=now(), created_at=now(),
        )  # fmt: skip
        session().add(job)
        session().flush()
        number = job.id
    browser = at(app)
    assert "ConnectionRefusedError" in words(browser.get("/administration/jobs"))
    assert send(browser, world, f"/jobs/{number}/retry") == 303
    assert send(browser, world, f"/jobs/{number}/retry") == 404
    assert "No job has failed" in words(browser.get("/administration/jobs"))
    with database.unit_of_work(write=False):
        assert session().get_one(Job, number).state == JobState.READY


def test_the_audit_is_filtered_and_shows_no_title(app: Flask, database: Database, world: World) -> None:
    with database.unit_of_work():
        made = make_published(world, "Zanahoria").id
    browser = at(app)
    page = browser.get("/administration/audit")
    assert "contribution.approve" in words(page) and made in page.text
    assert "Zanahoria" not in page.text
    assert "contribution.approve" not in words(browser.get("/administration/audit?verb=person."))
    assert made not in browser.get("/administration/audit?person=partner@test.example").text
    assert made in browser.get("/administration/audit?person=AUTHOR@test.example").text
    assert "No act is found" in words(browser.get("/administration/audit?person=nobody@test.example"))
    assert made in browser.get(f"/administration/audit?object={made}").text
    assert "No act is found" in words(browser.get("/administration/audit?object=nothing&verb=%25"))


def test_the_audit_is_paged(app: Flask, database: Database, world: World) -> None:
    with database.unit_of_work():
        session().add_all(
            AuditEntry(
                at=now(), verb=f"thing.step{n}", object_type="thing", object_id="x", detail={"to": ["a", "b"]}
            )
            for n in range(25)
        )
    browser = at(app)
    first = browser.get("/administration/audit?verb=thing")
    assert "thing.step24" in words(first) and "thing.step4 " not in words(first)
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following is not None
    second = words(browser.get(following[1].replace("&amp;", "&")))
    assert "thing.step4 " in second and "thing.step24" not in second


def test_names_of_places_and_topics_are_edited_and_shown_at_once(
    app: Flask, database: Database, world: World
) -> None:
    with database.unit_of_work():
        session().get_one(Organisation, world.organisations["thailand"]).countries = ["TH"]
    visitor, browser = at(app, None, "fr"), at(app)
    address = f"/organisations/{world.organisations['thailand']}"
    assert "Thaïlande" in words(visitor.get(address))
    browser.get("/administration/vocabulary/countries/TH")
    page = browser.press("save", name_en="Siam", name_es="", name_fr="Siam")
    assert page.status_code == 422 and 'value="Siam"' in page.text
    browser.press("save", name_es="Siam")
    assert "The names are saved" in words(browser.follow())
    assert "Siam" in words(visitor.get(address))
    browser.get("/administration/vocabulary/topics/TFA-3")
    assert browser.press("save", name_en="").status_code == 422
    browser.press("save", name_en="Rulings")
    assert "Rulings" in words(browser.follow())
    with database.unit_of_work(write=False):
        assert session().get_one(Country, "TH").name_fr == "Siam"
        assert session().get_one(Topic, "TFA-3").name_en == "Rulings"


@pytest.mark.parametrize(
    "tail",
    [
        "/audit?verb=%00%27&person=%00&object=%00",
        "/people?q=%00%27%25&at=f%00.x",
        "/organisations?q=%00%27&region=%00&kind=%00&state=%00&page=-1",
        "/jobs?at=f%00",
        "/vocabulary?tab=%00",
    ],
)
def test_hostile_filters_are_only_filters(app: Flask, world: World, tail: str) -> None:
    assert at(app).get(f"/administration{tail}").status_code == 200


@pytest.mark.parametrize("tail", ["/vocabulary/countries/%00", "/vocabulary/topics/%00%27", "/vocabulary/countries/XX", "/vocabulary/topics/none", "/people/" + "0" * 16,
                                  "/organisations/" + "0" * 16])  # fmt: skip
def test_what_is_not_there_is_not_found(app: Flask, world: World, tail: str) -> None:
    assert at(app).get(f"/administration{tail}").status_code == 404
