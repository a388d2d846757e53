"""The list of the board as a table to take away: the same filters, the same rights."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from portal.board.asking import Wanted
from portal.board.queries import Posted, page_of, shown
from portal.cooperation.names import STAGE_NAMES
from portal.core import tables
from portal.core.access import Actor
from portal.core.i18n import country_name
from portal.finding.labels import label
from portal.publishing.records import Record
from portal.taxonomy.queries import region_name

MOST = 1000
BATCH = 250


def as_csv(actor: Actor, wanted: Wanted, base_url: str) -> Iterator[str]:
    """The first thousand of the list, in its order; no cell can be taken for a formula."""
    heading = (
        _("Type"), _("Title"), _("Language"), _("Organisation"), _("Topic"), _("Country"), _("Region"),
        _("Published"), _("Closes"), _("Where it stands"), _("Address"),
    )  # fmt: skip
    return tables.as_csv(heading, (_cells(posted, row, base_url) for posted, row in _rows(actor, wanted)))


def _rows(actor: Actor, wanted: Wanted) -> Iterator[tuple[Posted, Record]]:
    cursor = ""
    for _batch in range(MOST // BATCH):
        page = page_of(actor, wanted, cursor, BATCH)
        rows = shown(actor, page.items)
        yield from ((posted, rows[posted.id]) for posted in page.items)
        cursor = page.next
        if not cursor:
            return


def _cells(posted: Posted, row: Record, base_url: str) -> list[str]:
    return [
        label("kind", row.kind, {}),
        row.title,
        row.language,
        row.organisation.name,
        "; ".join(row.topics),
        "; ".join(country_name(code) for code in posted.countries),
        "; ".join(region_name(code) for code in posted.all_regions),
        row.published_at.date().isoformat(),
        posted.closes.isoformat() if posted.closes is not None else "",
        str(STAGE_NAMES[posted.stage]),
        base_url + row.url,
    ]
