"""docs/permissions.md says who may do what, and is made from the policies themselves."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from portal.cooperation import policy as cooperation
from portal.cooperation.models import PartyState
from portal.cooperation.progress import Stage
from portal.core.access import Actor
from portal.discussion import policy as discussion
from portal.editorial import policy
from portal.editorial.models import Kind, Standing, State
from portal.editorial.policy import House
from portal.lessons import policy as lessons
from portal.taxonomy import policy as taxonomy
from tests.cooperation.test_policy import commitment, party
from tests.discussion.test_policy import comment
from tests.editorial.test_policy import NOW, PEOPLE, case, contribution, revision

PAGE = Path(__file__).parents[1] / "docs" / "permissions.md"
HEAD = """# Who may do what

Made from the `policy.py` of the rooms editorial, discussion, lessons, cooperation and taxonomy by `UPDATE_DOCS=1 pytest tests/test_permissions.py`; do not edit it by hand.
The text belongs to the house of author, colleague, approver and coordinator; the moderators belong elsewhere unless
named otherwise. Reading follows labels, not roles: see `editorial/visibility.py`.

"""
LESSON = contribution(kind=Kind.LESSON_LEARNED)
NEED = contribution(kind=Kind.NEED)
HELD = {"claim_expires_at": NOW + timedelta(hours=1)}
RULES: dict[str, Callable[[Actor], bool]] = {
    "work on drafts": lambda a: policy.work_on(a, contribution()),
    "submit a draft": lambda a: policy.submit(a, contribution(), revision(State.DRAFT)),
    "withdraw": lambda a: policy.withdraw(a, contribution(), revision(State.SUBMITTED)),
    "translate what is published into French": lambda a: policy.translate(a, contribution(), "fr"),
    "clear, send back": lambda a: policy.clear(
        a, contribution(), revision(State.AWAITING_CLEARANCE), House(True)
    ),
    "open a submission": lambda a: policy.review(a, case()),
    "claim": lambda a: policy.claim(a, case(), NOW),
    "decide on what the moderator holds": lambda a: policy.decide(
        a, case(claimed_by_id="moderator", **HELD), NOW
    ),
    "answer a proposed wording": lambda a: policy.confirm_edit(
        a, contribution(), revision(State.EDIT_PROPOSED)
    ),
    "appeal": lambda a: policy.appeal(a, contribution(), revision(State.DECLINED), case(is_open=False)),
    "archive": lambda a: policy.archive(a, contribution()),
    "unpublish": lambda a: policy.unpublish(a, contribution()),
    "hand on drafts": lambda a: policy.hand_on(a, contribution().organisation_id),
    "restore what was archived": lambda a: policy.restore(a, contribution(standing=Standing.ARCHIVED)),
    "restore what was unpublished": lambda a: policy.restore(a, contribution(standing=Standing.UNPUBLISHED)),
    "narrow the audience": lambda a: policy.narrow(a, contribution()),
    "read the history of what they may read": lambda a: policy.read_history(a, contribution()),
    "read moderators' names": policy.sees_moderators_names,
    "comment on what they may read": lambda a: discussion.comment(a, contribution()),
    "reword, remove their own comment (here the reader's)": lambda a: discussion.change(a, comment()),
    "report a comment (here the reader's)": lambda a: discussion.report(a, comment()),
    "mark a question as answered": lambda a: discussion.mark_answered(
        a, contribution(), comment(is_question=True)
    ),
    "hide or keep a reported comment": lambda a: discussion.moderate(a, comment(), "AP"),
    "record that their organisation used a lesson": lambda a: lessons.record_use(a, LESSON),
    "confirm that a lesson still holds": lambda a: lessons.confirm_holds(a, LESSON),
    "answer a need for their organisation": lambda a: cooperation.reply(a, NEED, Stage.OPEN),
    "read all answers to a need": lambda a: cooperation.read_answers(a, NEED),
    "send a need to organisations": lambda a: cooperation.circulate(a, NEED, Stage.OPEN),
    "close a need with its outcome": lambda a: cooperation.close(a, NEED, Stage.OPEN),
    "open a closed need again": lambda a: cooperation.reopen(a, NEED, Stage.CLOSED),
    "see which needs nobody has answered": cooperation.see_unanswered,
    "add synonyms to topics and take them away": taxonomy.extend,
    "rename topics and countries": taxonomy.rename,
    "read, write and set dates in a thread of their organisation": lambda a: cooperation.take_part(
        a, party()
    ),
    "agree for their organisation in a thread": lambda a: cooperation.speak_for(a, party()),
    "let a third organisation into a thread that theirs founded": lambda a: cooperation.let_in(a, party()),
    "accept an invitation to a thread": lambda a: cooperation.answer_invitation(
        a, party(state=PartyState.INVITED)
    ),
    "report on a commitment of their organisation": lambda a: cooperation.report_progress(a, commitment()),
    "say that a commitment of their organisation is met or dropped": lambda a: cooperation.settle(
        a, commitment()
    ),
    "open a thread of others with a reason": cooperation.open_with_reason,
}


def page() -> str:
    """The table: a row a rule, a column a person."""
    rows = ["| | " + " | ".join(PEOPLE) + " |", "|---" * (len(PEOPLE) + 1) + "|"]
    for name, rule in RULES.items():
        rows.append(
            f"| {name} | " + " | ".join("yes" if rule(actor) else "" for actor in PEOPLE.values()) + " |"
        )
    return HEAD + "\n".join(rows) + "\n"


def test_the_page_of_permissions_is_what_the_policies_say() -> None:
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
