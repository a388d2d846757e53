"""Writing one contribution's past as the workflow would have written it, at moments of our choosing.

Every step goes through `workflow.advance`, so that no row can tell of a step that does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portal.accounts.models import Person
from portal.core.clock import add_working_days
from portal.core.db import new_id
from portal.demo.ledger import Ledger
from portal.demo.reviews import Note, place_in
from portal.editorial.models import (
    Audience,
    Case,
    CaseNote,
    Contribution,
    Edition,
    HistoryEntry,
    Kind,
    Revision,
    Standing,
    State,
)
from portal.editorial.texts import About, Text, snapshot_digest
from portal.editorial.workflow import advance
from portal.organisations.models import Organisation


@dataclass(frozen=True)
class House:
    """The people of the organisation that a contribution belongs to."""

    organisation: Organisation
    author: Person
    approver: Person
    coordinator: Person


@dataclass(frozen=True)
class Rules:
    """The portal's own: working days to an answer, days that a claim holds."""

    answer_days: int
    claim_days: int


@dataclass
class Trail:
    """A contribution in the making; `moderators` are those of other organisations, by language."""

    ledger: Ledger
    rules: Rules
    house: House
    moderators: Mapping[str, Person]
    contribution: Contribution
    editions: dict[str, Edition] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    @classmethod
    def begin(
        cls,
        ledger: Ledger,
        rules: Rules,
        house: House,
        moderators: Mapping[str, Person],
        kind: Kind,
        original: str,
        at: datetime,
    ) -> Trail:
        """A contribution of `house` without any text yet."""
        contribution = Contribution(
            id=new_id(),
            kind=kind,
            organisation_id=house.organisation.id,
            author_id=house.author.id,
            original_language=original,
            audience=None,
            standing=Standing.UP,
            is_live=False,
            created_at=at,
            changed_at=at,
        )
        ledger.add(contribution)
        return cls(ledger, rules, house, moderators, contribution)

    def draft(
        self,
        language: str,
        text: Text,
        at: datetime,
        *,
        about: About | None = None,
        based_on: Revision | None = None,
        round_: int = 1,
    ) -> Revision:
        """A new version in `language`, begun and saved at `at`."""
        edition = self.editions.get(language) or self._edition(language)
        self.numbers[language] = self.numbers.get(language, 0) + 1
        revision = Revision(
            id=new_id(),
            edition_id=edition.id,
            number=self.numbers[language],
            round=round_,
            state=State.DRAFT,
            version=1,
            author_id=self.house.author.id,
            editor_id=self.house.author.id,
            title=text.title,
            summary=text.summary,
            parts=dict(text.parts),
            about=about.stored() if about is not None and edition.is_original else None,
            based_on_id=based_on.id if based_on is not None else None,
            changes_meaning=False,
            created_at=at,
            updated_at=at,
        )
        self.ledger.add(revision)
        self._log("create", language, revision, "", self.house.author, at)
        return revision

    def submit(self, language: str, revision: Revision, at: datetime) -> None:
        """Hand a draft in; to the approver where the house asks for clearance."""
        step = "submit"
        if self.house.organisation.needs_clearance:
            step = "submit_for_clearance"
        elif self._is_own(revision):
            step = "publish_own"
        revision.submitted_at = revision.updated_at = at
        self._move(step, "submit", language, revision, self.house.author, at)
        if revision.state == State.PUBLISHED:
            self._publish(language, revision, self.house.author, at)

    def clear(self, language: str, revision: Revision, at: datetime) -> None:
        """The approver lets a text leave the house."""
        step = "clear_own" if self._is_own(revision) else "clear"
        self._move(step, "clear", language, revision, self.house.approver, at)
        if revision.state == State.PUBLISHED:
            self._publish(language, revision, self.house.approver, at)

    def open_case(
        self,
        language: str,
        revision: Revision,
        at: datetime,
        *,
        previous: Case | None = None,
    ) -> Case:
        """The submission as moderators see it."""
        case = Case(
            id=new_id(),
            contribution_id=self.contribution.id,
            edition_id=revision.edition_id,
            revision_id=revision.id,
            organisation_id=self.house.organisation.id,
            kind=self.contribution.kind,
            language=language,
            region_code=self.house.organisation.region_code,
            round=revision.round,
            is_open=True,
            version=1,
            digest=snapshot_digest(self.contribution, revision),
            opened_at=at,
            due_at=add_working_days(at, self.rules.answer_days),
            comment="",
            previous_id=previous.id if previous is not None else None,
        )
        self.ledger.add(case)
        return case

    def appeal(self, case: Case, revision: Revision, at: datetime, comment: str) -> Case:
        """Ask that another moderator decide what `case` decided."""
        again = self.open_case(case.language, revision, at)
        again.round, again.previous_id = case.round, case.previous_id
        again.appeal_of_id, again.excluded_moderator_id = case.id, case.decided_by_id
        self._move("appeal", "appeal", case.language, revision, self.house.author, at, again, comment)
        return again

    def claim(self, case: Case, revision: Revision, at: datetime) -> None:
        """A moderator of the language takes the case."""
        moderator = self.moderators[case.language]
        case.claimed_by_id, case.version = moderator.id, case.version + 1
        case.claim_expires_at = at + timedelta(days=self.rules.claim_days)
        self._move("claim", "claim", case.language, revision, moderator, at, case)

    def approve(
        self,
        case: Case,
        revision: Revision,
        at: datetime,
        *,
        changes_meaning: bool = False,
        comment: str = "",
    ) -> None:
        """Publish what the moderator holds."""
        moderator = self._decide(case, "approve", at, comment)
        self._move("approve", "approve", case.language, revision, moderator, at, case, comment)
        revision.changes_meaning = changes_meaning
        self._publish(case.language, revision, moderator, at)

    def refuse(
        self,
        case: Case,
        revision: Revision,
        step: str,
        at: datetime,
        comment: str,
        notes: Sequence[Note] = (),
    ) -> None:
        """Request changes or decline, with notes pinned to the paragraphs that they speak of."""
        moderator = self._decide(case, step, at, comment)
        self._move(step, step, case.language, revision, moderator, at, case, comment)
        pieces = {"title": revision.title, "summary": revision.summary, **revision.parts}
        for note in notes:
            part, paragraph, quote = place_in(pieces, note)
            self.ledger.add(
                CaseNote(
                    id=new_id(),
                    case_id=case.id,
                    author_id=moderator.id,
                    part=part,
                    paragraph=paragraph,
                    quote=quote[:300],
                    text=note.text,
                    created_at=at - timedelta(minutes=9),
                )
            )

    def propose(self, case: Case, revision: Revision, text: Text, at: datetime, comment: str) -> None:
        """The moderator proposes a wording for the author to confirm."""
        case.proposal = {"title": text.title, "summary": text.summary, "parts": dict(text.parts)}
        case.comment, case.version = comment, case.version + 1
        moderator = self.moderators[case.language]
        self._move("propose_edit", "propose_edit", case.language, revision, moderator, at, case, comment)

    def withdraw(self, language: str, revision: Revision, at: datetime, case: Case | None = None) -> None:
        """The author takes a text back; an open case closes."""
        if case is not None:
            case.is_open, case.decision, case.decided_at = False, "withdraw", at
            case.claimed_by_id, case.version = None, case.version + 1
        self._move("withdraw", "withdraw", language, revision, self.house.author, at, case)

    def take_down(self, at: datetime, comment: str, *, by_moderator: bool) -> None:
        """Unpublish: by a moderator with a reason, or archived by the organisation's coordinator."""
        standing = Standing.UNPUBLISHED if by_moderator else Standing.ARCHIVED
        language = self.contribution.original_language
        who = self.moderators[language] if by_moderator else self.house.coordinator
        self.contribution.standing, self.contribution.is_live = standing, False
        self.contribution.changed_at = at
        self._log(
            "unpublish",
            language,
            None,
            Standing.UP,
            who,
            at,
            None,
            comment,
            to=standing,
        )

    def _edition(self, language: str) -> Edition:
        edition = Edition(
            id=new_id(),
            contribution_id=self.contribution.id,
            language=language,
            is_original=language == self.contribution.original_language,
            is_outdated=False,
        )
        self.editions[language] = edition
        self.ledger.add(edition)
        return edition

    def _is_own(self, revision: Revision) -> bool:
        if revision.about is not None:
            return About.of(revision).audience == Audience.OWN
        return self.contribution.audience == Audience.OWN

    def _publish(self, language: str, revision: Revision, who: Person, at: datetime) -> None:
        edition, contribution = self.editions[language], self.contribution
        former = self.ledger.published_in(edition)
        if former is not None:
            former.state = advance("supersede", former.state)
        elif edition.is_original:
            revision.changes_meaning = True
        revision.published_at = at
        self.ledger.publish(edition, revision)
        if edition.is_original:
            about = About.of(revision)
            contribution.audience = about.audience
            contribution.published_at = contribution.published_at or at
            contribution.is_live = True
            self.ledger.file(contribution, about)
        contribution.changed_at = max(contribution.changed_at, at)
        self._log("publish", language, revision, former.state if former else "", who, at)

    def _decide(self, case: Case, decision: str, at: datetime, comment: str) -> Person:
        moderator = self.moderators[case.language]
        case.is_open, case.decision, case.comment = False, decision, comment
        case.decided_by_id, case.decided_at = moderator.id, at
        case.claimed_by_id = case.claim_expires_at = None
        case.version += 1
        return moderator

    def _move(
        self,
        step: str,
        told_as: str,
        language: str,
        revision: Revision,
        who: Person,
        at: datetime,
        case: Case | None = None,
        comment: str = "",
    ) -> None:
        before = revision.state
        revision.state = advance(step, before)
        self._log(told_as, language, revision, before, who, at, case, comment)

    def _log(
        self,
        step: str,
        language: str,
        revision: Revision | None,
        before: str,
        who: Person,
        at: datetime,
        case: Case | None = None,
        comment: str = "",
        *,
        to: str | None = None,
    ) -> None:
        self.ledger.tell(
            HistoryEntry(
                contribution_id=self.contribution.id,
                language=language,
                revision_id=revision.id if revision is not None else None,
                revision_number=revision.number if revision is not None else None,
                case_id=case.id if case is not None else None,
                step=step,
                from_state=str(before),
                to_state=str(to if to is not None or revision is None else revision.state),
                person_id=who.id,
                as_moderator=who.acting_organisation_id != self.house.organisation.id,
                organisation_id=who.acting_organisation_id,
                comment=comment,
                at=at,
            )
        )
