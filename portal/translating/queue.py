"""What waits to be translated, ranked by what readers ask for, and how far each language is covered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from portal.core.access import Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.guard import scoped
from portal.core.i18n import LANGUAGES
from portal.core.pages import PER_PAGE, Page, cut, keyset
from portal.core.text import to_plain
from portal.editorial import policy
from portal.editorial.models import Contribution, Edition, Kind, Revision, State, TranslationRequest
from portal.editorial.visibility import visible_to, worked_on_by
from portal.organisations.models import Organisation
from portal.translating.models import FallbackView

RECENT = timedelta(days=90)
# One wish weighs as much as this many openings of a page that was not there.
WISH = 5
STATES = ("missing", "outdated", "current")


@dataclass(frozen=True)
class Filters:
    """What the queue is narrowed to; "" means all, and `open` what is missing or outdated."""

    language: str = ""
    kind: str = ""
    state: str = "open"


@dataclass(frozen=True)
class Line:
    """A contribution in one language that the actor may write."""

    contribution: Contribution
    organisation: Organisation
    language: str
    state: str
    step: State | None
    is_machine: bool
    views: int
    wishes: int
    title: str = ""
    words: int = 0


@dataclass(frozen=True)
class Numbered:
    """One page of the queue."""

    lines: Sequence[Line]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PER_PAGE))


@dataclass(frozen=True)
class Coverage:
    """How far one language covers what the actor may read: texts of people that are published, no others."""

    language: str
    total: int
    originals: int
    current: int
    outdated: int

    @property
    def missing(self) -> int:
        """What a reader of this language gets in another one."""
        return self.total - self.originals - self.current - self.outdated

    @property
    def percent(self) -> int:
        """The share that is there and up to date, rounded down: 100 means all."""
        return (self.originals + self.current) * 100 // self.total if self.total else 0


@dataclass(frozen=True)
class Cell:
    """One language of a contribution in the table."""

    language: str
    state: str
    words: int
    may_write: bool


@dataclass(frozen=True)
class Row:
    """A contribution in the table: its title and a cell a language."""

    contribution: Contribution
    organisation: Organisation
    title: str
    cells: tuple[Cell, ...]


def languages_of(actor: Actor) -> tuple[str, ...]:
    """The languages that the actor may write translations in."""
    if any(m.at_least("contributor") for m in actor.memberships):
        return LANGUAGES
    return tuple(c for c in LANGUAGES if c in actor.translates)


def queue(actor: Actor, filters: Filters, page: int = 1) -> Numbered:
    """What the actor may translate, what readers ask for most first, then the newest. Forbidden."""
    require(bool(languages_of(actor)))
    statement = _lines(actor, filters)
    total = session().scalar(scoped(actor, select(func.count()).select_from(statement.subquery()))) or 0
    page = min(max(page, 1), max(1, -(-total // PER_PAGE)))
    wanted = statement.limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    lines = [Line(*row) for row in session().execute(scoped(actor, wanted))]
    texts = _originals(actor, {line.contribution.id for line in lines})
    return Numbered([_with_text(line, texts) for line in lines], total, page)


def coverage(actor: Actor) -> list[Coverage]:
    """A figure a language over all that the actor may read, in one statement."""
    wanted = _languages()
    mine = Contribution.original_language == wanted.c.language
    is_there = and_(~mine, Edition.published_revision_id.is_not(None))
    statement = (
        select(
            wanted.c.language,
            func.count(),
            func.count(1).filter(mine),
            func.count(1).filter(and_(is_there, ~Edition.is_outdated)),
            func.count(1).filter(and_(is_there, Edition.is_outdated)),
        )
        .select_from(Contribution)
        .join(wanted, true())
        .outerjoin(Edition, _edition_in(wanted))
        .where(visible_to(actor))
        .group_by(wanted.c.language)
    )
    found = {row[0]: Coverage(*row) for row in session().execute(scoped(actor, statement))}
    return [found.get(code, Coverage(code, 0, 0, 0, 0)) for code in LANGUAGES]


def table(actor: Actor, cursor: str = "") -> Page[Row]:
    """Contributions x languages with state and words, newest first: what is published alone. Forbidden."""
    require(bool(languages_of(actor)))
    statement = (
        select(Contribution, Organisation)
        .join(Organisation, Organisation.id == Contribution.organisation_id)
        .where(visible_to(actor))
    )
    if not actor.translates:
        statement = statement.where(worked_on_by(actor))
    statement, at = keyset(statement, Contribution.published_at, Contribution.id, cursor)
    rows = session().execute(scoped(actor, statement)).all()
    page = cut(rows, at, lambda row: (row[0].published_at, row[0].id))
    texts = _published(actor, {row[0].id for row in page.items})
    return Page([_row(actor, c, o, texts) for c, o in page.items], page.previous, page.next)


def _languages() -> Subquery:
    return union_all(*(select(literal(code).label("language")) for code in LANGUAGES)).subquery("wanted")


def _edition_in(wanted: Subquery) -> ColumnElement[bool]:
    return and_(Edition.contribution_id == Contribution.id, Edition.language == wanted.c.language)


def _lines(actor: Actor, filters: Filters) -> Select[Any]:
    wanted, views, wishes, other = _languages(), _views(), _wishes(), aliased(Revision)
    newest = select(func.max(other.number)).where(other.edition_id == Edition.id).scalar_subquery()
    seen, asked = func.coalesce(views.c.views, 0), func.coalesce(wishes.c.wishes, 0)
    return (
        select(
            Contribution, Organisation, wanted.c.language, _state().label("state"), Revision.state,
            and_(Revision.is_machine, Revision.machine_reviewed_by_id.is_(None)).label("is_machine"),
            seen.label("seen"), asked.label("asked"),
        )
        .join(Organisation, Organisation.id == Contribution.organisation_id)
        .join(wanted, wanted.c.language != Contribution.original_language)
        .outerjoin(Edition, _edition_in(wanted))
        .outerjoin(Revision, and_(Revision.edition_id == Edition.id, Revision.number == newest))
        .outerjoin(views, _same(views, wanted))
        .outerjoin(wishes, _same(wishes, wanted))
        .where(visible_to(actor), *_conditions(filters, wanted))
        .where(or_(wanted.c.language.in_(actor.translates), worked_on_by(actor)))
        .order_by((seen + asked * WISH).desc(), Contribution.published_at.desc(), Contribution.id,
                  wanted.c.language)
    )  # fmt: skip


def _same(counted: Subquery, wanted: Subquery) -> ColumnElement[bool]:
    return and_(counted.c.contribution_id == Contribution.id, counted.c.language == wanted.c.language)


def _state() -> ColumnElement[str]:
    return case(
        (Edition.published_revision_id.is_(None), "missing"),
        (Edition.is_outdated, "outdated"),
        else_="current",
    )


def _conditions(filters: Filters, wanted: Subquery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.language in LANGUAGES:
        found.append(wanted.c.language == filters.language)
    if filters.kind in set(Kind):
        found.append(Contribution.kind == Kind(filters.kind))
    if filters.state in STATES:
        found.append(_state() == filters.state)
    elif filters.state == "open":
        found.append(_state() != "current")
    return found


def _views() -> Subquery:
    return (
        select(
            FallbackView.contribution_id, FallbackView.language, func.sum(FallbackView.views).label("views")
        )
        .where(FallbackView.day >= (now() - RECENT).date())
        .group_by(FallbackView.contribution_id, FallbackView.language)
        .subquery("views")
    )


def _wishes() -> Subquery:
    return (
        select(TranslationRequest.contribution_id, TranslationRequest.language, func.count().label("wishes"))
        .group_by(TranslationRequest.contribution_id, TranslationRequest.language)
        .subquery("wishes")
    )


def _published(
    actor: Actor, ids: set[str], *only: ColumnElement[bool]
) -> dict[tuple[str, str], tuple[Edition, Revision]]:
    statement = (
        select(Edition, Revision)
        .join(Revision, Revision.id == Edition.published_revision_id)
        .where(Edition.contribution_id.in_(ids), *only)
    )
    return {
        (edition.contribution_id, edition.language): (edition, revision)
        for edition, revision in session().execute(scoped(actor, statement))
    }


def _originals(actor: Actor, ids: set[str]) -> dict[str, Revision]:
    found = _published(actor, ids, Edition.is_original.is_(True))
    return {contribution: revision for (contribution, _language), (_edition, revision) in found.items()}


def _words(revision: Revision) -> int:
    texts = (revision.title, revision.summary, *(to_plain(part) for part in revision.parts.values()))
    return sum(len(text.split()) for text in texts)


def _with_text(line: Line, texts: dict[str, Revision]) -> Line:
    original = texts[line.contribution.id]
    return replace(line, title=original.title, words=_words(original))


def _row(
    actor: Actor,
    contribution: Contribution,
    organisation: Organisation,
    texts: dict[tuple[str, str], tuple[Edition, Revision]],
) -> Row:
    cells = []
    for code in LANGUAGES:
        edition, revision = texts.get((contribution.id, code), (None, None))
        is_original = code == contribution.original_language
        state = "missing" if edition is None else "outdated" if edition.is_outdated else "current"
        words = _words(revision) if revision is not None else 0
        may_write = policy.translate(actor, contribution, code)
        cells.append(Cell(code, "original" if is_original else state, words, may_write))
    return Row(contribution, organisation, texts[contribution.id, contribution.original_language][1].title,
               tuple(cells))  # fmt: skip
