"""What the pages of other rooms show of the files of a version."""

from __future__ import annotations

from flask_babel import format_decimal
from flask_babel import gettext as _

from portal.attachments import queries
from portal.attachments.queries import FileLine
from portal.core import web
from portal.editorial.models import Contribution, Revision


def shown_files(contribution: Contribution, revision: Revision, language: str) -> list[FileLine]:
    """The files of the version that is shown; with a translation, those of its original as well.

    A file that was refused is shown to nobody but its house, on the page where files are attached.
    """
    actor = web.actor()
    found = queries.lines(actor, revision.files, language)
    if language != contribution.original_language:
        found += queries.lines_of_edition(actor, contribution.id, revision.id)
    seen: set[str] = set()
    unique = [line for line in found if not (line.id in seen or seen.add(line.id))]  # type: ignore[func-returns-value]
    return [line for line in unique if line.reason is None]


def review_files(revision: Revision) -> dict[str, FileLine]:
    """The files of a version by their ids, for its house and for a moderator who may open its review."""
    return {line.id: line for line in queries.lines(web.actor(), revision.files)}


def filesize(count: int) -> str:
    """A size in the units of the reader's language: 12 kB, 3.4 MB."""
    if count < 1_000_000:
        return str(_("%(size)s kB", size=format_decimal(max(round(count / 1000), 1))))
    return str(_("%(size)s MB", size=format_decimal(round(count / 1_000_000, 1))))
