"""Contributions as rows of a list: which language is shown, why, and the addresses of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from portal.core.access import Actor
from portal.core.i18n import (
    LANGUAGES,
    current_language,
    in_language,
    language_name,
    localised,
)
from portal.core.text import slug
from portal.editorial.models import Audience, Contribution, Kind
from portal.editorial.resolve import EditionFacts, Reason, Resolution, resolve
from portal.organisations.models import Organisation
from portal.publishing.queries import Listed
from portal.taxonomy.queries import topic_name


@dataclass(frozen=True)
class OrganisationLine:
    """An organisation as a list shows it."""

    id: str
    code: str
    name: str
    kind: str
    url: str
    is_suspended: bool = False


@dataclass(frozen=True)
class Record:
    """One row of a list, in the reader's language as far as there is one."""

    id: str
    url: str
    kind: Kind
    organisation: OrganisationLine
    title: str
    summary: str
    language: str
    reason: Reason
    languages: tuple[tuple[str, str, str], ...]
    topics: tuple[str, ...]
    published_at: datetime
    audience: Audience
    title_html: Markup | None = None
    snippet_html: Markup | None = None
    edition_id: str = ""
    credited: tuple[OrganisationLine, ...] = ()

    @property
    def note(self) -> str:
        """What its reader has to know of its language; "" where there is nothing."""
        wanted, names = current_language(), {"shown": language_name(self.language)}
        if self.reason == Reason.IN_REVIEW:
            return str(_("Shown in %(shown)s; a translation is being reviewed", **names))
        if self.reason == Reason.OUTDATED:
            return str(_("Older than the original"))
        if self.language == wanted:
            return ""
        if self.reason == Reason.NO_TRANSLATION:
            names["wanted"] = language_name(wanted)
            return str(_("Shown in %(shown)s; not available in %(wanted)s", **names))
        return str(_("Shown in %(shown)s", **names))


def address(contribution_id: str, title: str, **values: Any) -> str:
    """The address of a contribution's page, with a readable tail."""
    tail = slug(title)
    return url_for("publishing.show", id=f"{contribution_id}-{tail}" if tail else contribution_id, **values)


def organisation_line(organisation: Organisation) -> OrganisationLine:
    """The organisation's tile, name in the current language, and address."""
    return OrganisationLine(
        id=organisation.id,
        code=organisation.code,
        name=localised(organisation, "name"),
        kind=str(organisation.kind),
        url=url_for("organisations.show", id=organisation.id),
        is_suspended=organisation.state == "suspended",
    )


def records(actor: Actor, items: Sequence[Listed], shown: dict[str, str] | None = None) -> list[Record]:
    """Rows for `items`; `shown` names the edition to show for some contributions (search hits)."""
    wanted = current_language()
    rows: list[Record] = []
    for item in items:
        facts = [edition for edition, _title, _summary in item.editions]
        found = resolve(facts, wanted, actor.languages)
        if found is None:
            continue
        named = (shown or {}).get(item.contribution.id)
        chosen = next((e for e in facts if e.id == named), found.edition)
        rows.append(_record(item, chosen, found, wanted))
    return rows


def heading_in(label: Any, language: str) -> str:
    """A heading of the portal's own inside a text, in the text's language."""
    with in_language(language):
        return str(label)


def fallback_sentence(shown: str, wanted: str) -> str:
    """The notice that a text is shown in another language, said in that language."""
    with in_language(shown):
        return str(
            _(
                "This page is not available in %(wanted)s; it is shown in %(shown)s.",
                wanted=language_name(wanted),
                shown=language_name(shown),
            )
        )


def language_states(
    editions: Sequence[EditionFacts], shown: str, contribution_id: str, title: str
) -> tuple[tuple[str, str, str], ...]:
    """For each language of the portal: its code, shown|ok|stale|none, and the address to read it."""
    states: list[tuple[str, str, str]] = []
    published = {e.language: e for e in editions if e.is_published}
    for code in LANGUAGES:
        edition = published.get(code)
        if edition is None:
            states.append((code, "none", ""))
            continue
        state = "shown" if code == shown else "stale" if edition.is_outdated else "ok"
        states.append((code, state, address(contribution_id, title, lang=code)))
    return tuple(states)


def _record(item: Listed, chosen: EditionFacts, found: Resolution, wanted: str) -> Record:
    contribution: Contribution = item.contribution
    title, summary = next((t, s) for e, t, s in item.editions if e.id == chosen.id)
    reason = found.reason if chosen.id == found.edition.id else Reason.EXACT
    facts = [edition for edition, _title, _summary in item.editions]
    states = language_states(facts, chosen.language, contribution.id, title)
    return Record(
        id=contribution.id,
        url=address(contribution.id, title),
        kind=contribution.kind,
        organisation=organisation_line(item.organisation),
        title=title,
        summary=summary,
        language=chosen.language,
        reason=reason,
        languages=tuple(s for s in states if s[1] != "none"),
        topics=tuple(topic_name(code) for code in item.topics),
        published_at=contribution.published_at or contribution.changed_at,
        audience=contribution.audience or Audience.OWN,
        edition_id=chosen.id,
        credited=tuple(organisation_line(one) for one in item.credited),
    )
