"""Putting the terms of a published need or offer where matching and the board look for them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from portal.core.access import SYSTEM
from portal.core.db import session
from portal.core.guard import scoped
from portal.editorial.models import (
    EVERYWHERE,
    Contribution,
    ExchangeLine,
    ExchangeReach,
    ExchangeTerms,
    Kind,
)
from portal.editorial.terms import Line, Terms
from portal.editorial.texts import About


def file_terms(contribution: Contribution, about: About) -> None:
    """Keep the terms that `about` holds as the published ones; other kinds have none.

    A line keeps its row as long as its key is there; one that is left out is not current any more.
    """
    terms = about.terms
    if terms is None:
        return
    _file_whole(contribution, about, terms)
    statement = select(ExchangeLine).where(ExchangeLine.contribution_id == contribution.id)
    kept = {line.key: line for line in session().scalars(scoped(SYSTEM, statement))}
    for row in kept.values():
        row.is_current = False
    for line in terms.lines:
        _file_line(kept.get(line.key), contribution, line)
    session().flush()
    _file_reach(contribution, about, terms)


def mark_closed(contribution: Contribution, moment: datetime | None) -> None:
    """Keep since when nothing more is looked for under a need or an offer; None opens it again."""
    statement = update(ExchangeTerms).where(ExchangeTerms.contribution_id == contribution.id)
    session().execute(statement.values(closed_at=moment))


def _file_whole(contribution: Contribution, about: About, terms: Terms) -> None:
    statement = select(ExchangeTerms).where(ExchangeTerms.contribution_id == contribution.id)
    row = session().scalars(scoped(SYSTEM, statement)).first()
    if row is None:
        row = ExchangeTerms(contribution_id=contribution.id)
        session().add(row)
    row.starts_on, row.ends_on, row.reply_by = terms.starts_on, terms.ends_on, terms.reply_by
    row.least, row.most, row.currency = terms.least, terms.most, terms.currency
    row.languages, row.regions = list(terms.languages), list(terms.regions)
    row.topics, row.countries = ",".join(about.topics), ",".join(sorted(about.countries))
    row.lines = ",".join(f"{line.help}:{line.topic}" for line in terms.lines)


def _file_reach(contribution: Contribution, about: About, terms: Terms) -> None:
    session().execute(delete(ExchangeReach).where(ExchangeReach.contribution_id == contribution.id))
    topics = {*about.topics, *(line.topic for line in terms.lines if line.topic)}
    regions = terms.regions if contribution.kind == Kind.OFFER else ()
    places = {*about.countries, *regions} or {EVERYWHERE}
    rows = [
        {"topic_code": topic, "kind": contribution.kind, "place": place, "contribution_id": contribution.id}
        for topic in sorted(topics)
        for place in sorted(places)
    ]
    session().execute(insert(ExchangeReach), rows)  # never none: what is published has a topic


def _file_line(row: ExchangeLine | None, contribution: Contribution, line: Line) -> None:
    if row is None:
        row = ExchangeLine(contribution_id=contribution.id, key=line.key)
        session().add(row)
    row.slot, row.is_current, row.help = line.slot, True, line.help
    row.topic_code, row.category = line.topic or None, line.category
    row.due_on, row.is_definitive = line.due_on, line.is_definitive
