"""Playing a story: which steps its contribution went through, and when."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from portal.demo.days import Days
from portal.demo.reviews import Review, reworded
from portal.demo.stories import Story, StoryEdition, StoryError
from portal.demo.trail import Trail
from portal.editorial.models import Case, Revision, State
from portal.editorial.texts import About, Text

S = State
CLOSED = {S.CHANGES_REQUESTED: "request_changes", S.DECLINED: "decline"}


class Play:
    """One story on its trail."""

    def __init__(self, story: Story, review: Review, about: About, trail: Trail, days: Days) -> None:
        self.story, self.review, self.about, self.trail, self.days = story, review, about, trail, days
        self.rng = Random(story.name)

    def run(self) -> None:
        """Original, translations, the version that follows, and what was taken down."""
        told = self.story.original_edition
        if not self.story.is_published:
            self._unfinished(told.language, told.text, told.state, self.story.comment, self.review)
            for edition in self.story.translations:
                self._unfinished(edition.language, edition.text, S.DRAFT, "", Review())
            return
        first = self._original(told)
        behind = told.before is not None
        for edition in self.story.translations:
            if not (behind and edition.is_current):
                self._translation(edition, first, is_behind=behind)
        if behind:
            now = self._published(told.language, told.text, self._day(), changes_meaning=True)
            for edition in self.story.translations:
                if edition.is_current:
                    self._translation(edition, now)
        if told.next is not None:
            self._unfinished(
                told.language, told.next, told.next_state, told.next_comment, Review(notes=self.review.notes)
            )
        if self.story.is_taken_down:
            at = self.days.between(self.trail.contribution.changed_at, self.days.now, 0.5)
            self.trail.take_down(at, self.story.comment, by_moderator=self.review.by_moderator)

    def _day(self) -> datetime:
        return self.days.at(self.story.day, Random(self.story.name))

    def _original(self, told: StoryEdition) -> Revision:
        if told.before is None or told.before_day is None:
            return self._published(told.language, told.text, self._day(), review=self.review)
        at = min(self.days.at(told.before_day, self.rng), self._day() - timedelta(days=20))
        return self._published(told.language, told.before, at)

    def _translation(self, told: StoryEdition, base: Revision, *, is_behind: bool = False) -> None:
        if told.state != S.PUBLISHED:
            self._unfinished(told.language, told.text, told.state, "", Review(), base)
            return
        assert base.published_at is not None  # _original has published it
        end = self._day() if is_behind else self.days.now - timedelta(hours=3)
        most = self.days.between(base.published_at, end, 0.9)
        at = min(base.published_at + timedelta(hours=self.rng.randrange(30, 290)), most)
        self._published(told.language, told.text, at, based_on=base)

    def _published(
        self,
        language: str,
        text: Text,
        at: datetime,
        *,
        based_on: Revision | None = None,
        changes_meaning: bool = False,
        review: Review | None = None,
    ) -> Revision:
        handed_in = self._after(at - timedelta(minutes=self.rng.randrange(6 * 60, 44 * 60)), at, based_on)
        previous = None
        if review is not None and review.earlier:
            previous = self._round_one(language, text, handed_in, review)
        revision = self._draft(language, text, handed_in, based_on, previous)
        opened = self._hand_in(language, revision, handed_in, self.days.between(handed_in, at, 0.2))
        if revision.state != S.PUBLISHED:
            case = self.trail.open_case(language, revision, opened, previous=previous)
            self.trail.claim(case, revision, self.days.between(opened, at, 0.5))
            self.trail.approve(case, revision, at, changes_meaning=changes_meaning)
        return revision

    def _unfinished(
        self,
        language: str,
        text: Text,
        state: State,
        comment: str,
        review: Review,
        base: Revision | None = None,
    ) -> None:
        if state == S.DRAFT:
            saved = self._after(self.days.lately(self.story.day, self.rng), self.days.now, base)
            self._draft(language, text, saved, base, None)
            return
        if state in CLOSED or state == S.WITHDRAWN:
            self._closed(language, text, state, comment, review, base)
            return
        opened = self._after(self.days.handed_in(), self.days.now, base)
        handed_in = opened - timedelta(hours=2) if self.trail.house.organisation.needs_clearance else opened
        previous = self._round_one(language, text, handed_in, review) if review.earlier else None
        revision = self._draft(language, text, handed_in, base, previous)
        if state == S.AWAITING_CLEARANCE:
            self.trail.submit(language, revision, opened)
            self._expect(revision, state)
            return
        self._hand_in(language, revision, handed_in, opened)
        case = self.trail.open_case(language, revision, opened, previous=previous)
        self._under_review(case, revision, state, opened, comment, review)
        self._expect(revision, state)

    def _under_review(
        self, case: Case, revision: Revision, state: State, opened: datetime, comment: str, review: Review
    ) -> None:
        if state == S.SUBMITTED:
            return
        claimed = max(
            self.days.between(opened, self.days.now, 0.4),
            self.days.now - timedelta(days=self.trail.rules.claim_days) / 2,
        )
        self.trail.claim(case, revision, claimed)
        if state == S.EDIT_PROPOSED:
            proposal = reworded(Text.of(revision), review.proposal)
            at = self.days.between(claimed, self.days.now, 0.6)
            self.trail.propose(case, revision, proposal, at, comment)

    def _closed(
        self, language: str, text: Text, state: State, comment: str, review: Review, base: Revision | None
    ) -> None:
        end = self.days.lately(self.story.day, self.rng)
        handed_in = end - timedelta(minutes=self.rng.randrange(6 * 60, 44 * 60))
        revision = self._draft(language, text, handed_in, base, None)
        opened = self._hand_in(language, revision, handed_in, self.days.between(handed_in, end, 0.2))
        case = self.trail.open_case(language, revision, opened)
        if state == S.WITHDRAWN:
            self.trail.withdraw(language, revision, end, case)
            return
        self.trail.claim(case, revision, self.days.between(opened, end, 0.5))
        self.trail.refuse(case, revision, CLOSED[state], end, comment, review.notes)
        if review.appeal:
            at = self.days.between(end, self.days.now, 0.7)
            self.trail.appeal(case, revision, at, review.appeal)

    def _round_one(self, language: str, text: Text, before: datetime, review: Review) -> Case:
        end = before - timedelta(hours=self.rng.randrange(20, 60))
        handed_in = end - timedelta(hours=self.rng.randrange(8, 40))
        revision = self._draft(language, reworded(text, review.earlier), handed_in, None, None)
        opened = self._hand_in(language, revision, handed_in, self.days.between(handed_in, end, 0.2))
        case = self.trail.open_case(language, revision, opened)
        self.trail.claim(case, revision, self.days.between(opened, end, 0.5))
        self.trail.refuse(case, revision, "request_changes", end, review.asked, review.notes)
        return case

    def _draft(
        self, language: str, text: Text, before: datetime, base: Revision | None, previous: Case | None
    ) -> Revision:
        begun = self._after(before - timedelta(hours=self.rng.randrange(3, 19)), before, base)
        if language not in self.trail.editions and language == self.story.original:
            self.trail.contribution.created_at = self.trail.contribution.changed_at = begun
        return self.trail.draft(
            language,
            text,
            begun,
            about=self.about,
            based_on=base,
            round_=previous.round + 1 if previous else 1,
        )

    def _after(self, moment: datetime, end: datetime, base: Revision | None) -> datetime:
        """`moment`, or one before `end` and after what it follows was published."""
        original = self.trail.editions.get(self.story.original)
        followed = base or (self.trail.ledger.published_in(original) if original is not None else None)
        if followed is None or followed.published_at is None or moment > followed.published_at:
            return moment
        return self.days.between(followed.published_at, end, 0.5)

    def _hand_in(self, language: str, revision: Revision, at: datetime, cleared: datetime) -> datetime:
        """Submit, and clear where the house asks for it; the moment from which moderators have it."""
        self.trail.submit(language, revision, at)
        if revision.state == S.AWAITING_CLEARANCE:
            self.trail.clear(language, revision, cleared)
            return cleared
        return at

    def _expect(self, revision: Revision, state: State) -> None:
        if revision.state != state:
            raise StoryError(f"{self.story.name}: the steps lead to {revision.state}, the file says {state}")
