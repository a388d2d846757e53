"""When things happened: the dates of the stories, moved so that the demo world looks fresh."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle
from random import Random

from portal.demo.stories import Story

# Hours since texts that still wait were handed in: 1 hour to 6 days, a few of them past their date.
WAITING = (1, 27, 70, 4, 143, 50, 9, 122, 33, 96, 18, 76)
NEWEST = timedelta(days=2)
# Older stories move together, so that the last 90 days are full as in a portal that is used.
STRAIGHT, PACE = 20, 0.35


class Days:
    """The calendar of one loading: `now`, and how far the dates of the files are moved."""

    def __init__(self, stories: list[Story], now: datetime) -> None:
        self.now = now
        published = [story.day for story in stories if story.is_published]
        self._shift = (now - NEWEST).date() - max(published) if published else timedelta(0)
        self._waiting = cycle(WAITING)

    def at(self, day: date, rng: Random) -> datetime:
        """A moment of the working day `day` of a file, moved, and before now."""
        age = (self.now.date() - (day + self._shift)).days
        fresh = self.now.date() - timedelta(
            days=age if age <= STRAIGHT else STRAIGHT + int((age - STRAIGHT) * PACE)
        )
        moment = datetime.combine(fresh, time(7), UTC) + timedelta(minutes=rng.randrange(540))
        return min(moment, self.now - NEWEST + timedelta(minutes=rng.randrange(540)))

    def lately(self, day: date, rng: Random) -> datetime:
        """As `at`, but within the last twelve days and at least five hours ago: what is fresh in mind."""
        earliest, latest = self.now - timedelta(days=12), self.now - timedelta(hours=5 + rng.randrange(30))
        return max(min(self.at(day, rng), latest), earliest)

    def handed_in(self) -> datetime:
        """When the next text that still waits was handed in."""
        return self.now - timedelta(hours=next(self._waiting), minutes=7)

    def between(self, start: datetime, end: datetime, part: float) -> datetime:
        """The moment `part` of the way from `start` to `end`."""
        return start + (end - start) * part
