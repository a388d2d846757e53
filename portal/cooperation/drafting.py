"""The draft of a lesson from what came of an agreement, in the language of who writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from flask_babel import gettext as _

from portal.cooperation.agreement_queries import Agreed, last_notes
from portal.cooperation.models import Commitment, CommitmentNote, CommitmentState
from portal.cooperation.policy import is_late
from portal.core.access import Actor
from portal.core.clock import now
from portal.core.errors import NotFound
from portal.core.i18n import day
from portal.editorial.models import Audience
from portal.editorial.texts import PART_LIMIT, SUMMARY_LIMIT, TITLE_LIMIT, About, Text
from portal.publishing import queries as publishing


def lesson_text(actor: Actor, found: Agreed, title: str, names: Mapping[str, str]) -> Text:
    """What is known already: who agreed on what, what became of each commitment; the rest is to be written.

    `title` is the need's or the offer's, `names` are the parties' by their ids.
    """
    said = last_notes(actor, [one.id for one, _count in found.commitments])
    agreement, commitments = found.agreement, [one for one, _count in found.commitments]
    everybody = ", ".join(names.values())
    agreed_on = day(agreement.agreed_at) if agreement.agreed_at is not None else ""
    context = [
        _("%(organisations)s agreed on %(date)s to work together.", organisations=everybody, date=agreed_on),
        agreement.summary,
    ]
    tried = [_promised(names[c.organisation_id], c) for c in commitments]
    result = [f"{_line(c.what)}: {_became(c, said.get(c.id))}" for c in commitments]
    return Text(
        title=_("Lesson from a cooperation: %(title)s", title=title)[:TITLE_LIMIT],
        summary=_("What %(organisations)s learned from working together.", organisations=everybody)[
            :SUMMARY_LIMIT
        ],
        parts={
            "context": "\n\n".join(context)[:PART_LIMIT],
            "tried": _list(tried),
            "result": _list(result),
        },
    )


def lesson_about(actor: Actor, contribution_id: str, parties: Iterable[str]) -> About:
    """Who may read the lesson and what it is filed under: as the need or the offer.

    Where its readers are chosen organisations, `parties` (ids) are among them. Where the writer may
    not read the need any more, it begins as their own organisation's alone.
    """
    try:
        whole = publishing.get(actor, contribution_id)
    except NotFound:
        return About(Audience.OWN)
    published = whole.original.published
    if published is None or whole.contribution.audience is None:
        return About(Audience.OWN)
    about = About.of(publishing.revision(actor, published.id))
    named = tuple(dict.fromkeys((*about.organisations, *parties)))
    return replace(about, audience=whole.contribution.audience, organisations=named, terms=None)


def _promised(who: str, commitment: Commitment) -> str:
    what, date = _line(commitment.what), day(commitment.due_on)
    return str(_("%(who)s: %(what)s (by %(date)s)", who=who, what=what, date=date))


def _became(commitment: Commitment, note: CommitmentNote | None) -> str:
    closed = day(commitment.closed_at) if commitment.closed_at is not None else ""
    if commitment.state == CommitmentState.MET:
        became = _("met on %(date)s", date=closed)
    elif commitment.state == CommitmentState.DROPPED:
        became = _("dropped on %(date)s", date=closed)
    elif is_late(commitment, now().date()):
        became = _("late since %(date)s", date=day(commitment.due_on))
    else:
        became = _("open until %(date)s", date=day(commitment.due_on))
    words = [commitment.reason, note.text if note is not None else ""]
    return ". ".join([became, *(_line(one) for one in words if one)])


def _line(text: str) -> str:
    """A text on one line, so that it stays in its place of a list."""
    return " ".join(text.split())


def _list(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)[:PART_LIMIT]
