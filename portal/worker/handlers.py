"""What each kind of job does, except `sync`, which the index lane does for many at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from portal.accounts.delivery import mail_reset
from portal.alerts.telling import tell_owners
from portal.attachments import checking
from portal.core.db import Database
from portal.editorial.actions.publication import resync_organisation
from portal.exchange.delivery import import_file
from portal.following.telling import tell_followers
from portal.matching.telling import tell_houses
from portal.notifications.delivery import deliver, deliver_digest
from portal.organisations.delivery import mail_access_declined, mail_invitation
from portal.packs.building import build
from portal.translating.drafting import draft

Handler = Callable[[Flask, dict[str, Any]], None]

SYNC = "sync"


def _sync_organisation(app: Flask, payload: dict[str, Any]) -> None:
    """Have everything of an organisation synchronised: its name or its standing has changed."""
    database: Database = app.extensions["portal_database"]
    with database.unit_of_work():
        resync_organisation(str(payload["organisation_id"]))


# Called outside a unit of work; may run twice for one job.
HANDLERS: dict[str, Handler] = {
    "alert.published": tell_owners,
    "exchange.import": import_file,
    "file.check": checking.check,
    "file.delete": checking.delete,
    "file.sweep": checking.sweep,
    "follow.published": tell_followers,
    "mail": deliver,
    "mail.digest": deliver_digest,
    "mail.access_declined": mail_access_declined,
    "mail.invitation": mail_invitation,
    "mail.reset": mail_reset,
    "match.published": tell_houses,
    "pack.build": build,
    "translate.machine": draft,
    "sync.organisation": _sync_organisation,
}
