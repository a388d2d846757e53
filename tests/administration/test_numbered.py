"""Paging of rows that are counted up: forth, back, and never a row twice."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.administration.numbered import Place, beyond, page_of
from portal.core.clock import now
from portal.core.db import Database, session
from portal.core.pages import PER_PAGE, Page
from portal.jobs.models import Job, JobState


@pytest.fixture
def jobs(database: Database) -> None:
    """Forty-five failed jobs, inside one unit of work."""
    with database.unit_of_work():
        session().add_all(
            Job(kind=f"k{n}", payload={}, state=JobState.FAILED, run_at=now(), created_at=now())
            for n in range(2 * PER_PAGE + 5)
        )
        session().flush()
        yield


def page(cursor: str = "") -> Page[Job]:
    at = Place.parse(cursor)
    return page_of(session().scalars(beyond(select(Job), Job.id, at)).all(), at, lambda job: job.id)


def numbers(found: Page[Job]) -> list[int]:
    return [job.id for job in found.items]


def test_pages_go_forth_and_back(jobs: None) -> None:
    first = page()
    second = page(first.next)
    third = page(second.next)
    assert [len(found.items) for found in (first, second, third)] == [PER_PAGE, PER_PAGE, 5]
    assert (first.previous, third.next) == ("", "")
    every = [*numbers(first), *numbers(second), *numbers(third)]
    assert every == sorted(every, reverse=True) and len(set(every)) == len(every)
    assert numbers(page(third.previous)) == numbers(second)
    back = page(page(third.previous).previous)
    assert numbers(back) == numbers(first)
    assert back.previous == ""


@pytest.mark.parametrize("cursor", ["", "f", "x12", "f-1", "f1e9", "f" + "9" * 16, "b٣", "f1;DROP"])
def test_anything_else_shows_the_first_page(jobs: None, cursor: str) -> None:
    assert numbers(page(cursor)) == numbers(page())


def test_beyond_the_end_there_is_nothing(jobs: None) -> None:
    assert page("f0").items == []
    assert page("f0").next == ""
