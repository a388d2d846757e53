"""Who may write, change, report, answer and moderate comments: each rule against each kind of person."""

from __future__ import annotations

from portal.core.clock import now
from portal.discussion import policy
from portal.discussion.models import Comment
from tests.editorial.test_policy import HOME, OTHER, PEOPLE, allowed, contribution

MEMBERS = set(PEOPLE) - {"visitor"}


def comment(**values: object) -> Comment:
    defaults: dict[str, object] = {
        "id": "k",
        "author_id": "reader",
        "organisation_id": HOME,
        "language": "en",
    }
    return Comment(**{**defaults, **values})


def test_every_member_comments_on_what_is_published() -> None:
    assert allowed(lambda a: policy.comment(a, contribution())) == MEMBERS
    assert allowed(lambda a: policy.comment(a, contribution(is_live=False))) == set()


def test_only_its_writer_changes_a_comment_while_it_stands() -> None:
    assert allowed(lambda a: policy.change(a, comment())) == {"reader"}
    for gone in ({"removed_at": now()}, {"hidden_at": now()}):
        assert allowed(lambda a, gone=gone: policy.change(a, comment(**gone))) == set()
    assert allowed(lambda a: policy.change(a, comment(author_id=None))) == set()


def test_every_member_but_its_writer_reports_a_comment() -> None:
    assert allowed(lambda a: policy.report(a, comment())) == MEMBERS - {"reader"}
    assert allowed(lambda a: policy.report(a, comment(hidden_at=now()))) == set()


def test_the_house_of_the_text_says_what_answers_a_question() -> None:
    asked = comment(is_question=True)
    house = {"author", "colleague", "approver", "coordinator"}
    assert allowed(lambda a: policy.mark_answered(a, contribution(), asked)) == house
    assert allowed(lambda a: policy.mark_answered(a, contribution(), comment())) == set()
    assert allowed(lambda a: policy.mark_answered(a, contribution(is_live=False), asked)) == set()
    gone = comment(is_question=True, removed_at=now())
    assert allowed(lambda a: policy.mark_answered(a, contribution(), gone)) == set()


def test_a_moderator_of_the_language_and_another_house_decides() -> None:
    assert allowed(lambda a: policy.moderate(a, comment(), "AP")) == {"moderator", "moderator of the region"}
    assert allowed(lambda a: policy.moderate(a, comment(language="fr"), "AP")) == {"french moderator"}
    theirs = comment(author_id="elsewhere", organisation_id=OTHER)
    assert allowed(lambda a: policy.moderate(a, theirs, "AP")) == {"moderator of the house"}
    own = comment(author_id="moderator")
    assert allowed(lambda a: policy.moderate(a, own, "AP")) == {"moderator of the region"}
