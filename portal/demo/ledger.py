"""The rows of the demo world on their way into the database, in the order that foreign keys ask for."""

from __future__ import annotations

from collections import defaultdict
from typing import TypeVar

from portal.audit.models import AuditEntry
from portal.core.db import Base, session
from portal.editorial.actions.terms import file_terms
from portal.editorial.models import (
    Case,
    CaseNote,
    Contribution,
    ContributionCountry,
    ContributionLabel,
    ContributionTopic,
    Edition,
    HistoryEntry,
    Revision,
    TranslationRequest,
)
from portal.editorial.texts import About
from portal.editorial.visibility import labels_for
from portal.notifications.models import Notification

T = TypeVar("T", bound=Base)

ORDER: tuple[type[Base], ...] = (
    Contribution, Edition, Revision, Case, CaseNote, ContributionTopic, ContributionCountry,
    ContributionLabel, TranslationRequest, Notification,
)  # fmt: skip


class Ledger:
    """What is to be written; nothing reaches the database before `write`."""

    def __init__(self) -> None:
        self._rows: dict[type[Base], list[Base]] = defaultdict(list)
        self._past: list[HistoryEntry] = []
        self._published: dict[str, tuple[Edition, Revision]] = {}
        self._about: dict[str, tuple[Contribution, About]] = {}

    def add(self, *rows: Base) -> None:
        """Keep rows for writing; those of one table are written in the order they came."""
        for row in rows:
            self._rows[type(row)].append(row)

    def rows(self, table: type[T]) -> list[T]:
        """The rows of one table so far."""
        return [row for row in self._rows[table] if isinstance(row, table)]

    def tell(self, entry: HistoryEntry) -> None:
        """Keep a row of history; history is written in the order of time."""
        self._past.append(entry)

    def publish(self, edition: Edition, revision: Revision) -> None:
        """`revision` is what readers of `edition` get from now on."""
        self._published[edition.id] = (edition, revision)

    def published_in(self, edition: Edition) -> Revision | None:
        """The revision that readers of `edition` get, if any."""
        found = self._published.get(edition.id)
        return found[1] if found else None

    def file(self, contribution: Contribution, about: About) -> None:
        """`about` is what `contribution` is filed under from now on."""
        self._about[contribution.id] = (contribution, about)

    @property
    def past(self) -> list[HistoryEntry]:
        """The history of all contributions, oldest first."""
        return sorted(self._past, key=lambda entry: entry.at)

    def write(self) -> None:
        """Write everything in the current unit of work."""
        for contribution, about in self._about.values():
            self._file(contribution, about)
        for table in ORDER:
            session().add_all(self._rows[table])
            session().flush()
        for edition, revision in self._published.values():
            edition.published_revision_id = revision.id
        for contribution, about in self._about.values():
            file_terms(contribution, about)
        for entry in self.past:
            session().add(entry)
            session().add(_audit(entry))
        session().flush()

    def _file(self, contribution: Contribution, about: About) -> None:
        self.add(
            *(
                ContributionTopic(contribution_id=contribution.id, topic_code=code, position=position)
                for position, code in enumerate(about.topics)
            ),
            *(
                ContributionCountry(contribution_id=contribution.id, country_iso2=iso2)
                for iso2 in about.countries
            ),
            *(
                ContributionLabel(contribution_id=contribution.id, label=label)
                for label in sorted(
                    labels_for(about.audience, contribution.organisation_id, about.organisations)
                )
            ),
        )


def _audit(entry: HistoryEntry) -> AuditEntry:
    detail = {"from": entry.from_state, "to": entry.to_state}
    if entry.case_id is not None:
        detail["case"] = entry.case_id
    return AuditEntry(
        at=entry.at,
        person_id=entry.person_id,
        organisation_id=entry.organisation_id,
        verb=f"contribution.{entry.step}",
        object_type="contribution",
        object_id=entry.contribution_id,
        detail=detail,
    )
