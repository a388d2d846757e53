"""The answer sheet: what is asked line by line, what each organisation says to it; as a page and as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import func, select

from portal.cooperation import policy, queries
from portal.cooperation.models import Interest, Progress, Reply
from portal.cooperation.names import ANSWER_NAMES
from portal.cooperation.progress import Stage
from portal.core import tables
from portal.core.access import Actor
from portal.core.db import session
from portal.core.errors import NotFound
from portal.core.guard import scoped
from portal.core.i18n import language_name
from portal.core.text import to_html, to_plain
from portal.editorial.models import EXCHANGE, Contribution, Edition, ExchangeLine, ExchangeTerms, Revision
from portal.editorial.visibility import visible_to
from portal.publishing.queries import listed
from portal.publishing.records import OrganisationLine, Record, organisation_line, records
from portal.publishing.terms_form import HELP_NAMES
from portal.taxonomy.queries import topic_name


@dataclass(frozen=True)
class Asked:
    """A need or an offer with its date for answers, the regions it names, and how far it has come."""

    contribution: Contribution
    reply_by: date | None
    regions: list[str] | None
    progress: Progress | None

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        return self.progress.stage if self.progress is not None else Stage.OPEN

    @property
    def version(self) -> int:
        """What tells one state of its stage from the next."""
        return self.progress.version if self.progress is not None else 1


@dataclass(frozen=True)
class LineAsked:
    """A line as a page shows it; one that the present version left out has no words and no number."""

    line: ExchangeLine
    number: int
    words: str
    topic: str

    @property
    def help(self) -> Any:
        """What kind of help it is about."""
        return HELP_NAMES[self.line.help]

    @property
    def html(self) -> Markup:
        """Its words as HTML."""
        return to_html(self.words)


@dataclass(frozen=True)
class Column:
    """What one organisation answered, by line."""

    organisation: OrganisationLine
    replies: dict[str, Reply]
    interest: Interest
    thread_id: str | None


@dataclass(frozen=True)
class Sheet:
    """All that the page of answers shows: the post, its lines, and the answers that the reader may see."""

    asked: Asked
    post: Record
    lines: tuple[LineAsked, ...]
    columns: tuple[Column, ...]

    @property
    def present(self) -> tuple[LineAsked, ...]:
        """The lines that can be answered now."""
        return tuple(line for line in self.lines if line.line.is_current)

    def of(self, organisation_id: str | None) -> Column | None:
        """What one organisation answered, if the reader may see it."""
        return next((c for c in self.columns if c.organisation.id == organisation_id), None)


def asked(actor: Actor, contribution_id: str) -> Asked:
    """The need or offer that `actor` may read; NotFound for any other, and for what is neither."""
    statement = (
        select(Contribution, ExchangeTerms.reply_by, ExchangeTerms.regions, Progress)
        .outerjoin(ExchangeTerms, ExchangeTerms.contribution_id == Contribution.id)
        .outerjoin(Progress, Progress.contribution_id == Contribution.id)
        .where(Contribution.id == contribution_id, Contribution.kind.in_(EXCHANGE), visible_to(actor))
    )
    row = session().execute(scoped(actor, statement)).first()
    if row is None:
        raise NotFound
    return Asked(*row)


def sheet(actor: Actor, found: Asked) -> Sheet:
    """The lines in the reader's language and the answers that they may see, in five statements."""
    contribution = found.contribution
    rows = records(actor, listed(actor, [contribution.id]))
    if not rows:
        raise NotFound
    words = _words(actor, rows[0].edition_id)
    columns = tuple(
        Column(organisation_line(answer.organisation), answer.replies, answer.interest, answer.thread_id)
        for answer in queries.answers(actor, contribution)
    )
    replied = {line_id for column in columns for line_id in column.replies}
    lines = tuple(
        LineAsked(
            line=line,
            number=number if line.is_current else 0,
            words=words.get(f"line{line.slot}", "") if line.is_current else "",
            topic=topic_name(line.topic_code) if line.topic_code else "",
        )
        for number, line in enumerate(queries.lines(actor, contribution), 1)
        if line.is_current or line.id in replied
    )
    return Sheet(found, rows[0], lines, columns)


def figures(actor: Actor, contribution: Contribution) -> tuple[Progress | None, int]:
    """How far it has come, and how many answers the reader may see: all for its house, else their own."""
    count = select(func.count()).where(Interest.contribution_id == contribution.id)
    if not policy.read_answers(actor, contribution):
        count = count.where(Interest.organisation_id.in_(queries.contributing(actor)))
    statement = (
        select(Progress, count.scalar_subquery())
        .select_from(Contribution)
        .outerjoin(Progress, Progress.contribution_id == Contribution.id)
        .where(Contribution.id == contribution.id, visible_to(actor))
    )
    row = session().execute(scoped(actor, statement)).first()
    return (row[0], row[1]) if row is not None else (None, 0)


def as_csv(found: Sheet) -> Iterator[str]:
    """A row for each line and organisation, in the reader's language."""
    heading = [
        _("Line"), _("Kind of help"), _("Topic or measure"), _("What is asked"), _("Organisation"), _("Code"),
        _("Answer"), _("Note"), _("Language of the note"), _("Address"), _("Answered on"),
    ]  # fmt: skip
    return tables.as_csv(heading, (_row(line, column) for line in found.lines for column in found.columns))


def _row(line: LineAsked, column: Column) -> Sequence[str]:
    reply = column.replies.get(line.line.id)
    said = ("", "", "", "", "") if reply is None else (
        str(ANSWER_NAMES[reply.answer]), to_plain(reply.note),
        language_name(reply.language) if reply.note else "", reply.link, reply.changed_at.date().isoformat(),
    )  # fmt: skip
    return [
        str(line.number or "–"), str(line.help), line.topic, to_plain(line.words) or _("no longer asked"),
        column.organisation.name, column.organisation.code, *said,
    ]  # fmt: skip


def _words(actor: Actor, edition_id: str) -> dict[str, str]:
    statement = (
        select(Revision.parts)
        .join(Edition, Edition.published_revision_id == Revision.id)
        .where(Edition.id == edition_id)
    )
    return session().scalar(scoped(actor, statement)) or {}
