"""Who may do what: each policy against each kind of person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.core.access import ANONYMOUS, Actor, MembershipFacts, ScopeFacts
from portal.editorial import policy
from portal.editorial.models import Case, Contribution, Kind, Revision, Standing, State
from portal.editorial.policy import House

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
HOME, OTHER = "org0000000000own", "org000000000else"


def person(
    name: str,
    role: str = "",
    organisation: str = HOME,
    scopes: tuple[ScopeFacts, ...] = (),
    admin: bool = False,
    translates: tuple[str, ...] = (),
) -> Actor:
    memberships = (
        (MembershipFacts(organisation, "customs_administration", role, "XYZ", "X", "X", "X"),) if role else ()
    )
    return Actor(
        person_id=name,
        name=name,
        organisation_id=organisation if role else None,
        memberships=memberships,
        scopes=scopes,
        is_administrator=admin,
        translates=translates,
    )


ALL_EN = (ScopeFacts("en"),)
PEOPLE = {
    "visitor": ANONYMOUS,
    "reader": person("reader", "reader"),
    "author": person("author", "contributor"),
    "colleague": person("colleague", "contributor"),
    "approver": person("approver", "approver"),
    "coordinator": person("coordinator", "coordinator"),
    "outsider": person("outsider", "coordinator", OTHER),
    "moderator": person("moderator", "reader", OTHER, ALL_EN),
    "french moderator": person("fr", "reader", OTHER, (ScopeFacts("fr"),)),
    "moderator elsewhere": person("ams", "reader", OTHER, (ScopeFacts("en", "AMS"),)),
    "moderator of the region": person("ap", "reader", OTHER, (ScopeFacts("en", "AP"),)),
    "moderator of the house": person("inside", "reader", HOME, ALL_EN),
    "translator into French": person("translator", "reader", OTHER, translates=("fr",)),
    "administrator": person("admin", "reader", OTHER, admin=True),
}
HOUSE = {"author", "colleague", "approver", "coordinator"}
IN_SCOPE = {"moderator", "moderator of the region"}


def contribution(**values: object) -> Contribution:
    defaults: dict[str, object] = {
        "id": "c",
        "kind": Kind.REFORM_UPDATE,
        "organisation_id": HOME,
        "author_id": "author",
        "original_language": "en",
        "standing": Standing.UP,
        "is_live": True,
    }
    return Contribution(**{**defaults, **values})


def revision(state: State, author: str = "author") -> Revision:
    return Revision(id="r", state=state, author_id=author)


def case(**values: object) -> Case:
    defaults: dict[str, object] = {
        "id": "k", "organisation_id": HOME, "language": "en", "region_code": "AP", "is_open": True,
        "revision_id": "r", "claimed_by_id": None, "claim_expires_at": None,
    }  # fmt: skip
    return Case(**{**defaults, **values})


def held_by(name: str, hours: int = 1) -> Case:
    return case(claimed_by_id=name, claim_expires_at=NOW + timedelta(hours=hours))


def allowed(rule) -> set[str]:  # type: ignore[no-untyped-def]
    return {name for name, actor in PEOPLE.items() if rule(actor)}


def test_only_contributors_of_the_house_work_on_its_texts() -> None:
    assert allowed(lambda a: policy.work_on(a, contribution())) == HOUSE
    assert allowed(policy.post) == HOUSE | {"outsider"}


@pytest.mark.parametrize("state", list(State))
def test_a_text_is_edited_as_a_draft_or_after_a_decision_never_while_it_waits(state: State) -> None:
    editable = state in {
        State.DRAFT,
        State.CHANGES_REQUESTED,
        State.DECLINED,
        State.WITHDRAWN,
        State.PUBLISHED,
    }
    assert allowed(lambda a: policy.edit(a, contribution(), revision(state))) == (
        HOUSE if editable else set()
    )


def test_a_first_text_of_a_language_may_be_begun_by_the_house() -> None:
    assert allowed(lambda a: policy.edit(a, contribution(), None)) == HOUSE


def test_translators_write_their_language_of_what_is_published_and_the_house_all() -> None:
    everybody = HOUSE | {"translator into French"}
    assert allowed(lambda a: policy.translate(a, contribution(), "fr")) == everybody
    assert allowed(lambda a: policy.translate(a, contribution(), "es")) == HOUSE
    assert allowed(lambda a: policy.translate(a, contribution(), "en")) == set()
    assert allowed(lambda a: policy.translate(a, contribution(is_live=False), "fr")) == set()
    assert allowed(lambda a: policy.write_in(a, contribution(is_live=False), "fr")) == HOUSE
    assert allowed(lambda a: policy.edit(a, contribution(), None, "fr")) == everybody
    assert allowed(lambda a: policy.submit(a, contribution(), revision(State.DRAFT), "fr")) == everybody
    theirs = revision(State.SUBMITTED, author="translator")
    assert allowed(lambda a: policy.withdraw(a, contribution(), theirs, "fr")) == everybody
    assert allowed(lambda a: policy.withdraw(a, contribution(), revision(State.SUBMITTED), "fr")) == HOUSE


def test_nobody_judges_what_they_wrote_for_another_house() -> None:
    assert allowed(lambda a: policy.in_scope(a, case(writer_id="moderator"))) == {"moderator of the region"}


def test_what_a_moderator_took_down_is_not_edited() -> None:
    down = contribution(standing=Standing.UNPUBLISHED)
    assert allowed(lambda a: policy.edit(a, down, revision(State.PUBLISHED))) == set()


@pytest.mark.parametrize("state", list(State))
def test_submit_and_withdraw_belong_to_the_house(state: State) -> None:
    assert allowed(lambda a: policy.submit(a, contribution(), revision(state))) == (
        HOUSE if state == State.DRAFT else set()
    )
    withdrawable = state not in {State.PUBLISHED, State.SUPERSEDED, State.DECLINED, State.WITHDRAWN}
    assert allowed(lambda a: policy.withdraw(a, contribution(), revision(state))) == (
        HOUSE if withdrawable else set()
    )


def test_clearance_is_for_an_approver_of_the_same_house_and_not_for_the_author() -> None:
    waiting = revision(State.AWAITING_CLEARANCE)
    assert allowed(lambda a: policy.clear(a, contribution(), waiting, House(True))) == {
        "approver",
        "coordinator",
    }
    own = revision(State.AWAITING_CLEARANCE, author="approver")
    assert allowed(lambda a: policy.clear(a, contribution(), own, House(True))) == {"coordinator"}
    assert "approver" in allowed(lambda a: policy.clear(a, contribution(), own, House(True, True)))
    assert not allowed(lambda a: policy.clear(a, contribution(), revision(State.DRAFT), House(True)))


def test_a_case_is_for_moderators_in_scope_of_another_organisation() -> None:
    assert allowed(lambda a: policy.review(a, case())) == IN_SCOPE
    assert allowed(lambda a: policy.review(a, case(is_open=False))) == set()
    assert allowed(lambda a: policy.review(a, case(excluded_moderator_id="moderator"))) == {
        "moderator of the region"
    }


def test_a_case_is_claimed_when_nobody_holds_it_or_the_claim_ran_out() -> None:
    assert allowed(lambda a: policy.claim(a, case(), NOW)) == IN_SCOPE
    assert allowed(lambda a: policy.claim(a, held_by("ap"), NOW)) == set()
    assert allowed(lambda a: policy.claim(a, held_by("ap", hours=-1), NOW)) == IN_SCOPE
    assert allowed(lambda a: policy.claim(a, held_by("moderator"), NOW)) == set()


def test_only_the_moderator_who_holds_a_case_decides_on_it() -> None:
    assert allowed(lambda a: policy.decide(a, held_by("moderator"), NOW)) == {"moderator"}
    assert allowed(lambda a: policy.decide(a, held_by("moderator", hours=-1), NOW)) == set()
    assert allowed(lambda a: policy.decide(a, case(), NOW)) == set()
    assert allowed(lambda a: policy.decide(a, held_by("inside"), NOW)) == set()


def test_a_proposed_edit_is_answered_by_the_author_or_a_coordinator() -> None:
    assert allowed(lambda a: policy.confirm_edit(a, contribution(), revision(State.EDIT_PROPOSED))) == {
        "author",
        "coordinator",
    }
    assert not allowed(lambda a: policy.confirm_edit(a, contribution(), revision(State.IN_REVIEW)))


def test_an_appeal_is_made_once_by_the_author_or_a_coordinator() -> None:
    declined = revision(State.DECLINED)
    decided = case(is_open=False)
    assert allowed(lambda a: policy.appeal(a, contribution(), declined, decided)) == {"author", "coordinator"}
    assert not allowed(lambda a: policy.appeal(a, contribution(), declined, None))
    assert not allowed(lambda a: policy.appeal(a, contribution(), declined, case(appeal_of_id="before")))
    assert not allowed(lambda a: policy.appeal(a, contribution(), declined, case(revision_id="other")))
    assert not allowed(lambda a: policy.appeal(a, contribution(), revision(State.PUBLISHED), decided))


def test_taking_down_is_for_the_coordinator_and_for_moderators_of_another_house() -> None:
    moderators = {"moderator", "moderator of the region", "moderator elsewhere"}
    assert allowed(lambda a: policy.unpublish(a, contribution())) == {"coordinator"} | moderators
    assert allowed(lambda a: policy.archive(a, contribution())) == {"coordinator"}
    assert allowed(lambda a: policy.unpublish(a, contribution(is_live=False))) == set()


def test_each_side_restores_what_it_took_down() -> None:
    archived = contribution(standing=Standing.ARCHIVED, is_live=False)
    unpublished = contribution(standing=Standing.UNPUBLISHED, is_live=False)
    assert allowed(lambda a: policy.restore(a, archived)) == {"coordinator"}
    assert allowed(lambda a: policy.restore(a, unpublished)) == {
        "moderator",
        "moderator of the region",
        "moderator elsewhere",
    }
    assert allowed(lambda a: policy.restore(a, contribution())) == set()


def test_the_house_narrows_what_is_published() -> None:
    assert allowed(lambda a: policy.narrow(a, contribution())) == HOUSE
    assert allowed(lambda a: policy.narrow(a, contribution(is_live=False))) == set()


def test_history_is_for_the_house_moderators_and_administrators() -> None:
    assert allowed(lambda a: policy.read_history(a, contribution())) == HOUSE | {
        "moderator",
        "french moderator",
        "moderator elsewhere",
        "moderator of the region",
        "moderator of the house",
        "administrator",
    }
    assert "author" not in allowed(policy.sees_moderators_names)
    assert {"moderator", "administrator"} <= allowed(policy.sees_moderators_names)


def test_waiting_is_being_with_somebody_who_decides() -> None:
    assert policy.is_waiting(revision(State.SUBMITTED))
    assert not policy.is_waiting(revision(State.DRAFT))
